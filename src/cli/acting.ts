import { runOf } from '../app/runs/runs.ts'
import { type Answered, type AskFor, dryRun, judgeFirst, put } from '../app/terminal/asking.ts'
import type { Terminal } from '../app/terminal/terminal.ts'
import { alonePhrase } from '../app/terminal/terminal.ts'
import { drError } from '../engine/errors.ts'
import { openQuestion, type Run } from '../engine/run.ts'
import { planOf } from '../plan/plans.ts'
import type { Plan } from '../plan/schema.ts'
import type { Arguments, RunCommand } from './arguments.ts'
import { questionOf } from './board.ts'
import { cardText } from './card.ts'
import { exits, type Told } from './exits.ts'
import { stayWith } from './following.ts'
import { proposalText } from './print.ts'
import type { Prompt } from './prompt.ts'

/** What acting needs beside the command: the desk, whoever sits here, and what they said on the command line. */
export type Seat = {
  readonly terminal: Terminal
  readonly prompt: Prompt
  readonly given: Arguments
  /** Slack user to ask as, where the place or the command line names one. */
  readonly as: string | undefined
  /** Lines for whoever sits here, before the answer; nothing with `--json`. */
  readonly say: (text: string) => void
  /** Aborted by Ctrl-C. */
  readonly stop: AbortSignal
}

type Asked = Extract<Arguments['command'], { kind: 'failover' | 'failback' | 'drill' }>

/** Asks for a run, or shows what one would do. */
export async function askForRun(seat: Seat, command: Asked): Promise<Told> {
  const { terminal, given, say } = seat
  const plan = planOf(terminal.parts.plans, command.plan)
  const { kind, plan: _, dryRun: isDry, ...words } = command
  if (isDry) {
    const way = { flow: kind, ...words } as Parameters<typeof dryRun>[2]
    const proposal = await dryRun(terminal, plan, way, seat.as ?? 'nobody')
    const text = `${proposalText(proposal)}\nThis was a dry run: nothing was changed.`
    return { text, json: { dryRun: proposal }, exit: exits.done }
  }
  await assertGlass(seat, plan)
  const { runId } = await asked(seat, plan, { ...command })
  const run = await runOf(terminal.parts.journal, runId)
  const { channel } = run.proposal
  const text = `${cardText(run)}\nRun ${runId} waits for approval: in Slack, in ${channel}, or by somebody else with \`understudy approve ${runId}\`. Nothing was changed.`
  if (given.detach || given.json) return { text, json: { run }, exit: exits.done }
  say(text)
  return stayWith(seat, runId)
}

/** What is done with one run, other than looking at it. */
export async function actOn(seat: Seat, command: Exclude<RunCommand, { kind: 'report' }>): Promise<Told> {
  const { parts } = seat.terminal
  const run = await runOf(parts.journal, command.runId)
  const plan = planOf(parts.plans, run.proposal.plan)
  switch (command.kind) {
    case 'watch':
      return stayWith(seat, run.id)
    case 'approve':
      return approve(seat, plan, run)
    case 'decide':
      return decide(seat, plan, run, command.option)
    case 'resume':
      return resume(seat, plan, run)
    case 'dismiss':
      return briefly(seat, plan, { kind: 'dismiss', runId: run.id }, 'Dismissed. Nothing was changed.')
    case 'pause':
      return briefly(seat, plan, { kind: 'signal', runId: run.id, signal: 'pause' }, PAUSED)
    case 'abort':
      return briefly(seat, plan, { kind: 'signal', runId: run.id, signal: 'abort' }, ABORTED)
  }
}

const PAUSED = 'It finishes the step under way, and then waits for somebody.'
const ABORTED = 'It stops at its next look.'

async function approve(seat: Seat, plan: Plan, run: Run): Promise<Told> {
  const { prompt, say, given } = seat
  const { proposal } = run
  const about = { kind: 'approve', runId: run.id, hash: proposal.hash, breakGlass: given.breakGlass } as const
  // Somebody who may not, learns it before they have typed anything.
  const by = await judged(seat, plan, { ...about, reason: '' })
  say(cardText(run))
  const what = given.breakGlass ? 'You start this alone. Everybody is told.' : 'You approve this run.'
  await prompt.confirm(what, proposal.phrase)
  const reason = await prompt.reason('Reason')
  return staying(seat, await asked(seat, plan, { ...about, reason }, by))
}

