import { type DrError, drError, faultOf } from '../engine/errors.ts'

/** How a command with exit codes of its own ends when its words, or what they name, cannot be used. */
const UNUSABLE = 2

/**
 * Carries out a command with words and exit codes of its own, and answers its code. What a person can meet is told
 * through `out`, in words or as one JSON object, and answers 2; bugs are thrown.
 */
export async function toldOrDone(
  json: boolean,
  out: (text: string) => void,
  work: () => number | Promise<number>,
): Promise<number> {
  try {
    return await work()
  } catch (error) {
    const fault = faultOf(error)
    if (fault.code === 'BUG') throw error
    out(json ? JSON.stringify({ error: fault }) : `${fault.message}\n${fault.changed} ${fault.remedy}`)
    return UNUSABLE
  }
}

/** CONFIG_INVALID: what is wrong with a command line, and how it is meant. */
export const misused = (usage: string, faults: readonly string[], cause?: unknown): DrError =>
  drError('CONFIG_INVALID', { faults: [...faults, ...usage.split('\n').map((line) => line.trim())] }, cause)

/** What `read` makes of a command line; what it complains of is thrown as `misused`. */
export function understoodBy<T>(usage: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    throw misused(usage, [error instanceof Error ? error.message : String(error)], error)
  }
}
