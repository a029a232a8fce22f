import type { DrError } from '../../engine/errors.ts'
import { context, type Message, message, section } from '../blocks.ts'

/** A refusal or failure in its three sentences: what happened, whether anything changed, what to do. */
export const told = (
  { message: what, changed, remedy }: Pick<DrError, 'message' | 'changed' | 'remedy'>,
  stamp?: string,
): Message =>
  message(`${what} ${changed} ${remedy}`, [section(`:no_entry: ${what}`), context(changed, remedy)], stamp)

/** One sentence, as an answer to whoever asked. */
export const said = (sentence: string, stamp?: string): Message =>
  message(sentence, [section(sentence)], stamp)
