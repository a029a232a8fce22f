import { afterEach, describe, expect, test } from 'vitest'
import { start } from '../../src/app/desk/starting.ts'
import { reconcile } from '../../src/app/runs/reconciling.ts'
import { runOf } from '../../src/app/runs/runs.ts'
import { type AskFor, put } from '../../src/app/terminal/asking.ts'
import { type Attended, attend } from '../../src/app/terminal/carrying.ts'
import type { Terminal } from '../../src/app/terminal/terminal.ts'
import type { Run } from '../../src/engine/run.ts'
import { planOf } from '../../src/plan/plans.ts'
import { words } from './channel.ts'
import { Stage } from './stage.ts'

let stage: Stage
afterEach(() => stage.close())

const HERE = { here: true, detach: false }
const JONAS = 'U0JONASWEB'
const PRIYA = 'U0PRIYARAO'

/** What somebody asks for in a terminal, to its answer. */
function asks(terminal: Terminal, by: string, ask: AskFor, manner = HERE) {
  const plan = planOf(stage.bot.parts.plans, 'orders')
  return stage.settled(put(terminal, plan, { ...ask, by, channel: plan.slack.channel }, manner))
}
const resume = (terminal: Terminal, runId: string, dead = false, by = JONAS) =>
  asks(terminal, by, { kind: 'resume', runId, ...(dead ? { dead: `${runId} is dead` } : {}) })

/** Stays with a run until it has ended, or `until` says that it is left. */
function stays(
  terminal: Terminal,
  runId: string,
  until: (run: Run) => boolean = () => false,
): Promise<Attended> {
  const stop = new AbortController()
  const shown = (run: Run) => {
    if (until(run)) stop.abort()
  }
  return stage.settled(attend(terminal, runId, { stop: stop.signal, shown }))
}

const slackIs = (up: boolean) => {
  const { faults } = stage.channel.bundled.proxy
  faults.splice(0)
  if (!up) faults.push({ method: '*', kind: 'down', times: Number.POSITIVE_INFINITY })
}
const promotions = () => stage.changes('FailoverGlobalCluster').length
const eventsOf = async (runId: string) => (await stage.journal.events(runId)).map(({ event }) => event)

/** Home is dark, and a failover of the bot's has asked for the promotion. */
async function failingOver(): Promise<string> {
  stage = await Stage.homeIsDark()
  await stage.jonas.approves(await stage.asks(stage.maya))
  return (await stage.runWhen('promotes', () => promotions() > 0)).id
}

/** The boards of the runs in the channel, by run. */
async function boardOf(runId: string) {
  const messages = await stage.channel.messages()
  const board = messages.find(
    ({ blocks = [] }) => blocks.some(({ type }) => type === 'plan') && words(blocks).includes(`\`${runId}\``),
  )
  if (!board) throw new Error(`no board of ${runId}`)
  return { board, thread: (await stage.channel.thread(board)).map((message) => words(message)) }
}

