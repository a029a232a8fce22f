import { duration } from '../../engine/duration.ts'
import type { Usual } from '../../engine/past.ts'
import type { Recorded, Run, RunEvent, StepState } from '../../engine/run.ts'
import {
  context,
  type Message,
  people,
  person,
  plain,
  prose,
  readable,
  section,
  threaded,
} from '../blocks.ts'
import { startsByItself } from '../judge.ts'
import { cutLines, LIMITS } from '../limits.ts'
import { scanReplyOf } from './scan.ts'

const MARKS: Partial<Record<StepState, string>> = {
  waiting: ':arrow_forward:',
  done: ':white_check_mark:',
  already: ':white_check_mark:',
  skipped: ':fast_forward:',
  owed: ':warning:',
  failed: ':x:',
  undone: ':leftwards_arrow_with_hook:',
}

/**
 * The thread reply an event deserves, if any: one for each transition a person would want to read later, with its
 * evidence, its time and what is usual. Looks that only changed their wording are on the board, not here.
 */
export function reply(run: Run, { event, at }: Recorded, usual: Usual, stamp?: string): Message | undefined {
  switch (event.type) {
    case 'approved':
      return approved(run, event, stamp)
    case 'step':
      return transition(run, event, at, usual, stamp)
    case 'signalled':
      return one(`:raised_hand: ${person(event.by)} asked to *${event.signal}* the run.`, stamp)
    case 'noted':
      return scanReplyOf(event, stamp)
    default:
      return undefined
  }
}

const one = (text: string, stamp?: string) => threaded(text, [section(text)], stamp)

function approved(run: Run, event: Extract<RunEvent, { type: 'approved' }>, stamp?: string): Message {
  const { proposal } = run
  if (startsByItself(run)) return watching(run, event, stamp)
  const text = event.breakGlass
    ? `:rotating_light: ${person(event.by)} broke the glass and started this alone: “${prose(event.reason)}”. ${people(proposal.approvers)}: please look.`
    : `:white_check_mark: Approved by ${person(event.by)}: “${prose(event.reason)}”.`
  return one(text, stamp)
}

/** The first words of a watch: what it is there for. What it finds is on its board; the thread hears what changes. */
function watching(
  { steps }: Run,
  { by, reason }: Extract<RunEvent, { type: 'approved' }>,
  stamp?: string,
): Message {
  const text = `:eyes: Started by itself, under the approval of ${person(by)}: ${prose(reason)}.`
  const duties = steps.map(({ title }) => `• ${plain(title)}`)
  const lines = [
    text,
    'It looks after these, says here what changes, and gives a sign of life every hour:',
    ...duties,
  ]
  return threaded(text, [section(lines.join('\n'))], stamp)
}

/** Whether a step has come to something, or something was asked for; else it was only looked at. */
export const isTransition = ({ state, evidence = [] }: StepEvent): boolean =>
  MARKS[state] !== undefined && (state !== 'waiting' || evidence.length > 0)

export type StepEvent = Extract<RunEvent, { type: 'step' }>

function transition(
  run: Run,
  event: StepEvent,
  at: number,
  usual: Usual,
  stamp?: string,
): Message | undefined {
  const mark = MARKS[event.state]
  const evidence = event.evidence ?? []
  if (!mark || !isTransition(event)) return undefined
  const step = run.steps.find(({ id }) => id === event.step)
  const title = plain(step?.title ?? event.step)
  const became = WORDS[event.state] ?? event.state
  const took = event.state === 'done' ? at - (step?.startedAt ?? at) : 0
  const word =
    took < 1000 ? became : `${became} after ${duration(took)}${comparedTo(usual.steps[event.step])}`
  const detail = event.detail === became ? '' : `\n${readable(event.detail)}`
  const blocks = [
    section(`${mark} *${title}* · ${word}${detail}`),
    ...(evidence.length ? [context(cutLines(evidence.map(readable), LIMITS.field))] : []),
  ]
  return threaded(`${title}: ${word}`, blocks, stamp)
}

const comparedTo = (usual: number | undefined) => (usual === undefined ? '' : ` (usually ${duration(usual)})`)

const WORDS: Partial<Record<StepState, string>> = {
  waiting: 'asked for',
  already: 'was so already',
  owed: 'still owed',
}
