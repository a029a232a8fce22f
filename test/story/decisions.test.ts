import { afterEach, describe, expect, test } from 'vitest'
import type { Message } from '../../rehearsal/slack/room.ts'
import type { Run, StepState } from '../../src/engine/run.ts'
import { labels, words } from './channel.ts'
import { Stage } from './stage.ts'

let stage: Stage
afterEach(() => stage.close())

/** A failover of orders under way: home dark, asked for by one, approved by another. */
async function underWay(options: Parameters<typeof Stage.open>[0] & { stuck?: true } = {}): Promise<void> {
  stage = await Stage.homeIsDark(options)
  if (options.stuck) stage.simulation.addFault({ kind: 'stuck', app: 'orders' })
  await stage.priya.approves(await stage.asks(stage.jonas))
}

const nowShown = (message: Message) => stage.channel.posted.find(({ ts }) => ts === message.ts) as Message
const stepOf = (run: Run | undefined, step: string) => run?.steps.find(({ id }) => id === step)
const reached = (step: string, state: StepState) =>
  stage.runWhen(`has ${step} ${state}`, (run) => stepOf(run, step)?.state === state)
const ended = () => stage.runWhen('has ended', ({ phase }) => phase === 'ended')

describe('AWS does not move the writer', () => {
  test('after five minutes the card offers to wait, to ask anyway, and to detach; waiting keeps looking', async () => {
    await underWay({ stuck: true })
    const asked = await stage.runWhen(
      'has asked AWS',
      () => stage.changes('FailoverGlobalCluster').length > 0,
    )
    const since = stage.clock.now()
    const question = await stage.decision()
    expect((stage.clock.now() - since) / 60_000).toBeCloseTo(5, 0)
    expect(asked.phase).toBe('running')

    expect(labels(question)).toEqual([
      'Retry (looks first)',
      'Ask AWS for a failover anyway',
      'Detach the standby instead',
      'Abort',
    ])
    expect(words(question)).toMatch(/AWS may refuse while an operation is under way/)
    expect(words(question)).toMatch(/no fencing by AWS, no way back but a rebuild/)
    expect(words(question)).toMatch(/The first answer counts; nothing is changed until then/)
    await stage.pass(4_000)
    expect(words(await stage.board())).toMatch(/answer in the thread/)

    await stage.priya.clicks('Retry (looks first)', question)
    await stage.pass(10_000)
    expect(stage.changes('FailoverGlobalCluster')).toHaveLength(1)
    expect(words(nowShown(question))).toMatch(/<@U0PRIYARAO> chose \*Retry/)
    expect(labels(nowShown(question))).toEqual([])

    stage.simulation.removeFaults()
    await reached('promote-standby', 'done')
    expect(stage.changes('FailoverGlobalCluster')).toHaveLength(1)
  })

  test('asking anyway is refused by AWS, which is told; detaching lets it finish', async () => {
    await underWay({ stuck: true })
    const first = await stage.decision()
    await stage.priya.clicks('Ask AWS for a failover anyway', first)
    const second = await stage.decision(first)
    expect(words(second)).toMatch(/AWS refused rds:FailoverGlobalCluster.*That call changed nothing/s)
    await stage.priya.clicks('Detach the standby instead', second)
    await reached('promote-standby', 'done')
    expect(stage.changes('RemoveFromGlobalCluster').map(({ outcome }) => outcome)).toEqual(['ok'])
  })

  test('the first answer of somebody who may decide wins, and the second is told whose it was', async () => {
    await underWay({ stuck: true })
    const { jonas, maya, priya, sam } = stage
    const question = await stage.decision()
    await sam.clicks('Abort', question)
    expect(await sam.hears(/You may not/)).toMatch(/Nothing was changed.*These people may/s)
    await maya.clicks('Detach the standby instead', question)
    expect(await maya.hears(/You may not/)).toMatch(/Nothing was changed/)
    await stage.pass(5_000)
    expect((await stage.run())?.phase).toBe('waiting')

    await Promise.all([priya.clicks('Abort', question), jonas.clicks('Detach the standby instead', question)])
    expect(await jonas.hears(/did not count/)).toMatch(
      /<@U0PRIYARAO> already chose “Abort”.*Your click changed nothing.*thread/s,
    )
    const run = await ended()
    expect(run).toMatchObject({ outcome: 'aborted', endedBy: priya.id })
    expect(stage.changes('RemoveFromGlobalCluster')).toEqual([])
    await stage.pass(10_000)
    await jonas.clicks('Retry (looks first)', question)
    expect(await jonas.hears(/already chose/)).toMatch(/U0PRIYARAO/)

    // Past the point of no return nothing is taken back, and it says what is left.
    expect(run.ending).toMatch(/Left as it is: .*Ask for full capacity.*Promote the standby/)
    expect(words(nowShown(question))).toMatch(/<@U0PRIYARAO> chose \*Abort\*/)
  })
})

