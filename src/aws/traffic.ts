import { DescribeTargetGroupsCommand } from '@aws-sdk/client-elastic-load-balancing-v2'
import type { Outside, Side } from '../flows/world.ts'
import type { Budget } from './look.ts'
import { type Metric, PERIOD_SECONDS, type Point, readMetrics } from './metrics.ts'
import type { Site } from './site.ts'

const WINDOW_MS = 15 * 60_000
const namespace = 'AWS/ApplicationELB'

/**
 * CloudWatch: what a side's load balancers served. A minute counts once it is over and had requests; errors are 5xx of
 * the targets and of the load balancer itself, which has nobody to pass a request on to when no target is healthy.
 */
export function traffic(site: Site): Outside['traffic'] {
  return {
    look: (side) =>
      site.look('CloudWatch', side, async (budget) => {
        const balancers = await balancersOf(site, side, budget)
        if (!balancers.length) return { points: [] }
        const now = site.clocks.world.now()
        const window = { from: now - WINDOW_MS, to: now }
        const metrics = balancers.flatMap(metricsOf)
        const series = await readMetrics(site.client('cloudwatch', side, 'probe'), metrics, window, budget)
        return { points: pointsOf(metrics, series).filter(({ at }) => at + PERIOD_SECONDS * 1000 <= now) }
      }),
  }
}

const metricsOf = (LoadBalancer: string): Metric[] =>
  ['RequestCount', 'HTTPCode_Target_5XX_Count', 'HTTPCode_ELB_5XX_Count'].map((name) => ({
    namespace,
    name,
    dimensions: { LoadBalancer },
    stat: 'Sum',
  }))

/** As CloudWatch names the load balancers in front of the plan's target groups: `app/<name>/<id>`. */
async function balancersOf(site: Site, side: Side, budget: Budget): Promise<readonly string[]> {
  const groups = site.plan.services.flatMap(({ targetGroup }) => (targetGroup ? [targetGroup[side]] : []))
  const served = site.plan.listener?.[side]?.serves
  const all = [...new Set(served ? [...groups, served] : groups)]
  if (!all.length) return []
  const command = new DescribeTargetGroupsCommand({ TargetGroupArns: all })
  const { TargetGroups = [] } = await site.client('elb', side, 'probe').send(command, budget)
  const arns = TargetGroups.flatMap(({ LoadBalancerArns = [] }) => LoadBalancerArns)
  return [...new Set(arns)].map((arn) => arn.slice(arn.indexOf('loadbalancer/') + 'loadbalancer/'.length))
}

/** The balancers' series added up by minute. 5xx series have no points in minutes without any. */
function pointsOf(metrics: readonly Metric[], series: readonly (readonly Point[])[]) {
  const minutes = new Map<number, { requests: number; errors: number }>()
  for (const [index, points] of series.entries())
    for (const { at, value } of points) {
      const minute = minutes.get(at) ?? { requests: 0, errors: 0 }
      const name = metrics[index]?.name
      // RequestCount leaves out what the balancer itself had to refuse.
      if (name !== 'HTTPCode_Target_5XX_Count') minute.requests += value
      if (name !== 'RequestCount') minute.errors += value
      minutes.set(at, minute)
    }
  return [...minutes].sort(([a], [b]) => a - b).map(([at, minute]) => ({ at, ...minute }))
}
