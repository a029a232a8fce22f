import { duration } from '../engine/duration.ts'
import { DrError } from '../engine/errors.ts'
import type { Observation, Receipt } from '../engine/step.ts'
import { notedJson, notedTime, noteOnce } from './notes.ts'
import { unseen } from './seen.ts'
import { copiesOf, freeName, isUnplanned, isUsable, newestFirst, snapshotName } from './snapshots.ts'
import { otherSide, type SafeWorld, type SnapshotFacts } from './world.ts'

const MINUTE_MS = 60_000
const LONGEST_PAUSE_MS = 30 * MINUTE_MS

/** How often it is asked for, and for how long it is waited for, ms. */
export type Persistence = { readonly tries: number; readonly waitMs: number }

/** What was asked for so far, as a note: how often, when last (world ms), and what AWS said against it. */
type Tried = { readonly times: number; readonly at: number; readonly why?: string }

/** What is kept of one loss in its own region: what to copy, and what copies of it may say that they are of. */
type Kept = {
  readonly source: SnapshotFacts | undefined
  readonly arns: ReadonlySet<string | undefined>
  readonly ids: ReadonlySet<string>
}
type Scene = { readonly missing: readonly Kept[]; readonly across: readonly SnapshotFacts[] }

/**
 * Whether what was kept of the lost writes lies in the other region too; undefined where the plan has no keys for that,
 * or nothing was kept. It is a second safety only: once it has lasted too long, the sight is `done` and says what is
 * missing.
 */
export async function lookAcross(
  world: SafeWorld,
  { tries, waitMs }: Persistence,
): Promise<Observation | undefined> {
  const { notes, now, plan, to } = world
  if (!plan.database.rescueKeys || !(await notes.get('rescue'))?.startsWith('copied:')) return undefined
  const region = plan.regions[otherSide(to)]
  const copied = await notes.get('rescue-across')
  if (copied) return { state: 'done', detail: `copied to ${region} too (${copied})` }
  await noteOnce(world, 'across-since', now())
  const isOver = now() - ((await notedTime(world, 'across-since')) ?? now()) >= waitMs
  const seen = await lookAtCopies(world, region, tries)
  return isOver && seen.state !== 'done' ? { state: 'done', detail: `not waited for: ${seen.detail}` } : seen
}

/** The sight of the copy in the own region, and what there is beside it in the other. */
export const andAcross = (own: Observation, across: Observation | undefined): Observation =>
  across ? { state: across.state, detail: `${own.detail}; ${across.detail}` } : own

async function lookAtCopies(world: SafeWorld, region: string, tries: number): Promise<Observation> {
  const scene = await sceneOf(world)
  if ('unseen' in scene) return scene.unseen
  const { missing, across } = scene
  if (missing.length === 0 && across.length === 0)
    return { state: 'done', detail: `nothing is left that could be copied to ${region}` }
  if (missing.length === 0) {
    const ids = across.filter(isUsable).map(({ id }) => id)
    await noteOnce(world, 'rescue-across', ids.join(', '))
    return { state: 'done', detail: `copied to ${region} too (${ids.join(', ')})` }
  }
  const copies = missing.flatMap((kept) => across.filter((one) => isOf(one, kept)))
  const growing = copies.find(({ status }) => /creat|copy/i.test(status))
  if (growing)
    return { state: 'pending', detail: `${growing.id} is being copied to ${region}: ${growing.percent} %` }
  return asToNextTry(world, region, copies.length, tries)
}

async function asToNextTry(
  world: SafeWorld,
  region: string,
  failed: number,
  tries: number,
): Promise<Observation> {
  const tried = await notedJson<Tried>(world, 'across-tried')
  if (!tried) return { state: 'ready', detail: `not copied to ${region} yet` }
  const why = tried.why ?? (failed ? `${failed} copies failed` : 'nothing of it is there')
  const said = `not copied to ${region}, asked for ${tried.times} times: ${why}`
  if (tried.times >= tries) return { state: 'done', detail: said }
  const pause = Math.min(LONGEST_PAUSE_MS, MINUTE_MS * 2 ** tried.times)
  const left = tried.at + pause - world.now()
  return left > 0
    ? { state: 'pending', detail: `${said}; again in ${duration(left)}` }
    : { state: 'ready', detail: said }
}

