import fc from 'fast-check'
import type { Answer, Question } from '../../src/engine/run.ts'
import { APPROVES, ASKS } from './life.ts'

/**
 * What people do when they are asked: the right thing · what only sounds right (nothing was applied or removed) · the
 * same by the person who may not · give up · and what every stuck step offers.
 */
export const moods = [
  'right',
  'lie',
  'wrong',
  'waive',
  'withdraw',
  'retry',
  'skip',
  'remedy',
  'abort',
] as const
export type Mood = (typeof moods)[number]

/** Mostly people want to get there. */
export const someMoods = (maxLength: number): fc.Arbitrary<readonly Mood[]> =>
  fc.array(
    fc.oneof(
      { weight: 5, arbitrary: fc.constant<Mood>('right') },
      {
        weight: 4,
        arbitrary: fc.constantFrom<Mood[]>('lie', 'wrong', 'waive', 'withdraw', 'retry', 'skip', 'remedy'),
      },
      { weight: 1, arbitrary: fc.constant<Mood>('abort') },
    ),
    { maxLength },
  )

const [SECOND, THIRD] = ['U3', 'U4']
/** Whoever has no mood left does the right thing, and gives up in the end. */
const PATIENCE = 7

/** What is right to say, in the order of preference. */
const RIGHT = [
  'reconciled',
  'delete',
  'applied',
  'removed',
  'confirm',
  'resume',
  'again',
  'look-again',
  'retry',
]
const WANTED: Readonly<Record<Mood, readonly string[]>> = {
  right: RIGHT,
  lie: ['applied', 'removed', 'reconciled', ...RIGHT],
  wrong: ['waive', 'delete', 'unused', 'confirm', ...RIGHT],
  waive: ['waive', 'unused', 'confirm', ...RIGHT],
  withdraw: ['withdraw', 'look-again', ...RIGHT],
  retry: ['retry', ...RIGHT],
  skip: ['skip', 'retry', ...RIGHT],
  remedy: ['take-anyway', 'build', 'unused', 'skip', ...RIGHT],
  abort: ['abort'],
}

/** Answers as people would; `does` is called when somebody really does what they say. */
export function peopleWith(list: readonly Mood[], does: (option: string, question: Question) => void) {
  let asked = 0
  let chose: string | undefined
  return (question: Question): Answer => {
    const mood = list[asked] ?? (asked < list.length + PATIENCE ? 'right' : 'abort')
    asked++
    const offered = question.options.map(({ id }) => id)
    const option = WANTED[mood].find((id) => offered.includes(id)) ?? 'abort'
    const by = whoSays(option, mood, chose)
    chose = by
    if (mood !== 'lie') does(option, question)
    return { option, by, reason: 'as we agreed' }
  }
}

/** A deletion is not the run's approver's to approve, and nobody confirms themselves: unless they try. */
function whoSays(option: string, mood: Mood, chose: string | undefined): string {
  if (option === 'confirm') return mood === 'wrong' ? (chose ?? THIRD) : chose === THIRD ? SECOND : THIRD
  if (option === 'delete') return mood === 'wrong' ? APPROVES : SECOND
  return mood === 'wrong' ? ASKS : APPROVES
}
