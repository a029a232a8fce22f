import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { RunEvent } from '../../src/engine/run.ts'
import { happen, propose, type Room, room } from './announce-support.ts'
import { approved, asked, BEN, started } from './support.ts'

let at: Room
beforeEach(async () => {
  at = await room()
})
afterEach(() => at.close())

const acted: RunEvent = {
  type: 'step',
  step: 'promote',
  state: 'waiting',
  detail: 'asked for',
  evidence: ['RDS FailoverGlobalCluster us-west-2, request 1234'],
}
const done: RunEvent = { type: 'step', step: 'promote', state: 'done', detail: 'The writer is in us-west-2.' }
const looked = (detail: string): RunEvent => ({ type: 'step', step: 'promote', state: 'waiting', detail })
const ended: RunEvent = { type: 'ended', outcome: 'done', detail: 'Emergency failover: done' }
const begun = [
  ['approved', approved],
  ['started', started],
] as const

/** Lets people's time pass, second by second, with everything that becomes due on the way done. */
async function pass(seconds: number, announcer = at.announcer): Promise<void> {
  for (let second = 0; second < seconds; second++) {
    at.people.advance(1000)
    await announcer.render('run-1')
  }
}
const keys = async () => (await at.inThread()).map(({ metadata }) => metadata?.event_payload.key)

describe('what a run looks like in Slack', () => {
  test('card, board, one reply per transition in order, decision with its outcome, summary to the channel', async () => {
    await propose(at)
    await at.announcer.render('run-1')
    expect((await at.messages()).map(({ text }) => text)).toEqual([
      expect.stringContaining('[SIMULATED] Emergency failover of orders to us-west-2: needs approval'),
    ])

    await happen(at, ...begun, ['a', acted], ['b', looked('FailoverState: failing-over')], ['q', asked()])
    await pass(10)
    expect(await keys()).toEqual(['approved', 'a', 'decision:promote#1'])
    const [card] = await at.keyed('card')
    expect(card?.text).toContain('approved')
    expect(card?.blocks?.some(({ type }) => type === 'actions')).toBe(false)
    expect((await at.theBoard()).blocks?.map(({ type }) => type)).toContain('plan')

    const answer = { option: 'retry', by: BEN }
    await happen(at, ['n', { type: 'answered', question: 'promote#1', answer }], ['d', done], ['e', ended])
    await pass(10)
    expect(await keys()).toEqual(['approved', 'a', 'decision:promote#1', 'd', 'summary'])
    const thread = await at.inThread()
    expect(thread[2]?.text).toContain('decided')
    expect(thread.at(-1)).toMatchObject({
      reply_broadcast: true,
      text: expect.stringContaining('done after'),
    })
    expect((await at.messages()).length).toBe(2)
  })

  test('rendering again changes nothing and calls nobody', async () => {
    await propose(at)
    await happen(at, ...begun, ['d', done], ['e', ended])
    await pass(15)
    const before = at.proxy.calls.length
    await at.announcer.renderAll()
    await at.start().renderAll()
    expect(at.proxy.calls.length).toBe(before)
  })

  test('a burst of events is one edit, not earlier than 3 s after the last', async () => {
    await propose(at)
    await happen(at, ...begun)
    await pass(8)
    const before = at.proxy.count('chat.update')
    for (let n = 0; n < 20; n++) await happen(at, [`look${n}`, looked(`seen ${n}`)])
    await Promise.all(Array.from({ length: 20 }, () => at.announcer.render('run-1')))
    await happen(at, ['late', looked('seen last')])
    await at.announcer.render('run-1')
    expect(at.proxy.count('chat.update') - before).toBe(1)
    await pass(2)
    expect(at.proxy.count('chat.update') - before).toBe(1)
    await pass(2)
    expect(at.proxy.count('chat.update') - before).toBe(2)
    expect(JSON.stringify(await at.theBoard())).toContain('seen last')
  })

  test('the clocks of a running board move without events; an expired card loses its buttons', async () => {
    await propose(at)
    await at.announcer.render('run-1')
    at.people.advance(10 * 60_000 + 2)
    await at.announcer.render('run-1')
    expect((await at.keyed('card'))[0]?.text).toContain('expired')
    await happen(at, ...begun)
    await pass(4)
    at.world.advance(65_000)
    await pass(11)
    expect(JSON.stringify(await at.theBoard())).toContain('1m 06s')
  })

  test('never backwards: what another process rendered later stands', async () => {
    await propose(at)
    await happen(at, ...begun)
    await pass(5)
    const pointer = JSON.parse((await at.journal.pointer('slack:run-1:board')) ?? '{}')
    await at.journal.point('slack:run-1:board', JSON.stringify({ ...pointer, version: 99 }))
    const before = at.proxy.count('chat.update')
    await happen(at, ['d', done])
    await pass(5)
    expect(at.proxy.count('chat.update')).toBe(before)
  })

  test('posts are spread: a burst of four, then one a second', async () => {
    await propose(at)
    await happen(
      at,
      ...begun,
      ...Array.from({ length: 8 }, (_, n) => [`s${n}`, { ...acted, evidence: [`request ${n}`] }] as const),
    )
    await at.announcer.render('run-1')
    expect(at.proxy.count('chat.postMessage')).toBe(4)
    await pass(3)
    expect(at.proxy.count('chat.postMessage')).toBe(7)
    await pass(6)
    expect((await keys()).slice(1)).toEqual(['s0', 's1', 's2', 's3', 's4', 's5', 's6', 's7'])
  })
})

