import { changedNothing } from './act.ts'
import type { Fault } from './errors.ts'
import type { Host } from './host.ts'
import type { StepState } from './run.ts'
import type { Observation, Step } from './step.ts'

/** What is remembered of a duty from one look to the next. World ms; small, because every look keeps it. */
export type Duty = {
  readonly seen: Observation['state'] | 'unseen'
  /** What was told last: a sight, `asked`, or `failed:<code>`. */
  readonly told: {
    readonly times: number
    readonly kind: string
    readonly detail: string
    readonly at: number
  }
  /** When *unknown* was told last: a line that comes and goes is no news every time. */
  readonly darkAt?: number
  /** Something may have been changed for it. */
  readonly hasActed?: true
  /** Not before this time is it acted again; `pauseMs` is what was waited for, and doubles. */
  readonly again?: { readonly at: number; readonly pauseMs: number }
}

export const UNSEEN: Duty = { seen: 'unseen', told: { times: 0, kind: '', detail: '', at: 0 } }

const MINUTE = 60_000
/** Sights of a duty that differ in their words only are told this often, unless its step says otherwise. */
const HEARTBEAT_MINUTES = 60
/** An act is given this long before it counts as having come to nothing; one that was refused, less. */
const SETTLE = 2 * MINUTE
/** However often an act comes to nothing, it is tried again after this time: days long, and not thousands of times. */
const LONGEST_PAUSE = 30 * MINUTE

/** Records a sight if it is news; answers the duty as it is now known. */
export async function sighted<World>(
  step: Step<World>,
  duty: Duty,
  { state, detail }: Observation,
  { inside }: Host,
): Promise<Duty> {
  const at = inside.now()
  const { again: _, ...fresh } = duty
  // An act whose end was seen is over and done with: should it be needed once more, that is a new story.
  const seen: Duty = { ...(state === 'done' ? fresh : duty), seen: state }
  if (!isNews(step, duty, state, detail, at)) return seen
  const told = { times: duty.told.times + 1, kind: state, detail, at }
  // The kind is in the key: a look that was cut short may have told another one under the same number.
  await inside.record(`${step.id}:${told.times}:${state}`, {
    type: 'step',
    step: step.id,
    state: shownAs(step, duty, state),
    detail,
  })
  return { ...seen, told, ...(state === 'unknown' ? { darkAt: at } : {}) }
}

function isNews<World>(
  { heartbeatMinutes = HEARTBEAT_MINUTES }: Step<World>,
  { told, darkAt = Number.NEGATIVE_INFINITY }: Duty,
  kind: string,
  detail: string,
  at: number,
): boolean {
  const heartbeat = heartbeatMinutes * MINUTE
  if (told.kind === kind) return told.detail !== detail && at - told.at >= heartbeat
  if (kind === 'unknown') return at - darkAt >= heartbeat
  return !(kind === 'ready' && isTried(told.kind))
}

/** Acted, and nothing else was seen since: `ready` goes without saying then. */
const isTried = (kind: string): boolean => kind === 'asked' || kind.startsWith('failed')

function shownAs<World>({ act }: Step<World>, { hasActed }: Duty, state: Observation['state']): StepState {
  if (state === 'done') return hasActed || !act ? 'done' : 'already'
  if (state === 'pending') return 'waiting'
  return state === 'ready' ? 'looking' : 'owed'
}

/** Whether the duty's act is due. */
export const isDue = <World>({ act }: Step<World>, { seen, again }: Duty, now: number): boolean =>
  act !== undefined && seen === 'ready' && (again === undefined || now >= again.at)

/** Whether the act is worth a line before it is made: not when it is one more attempt at the same. */
export const isFirstAttempt = ({ told }: Duty): boolean => !isTried(told.kind)

/** The duty after an act, and whether its fault is news. */
export function acted<World>(
  step: Step<World>,
  duty: Duty,
  now: number,
  fault: Fault | undefined,
): { readonly duty: Duty; readonly isNews: boolean } {
  const kind = fault ? `failed:${fault.code}` : 'asked'
  const detail = fault?.message ?? 'asked for'
  const news = fault === undefined || isNews(step, duty, kind, detail, now)
  const first = fault ? MINUTE : SETTLE
  const pauseMs = duty.again ? Math.min(LONGEST_PAUSE, Math.max(first, 2 * duty.again.pauseMs)) : first
  const told = news ? { times: duty.told.times + 1, kind, detail, at: now } : duty.told
  const after: Duty = { ...duty, told, again: { at: now + pauseMs, pauseMs } }
  return { duty: fault && changedNothing(fault) ? after : { ...after, hasActed: true }, isNews: news }
}
