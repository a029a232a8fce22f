import { aliasTtlMs } from './world/dns.ts'
import { success, type TrafficState } from './world/traffic.ts'
import type { App, World } from './world/world.ts'

/** How the customers fared. Times in world ms, durations in seconds. */
export type Slo = {
  /** The last outage; `to` is null while it lasts. */
  readonly outage: { readonly from: number; readonly to: number | null; readonly seconds: number } | null
  readonly successNow: number
  /** The newest last: success from `at` on, for `seconds`. */
  readonly successSeries: readonly {
    readonly at: number
    readonly success: number
    readonly seconds: number
  }[]
  /** What the last move of the writer cost; null if it never moved. */
  readonly dataLossSeconds: number | null
  /** The shortest outage that an emergency failover could have, as drawn for this seed. */
  readonly floor: {
    readonly promotion: number
    readonly capacity: number
    readonly poolRefresh: number
    readonly dns: number
    readonly total: number
  }
}

const good = 0.99
const lastingSeconds = 60
const longestSeries = 500

/** `since`: count an outage from there on (ms) instead of from the first failure. */
export function sloOf(world: World, app: App, since?: number): Slo {
  const traffic = world.traffic[app]
  return {
    outage: since === undefined ? lastOutage(traffic) : outageFrom(traffic, since),
    successNow: success(world, app, world.now),
    successSeries: segments(traffic).slice(-longestSeries),
    dataLossSeconds: world.rds.loss[app] ?? null,
    floor: floorOf(world, app),
  }
}

type Segment = { readonly at: number; readonly success: number; readonly seconds: number }

function segments(traffic: TrafficState): readonly Segment[] {
  let at = traffic.from
  return traffic.runs.map(([value, seconds]) => {
    const segment = { at, success: value, seconds }
    at += seconds * 1000
    return segment
  })
}

/** Neighbouring seconds that are all good, or all not. */
function spells(traffic: TrafficState, from: number): { at: number; good: boolean; seconds: number }[] {
  const found: { at: number; good: boolean; seconds: number }[] = []
  for (const { at, success: value, seconds } of segments(traffic)) {
    const end = at + seconds * 1000
    if (end <= from) continue
    const start = Math.max(at, from)
    const last = found.at(-1)
    const isGood = value >= good
    if (last?.good === isGood) last.seconds += (end - start) / 1000
    else found.push({ at: start, good: isGood, seconds: (end - start) / 1000 })
  }
  return found
}

/** It ends where the first minute of good seconds starts. */
function outageFrom(traffic: TrafficState, from: number): NonNullable<Slo['outage']> {
  const end = spells(traffic, from).find((spell) => spell.good && spell.seconds >= lastingSeconds)
  const to = end?.at ?? null
  return { from, to, seconds: ((to ?? Math.max(from, traffic.sampledTo)) - from) / 1000 }
}

function lastOutage(traffic: TrafficState): Slo['outage'] {
  const all = spells(traffic, traffic.from)
  const last = all.findLastIndex((spell) => !spell.good)
  if (last === -1) return null
  const before = all.slice(0, last).findLastIndex((spell) => spell.good && spell.seconds >= lastingSeconds)
  const first = all.slice(before + 1).find((spell) => !spell.good)
  return first ? outageFrom(traffic, first.at) : null
}

/** Promotion and capacity go side by side; then fresh connections, then DNS with 99 % of the old answers' time. */
function floorOf(world: World, app: App): Slo['floor'] {
  const { failover, lastTask, healthy, insync } = world.draws[app]
  const promotion = failover / 1000
  const capacity = (lastTask + healthy) / 1000
  const poolRefresh = (lastTask + healthy) / 1000
  const dns = (insync + good * aliasTtlMs) / 1000
  return { promotion, capacity, poolRefresh, dns, total: Math.max(promotion, capacity) + poolRefresh + dns }
}
