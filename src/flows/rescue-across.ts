import { duration } from '../engine/duration.ts'
import { DrError } from '../engine/errors.ts'
import type { Observation, Receipt } from '../engine/step.ts'
import { notedJson } from './notes.ts'
import { unseen } from './seen.ts'
import { copiesOf, freeName, isUnplanned, isUsable, newestFirst, snapshotName } from './snapshots.ts'
import { otherSide, type SafeWorld, type SnapshotFacts } from './world.ts'

const MINUTE_MS = 60_000
const LONGEST_PAUSE_MS = 30 * MINUTE_MS

/** How often it is asked for, and for how long it is waited for, ms. */
export type Persistence = { readonly tries: number; readonly waitMs: number }

/**
 * How far it is, as a note: for which loss and by which run, since when it is wanted, how often and when last it was
 * asked for (world ms), what AWS said against it, and which copies are there in the end.
 */
type Progress = {
  readonly of: string
  readonly run: string
  readonly since: number
  readonly times: number
  readonly at: number
  readonly why?: string
  readonly ids?: string
}

/** What is kept of one loss in its own region: what to copy, and what copies of it may say that they are of. */
type Kept = {
  readonly source: SnapshotFacts | undefined
  readonly arns: ReadonlySet<string | undefined>
  readonly ids: ReadonlySet<string>
}
type Scene = {
  readonly missing: readonly Kept[]
  readonly across: readonly SnapshotFacts[]
  /** Names that are taken there. */
  readonly taken: ReadonlySet<string>
}

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
  const progress = await progressOf(world)
  if (progress.ids) return { state: 'done', detail: `copied to ${region} too (${progress.ids})` }
  const isOver = now() - progress.since >= waitMs
  const seen = await lookAtCopies(world, region, tries, progress)
  return isOver && seen.state !== 'done' ? { state: 'done', detail: `not waited for: ${seen.detail}` } : seen
}

/** Of this loss. What another run has asked for says nothing about how often this one has. */
async function progressOf(world: SafeWorld): Promise<Progress> {
  const { notes, now, runId } = world
  const of = (await notes.get('rescue')) ?? ''
  const noted = await notedJson<Progress>(world, 'rescue-across')
  if (noted?.of === of && (noted.ids || noted.run === runId)) return noted
  return keep(world, { of, run: runId, since: now(), times: 0, at: 0 })
}

async function keep({ notes }: SafeWorld, progress: Progress): Promise<Progress> {
  await notes.set('rescue-across', JSON.stringify(progress))
  return progress
}

/** The sight of the copy in the own region, and what there is beside it in the other. */
export const andAcross = (own: Observation, across: Observation | undefined): Observation =>
  across ? { state: across.state, detail: `${own.detail}; ${across.detail}` } : own

async function lookAtCopies(
  world: SafeWorld,
  region: string,
  tries: number,
  progress: Progress,
): Promise<Observation> {
  const scene = await sceneOf(world)
  if ('unseen' in scene) return scene.unseen
  const { missing, across } = scene
  if (missing.length === 0 && across.length === 0)
    return { state: 'done', detail: `nothing is left that could be copied to ${region}` }
  if (missing.length === 0) {
    const usable = across.filter(isUsable).map(({ id }) => id)
    const { ids } = await keep(world, { ...progress, ids: usable.join(', ') })
    return { state: 'done', detail: `copied to ${region} too (${ids})` }
  }
  const copies = missing.flatMap((kept) => across.filter((one) => isOf(one, kept)))
  const growing = copies.find(({ status }) => /creat|copy/i.test(status))
  if (growing)
    return { state: 'pending', detail: `${growing.id} is being copied to ${region}: ${growing.percent} %` }
  const why = progress.why ?? (copies.length ? `${copies.length} copies failed` : 'nothing of it is there')
  return asToNextTry({ ...progress, why }, region, tries, world.now())
}

function asToNextTry({ times, at, why }: Progress, region: string, tries: number, now: number): Observation {
  if (times === 0) return { state: 'ready', detail: `not copied to ${region} yet` }
  const said = `not copied to ${region}, asked for ${times} times: ${why}`
  if (times >= tries) return { state: 'done', detail: said }
  const left = at + Math.min(LONGEST_PAUSE_MS, MINUTE_MS * 2 ** times) - now
  return left > 0
    ? { state: 'pending', detail: `${said}; again in ${duration(left)}` }
    : { state: 'ready', detail: said }
}

/**
 * Asks for every copy that the other region lacks, under a name of its own. What AWS says against it is evidence and
 * holds nothing up: the copy in the own region is the one that counts.
 */
export async function copyAcross(world: SafeWorld): Promise<Receipt> {
  const { database, now, plan, runId, to } = world
  if (!plan.database.rescueKeys) return { evidence: [] }
  const region = plan.regions[otherSide(to)]
  const scene = await sceneOf(world)
  if ('unseen' in scene) return { evidence: [`nothing was asked for in ${region}: ${scene.unseen.detail}`] }
  const due = scene.missing.filter((kept) => !scene.across.some((one) => isOf(one, kept) && !hasFailed(one)))
  if (due.length === 0) return { evidence: [] }
  const taken = new Set(scene.taken)
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
  const { why: _, ...progress } = await progressOf(world)
  const why = refusals.length ? { why: refusals.join('; ') } : {}
  await keep(world, { ...progress, times: progress.times + 1, at: now(), ...why })
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
  return {
    missing,
    across: across.value.filter((copy) => kept.some((one) => isOf(copy, one))),
    taken: new Set(across.value.map(({ id }) => id)),
  }
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
