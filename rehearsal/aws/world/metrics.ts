import { specs } from './ecs.ts'
import { attachedTo, targetGroupOf } from './elb.ts'
import type { Minute } from './traffic.ts'
import { type App, apps, type Side, sideOf, type World } from './world.ts'

export type Dimension = { readonly Name: string; readonly Value: string }

/** One CloudWatch series of a region. A minute has at most one value; undefined is no datapoint, never zero. */
export type Series = {
  readonly namespace: string
  readonly name: string
  readonly dimensions: readonly Dimension[]
  readonly unit: 'Milliseconds' | 'Count'
  readonly value: (minute: Minute) => number | undefined
  readonly app: App
}

/** All series of a region that ever had a datapoint. */
export function seriesIn(world: World, region: string): readonly Series[] {
  const side = sideOf(region)
  if (!side) return []
  return apps
    .flatMap((app) => [
      ...databaseSeries(app, side),
      ...balancerSeries(world, app, side),
      ...apiSeries(app, side),
    ])
    .filter((series) =>
      world.traffic[series.app].minutes.some((minute) => series.value(minute) !== undefined),
    )
}

/** Complete minutes of an application, oldest first. */
export const minutesOf = (world: World, app: App): readonly Minute[] =>
  world.traffic[app].minutes.filter(({ at }) => at + 60_000 <= world.now)

/** Lag exists in the secondary's region only, and moves with the roles. */
function databaseSeries(app: App, side: Side): Series[] {
  const dimensions = [{ Name: 'DBClusterIdentifier', Value: `${app}-${side}` }]
  const lags = ['AuroraGlobalDBRPOLag', 'AuroraGlobalDBReplicationLag', 'AuroraGlobalDBProgressLag'].map(
    (name): Series => ({
      namespace: 'AWS/RDS',
      name,
      dimensions,
      unit: 'Milliseconds',
      value: ({ lag }) => lag[side],
      app,
    }),
  )
  const connections = ({ connections: most }: Minute) => most[side]
  return [...lags, counter('AWS/RDS', 'DatabaseConnections', dimensions, app, connections)]
}

/** Which part of an application's requests each service takes. */
const shares: Readonly<Record<string, number>> = { 'orders-api': 0.8, 'orders-web': 0.2, 'billing-api': 1 }

function balancerSeries(world: World, app: App, side: Side): Series[] {
  const balancer = world.elb.balancers.find((each) => each.app === app && each.side === side)?.arn ?? ''
  const whole = { Name: 'LoadBalancer', Value: balancer.split(':loadbalancer/')[1] ?? '' }
  const groups = specs
    .filter((spec) => spec.app === app)
    .map((spec) => ({ group: targetGroupOf(spec, side), share: shares[spec.name] ?? 1 }))
    .filter(({ group }) => attachedTo(world, group).includes(balancer))
  const counted = [
    { dimensions: [whole], share: 1 },
    ...groups.map(({ group, share }) => ({
      dimensions: [{ Name: 'TargetGroup', Value: group.split(':').at(-1) ?? '' }, whole],
      share,
    })),
  ]
  return counted.flatMap(({ dimensions, share }) => [
    counter('AWS/ApplicationELB', 'RequestCount', dimensions, app, (minute) =>
      failsWhole(minute, side) ? 0 : minute.requests[side] * share,
    ),
    counter('AWS/ApplicationELB', 'HTTPCode_Target_5XX_Count', dimensions, app, (minute) =>
      nonZero(failsWhole(minute, side) ? 0 : minute.errors[side] * share),
    ),
    ...(dimensions.length > 1
      ? []
      : [
          counter('AWS/ApplicationELB', 'HTTPCode_ELB_5XX_Count', dimensions, app, (minute) =>
            nonZero(failsWhole(minute, side) ? minute.errors[side] : 0),
          ),
        ]),
  ])
}

/** Without anyone to answer it is the load balancer that does. */
const failsWhole = ({ requests, errors }: Minute, side: Side): boolean =>
  errors[side] > requests[side] * 0.999

function apiSeries(app: App, side: Side): Series[] {
  if (app !== 'orders') return []
  const dimensions = [{ Name: 'ApiId', Value: `orders${side}1` }]
  return [
    counter('AWS/ApiGateway', 'Count', dimensions, app, ({ requests }) => nonZero(requests[side])),
    counter('AWS/ApiGateway', '5xx', dimensions, app, ({ requests, errors }) =>
      requests[side] === 0 ? undefined : Math.round(errors[side]),
    ),
  ]
}

function counter(
  namespace: string,
  name: string,
  dimensions: readonly Dimension[],
  app: App,
  count: Series['value'],
): Series {
  const value = (minute: Minute) => {
    const counted = count(minute)
    return counted === undefined ? undefined : Math.round(counted)
  }
  return { namespace, name, dimensions, unit: 'Count', value, app }
}

const nonZero = (value: number): number | undefined => (Math.round(value) === 0 ? undefined : value)

export type AlarmState = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA'
export type Alarm = {
  readonly name: string
  readonly metric: string
  readonly namespace: string
  readonly threshold: number
  readonly state: AlarmState
  /** Start of the minute from which on it is in that state. */
  readonly since: number
}

/** Each side's alarms: failed requests (missing data is not breaching) and lag (missing data is missing). */
export function alarmsIn(world: World, region: string): readonly Alarm[] {
  const side = sideOf(region)
  if (!side) return []
  return apps.flatMap((app) => [
    alarm(world, app, `${app}-${side}-5xx`, ['AWS/ApplicationELB', '5XXRate', 5], ({ requests, errors }) =>
      requests[side] > 0 && errors[side] / requests[side] > 0.05 ? 'ALARM' : 'OK',
    ),
    alarm(world, app, `${app}-${side}-lag`, ['AWS/RDS', 'AuroraGlobalDBRPOLag', 30_000], ({ lag }) => {
      const ms = lag[side]
      return ms === undefined ? 'INSUFFICIENT_DATA' : ms > 30_000 ? 'ALARM' : 'OK'
    }),
  ])
}

function alarm(
  world: World,
  app: App,
  name: string,
  [namespace, metric, threshold]: readonly [string, string, number],
  judge: (minute: Minute) => AlarmState,
): Alarm {
  const minutes = minutesOf(world, app)
  const states = minutes.map(judge)
  const state = states.at(-1) ?? 'INSUFFICIENT_DATA'
  const changed = states.findLastIndex((other) => other !== state) + 1
  return { name, metric, namespace, threshold, state, since: minutes[changed]?.at ?? world.startedAt }
}