describe('when Slack fails', () => {
  const once = async () => {
    await pass(70)
    expect((await at.keyed('card')).length).toBe(1)
    expect((await at.keyed('board')).length).toBe(1)
    expect(await keys()).toEqual(['approved', 'd', 'summary'])
  }

  test.each([
    '429',
    '503',
    'hang',
    'cut',
    'hang-after',
    'channel_not_found',
    'is_archived',
    'token_revoked',
    'internal_error',
    'ratelimited',
    'something_new',
  ])('%s on every kind of post: everything is there in the end, once, and in order', async (kind) => {
    for (let n = 0; n < 4; n++) at.proxy.faults.push({ method: 'chat.postMessage', kind })
    await propose(at)
    await happen(at, ...begun, ['d', done], ['e', ended])
    await at.announcer.render('run-1')
    await once()
  })

  test.each(['429', '503', 'hang', 'cut', 'is_archived'])(
    '%s on edits: the last state is shown in the end',
    async (kind) => {
      await propose(at)
      await happen(at, ...begun)
      await pass(5)
      for (let n = 0; n < 3; n++) at.proxy.faults.push({ method: 'chat.update', kind })
      await happen(at, ['d', done], ['e', ended])
      await once()
      expect((await at.theBoard()).text).toContain('done')
    },
  )

  test('429: nothing at all is sent before Slack said so', async () => {
    at.proxy.faults.push({ method: 'chat.postMessage', kind: '429' })
    await propose(at)
    await at.announcer.render('run-1')
    await pass(1)
    expect(at.proxy.calls.length).toBe(1)
    await pass(1)
    expect(at.proxy.calls.length).toBe(2)
  })

  test('killed between the post and its note: the next process finds it instead of posting it again', async () => {
    await propose(at)
    at.proxy.faults.push({ method: 'chat.postMessage', kind: 'cut' })
    await at.announcer.render('run-1')
    at.announcer.close()
    expect((await at.keyed('card')).length).toBe(1)
    const next = at.start()
    await next.renderAll()
    await pass(8, next)
    expect(at.proxy.count('chat.postMessage')).toBe(1)
    expect(at.proxy.count('conversations.history')).toBe(1)
  })

  test('where we may not read, an unclear post is sent again', async () => {
    at.proxy.faults.push(
      { method: 'chat.postMessage', kind: 'hang' },
      { method: 'conversations.history', kind: 'missing_scope' },
    )
    await propose(at)
    await at.announcer.render('run-1')
    await pass(3)
    expect((await at.keyed('card')).length).toBe(1)
  })

  test.each(['invalid_blocks', 'msg_blocks_too_long'])(
    '%s: older blocks for the rest of that run, also after a restart',
    async (kind) => {
      await propose(at)
      await at.announcer.render('run-1')
      at.proxy.faults.push({ method: 'chat.postMessage', kind })
      await happen(at, ...begun, ['a', acted])
      await pass(10)
      const types = new Set((await at.theBoard()).blocks?.map(({ type }) => type))
      expect([...types].sort()).toEqual(['actions', 'context', 'section'])
      expect(JSON.stringify((await at.theBoard()).blocks)).toContain('Promote the standby cluster')
      at.announcer.close()
      const next = at.start()
      await happen(at, ['d', done], ['e', ended])
      await next.renderAll()
      await pass(10, next)
      expect((await at.theBoard()).blocks?.some(({ type }) => type === 'plan')).toBe(false)
    },
  )

  test('blocks refused in both forms: that message is given up, the others are not', async () => {
    await propose(at)
    await at.announcer.render('run-1')
    for (let n = 0; n < 2; n++) at.proxy.faults.push({ method: 'chat.postMessage', kind: 'invalid_blocks' })
    await happen(at, ...begun, ['d', done], ['e', ended])
    await pass(20)
    expect((await at.keyed('board')).length).toBe(0)
    expect((await at.keyed('summary')).length).toBe(1)
    expect(at.lines.join('\n')).toContain('a message can never be posted')
  })

  test('message_not_found: the board is posted again, with its thread', async () => {
    await propose(at)
    await happen(at, ...begun, ['a', acted], ['q', asked()])
    await pass(10)
    const first = await at.theBoard()
    at.proxy.faults.push({ method: 'chat.update', kind: 'message_not_found' })
    await happen(at, ['d', done])
    await pass(15)
    const boards = await at.keyed('board')
    expect(boards.length).toBe(2)
    expect(boards[0]?.ts).toBe(first.ts)
    const thread = await at.messages(boards[1]?.ts)
    expect(thread.map(({ metadata }) => metadata?.event_payload.key)).toEqual([
      'approved',
      'a',
      'decision:promote#1',
      'd',
    ])
  })

  test('another process takes over in the middle of a post: one card, one board, one reply each', async () => {
    const other = at.start()
    await propose(at)
    at.proxy.faults.push({ method: 'chat.postMessage', kind: 'hang-after' })
    const hanging = at.announcer.render('run-1')
    await expect.poll(() => at.proxy.count('chat.postMessage')).toBe(1)
    await other.render('run-1')
    await hanging
    expect(at.proxy.count('chat.postMessage')).toBe(1)
    await happen(at, ...begun, ['d', done], ['e', ended])
    await pass(10, other)
    await pass(10)
    expect((await at.keyed('card')).length).toBe(1)
    expect((await at.keyed('board')).length).toBe(1)
    expect(await keys()).toEqual(['approved', 'd', 'summary'])
  })
})

