import { duration } from '../engine/duration.ts'
import type { Observation, Receipt } from '../engine/step.ts'
import { notedTime, noteOnce } from './notes.ts'
import { copyAcross } from './rescue-across.ts'
import { lasting } from './rescue-expiry.ts'
import { unseen } from './seen.ts'
import {
  copiesOf,
  freeName,
  isRescueCopy,
  isUnplanned,
  isUsable,
  newestFirst,
  snapshotName,
} from './snapshots.ts'
import { type Standing, standingOf } from './standing.ts'
import { memberOf } from './topology.ts'
import type { SafeWorld, SnapshotFacts } from './world.ts'

/** How long after the old side is a standby again, and after its region answers at all, AWS's snapshot may still appear. */
const SETTLED_MS = 10 * 60_000
const PATIENCE_MS = 2 * 60 * 60_000

/** What is known of the lost writes' snapshot. `failed`: AWS took a copy up and did not get it done. */
export type Rescue =
  | Observation
  | { readonly state: 'failed'; readonly detail: string; readonly times: number }

/**
 * Whether what AWS took of the lost writes is in a manual snapshot, which neither retention nor a deletion touches.
 * That AWS never took one is concluded only after the old region has answered for long enough, and is noted as `absent`.
 */
export async function lookAtRescue(world: SafeWorld): Promise<Rescue> {
  const noted = await world.notes.get('rescue')
  if (noted) return { state: 'done', detail: rescueText(noted) }
  const look = await world.database.snapshots(world.to)
  if (!look.ok) return unseen(`the snapshots of ${world.to}`, look)
  await noteOnce(world, 'region-answered', world.now())
  const originals = newestFirst(look.value.filter(isUnplanned))
  if (originals.length === 0) return withoutOriginal(world, look.value)
  return ofOriginals(world, originals, look.value)
}

async function ofOriginals(
  world: SafeWorld,
  originals: readonly SnapshotFacts[],
  all: readonly SnapshotFacts[],
): Promise<Rescue> {
  const lasts = await lasting(world, uncopied(originals, all))
  const growing = originals.find(({ status }) => /creat/i.test(status))
  if (growing)
    return {
      state: 'pending',
      detail: `AWS still takes ${growing.id} (${growing.percent} %)${beside(lasts)}`,
    }
  const copying = originals.flatMap((one) => copiesOf(one, all)).find(isUnderWay)
  if (copying)
    return {
      state: 'pending',
      detail: `${copying.id} is being copied: ${copying.percent} %${beside(lasts && `the original ${lasts}`)}`,
    }
  const missing = uncopied(originals, all)
  const [newest] = missing
  if (!newest) {
    const ids = originals.map((one) => copiesOf(one, all).find(isUsable)?.id ?? one.id)
    await noteOnce(world, 'rescue', `copied:${ids.join(',')}`)
    return { state: 'done', detail: rescueText(`copied:${ids.join(',')}`) }
  }
  const failed = missing.flatMap((one) => copiesOf(one, all)).length
  const age = duration(world.now() - newest.createdAt)
  const detail = `${newest.id} is ${age} old, not copied, and ${lasts ? `${lasts}, or as long as its cluster` : 'vanishes with the cluster or its retention'}`
  return failed
    ? { state: 'failed', detail: `${failed} copies failed: ${detail}`, times: failed }
    : { state: 'ready', detail }
}

const isUnderWay = ({ status }: SnapshotFacts): boolean => /creat|copy/i.test(status)

const beside = (said: string) => (said ? `; ${said}` : '')

const uncopied = (originals: readonly SnapshotFacts[], all: readonly SnapshotFacts[]) =>
  originals.filter((original) => !copiesOf(original, all).some(isUsable))

/** There is none now: it may have been copied before it vanished, may still appear, or AWS never takes one. */
async function withoutOriginal(world: SafeWorld, all: readonly SnapshotFacts[]): Promise<Rescue> {
  const standing = await standingOf(world)
  if (!standing.seen) return standing
  const answered = (await notedTime(world, 'region-answered')) ?? world.now()
  const waited = world.now() - answered
  const { patience, why } = patienceFor(world, standing)
  if (waited < patience)
    return {
      state: 'pending',
      detail: `AWS has taken no snapshot of lost writes yet (${why}); ${duration(patience - waited)} to go`,
    }
  const [copy] = newestFirst(all.filter((one) => isRescueCopy(one) && isUsable(one)))
  const outcome = copy ? `copied:${copy.id}` : 'absent'
  await noteOnce(world, 'rescue', outcome)
  return { state: 'done', detail: `${rescueText(outcome)}: ${why}` }
}

function patienceFor(
  { plan, to }: SafeWorld,
  { is, old, global }: Standing,
): { patience: number; why: string } {
  const member = global === 'absent' ? undefined : memberOf(plan, global, to)
  if (is === 'writer') return { patience: 0, why: `${to} holds the writer again` }
  if (is === 'absent') return { patience: SETTLED_MS, why: `the ${to} cluster does not exist` }
  if (is === 'stale' && member?.isWriter)
    return {
      patience: 0,
      why: `the ${to} cluster was never replaced: its own snapshot has what it alone knows`,
    }
  const back = member?.synchronization === 'connected' && old !== 'absent' && old.status === 'available'
  return back
    ? { patience: SETTLED_MS, why: `the ${to} cluster follows again` }
    : { patience: PATIENCE_MS, why: `the ${to} cluster does not follow yet` }
}

/**
 * Copies every snapshot of lost writes that has no usable copy and none under way (a bot that died right after it asked
 * asks again), each under a name of its own; across regions too.
 */
export async function copyLostWrites(world: SafeWorld): Promise<Receipt> {
  const { database, notes, plan, runId, to } = world
  if (await notes.get('rescue')) return copyAcross(world)
  const look = await database.snapshots(to)
  if (!look.ok) return { evidence: [`nothing was asked for: ${look.detail}`] }
  const taken = new Set(look.value.map(({ id }) => id))
  const evidence: string[] = []
  for (const original of uncopied(newestFirst(look.value.filter(isUnplanned)), look.value)) {
    if (copiesOf(original, look.value).some(isUnderWay)) continue
    const name = freeName(taken, (suffix) => snapshotName(runId, 'rescue', plan, to, suffix))
    taken.add(name)
    evidence.push(...(await database.copySnapshot(to, original.id, name)).evidence)
  }
  return { evidence: [...evidence, ...(await copyAcross(world)).evidence] }
}

/** What became of the lost writes' snapshot, for people. */
export function rescueText(outcome: string): string {
  if (outcome.startsWith('copied:'))
    return `the lost writes are kept in ${outcome.slice(7).replaceAll(',', ', ')}`
  return outcome === 'absent' ? 'AWS never took a snapshot of lost writes' : outcome
}
