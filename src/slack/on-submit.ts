import type { ViewErrorsResponseAction } from '@slack/bolt'
import { drError } from '../engine/errors.ts'
import { decode, INPUTS, VIEWS } from './actions.ts'
import type { Ask } from './asks.ts'
import { outside } from './authorise.ts'
import type { Front } from './front.ts'
import { type Submitted, submitted } from './incoming.ts'
import { refusal } from './judge.ts'
import { cut } from './limits.ts'

/**
 * Judges a form that was sent: by the journal and the plan as they are now, not as they were when it was opened.
 * Answers undefined when it was written down (the form closes), else what to show at its input.
 */
export async function onSubmit(
  front: Front,
  body: unknown,
  requestId: string,
): Promise<ViewErrorsResponseAction | undefined> {
  const sent = submitted(body)
  try {
    const refused = outside(front.deps.pins, sent.caller)
    if (refused) throw refused
    return await carry(front, sent, requestId)
  } catch (error) {
    return inline(sent.form === VIEWS.reason ? INPUTS.reason : INPUTS.phrase, front.explainInline(error))
  }
}

async function carry(
  front: Front,
  sent: Submitted,
  requestId: string,
): Promise<ViewErrorsResponseAction | undefined> {
  const pointer = decode(sent.metadata)
  if (!pointer?.channel || !Object.values<string>(VIEWS).includes(sent.form))
    throw drError('CARD_STALE', { why: 'no message of today has that form' })
  const run = await front.run(pointer.runId)
  const reason = sent.input(INPUTS.reason).trim()
  const about = { by: sent.caller.user, channel: pointer.channel, runId: pointer.runId, reason }
  const ask: Ask =
    sent.form === VIEWS.approve
      ? { ...about, kind: 'approve', hash: pointer.hash, breakGlass: pointer.breakGlass === true }
      : {
          ...about,
          kind: 'answer',
          question: pointer.question ?? '',
          option: pointer.option ?? '',
          ...(sent.input(INPUTS.phrase) ? { phrase: sent.input(INPUTS.phrase) } : {}),
        }
  const refused = refusal(ask, { plan: front.plan(run.proposal.plan), run, now: front.deps.now() })
  if (refused) throw refused
  const { phrase } = run.proposal
  if (ask.kind === 'approve' && sent.input(INPUTS.phrase) !== phrase)
    throw drError('PHRASE_WRONG', { expected: phrase })
  if (reason === '')
    return inline(INPUTS.reason, 'A reason is needed: it is kept with the run. Nothing was changed.')
  await front.offer(requestId, ask)
  return undefined
}

/** Errors of a form are plain text: what Slack would have resolved is written out. */
const inline = (at: string, text: string): ViewErrorsResponseAction => ({
  response_action: 'errors',
  errors: {
    [at]: cut(text.replace(/<!date\^[^|>]*\|([^>]*)>/g, '$1').replace(/<([@#][A-Z0-9]+)>/g, '$1'), 500),
  },
})
