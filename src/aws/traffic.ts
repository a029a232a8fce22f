import { DescribeTargetGroupsCommand } from '@aws-sdk/client-elastic-load-balancing-v2'
import type { Outside, Side } from '../flows/world.ts'
import type { Budget } from './look.ts'
import { type Metric, PERIOD_SECONDS, type Point, readMetrics } from './metrics.ts'
import type { Site } from './site.ts'

const WINDOW_MS = 15 * 60_000
const namespace = 'AWS/ApplicationELB'

/**
 * CloudWatch: what a side's target groups served. A minute counts once it is over and had requests; errors are 5xx of
 * the targets and of the load balancer itself, which has nobody to pass a request on to when no target is healthy.
 */
export function traffic(site: Site): Outside['traffic'] {
  return {
    look: (side) =>
      site.look('CloudWatch', side, async (budget) => {
        const metrics = await metricsOf(site, side, budget)
        if (!metrics.length) return { points: [] }
        const now = site.clocks.world.now()
        const window = { from: now - WINDOW_MS, to: now }
        const series = await readMetrics(site.client('cloudwatch', side, 'probe'), metrics, window, budget)
        return { points: pointsOf(metrics, series).filter(({ at }) => at + PERIOD_SECONDS * 1000 <= now) }
      }),
  }
}

/** A load balancer may serve other applications too, so requests are counted by the plan's own target groups. */
async function metricsOf(site: Site, side: Side, budget: Budget): Promise<readonly Metric[]> {
  const groups = site.plan.services.flatMap(({ targetGroup }) => (targetGroup ? [targetGroup[side]] : []))
  const served = site.plan.listener?.[side]?.serves
  const all = [...new Set(served ? [...groups, served] : groups)]
  if (!all.length) return []
  const command = new DescribeTargetGroupsCommand({ TargetGroupArns: all })
  const { TargetGroups = [] } = await site.client('elb', side, 'probe').send(command, budget)
  const pairs = TargetGroups.flatMap(({ TargetGroupArn = '', LoadBalancerArns = [] }) =>
    LoadBalancerArns.map((arn) => ({
      TargetGroup: TargetGroupArn.split(':').at(-1) ?? '',
      LoadBalancer: arn.split(':loadbalancer/').at(-1) ?? '',
    })),
  )
  const balancers = [...new Set(pairs.map(({ LoadBalancer }) => LoadBalancer))]
  return [
    ...pairs.flatMap((pair) => [sum('RequestCount', pair), sum('HTTPCode_Target_5XX_Count', pair)]),
    ...balancers.map((LoadBalancer) => sum('HTTPCode_ELB_5XX_Count', { LoadBalancer })),
  ]
}

const sum = (name: string, dimensions: Metric['dimensions']): Metric => ({
  namespace,
  name,
  dimensions,
  stat: 'Sum',
})

/** The series added up by minute. 5xx series have no points in minutes without any. */
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
