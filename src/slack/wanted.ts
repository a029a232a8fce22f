import { createHash } from 'node:crypto'
import type { Usual } from '../engine/past.ts'
import type { Recorded, Run } from '../engine/run.ts'
import type { Message } from './blocks.ts'
import { startsByItself } from './judge.ts'
import { board } from './views/board.ts'
import { planCard } from './views/card.ts'
import { decisionCard } from './views/decision.ts'
import { type Pulse, pulseOf } from './views/heartbeat.ts'
import { reply } from './views/replies.ts'
import { reportReply } from './views/report.ts'
import { summary } from './views/summary.ts'

/** A message that should exist because of a run, as it should look now. */
export type Wanted = {
  /** Unique in the run and stable: `card`, `board`, `decision:<question>`, `summary`, `report`, or the key of an event. */
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

/** What is said beside what the run itself says. `report` in Markdown, once it has ended. */
export type Beside = {
  readonly usual: Usual
  readonly report?: string | undefined
  readonly stamp?: string | undefined
}

/** Every message a run should have by now, in the order in which they are posted. */
export function wantedMessages(
  run: Run,
  records: readonly Recorded[],
  times: Times,
  beside: Beside,
): readonly Wanted[] {
  const { stamp, report } = beside
  const card = startsByItself(run) ? [] : [edited('card', planCard(run, times.people, stamp))]
  if (!run.approval && run.startedAt === undefined) return card
  // The clocks on the board move all the time; what makes an edit due is judged at the time of the last event.
  const settled = board(run, records.at(-1)?.at ?? times.world, stamp)
  const live = { ...edited('board', board(run, times.world, stamp)), digest: digestOf(settled) }
  const pulse = pulseOf(run, records, stamp)
  return [
    ...card,
    live,
    ...records.flatMap((record) => inThread(run, record, pulse, beside)),
    ...(report === undefined ? [] : [fixed('report', reportReply(report, stamp))]),
  ]
}

function inThread(run: Run, record: Recorded, pulse: Pulse, { usual, stamp }: Beside): Wanted[] {
  const { event, key } = record
  if (pulse.quiet.has(key)) return []
  if (event.type === 'asked') {
    const question = run.questions.find(({ id }) => id === event.question.id)
    return question
      ? [{ ...edited(`decision:${question.id}`, decisionCard(run, question, stamp)), thread: true }]
      : []
  }
  // A watch that another run took over is no news to the channel.
  if (event.type === 'ended')
    return [
      {
        ...fixed('summary', summary(run, stamp)),
        broadcast: !startsByItself(run) || run.outcome === 'done',
      },
    ]
  const message = pulse.beats.get(key) ?? reply(run, record, usual, stamp)
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
