import { type CloudWatchClient, ListMetricsCommand } from '@aws-sdk/client-cloudwatch'
import type { LagFacts, Outside, Side } from '../flows/world.ts'
import type { Budget } from './look.ts'
import { type Metric, readMetrics } from './metrics.ts'
import type { Site } from './site.ts'

/** In the order of trust: not every engine version has the first. Milliseconds, only in a secondary's region. */
const names = ['AuroraGlobalDBRPOLag', 'AuroraGlobalDBReplicationLag'] as const
const WINDOW_MS = 15 * 60_000
const namespace = 'AWS/RDS'

/**
 * CloudWatch: replication lag of a side's cluster. Which dimensions the series has is not documented, so it is looked
 * up, and remembered once found.
 */
export function lag(site: Site): Outside['database']['lag'] {
  const known = new Map<string, Metric>()

  async function metric(cloudwatch: CloudWatchClient, side: Side, name: string, budget: Budget) {
    const cluster = site.plan.database.clusters[side]
    const key = `${side}/${name}`
    const found = known.get(key)
    if (found) return found
    const command = new ListMetricsCommand({
      Namespace: namespace,
      MetricName: name,
      Dimensions: [{ Name: 'DBClusterIdentifier', Value: cluster }],
      RecentlyActive: 'PT3H',
    })
    const { Metrics = [] } = await cloudwatch.send(command, budget)
    const listed = Metrics[0]?.Dimensions?.map(({ Name = '', Value = '' }) => [Name, Value] as const)
    const dimensions = listed ? Object.fromEntries(listed) : { DBClusterIdentifier: cluster }
    const made: Metric = { namespace, name, dimensions, stat: 'Maximum' }
    if (listed) known.set(key, made)
    return made
  }

  return (side) =>
    site.look('CloudWatch', side, async (budget): Promise<LagFacts> => {
      const cloudwatch = site.client('cloudwatch', side, 'probe')
      const metrics = await Promise.all(names.map((name) => metric(cloudwatch, side, name, budget)))
      const to = site.clocks.world.now()
      const series = await readMetrics(cloudwatch, metrics, { from: to - WINDOW_MS, to }, budget)
      const newest = series.map((points) => points.at(-1)).find((point) => point !== undefined)
      return newest ? { seconds: newest.value / 1000, readAt: newest.at } : 'none'
    })
}