describe('answers to one person', () => {
  test('are delivered, and tried again', async () => {
    const by = await at.memberOf()
    at.proxy.faults.push({ method: 'chat.postEphemeral', kind: '503' })
    const answered = at.announcer.answer({ by, channel: at.channel() }, { text: 'hello', blocks: [] })
    await expect.poll(() => at.people.next()).toBeDefined()
    at.people.advance(1000)
    await answered
    expect(at.proxy.count('chat.postEphemeral')).toBe(2)
    expect(at.lines).toHaveLength(0)
  })

  test('that cannot be delivered are logged, and harm nobody', async () => {
    const answered = at.announcer.answer(
      { by: 'U0NOBODY', channel: at.channel() },
      { text: 'hello', blocks: [] },
    )
    for (let n = 0; n < 2; n++) {
      await expect.poll(() => at.people.next()).toBeDefined()
      at.people.advance(30_000)
    }
    await answered
    expect(at.lines.join('\n')).toContain('an answer could not be delivered')
  })
})

test('nothing secret is logged when Slack fails', async () => {
  at.proxy.faults.push(
    ...['429', '503', 'cut', 'token_revoked'].map((kind) => ({ method: 'chat.postMessage', kind })),
  )
  await propose(at)
  await at.announcer.render('run-1')
  await pass(60)
  expect(at.lines.length).toBeGreaterThan(3)
  expect(at.lines.join('\n')).not.toMatch(/xoxb/)
})
