import type { Clock } from '../engine/ports.ts'
import type { Look } from '../flows/world.ts'
import { clueTo, troubleOf } from './faults.ts'
import type { Patience } from './patience.ts'

/** A look's deadline is 1.5 s; what is left of it is for us to say so. */
const LOOK_MS = 1_450

/** World time stamps what was seen; people's time says how long somebody waited for it, and bounds that. */
export type Clocks = {
  readonly world: Pick<Clock, 'now'>
  readonly people: Pick<Clock, 'now'>
  readonly patience: Patience
}
/** What every call of a look is sent with: together they have one deadline. */
export type Budget = { readonly abortSignal: AbortSignal }

/**
 * One look: never throws and never takes longer than 1.5 s, however many calls it makes.
 * `what` is said when nothing could be seen: `RDS in us-east-1`.
 */
export async function look<T>(
  clocks: Clocks,
  what: string,
  see: (budget: Budget) => Promise<T>,
): Promise<Look<T>> {
  const begun = clocks.people.now()
  const stop = new AbortController()
  const tooLate = Promise.withResolvers<never>()
  const inTime = clocks.patience.after(LOOK_MS, () => {
    stop.abort()
    tooLate.reject(Object.assign(new Error('no answer in time'), { name: 'TimeoutError' }))
  })
  try {
    const value = await Promise.race([see({ abortSignal: stop.signal }), tooLate.promise])
    return { ok: true, value, at: clocks.world.now() }
  } catch (error) {
    const waitedMs = clocks.people.now() - begun
    return { ok: false, ...told(what, waitedMs, error), waitedMs, at: clocks.world.now() }
  } finally {
    inTime()
    // Whatever the look no longer waits for is not worth a socket.
    stop.abort()
  }
}

function told(what: string, waitedMs: number, error: unknown) {
  const trouble = troubleOf(error)
  const { why, code, message } = trouble
  const clue = clueTo(trouble)
  const details = {
    unreachable: `${what} gave no answer in ${(waitedMs / 1000).toFixed(1)} s${clue ? `: ${clue}` : ''}`,
    denied: `${what} refused to let us look (${code}): ${message}`,
    throttled: `${what} is throttling us (${code})`,
    failed: `${what} could not be looked at (${code}): ${message}`,
  }
  return { why, detail: details[why] } as const
}
