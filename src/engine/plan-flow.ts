import { faultOf } from './errors.ts'
import type { PlannedCall } from './run.ts'
import type { Flow, Observation, Receipt, Step } from './step.ts'

/** What a step would find and do now. `calls` is empty where nothing needs doing; `seen` says why. */
export type PlannedStep = {
  readonly id: string
  readonly title: string
  readonly irreversible: string | false
  readonly seen: Observation
  readonly calls: readonly PlannedCall[]
}

/** Runs an act with every changing call captured instead of sent, and answers those calls. */
export type RecordAct = (act: () => Promise<Receipt>) => Promise<readonly Omit<PlannedCall, 'step'>[]>

/**
 * The dry run: looks at every step at the same time, carries out none. A step that is not done yet is asked for its
 * calls even where it waits for an earlier one. Never throws: a look that fails is `unknown`.
 */
export function planFlow<World>(
  flow: Flow<World>,
  world: World,
  record: RecordAct,
): Promise<readonly PlannedStep[]> {
  return Promise.all(flow.steps.map((step) => planStep(step, world, record)))
}

async function planStep<World>(step: Step<World>, world: World, record: RecordAct): Promise<PlannedStep> {
  const { id, title, irreversible = false } = step
  const seen = await step.observe(world).catch(unseen)
  return { id, title, irreversible, seen, calls: await callsOf(step, seen, world, record) }
}

/** What was not seen is not acted on, so it has no calls either. */
async function callsOf<World>(
  { id, act }: Step<World>,
  { state }: Observation,
  world: World,
  record: RecordAct,
): Promise<readonly PlannedCall[]> {
  if (!act || state === 'done' || state === 'unknown') return []
  const calls = await record(() => act(world)).catch(() => [])
  return calls.map((call) => ({ ...call, step: id }))
}

const unseen = (error: unknown): Observation => ({ state: 'unknown', detail: faultOf(error).message })
