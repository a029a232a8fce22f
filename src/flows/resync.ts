import { duration } from '../engine/duration.ts'
import { notedJson } from './notes.ts'
import { freshLag } from './topology.ts'
import type { LagFacts, Look, SafeWorld } from './world.ts'

/** One reading of the lag; world ms and seconds. */
export type Sample = { readonly readAt: number; readonly seconds: number }

/** As many readings in a row must be under the limit before a side counts as caught up. */
export const READINGS = 3
const KEPT = 12
/** Readings over the limit are kept this far apart: a forecast needs no more, and a journal of hours stays small. */
const SPACING_MS = 5 * 60_000

/** The readings so far with this one, oldest first. Kept as a note, so that a crash forgets nothing. */
export async function sampled(world: SafeWorld, look: Look<LagFacts>): Promise<readonly Sample[]> {
  const before = (await notedJson<readonly Sample[]>(world, 'lag-samples')) ?? []
  const reading = freshLag(look)
  const last = before.at(-1)
  if (!reading || reading.readAt <= (last?.readAt ?? 0)) return before
  const limit = world.plan.database.lagLimitSeconds
  const changed = (last?.seconds ?? Number.POSITIVE_INFINITY) <= limit !== reading.seconds <= limit
  const next = reading.seconds <= limit || changed || !last || reading.readAt - last.readAt >= SPACING_MS
  if (!next) return before
  const samples = [...before, { readAt: reading.readAt, seconds: reading.seconds }].slice(-KEPT)
  await world.notes.set('lag-samples', JSON.stringify(samples))
  return samples
}

/** Whether the newest readings, as many as it takes, are all under the limit. */
export const caughtUp = (samples: readonly Sample[], limitSeconds: number): boolean =>
  samples.length >= READINGS && samples.slice(-READINGS).every(({ seconds }) => seconds <= limitSeconds)

/** When the lag will be gone if it goes on falling as it did; a straight line through the oldest and newest reading. */
export function forecast(samples: readonly Sample[]): string {
  const [first, last] = [samples[0], samples.at(-1)]
  if (!first || !last || last.readAt === first.readAt) return 'no forecast yet'
  const fallsBy = (first.seconds - last.seconds) / (last.readAt - first.readAt)
  if (fallsBy <= 0) return 'no forecast: it is not falling'
  return `about ${duration(last.seconds / fallsBy)} to go, if it goes on falling like this`
}
