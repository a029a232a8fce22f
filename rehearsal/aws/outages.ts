import { regions, type World } from './world/world.ts'

/** How a region that is not well looks from outside. */
export const outageKinds = ['drop', 'mute', 'refuse', 'reset', '5xx', 'slow'] as const
export type OutageKind = (typeof outageKinds)[number]

/** Since when, in milliseconds of the world. */
export type Outage = { readonly kind: OutageKind; readonly since: number }

/** Route 53's control plane has its own outage, wherever it is signed for. */
export const routeSwitch = 'aws-global'

/** Whom an outage can befall: a region, or Route 53's control plane. */
export const places: readonly string[] = [regions.home, regions.dr, routeSwitch]

/** Whether nothing in that region works: neither its APIs nor what runs there. A `slow` region is only grey. */
export function isDark(world: World, region: string): boolean {
  const outage = world.outages[region]
  return outage !== undefined && outage.kind !== 'slow'
}

/** Half sick: calls are slow, replication lags and a part of the customers' requests fail. */
export const isGrey = (world: World, region: string): boolean => world.outages[region]?.kind === 'slow'
