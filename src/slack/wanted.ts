import { createHash } from 'node:crypto'
import type { Usual } from '../engine/past.ts'
import type { Recorded, Run } from '../engine/run.ts'
import type { Message } from './blocks.ts'
import { board } from './views/board.ts'
import { planCard } from './views/card.ts'
import { decisionCard } from './views/decision.ts'
import { reply } from './views/replies.ts'
import { summary } from './views/summary.ts'

/** A message that should exist because of a run, as it should look now. */
export type Wanted = {
  /** Unique in the run and stable: `card`, `board`, `decision:<question>`, `summary`, or the key of an event. */
  readonly key: string
  readonly thread: boolean
  readonly broadcast: boolean
  readonly message: Message
  /** Changes when the message has to be edited; `fixed` ones are never edited. */
  readonly digest: string
  readonly fixed: boolean
}

/** The clocks a message may show: `people` for deadlines, `world` for the run's own time, both in ms. */
export type Times = { readonly people: number; readonly world: number }

/** Every message a run should have by now, in the order in which they are posted. */
export function wantedMessages(
  run: Run,
  records: readonly Recorded[],
  times: Times,
  usual: Usual,
  stamp?: string,
): readonly Wanted[] {
  const card = edited('card', planCard(run, times.people, stamp))
  if (!run.approval && run.startedAt === undefined) return [card]
  // The clocks on the board move all the time; what makes an edit due is judged at the time of the last event.
  const settled = board(run, records.at(-1)?.at ?? times.world, stamp)
  const live = { ...edited('board', board(run, times.world, stamp)), digest: digestOf(settled) }
  return [card, live, ...records.flatMap((record) => inThread(run, record, usual, stamp))]
}

function inThread(run: Run, record: Recorded, usual: Usual, stamp?: string): Wanted[] {
  const { event, key } = record
  if (event.type === 'asked') {
    const question = run.questions.find(({ id }) => id === event.question.id)
    return question
      ? [{ ...edited(`decision:${question.id}`, decisionCard(run, question, stamp)), thread: true }]
      : []
  }
  if (event.type === 'ended') return [{ ...fixed('summary', summary(run, stamp)), broadcast: true }]
  const message = reply(run, record, usual, stamp)
  return message ? [fixed(key, message)] : []
}

const edited = (key: string, message: Message): Wanted => ({
  key,
  message,
  thread: false,
  broadcast: false,
  digest: digestOf(message),
  fixed: false,
})
const fixed = (key: string, message: Message): Wanted => ({
  ...edited(key, message),
  thread: true,
  digest: 'fixed',
  fixed: true,
})

const digestOf = (message: Message) =>
  createHash('sha256').update(JSON.stringify(message)).digest('hex').slice(0, 16)
