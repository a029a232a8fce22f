import { duration } from '../engine/duration.ts'
import type { Observation, Receipt } from '../engine/step.ts'
import { notedJson, notedTime } from './notes.ts'
import { copyAcross } from './rescue-across.ts'
import { lasting } from './rescue-expiry.ts'
import { answeredFor, answersNot, patienceFor } from './rescue-patience.ts'
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
import { standingOf } from './standing.ts'
import type { SafeWorld, SnapshotFacts } from './world.ts'

/** What is known of the lost writes' snapshot. `failed`: AWS took a copy up and did not get it done. */
export type Rescue =
  | Observation
  | { readonly state: 'failed'; readonly detail: string; readonly times: number }

/**
 * Whether what AWS took of the lost writes is in a manual snapshot, which neither retention nor a deletion touches.
 * That AWS has none is concluded only after the old region has answered for long enough, and is noted as `absent`, or as
 * `gone` where one was seen. What is concluded holds until there is a snapshot that nobody has copied.
 */
export async function lookAtRescue(world: SafeWorld): Promise<Rescue> {
  const noted = await world.notes.get('rescue')
  const settled = noted ? ({ state: 'done', detail: rescueText(noted) } as const) : undefined
  if (settled && noted?.startsWith('waived')) return settled
  const look = await world.database.snapshots(world.to)
  if (!look.ok && look.why === 'unreachable') await answersNot(world)
  if (!look.ok) return settled ?? unseen(`the snapshots of ${world.to}`, look)
  const originals = newestFirst(look.value.filter(isUnplanned))
  const allCopied = uncopied(originals, look.value).length === 0
  if (settled && allCopied) return settled
  // What an earlier night lost, and has copied, says nothing about this one.
  const lostAt = (await notedTime(world, 'lost-at')) ?? 0
  const since = look.value.filter(({ createdAt }) => createdAt >= lostAt)
  if (allCopied && !since.some(isUnplanned)) return withoutOriginal(world, since)
  return ofOriginals(world, originals, look.value)
}

async function ofOriginals(
  world: SafeWorld,
  originals: readonly SnapshotFacts[],
  all: readonly SnapshotFacts[],
): Promise<Rescue> {
  const seen = await rememberSeen(world, originals)
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
    const outcome = outcomeOf(seen, all)
    await world.notes.set('rescue', outcome)
    return { state: 'done', detail: rescueText(outcome) }
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

/** There is none now: it may have been copied before it vanished, or may still appear. */
async function withoutOriginal(world: SafeWorld, all: readonly SnapshotFacts[]): Promise<Rescue> {
  const standing = await standingOf(world)
  if (!standing.seen) return standing
  const seen = (await notedJson<readonly Seen[]>(world, 'rescue-seen')) ?? []
  const waited = await answeredFor(world)
  const { patience, why } = patienceFor(world, standing)
  if (seen.length === 0 && waited < patience)
    return {
      state: 'pending',
      detail: `there is no snapshot of lost writes yet (${why}); ${duration(patience - waited)} to go`,
    }
  const growing = all.find((one) => isRescueCopy(one) && isUnderWay(one))
  if (growing) return { state: 'pending', detail: `${growing.id} is being copied: ${growing.percent} %` }
  const outcome = outcomeOf(seen, all)
  await world.notes.set('rescue', outcome)
  return { state: 'done', detail: `${rescueText(outcome)}: ${why}` }
}

/** What AWS took, as it was seen, whether it is still there or not. */
type Seen = Pick<SnapshotFacts, 'id' | 'arn'>

async function rememberSeen(world: SafeWorld, originals: readonly SnapshotFacts[]): Promise<readonly Seen[]> {
  const before = (await notedJson<readonly Seen[]>(world, 'rescue-seen')) ?? []
  const fresh = originals.filter(({ arn }) => !before.some((one) => one.arn === arn))
  const seen = [...before, ...fresh.map(({ id, arn }) => ({ id, arn }))]
  if (fresh.length) await world.notes.set('rescue-seen', JSON.stringify(seen))
  return seen
}

/** What the copies there are come to: every original that was seen has one, or is `gone`. */
function outcomeOf(seen: readonly Seen[], all: readonly SnapshotFacts[]): string {
  const usable = newestFirst(all.filter(isUsable))
  const [copy] = usable.filter(isRescueCopy)
  if (seen.length === 0) return copy ? `copied:${copy.id}` : 'absent'
  const kept = seen.map(({ arn }) =>
    usable.find((one) => one.sourceArn === arn || (!one.sourceArn && isRescueCopy(one))),
  )
  const lost = seen.filter((_, index) => !kept[index])
  return lost.length
    ? `gone:${lost.map(({ id }) => id).join(',')}`
    : `copied:${kept.map((one) => one?.id).join(',')}`
}

/**
 * Copies every snapshot of lost writes that has no usable copy and none under way (a bot that died right after it asked
 * asks again), each under a name of its own; across regions too.
 */
export async function copyLostWrites(world: SafeWorld): Promise<Receipt> {
  const { database, plan, runId, to } = world
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
  if (outcome.startsWith('gone:'))
    return `AWS's snapshot of the lost writes has vanished, and nobody had copied it (${outcome.slice(5).replaceAll(',', ', ')})`
  return outcome === 'absent'
    ? 'there is no snapshot of lost writes: AWS took none, or it vanished before anybody looked'
    : outcome
}
