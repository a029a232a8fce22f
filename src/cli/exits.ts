import { DrError, type ErrorCode, faultOf } from '../engine/errors.ts'
import type { Run } from '../engine/run.ts'

/** How the terminal ends; docs/contract.md promises these. `left`: somebody pressed Ctrl-C before the run had ended. */
export const exits = { done: 0, failed: 1, usage: 2, refused: 3, blind: 4, left: 130 } as const
export type Exit = (typeof exits)[keyof typeof exits]

/** What a command came to: for people, and for programs. */
export type Told = { readonly text: string; readonly json: unknown; readonly exit: Exit }

const exitOf: Partial<Record<ErrorCode, Exit>> = {
  CONFIG_INVALID: exits.usage,
  COMMAND_UNKNOWN: exits.usage,
  PLAN_UNKNOWN: exits.usage,
  RUN_UNKNOWN: exits.usage,
  PHRASE_WRONG: exits.refused,
  PLAN_BROKEN: exits.refused,
  NOT_ALLOWED: exits.refused,
  NOT_PROVEN: exits.refused,
  OUTSIDER: exits.refused,
  OWN_REQUEST: exits.refused,
  SAME_PERSON: exits.refused,
  FLOW_REFUSED: exits.refused,
  CARD_STALE: exits.refused,
  ALREADY_DECIDED: exits.refused,
  RUN_IN_PROGRESS: exits.refused,
  RUN_ELSEWHERE: exits.refused,
  UNREACHABLE: exits.blind,
  JOURNAL_UNREACHABLE: exits.blind,
  THROTTLED: exits.blind,
}

/** What stood against a command, in the words a person gets. */
export function toldOf(error: unknown): Told {
  const fault = faultOf(error)
  const exit = (error instanceof DrError && exitOf[error.code]) || exits.failed
  return {
    text: inTerminal(`${fault.message}\n${fault.changed} ${fault.remedy}`),
    json: { error: fault },
    exit,
  }
}

/** How a run that was followed to its end came out. One that nobody approved was refused; it failed at nothing. */
export const exitOfRun = ({ outcome, approval }: Run): Exit =>
  outcome === 'done' ? exits.done : approval ? exits.failed : exits.refused

/** As it is said here: people and channels by their ids, as only Slack knows their names; commands are this terminal's. */
export const inTerminal = (text: string): string =>
  text
    .replace(/<!date\^[^|>]*\|([^>]*)>/g, '$1')
    .replace(/<[@#]([A-Z0-9]+)>/g, '$1')
    .replace(/`\/dr (\w)/g, '`understudy $1')
