import { isDark, isGrey } from '../outages.ts'
import { dnsMoving, share } from './dns.ts'
import { type EcsService, isHealthy } from './ecs.ts'
import { attachedTo, listenerShare } from './elb.ts'
import { clusterOn, replicationLag, writable } from './rds.ts'
import { type App, apps, regions, type Side, sides, type World } from './world.ts'

/** What CloudWatch keeps of one minute: requests that reached a side, those that failed, lag in ms of a secondary. */
export type Minute = {
  readonly at: number
  requests: Record<Side, number>
  errors: Record<Side, number>
  lag: Partial<Record<Side, number>>
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

/** Three hours of a healthy past. */
export function seedTraffic(world: Omit<World, 'traffic'>, at: number): Record<App, TrafficState> {
  const from = Math.ceil(at / 1000) * 1000
  const past = (app: App): Minute[] =>
    Array.from({ length: 181 }, (_, index) => ({
      at: Math.floor(at / 60_000) * 60_000 - (180 - index) * 60_000,
      requests: { home: requestsPerSecond[app] * 60, dr: 0 },
      errors: { home: 0, dr: 0 },
      lag: {
        dr: world.rds.clusters.find((each) => each.app === app && each.writerSince === undefined)?.lagMs ?? 0,
      },
    }))
  const seeded = (app: App): TrafficState => ({ sampledTo: from, from, runs: [], minutes: past(app) })
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

/** The share of customers' requests that succeed at `at`, were nothing else to happen until then. */
export function success(world: World, app: App, at: number): number {
  const mix = share(world, app, at)
  const total = sides.reduce((sum, side) => sum + mix[side] * serving(world, app, side), 0)
  return Math.round(total * 10_000) / 10_000
}

/** Samples every whole second before `until`, in which nothing changes but resolvers' old answers and the lag. */
export function sampleTraffic(world: World, until: number): void {
  for (const app of apps) {
    const traffic = world.traffic[app]
    while (traffic.sampledTo < until) {
      const at = traffic.sampledTo
      const seconds = dnsMoving(world, app, at) ? 1 : steadySeconds(at, until)
      count(world, app, at, seconds)
      extend(traffic, success(world, app, at), seconds)
      traffic.sampledTo = at + seconds * 1000
    }
  }
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

function count(world: World, app: App, at: number, seconds: number): void {
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
    minute.errors[side] += requests * (1 - serving(world, app, side))
  }
}

function minuteOf(traffic: TrafficState, at: number): Minute {
  const last = traffic.minutes.at(-1)
  if (last?.at === at) return last
  const minute: Minute = { at, requests: { home: 0, dr: 0 }, errors: { home: 0, dr: 0 }, lag: {} }
  traffic.minutes.push(minute)
  if (traffic.minutes.length > longestMinutes) traffic.minutes.shift()
  return minute
}
