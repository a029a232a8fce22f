import { drError } from '../../engine/errors.ts'
import { openQuestion, type Question, type Run } from '../../engine/run.ts'
import type { Ask } from '../../slack/asks.ts'
import type { Parts } from '../parts.ts'

type AnswerAsk = Extract<Ask, { kind: 'answer' }>
type SignalAsk = Extract<Ask, { kind: 'signal' }>

/**
 * Answers the question a run waits on, for somebody who was judged to be allowed to; the first answer wins. Throws
 * ALREADY_DECIDED, or CARD_STALE or PHRASE_WRONG when something is missing, and then the run still waits.
 */
export async function answerQuestion(parts: Parts, run: Run, ask: AnswerAsk): Promise<void> {
  const { journal, engine, others = [] } = parts
  const question = run.questions.find(({ id }) => id === ask.question)
  const option = question?.options.find(({ id }) => id === ask.option)
  if (!question || !option) throw drError('CARD_STALE', { why: 'the run does not ask that' })
  if (option.needsReason && !ask.reason?.trim())
    throw drError('CARD_STALE', { why: 'that choice needs a reason' })
  if (option.phrase !== undefined && ask.phrase?.trim() !== option.phrase)
    throw drError('PHRASE_WRONG', { expected: option.phrase })

  const answer = { option: ask.option, by: ask.by, ...(ask.reason ? { reason: ask.reason } : {}) }
  const { appended, standing } = await journal.append(run.id, `answered:${question.id}`, {
    type: 'answered',
    question: question.id,
    answer,
  })
  const stands = standing.type === 'answered' ? standing.answer : answer
  await engine.answer(question.callbackId, stands)
  // What they do not hear now, they are told from the journal.
  await Promise.allSettled(others.map((other) => other.answer(question.callbackId, stands)))
  const same = stands.by === ask.by && stands.option === ask.option
  if (!appended && !same)
    throw drError('ALREADY_DECIDED', { by: stands.by, choice: labelOf(question, stands.option) })
}

/** Asks a run to pause or to abort at its next look; where it waits for an answer that says so, it is the answer. */
export async function signalRun(parts: Parts, run: Run, { signal, by, channel }: SignalAsk): Promise<void> {
  const question = openQuestion(run)
  if (question?.options.some(({ id }) => id === signal)) {
    const answer: AnswerAsk = {
      kind: 'answer',
      runId: run.id,
      question: question.id,
      option: signal,
      by,
      channel,
    }
    await answerQuestion(parts, run, answer)
  }
  await parts.journal.append(run.id, `signal:${signal}:${run.questions.length}`, {
    type: 'signalled',
    signal,
    by,
  })
}

const labelOf = (question: Question, option: string) =>
  question.options.find(({ id }) => id === option)?.label ?? option
