import { notedJson } from './notes.ts'
import { whyUnseen } from './seen.ts'
import { isUsable, newestFirst } from './snapshots.ts'
import { type Standing, serves } from './standing.ts'
import { dnsOwner } from './topology.ts'
import type { SafeWorld, SnapshotFacts } from './world.ts'

/** What forbids a deletion now: `unknown` may pass by itself, `use` people may waive, the rest has to be put right. */
export type Objection = { readonly kind: 'unknown' | 'use' | 'no'; readonly why: string }

/** The second approval: which cluster, by whom, and why. */
export type DeletionApproval = { readonly cluster: string; readonly by: string; readonly reason: string }

const HOUR_MS = 3_600_000
/** A deletion may wait a day for its approval; the snapshot was fresh when the run looked for one. */
const BACKUP_HOURS = 36
const IDLE_MINUTES = 15

/** The newest snapshot that can stand in for the serving cluster, of any kind, if it is fresh enough. */
export const freshBackup = (
  snapshots: readonly SnapshotFacts[],
  now: number,
  hours: number,
): SnapshotFacts | undefined =>
  newestFirst(snapshots.filter((one) => isUsable(one) && now - one.createdAt <= hours * HOUR_MS))[0]

/**
 * Every reason not to delete the stale cluster now, looked at anew each time: it must be home's, stale, saved and idle,
 * and the other side must be well, be where customers are, and have a backup of its own. None means that it may.
 */
export async function objectionsTo(world: SafeWorld, standing: Standing): Promise<readonly Objection[]> {
  return [
    ...targetObjections(world, standing),
    ...(serves(world, standing) ? [] : [no(`the ${world.from} cluster does not accept writes`)]),
    ...(await noteObjections(world)),
    ...(
      await Promise.all([
        customers(world),
        stack(world),
        use(world, standing),
        savedStale(world, standing),
        backup(world),
      ])
    ).flat(),
  ]
}

const no = (why: string): Objection => ({ kind: 'no', why })
const unknown = (what: string, look: Parameters<typeof whyUnseen>[0]): Objection => ({
  kind: 'unknown',
  why: `${what} could not be seen: ${whyUnseen(look)}`,
})

function targetObjections({ plan, to }: SafeWorld, { is, old }: Standing): Objection[] {
  const name = plan.database.clusters[to]
  return [
    ...(to === 'home' ? [] : [no('the dr cluster is never deleted by a run')]),
    ...(is === 'follower'
      ? [no(`${name} is a member of the pair that serves: it catches up by itself`)]
      : []),
    ...(is === 'writer' ? [no(`${name} is the writer of the pair`)] : []),
    ...(old !== 'absent' && old.arn.split(':')[3] !== plan.regions[to]
      ? [no(`${old.arn} is not in ${plan.regions[to]}`)]
      : []),
  ]
}

async function noteObjections({ notes }: SafeWorld): Promise<Objection[]> {
  const [rescue, settled] = [await notes.get('rescue'), await notes.get('lost-writes')]
  return [
    ...(rescue ? [] : [no('nobody has looked for the snapshot of the lost writes')]),
    ...(settled ? [] : [no('nobody has said what became of the lost writes')]),
  ]
}

async function customers({ dns, from }: SafeWorld): Promise<Objection[]> {
  const records = await dns.records()
  if (!records.ok) return [unknown('the records', records)]
  return dnsOwner(records.value) === from ? [] : [no(`the records do not all point at ${from}`)]
}

async function stack({ probe, from }: SafeWorld): Promise<Objection[]> {
  const look = await probe.stack(from)
  if (!look.ok) return [unknown(`the stack of ${from}`, look)]
  return look.value.healthy ? [] : [no(`the stack of ${from} is not healthy: ${look.value.detail}`)]
}

/** Nobody may be connected. No reading is not zero. Without an instance there is nothing to connect to. */
async function use(world: SafeWorld, { old }: Standing): Promise<Objection[]> {
  if (old === 'absent' || old.instances.length === 0) return []
  const waived = (await world.notes.get('connections-waived')) !== undefined
  if (waived) return []
  const look = await world.database.connections(world.to, IDLE_MINUTES)
  if (!look.ok) return [unknown('its connections', look)]
  if (look.value === 'none') return [{ kind: 'unknown', why: 'there is no reading of its connections' }]
  return look.value === 0
    ? []
    : [{ kind: 'use', why: `up to ${look.value} connections to it in the last ${IDLE_MINUTES} min` }]
}

async function savedStale({ database, notes, to }: SafeWorld, { old }: Standing): Promise<Objection[]> {
  if (old === 'absent') return []
  const name = await notes.get('stale-snapshot')
  if (!name) return [no('this run has no snapshot of it')]
  const look = await database.snapshots(to)
  if (!look.ok) return [unknown(`the snapshots of ${to}`, look)]
  return look.value.some((one) => one.id === name && isUsable(one))
    ? []
    : [no(`its snapshot ${name} is gone`)]
}

async function backup({ database, from, now }: SafeWorld): Promise<Objection[]> {
  const look = await database.snapshots(from)
  if (!look.ok) return [unknown(`the snapshots of ${from}`, look)]
  return freshBackup(look.value, now(), BACKUP_HOURS) ? [] : [no(`${from} has no fresh snapshot of its own`)]
}

/** The approval of this very cluster's deletion, if it was given. */
export async function deletionApproval(world: SafeWorld): Promise<DeletionApproval | undefined> {
  const given = await notedJson<DeletionApproval>(world, 'deletion-approved')
  return given?.cluster === world.plan.database.clusters[world.to] ? given : undefined
}
