/** Every button and form of the messages: ids that never change once released, and what their values carry. */
export const ACTIONS = {
  review: 'dr_review',
  breakGlass: 'dr_break_glass',
  dismiss: 'dr_dismiss',
  pause: 'dr_pause',
  abort: 'dr_abort',
} as const
const ANSWER_PREFIX = 'dr_answer.'

export const VIEWS = { approve: 'dr_approve', reason: 'dr_reason', phrase: 'dr_phrase' } as const
/** Block and action ids of the inputs in those forms. */
export const INPUTS = { phrase: 'phrase', reason: 'reason' } as const

/** What a button means: a pointer to look up, never something to believe. */
export type Pointer = {
  readonly runId: string
  /** Hash of the proposal that was shown. */
  readonly hash: string
  /** Version of the run that was shown. */
  readonly version: number
  readonly question?: string
  readonly option?: string
}
/** A form additionally remembers where it was opened, because a submission does not say. */
export type FormPointer = Pointer & { readonly channel: string; readonly breakGlass?: boolean }

export type Pressed = 'review' | 'breakGlass' | 'dismiss' | 'pause' | 'abort' | 'answer'

export const answerActionId = (option: string): string => ANSWER_PREFIX + option

/** Which button an action id names; undefined for one that no message of ours has. */
export function pressed(actionId: string): Pressed | undefined {
  if (actionId.startsWith(ANSWER_PREFIX)) return 'answer'
  const found = Object.entries(ACTIONS).find(([, id]) => id === actionId)
  return found?.[0] as Pressed | undefined
}

export const encode = (pointer: Pointer | FormPointer): string => JSON.stringify(pointer)

/** What a button's value or a form's private metadata says; undefined when it says nothing readable. */
export function decode(value: unknown): (Partial<FormPointer> & Pointer) | undefined {
  if (typeof value !== 'string') return undefined
  try {
    const given: unknown = JSON.parse(value)
    return isPointer(given) ? given : undefined
  } catch {
    return undefined
  }
}

function isPointer(given: unknown): given is Partial<FormPointer> & Pointer {
  if (typeof given !== 'object' || given === null) return false
  const { runId, hash, version, question, option, channel, breakGlass } = given as Record<string, unknown>
  return (
    [runId, hash].every((text) => typeof text === 'string') &&
    Number.isSafeInteger(version) &&
    [question, option, channel].every((text) => text === undefined || typeof text === 'string') &&
    (breakGlass === undefined || typeof breakGlass === 'boolean')
  )
}