describe('the bot is held down in mid-failover, and Slack is cut off', () => {
  test('resume finishes it; then Slack and bot return, and both boards and threads are complete and in order', async () => {
    const old = await failingOver()
    const letGo = stage.hold()
    slackIs(false)
    const terminal = stage.terminal('resuming')

    await expect(resume(terminal, old)).rejects.toMatchObject({ code: 'RUN_ELSEWHERE' })
    await expect(
      asks(terminal, 'U0MAYACHEN', { kind: 'resume', runId: old, dead: 'it is dead' }),
    ).rejects.toMatchObject({ code: 'PHRASE_WRONG' })
    const { runId } = await resume(terminal, old, true)
    expect(runId).toBe(`${old}-r2`)
    const { run, here } = await stays(terminal, runId)
    expect(here).toBe(true)
    expect(run).toMatchObject({ outcome: 'done', proposal: { supersedes: old }, approval: { by: JONAS } })
    expect(run.approval?.reason).toMatch(/resumed by <@U0JONASWEB>; fo-orders-\w+ was approved: home/)
    expect(stage.simulation.slo('orders').successNow).toBe(1)
    expect(promotions()).toBe(1)
    expect(await stage.journal.locks()).toEqual([])

    slackIs(true)
    letGo()
    await stage.until('the watch is begun by the bot', async () =>
      (await stage.live()).find(({ id, phase }) => id === `ac-${runId}` && phase === 'running'),
    )
    await stage.pass(120_000)
    expect((await eventsOf(old)).at(-1)).toMatchObject({ type: 'ended', outcome: 'superseded' })
    expect((await stage.engine.get(old))?.status).not.toBe('RUNNING')
    expect(promotions()).toBe(1)

    const before = await boardOf(old)
    expect(words(before.board)).toContain(`*superseded*: it goes on as ${runId}`)
    expect(before.thread.at(-1)).toMatch(new RegExp(`it goes on as ${runId}`))
    const after = await boardOf(runId)
    expect(words(after.board)).toMatch(/1[13] of 13 steps: done/)
    expect(after.thread[0]).toMatch(/Approved by <@U0JONASWEB>: “resumed by <@U0JONASWEB>/)
    expect(endsTold(after.thread)).toEqual(await endsOf(runId))
    expect(after.thread.at(-2)).toMatch(/Emergency failover.*done/s)
    expect(after.thread.at(-1)).toMatch(/eport/)
  })
})

/** The titles of a run's steps, in the order in which they ended. */
async function endsOf(runId: string): Promise<readonly string[]> {
  const { steps } = await runOf(stage.journal, runId)
  const records = await stage.journal.events(runId)
  const ids = records.flatMap(({ event, key }) =>
    event.type === 'step' && key.endsWith(':end') ? [event.step] : [],
  )
  return ids.map((id) => steps.find((step) => step.id === id)?.title ?? id)
}

/** The titles of the steps whose end a thread tells, in its order. */
const endsTold = (thread: readonly string[]): readonly string[] =>
  thread.flatMap((text) => {
    const [, title] =
      /^\[SIMULATED\] (.*): (?:done|still owed|was so already)/.exec(text.split('\n')[0] ?? '') ?? []
    return title && !title.startsWith('Emergency failover') ? [title] : []
  })

describe('one run, one engine', () => {
  test.each(['bot', 'terminal'])(
    'two that start it at once: the %s is first, and the other does nothing',
    async (first) => {
      stage = await Stage.homeIsDark()
      await stage.asks(stage.maya)
      const { id } = await stage.runWhen('is proposed', () => true)
      await stage.journal.append(id, 'card-decided', { type: 'approved', by: JONAS, reason: 'home is dark' })
      const run = await runOf(stage.journal, id)
      const terminal = stage.terminal('beside')
      const both = [stage.bot.parts, terminal.parts]
      for (const parts of first === 'bot' ? both : both.toReversed()) await start(parts, run)
      await stage.until('one of them promotes, and the other has ended', async () => {
        const executions = await Promise.all(both.map(({ engine }) => engine.get(id)))
        return promotions() > 0 && executions.filter((each) => each?.status === 'RUNNING').length === 1
      })
      await stage.settled(reconcile(stage.bot.parts))

      const under = await runOf(stage.journal, id)
      expect(under.phase).toBe('running')
      expect(promotions()).toBe(1)
      expect((await eventsOf(id)).filter(({ type }) => type === 'started')).toHaveLength(1)
      const [own, others] = [await stage.engine.get(id), await terminal.engine.get(id)]
      expect(under.execution).toBe((first === 'bot' ? own : others)?.id)
      expect(own?.id).not.toBe(others?.id)
    },
  )

  test('the bot leaves alone what a terminal carries out', async () => {
    stage = await Stage.homeIsDark()
    await stage.asks(stage.maya)
    const { id, proposal } = await stage.runWhen('is proposed', () => true)
    const letGo = stage.hold()
    const terminal = stage.terminal('carrying')
    await asks(terminal, PRIYA, {
      kind: 'approve',
      runId: id,
      hash: proposal.hash,
      reason: 'home is dark',
      breakGlass: false,
    })
    await stays(terminal, id, () => promotions() > 0).catch(() => {})
    letGo()
    await stage.settled(reconcile(stage.bot.parts))
    expect(await stage.engine.get(id)).toBeUndefined()
    expect((await runOf(stage.journal, id)).phase).not.toBe('ended')
  })
})