describe('a step that does not get there', () => {
  test('is skipped with a reason, which is shown', async () => {
    stage = await Stage.homeIsDark()
    stage.simulation.addFault({
      kind: 'denied',
      service: 'applicationautoscaling',
      operation: 'RegisterScalableTarget',
    })
    await stage.priya.approves(await stage.asks(stage.jonas))
    const question = await stage.decision()
    expect(words(question)).toMatch(/Ask for full capacity/)
    await stage.priya.clicks('Skip with a reason', question)
    expect(stage.priya.form).toBeDefined()
    expect(await stage.priya.submits({ reason: '  ' })).toMatch(/A reason is needed/)
    expect(await stage.priya.submits({ reason: 'half will do tonight' })).toBeUndefined()
    await stage.pass(15_000)
    expect(words(nowShown(question))).toMatch(
      /<@U0PRIYARAO> chose \*Skip with a reason\*: “half will do tonight”/,
    )
    const run = await stage.run()
    expect(run?.steps.find(({ id }) => id === 'ask-for-capacity')).toMatchObject({
      state: 'skipped',
      detail: 'skipped by <@U0PRIYARAO>: half will do tonight',
    })
  })
})

describe('somebody wants it to stop', () => {
  test('pause, then resume: nothing is changed in between', async () => {
    await underWay()
    await stage.runWhen('has asked for capacity', () => stage.changes('UpdateService').length === 2)
    await stage.until(
      'the board is up',
      async () => labels(await stage.board()).includes('Pause after this step') || undefined,
    )
    await stage.maya.clicks('Pause after this step', await stage.board())
    expect(await stage.maya.hears(/pauses before its next step|finishes the step under way/)).toBeTruthy()
    const paused = await stage.decision()
    expect(words(paused)).toMatch(/Paused (at|before) .*Nothing is changed while the run is paused/s)
    expect(labels(paused)).toEqual(['Resume', 'Abort'])
    const before = stage.changes().length
    await stage.pass(600_000)
    expect(stage.changes()).toHaveLength(before)
    await stage.jonas.clicks('Resume', paused)
    const run = await reached('promote-standby', 'done')
    expect(run.waitedMs).toBeGreaterThan(600_000)
    await stage.pass(10_000)
    expect(words(await stage.board())).toMatch(/Waited for people\*\n10m/)
  })

  test('abort before the point of no return undoes what was done, and says so', async () => {
    stage = await Stage.open()
    await stage.pass(120_000)
    const { jonas, priya, simulation } = stage
    // Home is well, so the fence lands, and replication is given time to catch up.
    await priya.approves(await stage.asks(jonas, '/dr failover orders emergency'))
    await stage.runWhen(
      'has fenced home',
      (run) => run.steps.find(({ id }) => id === 'fence-old-side')?.state === 'done',
    )
    expect(stage.changes('FailoverGlobalCluster')).toEqual([])
    await stage.until(
      'there is a board',
      async () => labels(await stage.board()).includes('Abort') || undefined,
    )
    await priya.clicks('Abort', await stage.board())
    expect(await priya.hears(/stops/)).toBeTruthy()
    const run = await ended()
    expect(run.outcome).toBe('aborted')
    expect(run.ending).toMatch(/Left as it is: “Ask for full capacity/)
    await stage.pass(10_000)
    const thread = (await stage.thread()).map((message) => words(message)).join('\n')
    expect(thread).toMatch(/Stop the writers of the old side, where it still answers\* · undone/)
    expect(thread).toMatch(/<@U0PRIYARAO> asked to \*abort\*/)
    await stage.pass(120_000)
    expect(simulation.slo('orders').successNow).toBe(1)
    expect(stage.changes('FailoverGlobalCluster')).toEqual([])
  })
})
