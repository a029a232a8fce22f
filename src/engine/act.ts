import { type Fault, faultOf } from './errors.ts'
import type { Host } from './host.ts'
import { observe } from './look.ts'
import type { Receipt, Remedy, Step } from './step.ts'

/** How an act ended, and when it began in world ms. `interrupted`: a crash in the middle; nobody knows. */
export type Acted = { readonly at: number } & ({ readonly receipt: Receipt } | { readonly fault: Fault })
export type Tried = Acted | 'interrupted'

/** Faults after which it is certain that the call changed nothing. */
const CHANGED_NOTHING: readonly string[] = [
  'ACT_REJECTED',
  'FLOW_REFUSED',
  'PERMISSION_MISSING',
  'THROTTLED',
  'LOCK_LOST',
]

/** A look that is older than this is not acted on: the bot was dead since, and the world went on. World ms. */
const FRESH_MS = 10_000

/** Whether the act is needed still: where the look that said so is old, the step is looked at once more. */
export const isStillReady = async <World>(
  step: Step<World>,
  lookedAt: number,
  world: World,
  { inside }: Host,
): Promise<boolean> => inside.now() - lookedAt <= FRESH_MS || (await observe(step, world)).state === 'ready'

/**
 * Acts once: at most once if irreversible, else at least once. `lookedAt` (world ms): when the step was seen to be
 * ready; `outdated`: it was not any more, and nothing was asked for now.
 */
export async function actOn<World>(
  step: Step<World>,
  op: string,
  lookedAt: number,
  world: World,
  host: Host,
): Promise<Tried | 'outdated'> {
  const { inside } = host
  const work = async () => {
    if (!(await isStillReady(step, lookedAt, world, host))) return 'outdated'
    await inside.record(`${op}:act`, { type: 'step', step: step.id, state: 'acting', detail: step.title })
    return ask(step.act, step.id, `${op}:acted`, world, host)
  }
  if (!step.irreversible) return host.checkpoint(`${op}:act`, work)
  return answerOf(await host.attempt(`${op}:act`, work))
}

/** Carries out what a person chose, at most once. */
export async function remedyWith<World>(
  remedy: Remedy<World>,
  stepId: string,
  op: string,
  world: World,
  host: Host,
): Promise<Tried> {
  return answerOf(
    await host.attempt(`${op}:${remedy.id}`, () => ask(remedy.act, stepId, `${op}:remedied`, world, host)),
  )
}

/** The fault an act ended with, if it ended with one. */
export const faultIn = (tried: Tried): Fault | undefined =>
  tried !== 'interrupted' && 'fault' in tried ? tried.fault : undefined

export const changedNothing = (fault: Fault): boolean => CHANGED_NOTHING.includes(fault.code)

const answerOf = <T>(tried: { answer: T } | 'interrupted'): T | 'interrupted' =>
  tried === 'interrupted' ? tried : tried.answer

async function ask<World>(
  act: Step<World>['act'],
  step: string,
  key: string,
  world: World,
  { inside }: Host,
): Promise<Acted> {
  const at = inside.now()
  const done = await receiptOf(async () => {
    await inside.mayAct()
    return (await act?.(world)) ?? { evidence: [] }
  })
  // A store that fails here must not look like a refused act: the engine then runs or questions the whole operation.
  if ('receipt' in done) {
    const { evidence } = done.receipt
    await inside.record(key, { type: 'step', step, state: 'waiting', detail: 'asked for', evidence })
  }
  return { at, ...done }
}

/** What an act, or an undo, left behind; or the fault it ended with. */
export async function receiptOf(
  act: () => Promise<Receipt>,
): Promise<{ readonly receipt: Receipt } | { readonly fault: Fault }> {
  try {
    return { receipt: await act() }
  } catch (error) {
    return { fault: faultOf(error) }
  }
}
