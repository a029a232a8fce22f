import { drError } from '../engine/errors.ts'
import { openQuestion, type Question, type Run, type Signal } from '../engine/run.ts'
import type { Plan } from '../plan/schema.ts'
import type { Parts } from './parts.ts'
import { planOf, runOf } from './runs.ts'

type Choice = {
  readonly runId: string
  readonly question: string
  readonly option: string
  readonly by: string
  readonly reason?: string
}

/**
 * Answers the question a run waits on; the first answer wins. Throws NOT_ALLOWED, OWN_REQUEST, ALREADY_DECIDED,
 * CARD_STALE or RUN_UNKNOWN, and then the run still waits.
 */
export async function answerQuestion(parts: Parts, choice: Choice): Promise<void> {
  const { journal, engine, plans } = parts
  const run = await runOf(journal, choice.runId)
  const question = run.questions.find(({ id }) => id === choice.question)
  const option = question?.options.find(({ id }) => id === choice.option)
  if (!question || !option) throw drError('CARD_STALE', { why: 'the run does not ask that' })
  if (question.answer) throw alreadyDecided(question, question.answer)
  if (run.phase === 'ended') throw drError('CARD_STALE', { why: `the run has ended (${run.outcome})` })
  mayAnswer(planOf(plans, run.proposal.plan), run, choice)
  if (option.needsReason && !choice.reason?.trim())
    throw drError('CARD_STALE', { why: 'a reason is needed for that' })

  const answer = { option: choice.option, by: choice.by, ...(choice.reason ? { reason: choice.reason } : {}) }
  const { appended, standing } = await journal.append(run.id, `answer:${question.id}`, {
    type: 'answered',
    question: question.id,
    answer,
  })
  if (!appended && standing.type === 'answered') throw alreadyDecided(question, standing.answer)
  await engine.answer(question.callbackId, answer)
}

/** Asks a run to pause or to abort at its next look; an abort also answers the question it waits on. */
export async function signalRun(
  parts: Parts,
  ask: { runId: string; signal: Signal; by: string },
): Promise<void> {
  const run = await runOf(parts.journal, ask.runId)
  if (run.phase === 'ended') throw drError('CARD_STALE', { why: `the run has ended (${run.outcome})` })
  if (run.phase === 'proposed') throw drError('CARD_STALE', { why: 'the run has not been started' })
  mayRun(planOf(parts.plans, run.proposal.plan), ask.by, `${ask.signal} this run`)
  const question = openQuestion(run)
  if (question?.options.some(({ id }) => id === ask.signal))
    return answerQuestion(parts, { runId: run.id, question: question.id, option: ask.signal, by: ask.by })
  await parts.journal.append(run.id, `signal:${ask.signal}:${run.version}`, {
    type: 'signalled',
    signal: ask.signal,
    by: ask.by,
  })
}

/** Retry, resume and abort are for everybody the plan lists; what adds risk is for a second person. */
function mayAnswer(plan: Plan, run: Run, { option, by }: Choice): void {
  const { approvers, breakGlass, twoPeople } = plan.slack
  const safe = ['retry', 'resume', 'abort'].includes(option)
  if (safe) mayRun(plan, by, 'decide for this run')
  if (safe || breakGlass.includes(by)) return
  if (!approvers.includes(by))
    throw drError('NOT_ALLOWED', { what: 'take that risk for this run', who: approvers })
  if (twoPeople && by === run.proposal.requestedBy) throw drError('OWN_REQUEST', {})
}

function mayRun(plan: Plan, by: string, what: string): void {
  const who = [...new Set([...plan.slack.requesters, ...plan.slack.approvers])]
  if (!who.includes(by)) throw drError('NOT_ALLOWED', { what, who })
}

function alreadyDecided(question: Question, answer: { option: string; by: string }) {
  const choice = question.options.find(({ id }) => id === answer.option)?.label ?? answer.option
  return drError('ALREADY_DECIDED', { by: answer.by, choice })
}