/**
 * Asks for every copy that the other region lacks, under a name of its own. What AWS says against it is evidence and
 * holds nothing up: the copy in the own region is the one that counts.
 */
export async function copyAcross(world: SafeWorld): Promise<Receipt> {
  const { database, notes, now, plan, runId, to } = world
  if (!plan.database.rescueKeys) return { evidence: [] }
  const region = plan.regions[otherSide(to)]
  const scene = await sceneOf(world)
  if ('unseen' in scene) return { evidence: [`nothing was asked for in ${region}: ${scene.unseen.detail}`] }
  const due = scene.missing.filter((kept) => !scene.across.some((one) => isOf(one, kept) && !hasFailed(one)))
  const times = ((await notedJson<Tried>(world, 'across-tried'))?.times ?? 0) + 1
  const taken = new Set(scene.across.map(({ id }) => id))
  const evidence: string[] = []
  const refusals: string[] = []
  for (const { source } of due) {
    if (!source) continue
    const name = freeName(taken, (suffix) => snapshotName(runId, 'rescue', plan, to, suffix))
    taken.add(name)
    try {
      evidence.push(...(await database.copySnapshotAcross(to, source.id, name)).evidence)
    } catch (error) {
      if (!(error instanceof DrError)) throw error
      refusals.push(error.message)
    }
  }
  const why = refusals.length ? { why: refusals.join('; ') } : {}
  if (due.length) await notes.set('across-tried', JSON.stringify({ times, at: now(), ...why }))
  return { evidence: [...evidence, ...refusals.map((refusal) => `the copy in ${region}: ${refusal}`)] }
}

const hasFailed = ({ status }: SnapshotFacts): boolean => !isUsable({ status }) && !/creat|copy/i.test(status)

/** What is kept on its own side, and what of it the other region lacks. */
async function sceneOf({
  database,
  notes,
  to,
}: SafeWorld): Promise<Scene | { readonly unseen: Observation }> {
  const [own, across] = await Promise.all([database.snapshots(to), database.snapshotsAcross(to)])
  if (!own.ok) return { unseen: unseen(`the snapshots of ${to}`, own) }
  if (!across.ok) return { unseen: unseen(`the copies of ${to}'s snapshots in the other region`, across) }
  const kept = keptOf(own.value, (await notes.get('rescue')) ?? '')
  const missing = kept.filter((one) => !across.value.some((copy) => isUsable(copy) && isOf(copy, one)))
  return { missing, across: across.value.filter((copy) => kept.some((one) => isOf(copy, one))) }
}

function keptOf(own: readonly SnapshotFacts[], rescue: string): readonly Kept[] {
  const originals = newestFirst(own.filter(isUnplanned))
  const ids = rescue.startsWith('copied:') ? rescue.slice(7).split(',') : []
  const families = originals.length
    ? originals.map((one) => [...copiesOf(one, own).filter(isUsable), one])
    : own.filter(({ id }) => ids.includes(id)).map((one) => [one])
  return families.map((family) => ({
    // A copy stays, and what AWS took may be gone before it has crossed.
    source: family.find(isUsable),
    arns: new Set(family.flatMap(({ arn, sourceArn }) => [arn, ...(sourceArn ? [sourceArn] : [])])),
    ids: new Set(family.map(({ id }) => id)),
  }))
}

const isOf = ({ id, sourceArn }: SnapshotFacts, { arns, ids }: Kept): boolean =>
  sourceArn ? arns.has(sourceArn) : ids.has(id)
