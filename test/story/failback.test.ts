import { afterEach, describe, expect, test, vi } from 'vitest'
import { openQuestion, type Run } from '../../src/engine/run.ts'
import { words } from './channel.ts'
import type { Player } from './player.ts'
import { Stage } from './stage.ts'

let stage: Stage
afterEach(() => stage.close())

const HOUR = 3_600_000
/** A night of many hours, on a machine that may be busy. */
vi.setConfig({ testTimeout: 180_000 })
const COPY = /^dr-.*-rescue-orders-home$/

/** Home died and took the newest writes along; dr serves, and somebody watches what home left behind. */
async function failedOver(): Promise<void> {
  stage = await Stage.homeIsDark({ seed: 3 })
  await stage.priya.approves(await stage.asks(stage.jonas))
  await stage.runWhen('has ended', ({ phase }) => phase === 'ended')
  await stage.pass(5 * 60_000)
}

/** The run at its next question; its words are what the thread shows. */
async function asked(): Promise<{ run: Run; title: string; text: string }> {
  const run = await stage.runWhen('asks', (one) => openQuestion(one) !== undefined || one.phase === 'ended')
  const question = openQuestion(run)
  if (!question) throw new Error(`it asks nothing:\n${await stage.story()}`)
  return { run, title: question.title, text: words(await stage.decision()) }
}

/** Somebody answers the open question, in the form where the choice has one. */
async function answers(who: Player, label: string, typed?: Record<string, string>): Promise<void> {
  const { id } = openQuestion((await asked()).run) ?? {}
  await who.clicks(label, await stage.decision())
  if (typed) expect(await who.submits(typed)).toBeUndefined()
  await stage.runWhen('has heard it', ({ questions }) => questions.some((one) => one.id === id && one.answer))
}

const calls = (operation: string) =>
  stage.changes(operation).map(({ region, params }) => [region, JSON.parse(params)] as const)
const rescued = () =>
  stage.simulation.world.rds.snapshots.filter(({ id, type }) => COPY.test(id) && type === 'manual')

describe('home is back after an emergency', () => {
  test('its writes are kept, it catches up by itself, and customers go home without a loss', async () => {
    await failedOver()
    const { jonas, priya, simulation } = stage
    expect(await jonas.types('/dr failback orders')).toMatch(/card follows/)
    expect(await jonas.hears(/Failback of “orders” is refused/)).toMatch(/home \(us-east-1\) gives no answer/)

    simulation.addFault({ kind: 'resync', ms: HOUR })
    await simulation.outage('us-east-1', undefined)
    await stage.pass(1.5 * HOUR)
    expect(rescued()).toMatchObject([
      { region: 'us-east-1', status: 'available' },
      { region: 'us-west-2', status: 'available' },
    ])
    expect(stage.channel.posted.map(({ text }) => text).join('\n')).toMatch(/Aftercare of orders: done after/)

    const card = await stage.asks(jonas, '/dr failback orders')
    expect(words(card)).toMatch(/fast: .*nothing is deleted/)
    await priya.approves(card, 'home is well again')
    expect((await asked()).text).toMatch(/kept in dr-ac-fo-orders-.*-rescue-orders-home/)
    await answers(priya, 'Reconciled', { reason: 'compared with what is served, nothing is missing' })
    expect((await asked()).text).toMatch(/is_aurora_secondary {2}= true/)
    expect(simulation.state().apps.orders.dns.record).toBe('home')
    await answers(jonas, 'Applied, and deployments unfrozen')

    const run = await stage.runWhen('has ended', ({ phase }) => phase === 'ended')
    expect(run).toMatchObject({ outcome: 'done' })
    expect(run.steps.at(-1)?.detail).toMatch(/^steady/)
    expect(calls('SwitchoverGlobalCluster')).toMatchObject([['us-west-2', {}]])
    expect(stage.changes('FailoverGlobalCluster').filter(({ at }) => at >= run.proposedAt)).toEqual([])
    expect([...calls('DeleteDBCluster'), ...calls('DeleteDBInstance')]).toEqual([])
    const { sides, success } = simulation.state().apps.orders
    expect({ writer: sides.home.writer, success }).toEqual({ writer: true, success: 1 })
    expect(await stage.live()).toEqual([])
  })

  test('where it does not come back into the pair, it is saved, deleted after a second approval, and built anew', async () => {
    await failedOver()
    const { jonas, priya, maya, simulation } = stage
    simulation.addFault({ kind: 'no-rejoin' })
    simulation.addFault({ kind: 'seeding', ms: HOUR / 4 })
    await simulation.outage('us-east-1', undefined)
    await stage.pass(2.2 * HOUR)

    const card = await stage.asks(jonas, '/dr failback orders')
    expect(words(card)).toMatch(/rebuild: the old cluster is saved, deleted and built anew/)
    await priya.approves(card, 'home is well again')
    await answers(priya, 'Reconciled', { reason: 'compared with what is served, nothing is missing' })

    const deletion = await asked()
    expect(deletion.text).toMatch(/orders-home/)
    expect([...calls('DeleteDBCluster'), ...calls('DeleteDBInstance')]).toEqual([])
    const label = openQuestion(deletion.run)?.options[0]?.label ?? ''
    await priya.clicks(label, await stage.decision())
    expect(await priya.hears(/second person|word counts already/)).toMatch(/Nothing was changed/)
    await maya.clicks(label, await stage.decision())
    expect(await maya.hears(/may not/i)).toMatch(/Nothing was changed/)
    await jonas.clicks(label, await stage.decision())
    expect(await jonas.submits({ phrase: 'orders-dr', reason: 'it is stale' })).toMatch(/orders-home/)
    await answers(jonas, label, { phrase: 'orders-home', reason: 'it is stale' })

    const gate = await asked()
    expect(calls('DeleteDBCluster')).toMatchObject([
      [
        'us-east-1',
        { DBClusterIdentifier: 'orders-home', SkipFinalSnapshot: false, DeleteAutomatedBackups: false },
      ],
    ])
    expect(gate.text).toMatch(/us-west-2/)
    expect(simulation.world.rds.clusters.some(({ id }) => id === 'orders-home')).toBe(false)
    expect(simulation.world.rds.snapshots.map(({ id }) => id)).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/-stale-orders-home$/),
        expect.stringMatching(/-final-orders-home$/),
      ]),
    )
    await answers(priya, 'Start the build orders-home-platform')
    expect((await asked()).text).toMatch(/Reconcile your Terraform/)
    await answers(jonas, 'Applied, and deployments unfrozen')

    const run = await stage.runWhen('has ended', ({ phase }) => phase === 'ended')
    expect(run).toMatchObject({ outcome: 'done' })
    const { sides, success, dns } = simulation.state().apps.orders
    expect({ writer: sides.home.writer, success, dns: dns.record }).toEqual({
      writer: true,
      success: 1,
      dns: 'home',
    })
  })
})

test('an approval does not count once the pair is in another state than the card was made for', async () => {
  stage = await Stage.open({ seed: 3 })
  const { jonas, priya, simulation } = stage
  simulation.enter('orders', 'orphaned', 'dr')
  await stage.pass(60_000)
  const card = await stage.asks(jonas, '/dr failback orders')
  expect(words(card)).toMatch(/rebuild: the old cluster is saved, deleted/)
  simulation.enter('orders', 'protected', 'dr')
  await priya.approves(card, 'home is well again')
  expect(await priya.hears(/did not count/)).toMatch(/the way it would go/)
  expect(words(await stage.card(card))).toMatch(/fast: .*nothing is deleted/)
  expect(stage.changes()).toEqual([])
})
