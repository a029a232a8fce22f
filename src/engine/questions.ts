import { type Answer, CONFIRM, confirmationOf, type Question } from './run.ts'
import type { Asking, Step } from './step.ts'

const RETRY = { id: 'retry', label: 'Retry (looks first)', style: 'primary' } as const
const SKIP = { id: 'skip', label: 'Skip with a reason', needsReason: true } as const
const ABORT = { id: 'abort', label: 'Abort', style: 'danger' } as const

/** A step does not get there by itself: what now? Skipping is not offered where it would be unsafe. */
export const stuckQuestion = <World>(id: string, step: Step<World>, detail: string): Question => ({
  id,
  step: step.id,
  title: `“${step.title}” needs a decision`,
  detail,
  options: [
    RETRY,
    ...(step.whenStuck ?? []).map(({ id: remedy, label, explain }) => ({
      id: remedy,
      label,
      explain,
      style: 'danger' as const,
    })),
    ...(step.unskippable ? [] : [SKIP]),
    ABORT,
  ],
})

/** Somebody asked for a pause. Answering it, either way, takes the pause back; a hold runs out all the same. */
export const pausedQuestion = <World>(round: string, step: Step<World>, held?: Step<World>): Question => ({
  id: `pause@${round}`,
  step: step.id,
  title: `Paused before “${step.title}”`,
  detail: held
    ? `Nothing is changed while the run is paused, but “${held.title}” is undone ${held.holdSeconds} s after it was done.`
    : 'Nothing is changed while the run is paused.',
  options: [{ id: 'resume', label: 'Resume', style: 'primary' }, ABORT],
})

/** A hold ran out and was undone: whoever comes decides whether to start again from it. */
export const releasedQuestion = <World>(round: string, held: Step<World>): Question => ({
  id: `${round}:released`,
  step: held.id,
  title: 'It took too long, so customers were let in again',
  detail: `“${held.title}” was undone after ${held.holdSeconds} s. Nothing is lost.`,
  options: [{ ...RETRY, label: 'Try again from there' }, ABORT],
})

/** A step's own question; *Abort* is always offered beside what it offers. */
export const askedQuestion = <World>(round: string, step: Step<World>, asking: Asking): Question => ({
  id: `${round}:asks`,
  step: step.id,
  title: asking.title,
  detail: asking.detail,
  options: asking.options.some(({ id }) => id === ABORT.id) ? asking.options : [...asking.options, ABORT],
})

/** Somebody chose what takes two people: one of the others has to say so too. */
export function confirmQuestion({ id, step, detail, options }: Question, first: Answer): Question {
  const {
    label,
    explain,
    notBy = [],
  } = options.find((option) => option.id === first.option) ?? { label: first.option }
  const why = first.reason ? `<@${first.by}> says: “${first.reason}”. ` : ''
  return {
    id: confirmationOf(id),
    step,
    title: `<@${first.by}> chose “${label}”: somebody else has to confirm it`,
    detail: `${why}It counts only when a second person confirms it. ${detail}`,
    options: [
      {
        id: CONFIRM,
        label: 'Confirm',
        style: 'danger',
        approversOnly: true,
        notBy: [first.by, ...notBy],
        ...(explain ? { explain } : {}),
      },
      { id: 'withdraw', label: 'Withdraw', explain: 'Nothing was chosen then; it is asked again.' },
      ABORT,
    ],
  }
}

export const isAbort = ({ option }: Answer): boolean => option === ABORT.id
