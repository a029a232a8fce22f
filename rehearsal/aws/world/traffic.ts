import { isDark, isGrey } from '../outages.ts'
import { dnsMoving, share } from './dns.ts'
import { type EcsService, isHealthy, specs } from './ecs.ts'
import { attachedTo, listenerShare } from './elb.ts'
import { beat } from './heartbeat.ts'
import { clusterOn, type DbCluster, hasInstance, replicationLag, writable } from './rds.ts'
import { type App, apps, regions, type Side, sides, type World } from './world.ts'

/**
 * What CloudWatch keeps of one minute: requests that reached a side, those that failed, lag in ms of a secondary, the
 * most connections that a side's cluster had.
 */
export type Minute = {
  readonly at: number
  requests: Record<Side, number>
  errors: Record<Side, number>
  lag: Partial<Record<Side, number>>
  connections: Partial<Record<Side, number>>
}

export type TrafficState = {
  /** The next whole second that has no sample yet. */
  sampledTo: number
  /** Samples since here, one a second, run-length coded as [success, seconds]. */
  from: number
  runs: [number, number][]
  /** Newest last. */
  minutes: Minute[]
}

const requestsPerSecond: Readonly<Record<App, number>> = { orders: 40, billing: 15 }
const longestSeries = 5_000
const longestMinutes = 1_440

/** Of each running task of a service that writes. */
const poolSize = 10

/** Three hours of a healthy past, in which that side served. */
export function healthyPast(app: App, at: number, active: Side, lagMs: number | undefined): Minute[] {
  const standby = active === 'home' ? 'dr' : 'home'
  const pools = (tasks: 'active' | 'standby') =>
    specs.reduce((sum, spec) => sum + (spec.app === app && spec.writes ? spec[tasks] * poolSize : 0), 0)
  const both = <T>(serving: T, waiting: T) =>
    active === 'home' ? { home: serving, dr: waiting } : { home: waiting, dr: serving }
  return Array.from({ length: 181 }, (_, index) => ({
    at: Math.floor(at / 60_000) * 60_000 - (180 - index) * 60_000,
    requests: both(requestsPerSecond[app] * 60, 0),
    errors: { home: 0, dr: 0 },
    lag: lagMs === undefined ? {} : { [standby]: lagMs },
    connections: both(pools('active'), pools('standby')),
  }))
}

export function seedTraffic(world: Omit<World, 'traffic'>, at: number): Record<App, TrafficState> {
  const from = Math.ceil(at / 1000) * 1000
  const seeded = (app: App): TrafficState => {
    const reader = world.rds.clusters.find((each) => each.app === app && each.writerSince === undefined)
    return { sampledTo: from, from, runs: [], minutes: healthyPast(app, at, 'home', reader?.lagMs ?? 0) }
  }
  return { orders: seeded('orders'), billing: seeded('billing') }
}

/** The share of an application's requests that a side answers well, were they sent to it. */
export function serving(world: World, app: App, side: Side): number {
  const region = regions[side]
  if (isDark(world, region)) return 0
  const services = world.ecs.services.filter((each) => each.app === app && each.side === side)
  const least = Math.min(...services.map((service) => Math.min(1, usable(world, service) / service.needed)))
  return least * listenerShare(world, app, side) * (isGrey(world, region) ? 0.7 : 1)
}

/** Healthy tasks that can do their work: a writer's connections must be younger than the database's last move. */
export function usable(world: World, service: EcsService): number {
  if (attachedTo(world, service.targetGroup).length === 0) return 0
  const healthy = service.tasks.filter(isHealthy)
  if (!service.writes) return healthy.length
  const cluster = clusterOn(world, service.app, service.side)
  if (!cluster || !writable(world, cluster)) return 0
  return healthy.filter(({ startedAt = 0 }) => startedAt >= (cluster.writerSince ?? 0)).length
}

/** What each side answers well, whoever is sent there. */
type Rates = Readonly<Record<Side, number>>
const ratesOf = (world: World, app: App): Rates => ({
  home: serving(world, app, 'home'),
  dr: serving(world, app, 'dr'),
})

