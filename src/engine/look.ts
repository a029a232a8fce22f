import { faultOf } from './errors.ts'
import type { Host } from './host.ts'
import type { Signal, StepState } from './run.ts'
import type { Observation, Step } from './step.ts'

/** What a watch ended with. Times in world ms. */
export type Looked = {
  readonly seen: Observation
  /** What people asked for meanwhile; the look ended because of it. */
  readonly signal?: Signal
  /** When the watch began, and since when it has seen `ready` without a break. */
  readonly since: number
  readonly readySince?: number
  /** A change was seen on its way. */
  readonly pended?: true
  /** The sight that was told last, when, and how many were. */
  readonly told: Told
  readonly at: number
}

type Told = { readonly times: number; readonly detail: string; readonly at: number }

/** One watch: `before` the act, or `after` it. `deadline`: a hold runs out then, so looking longer is no use. */
export type Watching = {
  readonly name: string
  readonly when: 'before' | 'after'
  readonly deadline?: number
}

/** After an act, how long `ready` may still be seen before we say the act did not take. World seconds. */
export const SETTLE_SECONDS = 120
export const POLL_SECONDS = 3

const NOT_TOLD: Told = { times: 0, detail: '', at: 0 }
const NOT_LOOKED: Observation = { state: 'unknown', detail: 'not looked at' }

/** Looks until there is something to do about what is seen, or somebody wants something. */
export function lookAt<World>(
  step: Step<World>,
  world: World,
  host: Host,
  watching: Watching,
): Promise<Looked> {
  return host.watch<Looked>(watching.name, async (last) => {
    const at = host.inside.now()
    const since = last?.since ?? at
    const told = last?.told ?? NOT_TOLD
    const signal = await host.inside.signal()
    if (signal && (watching.when === 'before' || signal === 'abort'))
      return { value: { seen: last?.seen ?? NOT_LOOKED, signal, since, told, at }, again: null }

    const seen = await observe(step, world)
    const value: Looked = {
      seen,
      since,
      told: await tell(step, seen, last, host, watching),
      at,
      ...(seen.state === 'ready' ? { readySince: last?.readySince ?? at } : {}),
      ...(last?.pended || seen.state === 'pending' ? { pended: true } : {}),
    }
    return { value, again: isSettled(step, value, watching) ? null : pause(step, value) }
  })
}

/** Records a sight that is news; answers what was told last. */
async function tell<World>(
  step: Step<World>,
  { state: sight, detail }: Observation,
  last: Looked | undefined,
  { inside }: Host,
  { name, when }: Watching,
): Promise<Told> {
  const at = inside.now()
  const told = last?.told ?? NOT_TOLD
  const heartbeat = (step.heartbeatMinutes ?? 0) * 60_000
  if (last?.seen.state === sight && (detail === told.detail || at - told.at < heartbeat)) return told
  const times = told.times + 1
  const state: StepState =
    when === 'after' || sight === 'pending' || sight === 'asking' ? 'waiting' : 'looking'
  await inside.record(`${name}:${times}`, { type: 'step', step: step.id, state, detail })
  return { times, detail, at }
}

/** A look that throws has seen nothing. */
export async function observe<World>(step: Step<World>, world: World): Promise<Observation> {
  try {
    return await step.observe(world)
  } catch (error) {
    return { state: 'unknown', detail: faultOf(error).message }
  }
}

/** Sights after which looking longer is no use. */
const SETTLED: ReadonlySet<Observation['state']> = new Set(['done', 'blocked', 'asking'])

/** Whether looking longer changes nothing about what to do next. */
function isSettled<World>(step: Step<World>, looked: Looked, { when, deadline }: Watching): boolean {
  const { seen, at } = looked
  if (SETTLED.has(seen.state)) return true
  if (seen.state === 'unknown' && step.bestEffort) return true
  if (deadline !== undefined && at >= deadline) return true
  if (seen.state === 'ready' && step.act)
    if (when === 'before' || didNotTake(looked) || hasNextPart(step, looked)) return true
  return step.timeoutMinutes !== 'none' && at - looked.since >= step.timeoutMinutes * 60_000
}

/** Long enough after an act, the world still looks as if nobody had asked for anything. */
export const didNotTake = ({ readySince, at }: Looked): boolean =>
  readySince !== undefined && at - readySince >= SETTLE_SECONDS * 1000

/** What was asked for is over, and the step has more to ask for. */
export const hasNextPart = <World>(
  { inParts, irreversible }: Step<World>,
  { seen, pended }: Looked,
): boolean => inParts === true && !irreversible && seen.state === 'ready' && pended === true

/** Seconds until the next look. */
function pause<World>(
  { timeoutMinutes, pollSeconds = POLL_SECONDS }: Step<World>,
  { since, at }: Looked,
): number {
  return timeoutMinutes === 'none' ? patience(pollSeconds, at - since) : pollSeconds
}

/** Pause of a patient watch in seconds: a twentieth of what it has lasted, up to a minute, never less than asked. */
export const patience = (pollSeconds: number, lastedMs: number): number =>
  Math.max(pollSeconds, Math.min(60, Math.ceil(lastedMs / 20_000)))
