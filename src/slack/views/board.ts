import type { KnownBlock, TaskCardBlock } from '@slack/types'
import { duration } from '../../engine/duration.ts'
import { openQuestion, type Run, type StepView } from '../../engine/run.ts'
import { runTimeOf } from '../../flows/run-time.ts'
import {
  context,
  header,
  type Message,
  message,
  moment,
  pairs,
  person,
  plain,
  prose,
  richText,
  section,
} from '../blocks.ts'
import { startsByItself } from '../judge.ts'
import { cut, LIMITS } from '../limits.ts'
import { controls } from './decision.ts'
import { doing } from './runs.ts'

const STATUS: Record<StepView['state'], TaskCardBlock['status']> = {
  pending: 'pending',
  looking: 'in_progress',
  acting: 'in_progress',
  waiting: 'in_progress',
  done: 'complete',
  already: 'complete',
  skipped: 'pending',
  undone: 'pending',
  owed: 'error',
  failed: 'error',
}
const SAID: Partial<Record<StepView['state'], string>> = {
  already: 'was so already',
  skipped: 'skipped',
  undone: 'undone',
  owed: 'still owed',
  failed: 'failed',
}

/** The one message of a run, edited in place. `now` in world ms, the clock of the run. */
export function board(run: Run, now: number, stamp?: string): Message {
  const { proposal, steps } = run
  const tasks: TaskCardBlock[] = steps.slice(0, LIMITS.plan).map((step) => task(step, run.endedAt ?? now))
  const progress = progressOf(run)
  const blocks: KnownBlock[] = [
    header(proposal.title),
    ...pairs(startsByItself(run) ? watch(run, now) : clocks(run, now)),
    { type: 'plan', title: cut(progress, 150), tasks },
    ...standing(run),
    ...(run.phase === 'ended'
      ? [section(`*${plain(run.outcome ?? 'ended')}*: ${prose(run.ending ?? '')}`)]
      : [controls(run)]),
  ]
  return message(`${proposal.title}: ${progress}`, blocks, stamp)
}

function progressOf(run: Run): string {
  const { steps } = run
  const done = steps.filter(({ state }) => STATUS[state] === 'complete').length
  return startsByItself(run)
    ? `${done} of ${steps.length} settled: ${doing(run)}`
    : `${done} of ${steps.length} steps: ${doing(run)}`
}

function clocks(run: Run, now: number): (readonly [string, string])[] {
  const { proposal, approval } = run
  const took = runTimeOf(run, now) ?? 0
  const open = openQuestion(run)
  const waited = run.waitedMs + (open ? (run.endedAt ?? now) - open.askedAt : 0)
  return [
    ['Run', `\`${plain(run.id)}\``],
    ['Asked for by', person(proposal.requestedBy)],
    [approval?.breakGlass ? 'Glass broken by' : 'Approved by', approval ? person(approval.by) : 'nobody yet'],
    against(run, took),
    ...(waited > 0 ? ([['Waited for people', duration(waited)]] as const) : []),
    ...alone(run, now),
  ]
}

/** Only a failover races against the recovery time objective: the others go on while customers are served. */
function against({ proposal }: Run, took: number): readonly [string, string] {
  if (proposal.flow !== 'failover') return ['Run time', duration(took)]
  const target = proposal.rtoTargetMinutes * 60_000
  const late = took > target ? ' :warning: over' : ''
  return ['Time against target', `${duration(took)} of ${duration(target)}${late}`]
}

/** A watch after a failover races against nothing. */
const watch = (run: Run, now: number): (readonly [string, string])[] => [
  ['Run', `\`${plain(run.id)}\``],
  ['Under the approval of', run.approval ? person(run.approval.by) : 'nobody yet'],
  ['Watched for', duration((run.endedAt ?? now) - (run.startedAt ?? now))],
  ...alone(run, now),
]

function alone(run: Run, now: number): (readonly [string, string])[] {
  const since = noStandbySince(run)
  if (since === undefined) return []
  return [['No standby', `for ${duration((run.endedAt ?? now) - since)}, since ${moment(since)}`]]
}

/** The step of a watch that is done once there is a standby again. */
const CLOCK = 'no-standby-clock'

/**
 * Since when the application has no standby, world ms: as a watch noted it, or since the promotion. A planned
 * switchover keeps one, and a watch or failback that is done has brought one.
 */
export function noStandbySince({ proposal, steps, notes, outcome }: Run): number | undefined {
  if (proposal.flow !== 'failover') {
    const noted = notes['no-standby-since']
    const isBack = outcome === 'done' || steps.some(({ id, state }) => id === CLOCK && state === 'done')
    return noted === undefined || isBack ? undefined : Number(noted)
  }
  if (proposal.input.mode === 'planned') return undefined
  const noted = notes['promoted-at']
  if (noted !== undefined) return Number(noted)
  return steps.find(({ irreversible, state }) => irreversible !== false && state === 'done')?.endedAt
}

/** What people have asked for, and what the run waits for. */
function standing(run: Run): KnownBlock[] {
  if (run.phase === 'ended') return []
  const { signal, signalBy } = run
  const question = openQuestion(run)
  return [
    ...(signal && !question
      ? [context(`${person(signalBy ?? '')} asked to *${signal}*; it is obeyed at the next look.`)]
      : []),
    ...(question ? [section(`:raised_hand: ${prose(question.title)}: answer in the thread.`)] : []),
  ]
}

function task(step: StepView, now: number): TaskCardBlock {
  const { startedAt, endedAt, detail, state } = step
  const ms = startedAt === undefined || state === 'already' ? 0 : (endedAt ?? now) - startedAt
  const title = [step.title, SAID[state], ms < 1000 ? undefined : duration(ms)].filter(Boolean).join(' · ')
  return {
    type: 'task_card',
    task_id: step.id,
    title: cut(title, 150),
    status: STATUS[state],
    ...(detail && state !== 'pending' ? { details: richText(cutWhole(detail, 160)) } : {}),
  }
}

/** Cut short, but not in the middle of a mention. */
const cutWhole = (text: string, length: number) => cut(text, length).replace(/<@[A-Z0-9]*…$/, '…')
