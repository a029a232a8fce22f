import { clusterByArn, type DbCluster, globalOf, replicationLag } from './rds.ts'
import type { World } from './world.ts'

/** Heartbeat rows in a volume: one a whole second from `from` to `last`, and the one before the last gap. World ms. */
export type Beats = { readonly from: number; readonly last: number; readonly before?: number }

/** The rows after those of `seconds` whole seconds from `at` on were added. */
export function beat(beats: Beats | undefined, at: number, seconds: number): Beats {
  const last = at + (seconds - 1) * 1000
  if (!beats) return { from: at, last }
  if (at <= beats.last + 1000) return { ...beats, last: Math.max(last, beats.last) }
  return { from: at, last, before: beats.last }
}

/** Those of the rows that were written until `until`. */
export function beatsUntil(beats: Beats | undefined, until: number): Beats | undefined {
  if (!beats || until >= beats.last) return beats
  if (until >= beats.from) return { ...beats, last: Math.floor(until / 1000) * 1000 }
  const last = Math.min(beats.before ?? Number.NEGATIVE_INFINITY, Math.floor(until / 1000) * 1000)
  return Number.isFinite(last) ? { from: last, last } : undefined
}

/** The rows that a cluster's readers see: its own, or its primary's as far as they have come. */
export function visibleBeats(world: World, cluster: DbCluster): Beats | undefined {
  const global = globalOf(world, cluster)
  const lag = replicationLag(world, cluster)
  const writer = global && clusterByArn(world, global.writer)
  if (lag === undefined || !writer) return cluster.beats
  return beatsUntil(writer.beats, world.now - lag)
}
