import { duration } from '../engine/duration.ts'
import { snapshotTime } from './snapshots.ts'
import type { SafeWorld, SnapshotFacts } from './world.ts'

const DAY_MS = 86_400_000

/**
 * When AWS's own snapshots that have no usable copy begin to vanish, by the retention of their cluster, for people; it
 * is also kept as a note, so that a status can warn. Empty where the retention is not known.
 */
export async function lasting(world: SafeWorld, uncopied: readonly SnapshotFacts[]): Promise<string> {
  const { database, notes, now, to } = world
  if (uncopied.length === 0) return ''
  const cluster = await database.cluster(to)
  const days = cluster.ok && cluster.value !== 'absent' ? cluster.value.backupRetentionDays : undefined
  if (days === undefined) return ''
  const until = Math.min(...uncopied.map(({ createdAt }) => createdAt)) + days * DAY_MS
  if ((await notes.get('rescue-lasts')) !== String(until)) await notes.set('rescue-lasts', String(until))
  return lastingText(until, now())
}

/** `lasts until 2026-11-28 03:39 UTC`, louder on its last day. Times in world ms. */
export function lastingText(until: number, now: number): string {
  const lasts = `lasts until ${snapshotTime(until)}`
  if (until - now >= DAY_MS) return lasts
  return until > now
    ? `LASTS ONLY ${duration(until - now)} MORE (until ${snapshotTime(until)})`
    : `was to vanish at ${snapshotTime(until)}`
}

/** What a status says of lost writes that nobody has copied, on the last day of what AWS has of them. */
export function expiryWarning(notes: Readonly<Record<string, string>>, now: number): string | undefined {
  const { rescue, 'rescue-lasts': lasts } = notes
  if (rescue !== undefined || lasts === undefined || Number(lasts) - now >= DAY_MS) return undefined
  return `AWS's snapshot of the lost writes ${lastingText(Number(lasts), now)}, and there is no copy of it`
}
