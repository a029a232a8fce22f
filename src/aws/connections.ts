import type { Outside } from '../flows/world.ts'
import { type Metric, readMetrics } from './metrics.ts'
import type { Site } from './site.ts'

/** CloudWatch: whether anybody is still connected to a side's cluster. */
export function connections(site: Site): Outside['database']['connections'] {
  return (side, minutes) =>
    site.look('CloudWatch', side, async (budget): Promise<number | 'none'> => {
      const metric: Metric = {
        namespace: 'AWS/RDS',
        name: 'DatabaseConnections',
        dimensions: { DBClusterIdentifier: site.plan.database.clusters[side] },
        stat: 'Maximum',
      }
      const to = site.clocks.world.now()
      const window = { from: to - minutes * 60_000, to }
      const [points = []] = await readMetrics(
        site.client('cloudwatch', side, 'probe'),
        [metric],
        window,
        budget,
      )
      return points.length ? Math.max(...points.map(({ value }) => value)) : 'none'
    })
}
