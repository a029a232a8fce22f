import type { Observation, Receipt } from '../engine/step.ts'
import type { Stack } from '../plan/schema.ts'
import { buildVariables, stacksInOrder } from '../plan/stacks.ts'
import { notedJson } from './notes.ts'
import { unseen } from './seen.ts'
import type { BuildFacts, SafeWorld } from './world.ts'

type Build = { readonly name: string; readonly id: string }

/** How far the stacks are, by their names, as a note. `on`: the next one is begun without asking. */
export type Building = {
  readonly done: readonly string[]
  readonly on: boolean
  readonly now?: Build
  readonly failed?: Build & Pick<BuildFacts, 'status' | 'logs'>
}

const NOTHING: Building = { done: [], on: false }

export const buildingOf = async (world: SafeWorld): Promise<Building> =>
  (await notedJson<Building>(world, 'reconcile-builds')) ?? NOTHING

const keep = (world: SafeWorld, building: Building) =>
  world.notes.set('reconcile-builds', JSON.stringify(building))

/** The stacks that are not applied yet, in their order. */
export const left = ({ plan }: SafeWorld, { done }: Building): readonly Stack[] =>
  stacksInOrder(plan).filter(({ name }) => !done.includes(name))

/** What the builds do: `asking` where none is under way and none is to be begun. */
export async function lookAtBuilds(world: SafeWorld): Promise<Observation> {
  const building = await buildingOf(world)
  if (building.now) return lookAtBuild(world, building, building.now)
  const [next] = left(world, building)
  if (!next)
    return { state: 'asking', detail: 'every stack is applied; deployments still have to be let go on' }
  if (building.on && next.codeBuild)
    return { state: 'ready', detail: `${counted(world, building)}; next: ${next.name}` }
  const failed = building.failed
    ? `; the build of ${building.failed.name} ended as ${building.failed.status}`
    : ''
  return {
    state: 'asking',
    detail: `the stacks still have to be applied (${counted(world, building)})${failed}`,
  }
}

async function lookAtBuild(world: SafeWorld, building: Building, build: Build): Promise<Observation> {
  const { name, id } = build
  const stack = stacksInOrder(world.plan).find((one) => one.name === name)
  if (!stack) return { state: 'unknown', detail: `the plan does not name ${name} any more` }
  const look = await world.builds.look(stack, id)
  if (!look.ok) return unseen(`the build ${id}`, look)
  const { status, phase, logs } = look.value
  const where = logs ? ` (${logs})` : ''
  if (status === 'IN_PROGRESS')
    return {
      state: 'pending',
      detail: `${counted(world, building)}; ${name}: build ${id} is at ${phase}${where}`,
    }
  const { now: _, ...rest } = building
  if (status !== 'SUCCEEDED') {
    await keep(world, { ...rest, on: false, failed: { name, id, status, ...(logs ? { logs } : {}) } })
    return { state: 'asking', detail: `the build of ${name} ended as ${status}${where}` }
  }
  const after = { ...rest, done: [...building.done, name] }
  await keep(world, after)
  // The next look begins the next one.
  return { state: 'pending', detail: `${counted(world, after)}; ${name} has just been built` }
}

/** Begins the build of the next stack. */
export async function buildNext(world: SafeWorld): Promise<Receipt> {
  const building = await buildingOf(world)
  const [next] = left(world, building)
  if (building.now || !next?.codeBuild) return { evidence: [] }
  // Home serves again. Terraform locks its state, so a build that was begun twice waits for the first.
  const receipt = await world.builds.start(next, buildVariables(world.plan, next, 'home'))
  const [id] = receipt.evidence
  if (id) await keep(world, { ...building, now: { name: next.name, id } })
  return receipt
}

/** Somebody wants the builds to go on; `byHand`: the next stack is applied, they say. */
export async function goOn(world: SafeWorld, byHand: boolean): Promise<void> {
  const { failed: _, ...building } = await buildingOf(world)
  const [next] = left(world, building)
  const done = byHand && next ? [...building.done, next.name] : building.done
  await keep(world, { ...building, done, on: true })
}

/** Where the builds are, for whoever decides; empty where none was begun. */
export function builtText(world: SafeWorld, building: Building): readonly string[] {
  const { done, failed } = building
  return [
    ...(done.length ? [`Applied so far: ${done.join(', ')}.`] : []),
    ...(failed
      ? [
          `*The build of ${failed.name} ended as ${failed.status}* (${failed.id}). ${failed.logs ? `Its logs: ${failed.logs}` : ''}`,
        ]
      : []),
    ...(done.length && left(world, building).length === 0 ? ['Every stack is applied.'] : []),
  ]
}

const counted = ({ plan }: SafeWorld, { done }: Building) =>
  `${done.length} of ${stacksInOrder(plan).length} applied`
