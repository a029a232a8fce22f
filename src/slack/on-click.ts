import type { ModalView } from '@slack/types'
import { DrError, drError } from '../engine/errors.ts'
import type { Question, Run } from '../engine/run.ts'
import { decode, type FormPointer, type Pointer, type Pressed, pressed } from './actions.ts'
import type { Ask } from './asks.ts'
import { outside } from './authorise.ts'
import type { Front } from './front.ts'
import { type Clicked, clicked } from './incoming.ts'
import { needsForm, refusal } from './judge.ts'
import { whyNot } from './outbox.ts'
import { approvalForm, choiceForm } from './views/forms.ts'

/** Judges a click by what the journal says now, and opens a form or writes it down; says why when it did not count. */
export async function onClick(front: Front, body: unknown, requestId: string): Promise<void> {
  const click = clicked(body)
  try {
    const refused = outside(front.deps.pins, click.caller)
    if (refused) throw refused
    await carry(front, click, requestId)
  } catch (error) {
    await front.tell(click.channel, click.caller.user, front.explain(error))
  }
}

async function carry(front: Front, click: Clicked, requestId: string): Promise<void> {
  const which = pressed(click.actionId)
  const pointer = decode(click.value)
  if (!which || !pointer) throw drError('CARD_STALE', { why: 'no message of today has that button' })
  const run = await front.run(pointer.runId)
  const ask = askOf(which, pointer, click)
  const known = { plan: front.plan(run.proposal.plan), run, now: front.deps.now(), opening: true }
  const refused = refusal(ask, known)
  if (refused) throw refused
  const form = formOf(ask, run, { ...pointer, channel: click.channel }, front.deps.stamp)
  if (form) await open(front, click, form)
  else await front.offer(requestId, ask)
}

/** What a click asks for; an approval still lacks the reason and the phrase its form brings. */
function askOf(which: Pressed, pointer: Pointer, { caller, channel }: Clicked): Ask {
  const about = { by: caller.user, channel, runId: pointer.runId }
  switch (which) {
    case 'review':
    case 'breakGlass':
      return { ...about, kind: 'approve', hash: pointer.hash, reason: '', breakGlass: which === 'breakGlass' }
    case 'dismiss':
      return { ...about, kind: 'dismiss' }
    case 'pause':
    case 'abort':
      return { ...about, kind: 'signal', signal: which }
    case 'answer':
      return { ...about, kind: 'answer', question: pointer.question ?? '', option: pointer.option ?? '' }
  }
}

/** The form this needs before it can count, if any. */
function formOf(ask: Ask, run: Run, pointer: FormPointer, stamp?: string): ModalView | undefined {
  if (ask.kind === 'approve') return approvalForm(run, { ...pointer, breakGlass: ask.breakGlass }, stamp)
  if (ask.kind !== 'answer') return undefined
  const question: Question | undefined = run.questions.find(({ id }) => id === ask.question)
  const option = question?.options.find(({ id }) => id === ask.option)
  return question && option && needsForm(option) ? choiceForm(question, option, pointer) : undefined
}

async function open(front: Front, { trigger }: Clicked, view: ModalView): Promise<void> {
  try {
    await front.deps.client.views.open({ trigger_id: trigger, view })
  } catch (error) {
    throw error instanceof DrError ? error : drError('FORM_NOT_OPENED', { why: whyNot(error) }, error)
  }
}
