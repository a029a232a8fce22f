import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, describe, expect, test } from 'vitest'
import { SqliteJournal } from '../../src/durable/sqlite-journal.ts'
import { itemOf } from '../../src/slack/asks.ts'
import { labels, words } from './channel.ts'
import { Stage } from './stage.ts'

let stage: Stage
afterEach(() => stage.close())

const TABLES = ['items', 'events', 'runs', 'locks', 'pointers', 'tokens']

/** The journal's file as if no page could be added to it: every write fails, every read works. */
function full(on: boolean): void {
  const other = new DatabaseSync(join(stage.dir, 'journal.db'))
  for (const table of TABLES)
    for (const change of ['INSERT', 'UPDATE'])
      other.exec(
        on
          ? `CREATE TRIGGER full_${table}_${change} BEFORE ${change} ON ${table} BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END`
          : `DROP TRIGGER full_${table}_${change}`,
      )
  other.close()
}

const FAILED =
  /The journal could not take the request down: database or disk is full.*Nothing was started.*Free the disk or the file, then ask again/s

describe('the journal cannot be written', () => {
  test('commands, clicks and forms are told so, and nothing is started', async () => {
    stage = await Stage.homeIsDark()
    const { jonas, priya } = stage
    const card = await stage.asks(jonas)
    await priya.clicks('Review and approve', card)
    full(true)
    expect(await jonas.types('/dr failover orders')).toMatch(FAILED)
    expect(await jonas.types('/dr status')).toMatch(FAILED)
    await jonas.clicks('Dismiss', card)
    expect(await jonas.hears(/could not/)).toMatch(FAILED)
    expect(await priya.submits({ phrase: 'orders', reason: 'home is dark' })).toMatch(FAILED)
    await stage.pass(60_000)
    expect(stage.changes()).toEqual([])
    expect(await stage.engine.list()).toEqual([])

    full(false)
    expect(await priya.submits({ phrase: 'orders', reason: 'home is dark' })).toBeUndefined()
    await stage.until('something is asked of AWS', () => stage.changes().length > 0)
    expect((await stage.journal.runs({})).length).toBe(1)
  })

  test('in the middle of a run: it waits, acts no more, and goes on by itself when it can', async () => {
    stage = await Stage.homeIsDark()
    await stage.priya.approves(await stage.asks(stage.jonas))
    await stage.runWhen('has asked for capacity', () => stage.changes('UpdateService').length === 2)
    full(true)
    await stage.pass(60_000)
    expect(stage.changes('FailoverGlobalCluster')).toEqual([])
    full(false)
    const run = await stage.runWhen('is past the promotion', ({ steps }) =>
      steps.some(({ id, state }) => id === 'promote-standby' && state === 'done'),
    )
    expect(run.questions).toEqual([])
    expect(stage.changes('FailoverGlobalCluster')).toHaveLength(1)
  })
})

describe('a worker dies with an ask in its hands', () => {
  test('the ask is taken up by another when its lease is over, though nothing else happens', async () => {
    stage = await Stage.open()
    const { journal, clock: people, maya } = stage
    const dead = new SqliteJournal({ file: join(stage.dir, 'journal.db'), clock: people, people })
    await dead.offer(itemOf('f'.repeat(64), { kind: 'runs', by: maya.id, channel: stage.slack.ids.channel }))
    expect((await dead.claim('dead', 60_000))?.kind).toBe('runs')
    dead.close()
    await stage.pass(59_000)
    expect(maya.heard()).toEqual([])
    await stage.pass(15_000)
    expect(maya.heard()).toHaveLength(1)
    expect(await maya.hears(/Nothing is running/)).toBeTruthy()
    expect(await journal.claim('nobody', 1)).toBeUndefined()
  })
})

describe('Slack is down', () => {
  test('from the approval to the end: the outcome is the same, and afterwards everything is there, in order', async () => {
    stage = await Stage.homeIsDark()
    const { jonas, priya } = stage
    const card = await stage.asks(jonas)
    await priya.clicks('Review and approve', card)
    const { faults } = stage.channel.bundled.proxy
    faults.push({ method: '*', kind: 'down', times: Number.POSITIVE_INFINITY })
    expect(await priya.submits({ phrase: 'orders', reason: 'home is dark' })).toBeUndefined()
    const run = await stage.runWhen('has ended', ({ phase }) => phase === 'ended')
    expect(run.outcome).toBe('done')
    expect(stage.simulation.slo('orders').successNow).toBe(1)
    expect(await stage.channel.messages()).toHaveLength(1)
    expect(words((await stage.channel.messages())[0])).toMatch(/needs approval/)

    faults.length = 0
    await stage.pass(90_000)
    const [settled, board, ...others] = await stage.channel.messages()
    expect(others.map(({ text }) => text).filter((text) => !text.includes('Aftercare'))).toEqual([])
    expect(words(settled)).toMatch(/Approved by <@U0PRIYARAO>/)
    expect(settled && labels(settled)).toEqual([])
    expect(words(board)).toMatch(/of 13 steps: done/)
    const thread = (await stage.thread()).map(({ text }) => text)
    expect(thread[0]).toMatch(/Approved by/)
    expect(thread.at(-2)).toMatch(/\(dr\): done after/)
    expect(thread.at(-1)).toMatch(/Report: Emergency failover/)
    expect(new Set(thread).size).toBe(thread.length)
    const told = run.steps.map(({ title }) => thread.findIndex((text) => text.includes(`${title}: `)))
    expect(told).not.toContain(-1)
    expect(told).toEqual(told.toSorted((a, b) => a - b))
  })
})
