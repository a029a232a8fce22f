import type { KnownBlock, ModalView } from '@slack/types'
import type { Question, Run } from '../../engine/run.ts'
import { encode, type FormPointer, INPUTS, VIEWS } from '../actions.ts'
import { context, list, people, plain, prose, readable, section } from '../blocks.ts'
import { cut, LIMITS } from '../limits.ts'

const text = (said: string, max: number) => ({ type: 'plain_text', text: cut(said, max) }) as const

const alert = (said: string, level: 'warning' | 'error'): KnownBlock => ({
  type: 'alert',
  level,
  text: text(said, LIMITS.modal.alert),
})

function input(
  id: string,
  label: string,
  hint: string,
  limits: { max: number; multiline?: boolean },
): KnownBlock {
  return {
    type: 'input',
    block_id: id,
    label: text(label, LIMITS.modal.label),
    hint: text(hint, LIMITS.modal.label),
    element: {
      type: 'plain_text_input',
      action_id: id,
      min_length: 1,
      max_length: limits.max,
      multiline: limits.multiline ?? false,
      focus_on_load: id === INPUTS.phrase,
    },
  }
}

const reasonInput = input(INPUTS.reason, 'Reason', 'Kept with the run, and shown in the channel.', {
  max: 500,
  multiline: true,
})

const phraseInput = (phrase: string) =>
  input(INPUTS.phrase, `To approve, type: ${phrase}`, 'Exactly, in lower case.', { max: 300 })

function form(
  callback: string,
  pointer: FormPointer,
  title: string,
  submit: string,
  blocks: KnownBlock[],
): ModalView {
  return {
    type: 'modal',
    callback_id: callback,
    private_metadata: cut(encode(pointer), LIMITS.modal.metadata),
    title: text(title, LIMITS.modal.title),
    submit: text(submit, LIMITS.modal.button),
    close: text('Not now', LIMITS.modal.button),
    blocks,
  }
}

/** The form behind *Review and approve* and *Break the glass*: what is at stake, the phrase to type, a reason. */
export function approvalForm(run: Run, pointer: FormPointer, stamp?: string): ModalView {
  const { proposal } = run
  const lost = proposal.steps.flatMap(({ title, irreversible, asks }) =>
    irreversible === false
      ? []
      : [`${plain(title)}: ${prose(irreversible)}${asks ? ' It asks again when it is due.' : ''}`],
  )
  const unknown = proposal.facts
    .filter(({ known }) => !known)
    .map(({ label, value }) => `${plain(label)}: ${readable(value)}`)
  const glass = pointer.breakGlass === true
  return form(
    VIEWS.approve,
    pointer,
    glass ? 'Break the glass' : 'Approve this run',
    glass ? 'Start it alone' : 'Approve and start',
    [
      ...(stamp ? [context(`*${plain(stamp)}*`)] : []),
      ...(glass
        ? [
            alert(
              'You start this alone. Everybody is told, and the run is reviewed before anything is deleted.',
              'error',
            ),
          ]
        : []),
      alert(
        lost.length
          ? `${proposal.title}: ${lost.length === 1 ? 'one' : lost.length} of its steps cannot be undone.`
          : `${proposal.title}: everything in it can be undone.`,
        'warning',
      ),
      ...(lost.length ? [list('What cannot be undone', lost)] : []),
      ...(unknown.length ? [list('Not known', unknown)] : []),
      ...(proposal.warnings.length ? [list('Warnings', proposal.warnings.map(readable))] : []),
      phraseInput(proposal.phrase),
      reasonInput,
      context(`Approvers: ${people(proposal.approvers)}.`),
    ],
  )
}

/** The form behind a choice that needs a reason, or is an approval of its own: then its phrase has to be typed too. */
export function choiceForm(question: Question, option: Option, pointer: FormPointer): ModalView {
  const { label, explain, phrase } = option
  const asked = [
    section(`*${plain(label)}*: ${prose(question.title)}`),
    section(readable(question.detail)),
    ...(explain ? [context(prose(explain))] : []),
  ]
  if (phrase === undefined)
    return form(VIEWS.reason, pointer, 'Give a reason', 'Send', [...asked, reasonInput])
  return form(VIEWS.phrase, pointer, 'An approval of its own', 'Approve this', [
    ...asked,
    phraseInput(phrase),
    reasonInput,
  ])
}

type Option = Question['options'][number]
