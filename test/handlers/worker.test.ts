import { describe, expect, test, vi } from 'vitest'
import { approved, asked, BEN, started } from '../slack/support.ts'
import { cold, invocation, type Place, place, streamOf } from './place.ts'

const step = (id: string, state: 'done' | 'waiting', detail: string) =>
  ({ type: 'step', step: id, state, detail }) as const
const underWay = [
  ['approved', approved],
  ['started', started],
  ['ask', step('ask-capacity', 'done', 'production capacity was asked for')],
  ['asked:promote#1', asked()],
] as const

/** What was posted for the run, by key, as often as it was. */
const keysOf = (at: Place): string[] =>
  at.posted().flatMap(({ metadata }) => {
    const { event_payload: payload } = (metadata ?? {}) as { event_payload?: { key?: string } }
    return payload?.key ?? []
  })
const ONCE_EACH = ['card', 'board', 'approved', 'ask', 'decision:promote#1']

describe('a worker that is woken', () => {
  test('carries out what waits, and tells the one who asked', async () => {
    const at = await place()
    const front = await cold('front')
    await front.handler(at.command('status nowhere'), invocation('front'))
    await front.handler(at.command('history orders'), invocation('front'))
    const { handler } = await cold('worker')
    await handler({ wake: true }, invocation('worker'))
    expect(at.posted().map(({ text }) => text)).toEqual([
      expect.stringMatching(/SIMULATED.*[Nn]o runs|SIMULATED/s),
    ])
    expect(await at.journal.claim('test', 1_000)).toBeUndefined()
  })

  test('after a failure to reach its store of secrets, is told of it by nobody, and does it the next time', async () => {
    const at = await place()
    await at.proposes('run-1')
    const id = at.simulation.addFault({ service: 'SSM', kind: 'internal' })
    const { handler } = await cold('worker')
    await handler({ wake: true }, invocation('worker', 6_500))
    expect(at.posted()).toEqual([])
    expect(at.lines.join()).toMatch(/Slack did not take a message/)
    at.simulation.removeFaults(id)
    await handler({ wake: true }, invocation('worker'))
    expect(keysOf(at)).toEqual(['card'])
  })
})

describe('a batch of the journal’s stream', () => {
  test.each([{ dynamodb: false }, { dynamodb: true }])(
    'has the run’s messages posted, once, however often it comes ($dynamodb)',
    async (kind) => {
      const at = await place(kind)
      await at.proposes('run-1', {}, ...underWay)
      const { handler } = await cold('worker')
      const batch = streamOf(['run#run-1', '000001'], ['run#run-1', '000002'])
      await handler(batch, invocation('worker'))
      // The fifth post waits for its turn in the channel: nothing is left to a process that is frozen.
      expect(keysOf(at)).toEqual(ONCE_EACH)
      await handler(batch, invocation('worker'))
      expect(keysOf(at)).toEqual(ONCE_EACH)
    },
  )

  test('that two workers get at once is written by one of them at a time', async () => {
    const at = await place()
    await at.proposes('run-1', {}, ...underWay)
    const workers = [await cold('worker'), await cold('worker')]
    await Promise.all(
      workers.map(({ handler }) => handler(streamOf(['run#run-1', '000001']), invocation('worker'))),
    )
    expect(keysOf(at).toSorted()).toEqual(ONCE_EACH.toSorted())
  })

  test('is done with in time, though Slack is down', async () => {
    const at = await place()
    at.slack.bundled?.proxy.faults.push({ method: 'chat.postMessage', kind: 'down', times: 1_000 })
    await at.proposes('run-1')
    const { handler } = await cold('worker')
    const begun = performance.now()
    await handler(streamOf(['run#run-1', '000001']), invocation('worker', 7_000))
    expect(performance.now() - begun).toBeLessThan(6_000)
    const failed = at.lines.filter((line) => line.includes('"SlackFailed":1'))
    expect(failed.length).toBeGreaterThan(0)
    expect(failed.length).toBeLessThan(5)
  })
})

test('a bot token that was rotated counts without a restart', async () => {
  const at = await place()
  await at.keep('bot-token', 'xoxb-of-yesterday')
  await at.proposes('run-1')
  const { handler } = await cold('worker')
  await handler({ wake: true }, invocation('worker', 6_500))
  expect(at.posted()).toEqual([])
  await at.keep('bot-token', 'xoxb-token-of-the-place')
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 31_000 })
  await handler({ wake: true }, invocation('worker'))
  vi.useRealTimers()
  expect(keysOf(at)).toEqual(['card'])
  expect(at.lines.join()).not.toMatch(/xoxb/)
})

describe('the customers of a run that moves traffic', () => {
  const wishes = (at: Place) => at.invoked.filter((event) => 'probe' in event)

  test('are watched by one invocation, which has itself followed while there is more to see', async () => {
    const at = await place()
    await at.proposes('run-1', {}, ...underWay.slice(0, 2))
    const { handler } = await cold('worker')
    await handler({ wake: true }, invocation('worker'))
    await vi.waitFor(() => expect(wishes(at)).toEqual([{ probe: 'run-1' }]))

    const first = handler({ probe: 'run-1' }, invocation('worker', 7_000))
    const other = await cold('worker')
    await vi.waitFor(async () => expect(await at.journal.lease('probe:run-1', 'test', 1)).toBe(false))
    await other.handler({ probe: 'run-1' }, invocation('worker', 7_000))
    await other.handler({ wake: true }, invocation('worker', 5_500))
    expect(wishes(at)).toHaveLength(1)
    await first
    await vi.waitFor(() => expect(wishes(at)).toEqual([{ probe: 'run-1' }, { probe: 'run-1' }]))

    await at.journal.append('run-1', 'ended', { type: 'ended', outcome: 'done', detail: 'done', by: BEN })
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 20_000 })
    await handler({ probe: 'run-1' }, invocation('worker', 7_000))
    vi.useRealTimers()
    expect(wishes(at)).toHaveLength(2)
  })
})