/** The share of customers' requests that succeed at `at`, were nothing else to happen until then. */
export function success(world: World, app: App, at: number, rates = ratesOf(world, app)): number {
  const mix = share(world, app, at)
  const total = sides.reduce((sum, side) => sum + mix[side] * rates[side], 0)
  return Math.round(total * 10_000) / 10_000
}

/** Samples every whole second before `until`, in which nothing changes but resolvers' old answers and the lag. */
export function sampleTraffic(world: World, until: number): void {
  for (const app of apps) {
    const traffic = world.traffic[app]
    if (traffic.sampledTo >= until) continue
    const rates = ratesOf(world, app)
    const bases = sides.flatMap((side) => clusterOn(world, app, side) ?? [])
    while (traffic.sampledTo < until) {
      const at = traffic.sampledTo
      const seconds = dnsMoving(world, app, at) ? 1 : steadySeconds(at, until)
      count(world, app, { at, seconds, rates })
      for (const cluster of bases) keepBeating(world, cluster, at, seconds)
      extend(traffic, success(world, app, at, rates), seconds)
      traffic.sampledTo = at + seconds * 1000
    }
  }
}

/** A side's application writes a heartbeat row a second while its own database takes it. */
function keepBeating(world: World, cluster: DbCluster, at: number, seconds: number): void {
  if (!writable(world, cluster) || isDark(world, cluster.region)) return
  const { app, region } = cluster
  const writers = world.ecs.services.filter(
    (each) => each.app === app && each.region === region && each.writes,
  )
  if (writers.some((service) => usable(world, service) > 0)) cluster.beats = beat(cluster.beats, at, seconds)
}

/** Whole seconds to sample at once: to the minute's end at most. */
function steadySeconds(at: number, until: number): number {
  const end = Math.min(until, Math.floor(at / 60_000) * 60_000 + 60_000)
  return Math.max(1, Math.ceil((end - at) / 1000))
}

function extend(traffic: TrafficState, value: number, seconds: number): void {
  const last = traffic.runs.at(-1)
  if (last?.[0] === value) last[1] += seconds
  else traffic.runs.push([value, seconds])
  if (traffic.runs.length > longestSeries) {
    const [dropped] = traffic.runs.splice(0, 1)
    traffic.from += (dropped?.[1] ?? 0) * 1000
  }
}

function count(
  world: World,
  app: App,
  { at, seconds, rates }: { at: number; seconds: number; rates: Rates },
): void {
  const minute = minuteOf(world.traffic[app], Math.floor(at / 60_000) * 60_000)
  const mix = share(world, app, at)
  for (const side of sides) {
    const cluster = clusterOn(world, app, side)
    const lag = cluster && replicationLag(world, cluster, at)
    if (lag === undefined) delete minute.lag[side]
    else minute.lag[side] = lag
    if (isDark(world, regions[side])) continue
    const requests = requestsPerSecond[app] * seconds * mix[side]
    minute.requests[side] += requests
    minute.errors[side] += requests * (1 - rates[side])
    if (cluster && hasInstance(cluster))
      minute.connections[side] = Math.max(minute.connections[side] ?? 0, connections(world, app, side))
  }
}

function connections(world: World, app: App, side: Side): number {
  let running = 0
  for (const service of world.ecs.services)
    if (service.app === app && service.side === side && service.writes)
      running += service.tasks.filter(({ startedAt }) => startedAt !== undefined).length
  return running * poolSize
}

function minuteOf(traffic: TrafficState, at: number): Minute {
  const last = traffic.minutes.at(-1)
  if (last?.at === at) return last
  const none = () => ({ home: 0, dr: 0 })
  const minute: Minute = { at, requests: none(), errors: none(), lag: {}, connections: {} }
  traffic.minutes.push(minute)
  if (traffic.minutes.length > longestMinutes) traffic.minutes.shift()
  return minute
}
