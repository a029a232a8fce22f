import { duration } from '../engine/duration.ts'
import type { Usual } from '../engine/past.ts'
import { openQuestion, type Question, type Run, type StepView } from '../engine/run.ts'
import { runTimeOf } from '../flows/run-time.ts'
import { inTerminal } from './exits.ts'

/** A line of the board. How a terminal shows its tone is not the board's business. */
export type BoardLine = { readonly text: string; readonly tone: Tone }
export type Tone = 'plain' | 'title' | 'quiet' | 'busy' | 'good' | 'warn' | 'bad'

type Mark = { readonly mark: string; readonly tone: Tone; readonly said?: string }
const MARKS: Readonly<Record<StepView['state'], Mark>> = {
  pending: { mark: '·', tone: 'quiet' },
  looking: { mark: '⠿', tone: 'busy' },
  acting: { mark: '⠿', tone: 'busy' },
  waiting: { mark: '⠿', tone: 'busy' },
  done: { mark: '✓', tone: 'good' },
  already: { mark: '✓', tone: 'good', said: 'was so already' },
  skipped: { mark: '–', tone: 'warn', said: 'skipped' },
  undone: { mark: '↶', tone: 'warn', said: 'undone' },
  owed: { mark: '!', tone: 'warn', said: 'still owed' },
  failed: { mark: '✗', tone: 'bad', said: 'failed' },
}
const SPINNER = '⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏'
/** One picture of the spinner lasts so long, people's ms. */
export const SPIN_MS = 100

/** What the board is drawn by: world time, what is usual, and a counter that turns the spinners. */
export type Beside = { readonly now: number; readonly usual: Usual; readonly turn?: number }

/** A run as a list of steps: what each takes against what it usually takes, and what the run waits for. */
export function boardOf(run: Run, { now, usual, turn = 0 }: Beside): readonly BoardLine[] {
  const { steps, proposal } = run
  const width = Math.max(...steps.map(({ title }) => title.length), 0)
  return [
    { text: proposal.title, tone: 'title' },
    { text: headOf(run, now), tone: 'quiet' },
    ...steps.flatMap((step) =>
      stepLines(step, { now: run.endedAt ?? now, usual: usual.steps[step.id], turn, width }),
    ),
    ...standing(run),
  ]
}

function headOf(run: Run, now: number): string {
  const { id, proposal, approval, waitedMs } = run
  const took = runTimeOf(run, now)
  const whose = `asked for by ${proposal.requestedBy}`
  const approved = approval
    ? `, ${approval.breakGlass ? 'glass broken' : 'approved'} by ${approval.by}`
    : ', not approved yet'
  const target = proposal.flow === 'failover' ? ` of ${duration(proposal.rtoTargetMinutes * 60_000)}` : ''
  const time = took === undefined ? '' : ` · ${duration(took)}${target}`
  return `${id} · ${whose}${approved}${time}${waitedMs > 0 ? `, and waited for people ${duration(waitedMs)}` : ''}`
}

function stepLines(
  step: StepView,
  {
    now,
    usual,
    turn,
    width,
  }: {
    readonly now: number
    readonly usual: number | undefined
    readonly turn: number
    readonly width: number
  },
): BoardLine[] {
  const { mark, tone, said } = MARKS[step.state]
  const { startedAt, endedAt = now, state } = step
  const ms = startedAt === undefined || state === 'already' ? 0 : endedAt - startedAt
  const time = ms < 1_000 ? '' : duration(ms)
  const normal = usual === undefined || state === 'already' ? '' : `usually ${duration(usual)}`
  const beside = [time, said, normal].filter(Boolean).join(', ')
  const shown = tone === 'busy' ? (SPINNER[turn % SPINNER.length] ?? mark) : mark
  const line = { text: `${shown} ${step.title.padEnd(width)}  ${beside}`.trimEnd(), tone }
  const isNews = tone === 'busy' || tone === 'bad'
  return isNews && step.detail ? [line, { text: `    ${told(step.detail)}`, tone: 'quiet' }] : [line]
}

function standing(run: Run): BoardLine[] {
  const question = openQuestion(run)
  if (run.phase === 'ended') return []
  if (run.phase === 'proposed' && !run.approval)
    return [{ text: `It waits for approval, in Slack or here: understudy approve ${run.id}`, tone: 'warn' }]
  if (question) return questionOf(run.id, question)
  return run.signal
    ? [{ text: `${run.signalBy} asked to ${run.signal}; it is obeyed at the next look.`, tone: 'warn' }]
    : []
}

/** The question a run waits on, what the choices do, and how it is answered. */
export function questionOf(runId: string, { title, detail, options }: Question): BoardLine[] {
  const width = Math.max(...options.map(({ id }) => id.length))
  return [
    { text: '', tone: 'plain' },
    { text: told(title), tone: 'warn' },
    ...told(detail)
      .split('\n')
      .map((text): BoardLine => ({ text: `  ${text}`, tone: 'plain' })),
    ...options.map((option): BoardLine => {
      const says = [option.label, option.explain, ...conditionsOf(option)].filter(Boolean).join('. ')
      return { text: `  ${option.id.padEnd(width)}  ${told(says)}`, tone: 'plain' }
    }),
    { text: `Answer it in Slack, or with: understudy decide ${runId} CHOICE`, tone: 'quiet' },
  ]
}

function conditionsOf({ needsReason, phrase, twoPeople, approversOnly, notBy }: Question['options'][number]) {
  return [
    needsReason ? 'Needs a reason' : undefined,
    phrase === undefined ? undefined : `“${phrase}” has to be typed`,
    twoPeople ? 'A second person has to confirm it' : undefined,
    approversOnly ? 'For approvers' : undefined,
    notBy?.length ? `Not by ${notBy.join(', ')}` : undefined,
  ]
}

const told = (text: string) => inTerminal(text).replace(/[*`]/g, '')
