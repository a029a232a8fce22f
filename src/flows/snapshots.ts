import type { Plan } from '../plan/schema.ts'
import { RESCUE_PREFIX, type Side, type SnapshotFacts } from './world.ts'

/** What a snapshot of ours is of: lost writes copied · the stale cluster · what the deletion leaves · the serving side. */
type Kind = 'rescue' | 'stale' | 'final' | 'keep'

/** The name of a run's snapshot of a side's cluster, by AWS's rules: 63 letters, digits and single hyphens. */
export function snapshotName(runId: string, kind: Kind, plan: Plan, side: Side, suffix = ''): string {
  const run = runId.toLowerCase().replace(/[^a-z0-9]+/g, '-')
  const name = `dr-${run}-${kind}-${plan.database.clusters[side]}`.replace(/-+/g, '-')
  const end = suffix && `-${suffix}`
  return `${name.slice(0, 63 - end.length).replace(/-$/, '')}${end}`
}

/** The plain name, or the first of `…-2`, `…-3` that nothing has. */
export function freeName(taken: ReadonlySet<string>, name: (suffix: string) => string): string {
  for (let number = 1; ; number++) {
    const wanted = name(number === 1 ? '' : String(number))
    if (!taken.has(wanted)) return wanted
  }
}

/** What AWS took of an old primary before it replaced the volume: the lost writes, until it expires. */
export const isUnplanned = ({ id }: SnapshotFacts): boolean => id.startsWith(RESCUE_PREFIX)

/** A manual copy of lost writes, made by any run. */
export const isRescueCopy = ({ id }: SnapshotFacts): boolean => /^dr-.+-rescue-/.test(id)

/**
 * The manual copies of a snapshot, whatever they are called. A copy that does not say what it was copied from counts by
 * its name and age, but only where there is no other snapshot it could be of.
 */
export function copiesOf(original: SnapshotFacts, all: readonly SnapshotFacts[]): readonly SnapshotFacts[] {
  const alone = all.filter(isUnplanned).length === 1
  return all.filter(
    (one) =>
      one.id !== original.id &&
      (one.sourceArn === original.arn ||
        (alone && !one.sourceArn && isRescueCopy(one) && one.createdAt >= original.createdAt)),
  )
}

export const isUsable = ({ status }: Pick<SnapshotFacts, 'status'>): boolean => status === 'available'

/** Newest first. */
export const newestFirst = (snapshots: readonly SnapshotFacts[]) =>
  snapshots.toSorted((a, b) => b.createdAt - a.createdAt)

/** `dr-r1-stale-orders-home (manual, 2026-11-21 03:04 UTC, available, 100 %)`, for people who weigh it. */
export const snapshotLine = ({ id, type, createdAt, status, percent }: SnapshotFacts): string =>
  `${id} (${type}, ${snapshotTime(createdAt)}, ${status}, ${percent} %)`

/** `2026-11-21 03:04 UTC`. */
export const snapshotTime = (at: number): string =>
  `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`
