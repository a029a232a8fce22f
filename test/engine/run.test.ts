import { expect, it } from 'vitest'
import {
  fold,
  openQuestion,
  type Proposal,
  type Question,
  type Recorded,
  type RunEvent,
} from '../../src/engine/run.ts'

const proposal: Proposal = {
  plan: 'orders',
  flow: 'failover',
  title: 'Emergency failover of orders',
  input: {},
  steps: [
    { id: 'promote', title: 'Promote', irreversible: 'Writes may be lost.' },
    { id: 'take-dns', title: 'Take DNS', irreversible: false },
  ],
  facts: [],
  warnings: [],
  calls: [],
  binding: {},
  hash: 'h',
  requestedBy: 'U1',
  approvers: ['U2'],
  twoPeople: true,
  breakGlass: [],
  phrase: 'orders',
  channel: 'C1',
  expiresAt: 600_000,
  rtoTargetMinutes: 15,
}
const question = (id: string): Question => ({ id, step: 'promote', title: 't', detail: 'd', options: [] })
/** Events one second apart. */
const run = (...events: RunEvent[]) =>
  fold(
    [{ type: 'proposed', proposal } as RunEvent, ...events].map(
      (event, seq): Recorded => ({
        runId: 'r1',
        seq,
        key: `${seq}`,
        at: seq * 1000,
        wall: seq * 1000,
        event,
      }),
    ),
  )
const started: RunEvent[] = [
  { type: 'approved', by: 'U2', reason: 'home is dark' },
  { type: 'started', execution: 'x' },
]

it('is nothing without a proposal', () => {
  expect(fold([])).toBeUndefined()
})

it('goes from proposed over running to ended', () => {
  expect(run()?.phase).toBe('proposed')
  expect(run(...started)).toMatchObject({
    phase: 'running',
    startedAt: 2000,
    approval: { by: 'U2', at: 1000, breakGlass: false },
    execution: 'x',
    version: 3,
  })
  const ended = run(...started, { type: 'ended', outcome: 'aborted', detail: 'why', by: 'U3' })
  expect(ended).toMatchObject({
    phase: 'ended',
    outcome: 'aborted',
    ending: 'why',
    endedBy: 'U3',
    endedAt: 3000,
  })
})

it('keeps what each step came to, with its times and evidence', () => {
  const view = run(
    ...started,
    { type: 'step', step: 'promote', state: 'looking', detail: 'writer in home' },
    { type: 'step', step: 'promote', state: 'waiting', detail: 'asked for', evidence: ['req-1'] },
    { type: 'step', step: 'promote', state: 'done', detail: 'writer in dr' },
  )?.steps[0]
  expect(view).toMatchObject({
    state: 'done',
    detail: 'writer in dr',
    evidence: ['req-1'],
    startedAt: 3000,
    endedAt: 5000,
  })
})

it('waits while a question is open, and counts that time', () => {
  const asked: RunEvent = { type: 'asked', question: question('promote#1'), callbackId: 'cb' }
  const waiting = run(...started, asked)
  expect(waiting?.phase).toBe('waiting')
  expect(waiting && openQuestion(waiting)?.id).toBe('promote#1')
  const answer = { option: 'retry', by: 'U2' }
  const answered = run(
    ...started,
    asked,
    { type: 'noted', name: 'n', value: 'v' },
    {
      type: 'answered',
      question: 'promote#1',
      answer,
    },
  )
  expect(answered).toMatchObject({ phase: 'running', waitedMs: 2000, notes: { n: 'v' } })
  expect(answered?.questions[0]?.answer).toEqual(answer)
})

it('lets the first answer stand, and ignores answers to what was not asked', () => {
  const asked: RunEvent = { type: 'asked', question: question('promote#1'), callbackId: 'cb' }
  const by = (name: string, id = 'promote#1'): RunEvent => ({
    type: 'answered',
    question: id,
    answer: { option: 'retry', by: name },
  })
  expect(run(...started, asked, by('U2'), by('U3'))?.questions[0]?.answer?.by).toBe('U2')
  expect(run(...started, asked, by('U2', 'other'))?.phase).toBe('waiting')
})

it('takes a pause back when it is answered, and no other signal', () => {
  const paused: RunEvent = { type: 'signalled', signal: 'pause', by: 'U2' }
  expect(run(...started, paused)).toMatchObject({ signal: 'pause', signalBy: 'U2' })
  const asks = (id: string): RunEvent[] => [
    { type: 'asked', question: question(id), callbackId: 'cb' },
    { type: 'answered', question: id, answer: { option: 'resume', by: 'U2' } },
  ]
  expect(run(...started, paused, ...asks('pause@promote#1'))?.signal).toBeUndefined()
  expect(run(...started, paused, ...asks('promote#1'))?.signal).toBe('pause')
})

it('hears nothing after its end', () => {
  const ended: RunEvent = { type: 'ended', outcome: 'done', detail: 'fine' }
  const late = run(...started, ended, { type: 'ended', outcome: 'failed', detail: 'late' })
  expect(late).toMatchObject({ outcome: 'done', ending: 'fine' })
})

it('puts beside an answer who confirmed it, and counts both waits', () => {
  const asks = (id: string, option: string, by: string): RunEvent[] => [
    { type: 'asked', question: question(id), callbackId: 'cb' },
    { type: 'answered', question: id, answer: { option, by } },
  ]
  const first = asks('promote#1:asks', 'waive', 'U2')
  const confirmed = run(...started, ...first, ...asks('promote#1:asks:confirm', 'confirm', 'U3'))
  expect(confirmed?.questions[0]?.answer).toEqual({ option: 'waive', by: 'U2', confirmedBy: 'U3' })
  expect(confirmed?.waitedMs).toBe(2000)
  const withdrawn = run(...started, ...first, ...asks('promote#1:asks:confirm', 'withdraw', 'U3'))
  expect(withdrawn?.questions[0]?.answer).toEqual({ option: 'waive', by: 'U2' })
})
