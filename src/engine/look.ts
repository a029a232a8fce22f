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
  /** How many different sights were told. */
  readonly said: number
  readonly at: number
}

/** One watch: `before` the act, or `after` it. `deadline`: a hold runs out then, so looking longer is no use. */
export type Watching = {
  readonly name: string
  readonly when: 'before' | 'after'
  readonly deadline?: number
}

/** After an act, how long `ready` may still be seen before we say the act did not take. World seconds. */
const SETTLE_SECONDS = 120
const POLL_SECONDS = 3

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
    const said = last?.said ?? 0
    const signal = await host.inside.signal()
    if (signal && (watching.when === 'before' || signal === 'abort'))
      return { value: { seen: last?.seen ?? NOT_LOOKED, signal, since, said, at }, again: null }

    const seen = await observe(step, world)
    const value: Looked = {
      seen,
      since,
      said: await tell(step, seen, last, host, watching),
      at,
      ...(seen.state === 'ready' ? { readySince: last?.readySince ?? at } : {}),
    }
    return { value, again: isSettled(step, value, watching) ? null : pause(step, value) }
  })
}

/** Records a sight that differs from the last one; answers how many were told. */
async function tell<World>(
  step: Step<World>,
  seen: Observation,
  last: Looked | undefined,
  { inside }: Host,
  { name, when }: Watching,
): Promise<number> {
  if (last && seen.detail === last.seen.detail && seen.state === last.seen.state) return last.said
  const said = (last?.said ?? 0) + 1
  const state: StepState = when === 'after' || seen.state === 'pending' ? 'waiting' : 'looking'
  await inside.record(`${name}:${said}`, { type: 'step', step: step.id, state, detail: seen.detail })
  return said
}

/** A look that throws has seen nothing. */
async function observe<World>(step: Step<World>, world: World): Promise<Observation> {
  try {
    return await step.observe(world)
  } catch (error) {
    return { state: 'unknown', detail: faultOf(error).message }
  }
}

/** Whether looking longer changes nothing about what to do next. */
function isSettled<World>(step: Step<World>, looked: Looked, { when, deadline }: Watching): boolean {
  const { seen, at } = looked
  if (seen.state === 'done' || seen.state === 'blocked') return true
  if (seen.state === 'unknown' && step.bestEffort) return true
  if (deadline !== undefined && at >= deadline) return true
  if (seen.state === 'ready' && step.act && (when === 'before' || didNotTake(looked))) return true
  return step.timeoutMinutes !== 'none' && at - looked.since >= step.timeoutMinutes * 60_000
}

/** Long enough after an act, the world still looks as if nobody had asked for anything. */
export const didNotTake = ({ readySince, at }: Looked): boolean =>
  readySince !== undefined && at - readySince >= SETTLE_SECONDS * 1000

/** Seconds until the next look; patient watches slow down to once a minute. */
function pause<World>(
  { timeoutMinutes, pollSeconds = POLL_SECONDS }: Step<World>,
  { since, at }: Looked,
): number {
  return timeoutMinutes === 'none' ? Math.min(60, Math.max(pollSeconds, (at - since) / 60_000)) : pollSeconds
}