async function decide(seat: Seat, plan: Plan, run: Run, named: string | undefined): Promise<Told> {
  const { prompt, say } = seat
  const question = openQuestion(run)
  if (!question) throw drError('CARD_STALE', { why: 'the run waits for no answer' })
  say(
    questionOf(run.id, question)
      .map(({ text }) => text)
      .join('\n'),
  )
  const ids = question.options.map(({ id }) => id)
  const option = named ?? (await prompt.choice('Your choice', ids))
  const chosen = question.options.find(({ id }) => id === option)
  if (!chosen) throw drError('CARD_STALE', { why: `“${option}” is none of the choices: ${ids.join(', ')}` })
  const { phrase, needsReason } = chosen
  const about = { kind: 'answer', runId: run.id, question: question.id, option } as const
  const by = await judged(seat, plan, { ...about, ...(phrase === undefined ? {} : { phrase }) })
  const typed = phrase === undefined ? {} : { phrase: await prompt.confirm(chosen.label, phrase) }
  const wanted = needsReason || seat.given.reason !== undefined || phrase !== undefined
  const said = wanted ? { reason: await prompt.reason('Reason') } : {}
  return briefly(seat, plan, { ...about, ...typed, ...said }, `Answered: ${chosen.label}.`, by)
}

async function resume(seat: Seat, plan: Plan, run: Run): Promise<Told> {
  const { given, prompt } = seat
  await assertGlass(seat, plan)
  const dead = given.oldIsDead ? { dead: await prompt.confirm(DEAD, `${run.id} is dead`) } : {}
  const why = given.reason === undefined ? {} : { reason: given.reason }
  return staying(seat, await asked(seat, plan, { kind: 'resume', runId: run.id, ...dead, ...why }))
}

const DEAD =
  'Two that carry out one run do no harm that locks can prevent; a call that is under way they cannot. Nothing carries it out any more?'

/** An ask after which there is nothing to wait for. */
async function briefly(seat: Seat, plan: Plan, ask: AskFor, text: string, by?: string): Promise<Told> {
  const { runId } = await asked(seat, plan, ask, by)
  const run = await runOf(seat.terminal.parts.journal, runId)
  return { text: `${text} Follow it with \`understudy watch ${runId}\`.`, json: { run }, exit: exits.done }
}

/** Stays with a run that may have begun here: then it would end with this process. */
async function staying(seat: Seat, { runId, here }: Answered): Promise<Told> {
  const { given, terminal } = seat
  if (here || !(given.detach || given.json)) return stayWith(seat, runId)
  const run = await runOf(terminal.parts.journal, runId)
  return { text: `Run ${runId} is on its way.`, json: { run }, exit: exits.done }
}

/** Who asks, if they may at all. */
async function judged({ terminal, as }: Seat, plan: Plan, ask: AskFor): Promise<string> {
  const by = await terminal.who(plan, as)
  await judgeFirst(terminal, plan, { ...ask, by, channel: plan.slack.channel })
  return by
}

async function asked(seat: Seat, plan: Plan, ask: AskFor, known?: string): Promise<Answered> {
  const { terminal, given, stop } = seat
  const by = known ?? (await judged(seat, plan, ask))
  const complete = { ...ask, by, channel: plan.slack.channel }
  const here = given.here || terminal.alone
  return put(terminal, plan, complete, { here, detach: given.detach, stop })
}

/** With a journal that shares no lock with anybody, only they begin who may break the glass, and have to say so. */
async function assertGlass({ terminal, as, prompt }: Seat, plan: Plan): Promise<void> {
  if (!terminal.alone) return
  const by = await terminal.who(plan, as)
  const { breakGlass } = plan.slack
  if (!breakGlass.includes(by))
    throw drError('NOT_ALLOWED', { what: 'begin a run that shares no lock with anybody', who: breakGlass })
  await prompt.confirm(
    'This journal is of this machine alone. A run that is under way elsewhere would not be seen, nor see this one.',
    alonePhrase(plan.name),
  )
}