describe('a terminal is left with Ctrl-C', () => {
  /** A run that a terminal carried out, and left in the middle. */
  async function left(): Promise<string> {
    stage = await Stage.homeIsDark()
    await stage.asks(stage.maya)
    const { id, proposal } = await stage.runWhen('is proposed', () => true)
    stage.hold()
    const terminal = stage.terminal('left')
    const approval = { runId: id, hash: proposal.hash, reason: 'home is dark', breakGlass: false }
    await asks(terminal, PRIYA, { kind: 'approve', ...approval })
    const attended = await stays(terminal, id, () => promotions() > 0)
    expect(attended).toMatchObject({ here: true, left: true, run: { phase: 'running' } })
    return id
  }

  test('and at the same machine the same run goes on', async () => {
    const id = await left()
    await stage.pass(60_000)
    const steps = (await runOf(stage.journal, id)).steps
    expect(steps.find(({ state }) => state === 'acting' || state === 'waiting')?.id).toBe('promote-standby')
    const again = stage.terminal('left')
    expect(await resume(again, id)).toMatchObject({ runId: id, here: true })
    const { run } = await stays(again, id)
    expect(run).toMatchObject({ id, outcome: 'done' })
    expect(promotions()).toBe(1)
  })

  test('and at another one it goes on without anybody’s word that it is dead, because it said so itself', async () => {
    const id = await left()
    const other = stage.terminal('another')
    const { runId } = await resume(other, id)
    expect(runId).toBe(`${id}-r2`)
    expect((await stays(other, id)).run).toMatchObject({ id: runId, outcome: 'done' })
    expect(promotions()).toBe(1)
  })

  test('while it is carried out, nobody takes it over', async () => {
    stage = await Stage.homeIsDark()
    await stage.asks(stage.maya)
    const { id, proposal } = await stage.runWhen('is proposed', () => true)
    stage.hold()
    const terminal = stage.terminal('carrying')
    const approval = { runId: id, hash: proposal.hash, reason: 'home is dark', breakGlass: false }
    await asks(terminal, PRIYA, { kind: 'approve', ...approval })
    const staying = attend(terminal, id, { stop: new AbortController().signal, shown: () => {} })
    await stage.runWhen('acts', () => promotions() > 0)
    await expect(resume(stage.terminal('another'), id, true)).rejects.toMatchObject({
      code: 'RUN_ELSEWHERE',
      message: expect.stringContaining('sign of life'),
    })
    expect((await stage.settled(staying)).run.outcome).toBe('done')
  })
})

test('an ask that no bot takes up is withdrawn where the terminal does not stay', async () => {
  stage = await Stage.homeIsDark()
  const letGo = stage.hold()
  const terminal = stage.terminal('detached')
  const failover = { kind: 'failover', plan: 'orders', dryRun: false } as const
  await expect(asks(terminal, 'U0MAYACHEN', failover, { here: false, detach: true })).rejects.toMatchObject({
    code: 'BOT_SILENT',
  })
  letGo()
  await stage.pass(90_000)
  expect(await stage.journal.runs({})).toEqual([])
})

test('an ask that a living bot takes up is the bot’s, and its answer is the terminal’s', async () => {
  stage = await Stage.homeIsDark()
  const terminal = stage.terminal('beside')
  const asked = await asks(
    terminal,
    'U0MAYACHEN',
    { kind: 'failover', plan: 'orders', dryRun: false },
    { here: false, detach: false },
  )
  expect(asked).toMatchObject({ here: false, runId: expect.stringMatching(/^fo-orders-/) })
  await expect(
    asks(terminal, 'U0SAMSTONE', { kind: 'dismiss', runId: asked.runId }, { here: false, detach: false }),
  ).rejects.toMatchObject({ code: 'NOT_PROVEN' })
})
