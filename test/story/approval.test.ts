import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Message } from '../../rehearsal/slack/room.ts'
import { reconcile } from '../../src/app/runs/reconciling.ts'
import { labels, words } from './channel.ts'
import { signed } from './player.ts'
import { Stage } from './stage.ts'

let stage: Stage
let card: Message
let tookMs: number
let expiresAt: number
beforeEach(async () => {
  stage = await Stage.homeIsDark()
  const begun = stage.clock.now()
  card = await stage.asks(stage.jonas)
  const run = await stage.runWhen('is proposed', () => true)
  tookMs = run.proposedAt - begun
  expiresAt = run.proposal.expiresAt
})
afterEach(() => stage.close())

const APPROVAL = { phrase: 'orders', reason: 'home is dark' }
const started = async () => (await stage.engine.list()).map(({ name }) => name)
/** Long enough for whatever is under way to reach its first act. */
const soon = () => stage.pass(20_000)
const cardNow = () => stage.channel.posted.find(({ ts }) => ts === card.ts) as Message

/** Nothing was asked of AWS, nothing was started, and the card can still be approved. */
async function nothingHappened(): Promise<void> {
  await soon()
  expect(stage.changes()).toEqual([])
  expect(await started()).toEqual([])
  expect(labels(cardNow())).toContain('Review and approve')
}

describe('two at once', () => {
  test('a double click on approve is one run, and the second delivery is told that it had been decided', async () => {
    const { priya } = stage
    await priya.clicks('Review and approve', card)
    const twice = [await priya.submission(APPROVAL), await priya.submission(APPROVAL)] as const
    expect(twice[0].headers['x-slack-signature']).not.toBe(twice[1].headers['x-slack-signature'])
    const answers = await Promise.all(twice.map((event) => stage.send(event)))
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([200, 200])

    await stage.runWhen('acts', () => stage.changes().length > 0)
    expect(await started()).toHaveLength(1)
    await soon()
    expect((await stage.journal.runs({})).length).toBe(1)
    expect(priya.heard().join('\n')).toMatch(/already chose “approve”.*\n?Your click changed nothing/)
    expect(stage.changes('RegisterScalableTarget')).toHaveLength(2)
  })

  test('two people approve: the first decides, the other is told who it was', async () => {
    const { jonas, priya } = stage
    card = await stage.asks(stage.maya)
    await priya.clicks('Review and approve', card)
    await jonas.clicks('Review and approve', card)
    const both = await Promise.all([priya.submits(APPROVAL), jonas.submits(APPROVAL)])
    expect(both[0]).toBeUndefined()
    const run = await stage.runWhen('is approved', ({ approval }) => approval !== undefined)
    await soon()
    expect(run.approval?.by).toBe(priya.id)
    expect([both[1] ?? '', ...jonas.heard()].join('\n')).toMatch(/U0PRIYARAO>? already chose “approve”/)
    expect(await started()).toEqual([run.id])
  })
})

describe('a card is decided once, also while an approval of it is being looked into', () => {
  const refused = async (told: RegExp) => {
    expect(await stage.priya.hears(told)).toMatch(/changed nothing|Nothing was changed/)
    await stage.pass(60_000)
    expect(stage.changes()).toEqual([])
    expect(await started()).toEqual([])
    expect(words(cardNow())).not.toMatch(/Approved by/)
  }

  test('dismissed in that very second, it does not start', async () => {
    const { priya, jonas } = stage
    await priya.clicks('Review and approve', card)
    expect(await priya.submits(APPROVAL)).toBeUndefined()
    await jonas.clicks('Dismiss', card)
    await refused(/U0JONASWEB>? already chose “dismissed/)
    expect(jonas.heard().join()).toMatch(/Dismissed\. Nothing was changed/)
  })

  test('expired in that very second, it does not start', async () => {
    const { priya } = stage
    await priya.clicks('Review and approve', card)
    await stage.pass(expiresAt - stage.people.now() - 500)
    expect(await priya.submits(APPROVAL)).toBeUndefined()
    await stage.pass(1_000)
    await reconcile(stage.bot.parts)
    await refused(/nobody approved it in time/)
  })

  test('replaced in that very second, it does not start', async () => {
    const { priya, maya } = stage
    await priya.clicks('Review and approve', card)
    await maya.types('/dr failover orders')
    // Putting up a card takes as long as the first one took; looking once more before a start is shorter.
    await stage.pass(tookMs - 500)
    expect(await priya.submits(APPROVAL)).toBeUndefined()
    await refused(/a newer card was asked for/)
  })
})

describe('a card that no longer counts', () => {
  test('is one that a newer card has taken the place of', async () => {
    const { priya } = stage
    const old = card
    card = await stage.asks(stage.maya)
    expect(card.ts).not.toBe(old.ts)
    await priya.clicks('Review and approve', old)
    expect(await priya.hears(/a newer card was asked for/)).toMatch(
      /Nothing was changed.*\n?.*use the newest card/,
    )
    expect(priya.form).toBeUndefined()
    await nothingHappened()
    const closed = (await stage.channel.messages()).find(({ ts }) => ts === old.ts) as Message
    expect(labels(closed)).toEqual([])
    expect(words(closed)).toMatch(/superseded: a newer card was asked for; nothing was changed/)
  })

  test('is one whose time is up, also for a form that was open by then', async () => {
    const { priya } = stage
    await priya.clicks('Review and approve', card)
    await stage.pass(10 * 60_000 + 1_000)
    expect(await priya.submits(APPROVAL)).toMatch(
      /(expired at|nobody approved it in time).*Nothing was changed/s,
    )
    await priya.clicks('Review and approve', card)
    expect(await priya.hears(/This did not count/)).toMatch(/Ask again with `\/dr`/)
    await soon()
    expect(stage.changes()).toEqual([])
    expect(await started()).toEqual([])
    expect(labels(cardNow())).toEqual([])
    expect(words(cardNow())).toMatch(/expired/)
  })

  test('is one that AWS has overtaken: a new card says what is so now', async () => {
    const { priya, simulation } = stage
    await priya.clicks('Review and approve', card)
    await simulation.outage('us-east-1', undefined)
    // Somebody at the console, in a hurry.
    const { FailoverGlobalClusterCommand, RDSClient } = await import('@aws-sdk/client-rds')
    const rds = new RDSClient({ region: 'us-west-2', ...stage.connection })
    await stage.settled(
      rds.send(
        new FailoverGlobalClusterCommand({
          GlobalClusterIdentifier: 'orders-global',
          TargetDbClusterIdentifier: 'arn:aws:rds:us-west-2:111122223333:cluster:orders-dr',
          AllowDataLoss: true,
        }),
      ),
    )
    const old = card
    const before = stage.changes().length
    expect(await priya.submits(APPROVAL)).toBeUndefined()
    expect(await priya.hears(/has changed since the card was shown \(.*what AWS is doing/)).toMatch(
      /A new card has been put up.*Nothing was changed/s,
    )
    card = await stage.card(old)
    expect(words(card)).toMatch(/AWS is doing\*\n.*to arn|AWS is doing\*\n.*orders-dr/)
    await stage.pass(5_000)
    expect(stage.changes().length).toBe(before)
    expect(await started()).toEqual([])
    const closed = (await stage.channel.messages()).find(({ ts }) => ts === old.ts) as Message
    expect(labels(closed)).toEqual([])
  })
})

describe('somebody who may not', () => {
  test('is a stranger, who is told who may', async () => {
    const { sam } = stage
    for (const label of ['Review and approve', 'Break the glass', 'Dismiss']) {
      await sam.clicks(label, card)
      expect(await sam.hears(/You may not/)).toMatch(/Nothing was changed|has been asked|until/)
    }
    expect(sam.form).toBeUndefined()
    expect(await sam.types('/dr failover orders')).toMatch(
      /You may not ask for a failover.*These people may/s,
    )
    await nothingHappened()
  })

  test.each([
    ['a member of another workspace', { user: { id: 'U0PRIYARAO', team_id: 'T0ELSEWHERE' } }],
    ['another workspace', { team: { id: 'T0ELSEWHERE' } }],
    ['another app', { api_app_id: 'A0ANOTHER' }],
    ['another channel', { channel: { id: 'C0ELSEWHERE' }, container: { channel_id: 'C0ELSEWHERE' } }],
  ])('is whoever clicks from %s', async (_, changes) => {
    const { priya } = stage
    await priya.clicks('Review and approve', card, changes)
    expect(priya.form).toBeUndefined()
    await nothingHappened()
    if (!('channel' in changes))
      expect(priya.heard().join()).toMatch(/cannot be used from here.*Nothing was changed/s)
    else expect(stage.lines.join()).toMatch(/an answer could not be delivered/)
  })
})

describe('a request that is not Slack’s', () => {
  test('is forged: refused, and nothing in it is carried out', async () => {
    const genuine = await stage.priya.click('Dismiss', card)
    const body = Buffer.from(genuine.body, 'base64').toString()
    const forged = signed(body, 'another secret', stage.people.now())
    expect(await stage.send(forged)).toMatchObject({ statusCode: 401, body: '' })
    expect(stage.lines.join()).toMatch(/a request was refused.*forged/)
    await nothingHappened()
  })

  test('is replayed, byte by byte: carried out once', async () => {
    const { maya, priya } = stage
    const command = await maya.command('/dr failover billing')
    expect((await stage.send(command)).statusCode).toBe(200)
    await stage.pass(290_000)
    expect((await stage.send(command)).body).toMatch(
      /This request had already arrived.*It was not carried out a second time/,
    )
    await stage.pass(15_000)
    expect(await stage.send(command)).toMatchObject({ statusCode: 401, body: '' })
    expect(await stage.journal.runs({ plan: 'billing' })).toHaveLength(1)

    await priya.clicks('Review and approve', card)
    const sent = await priya.submission(APPROVAL)
    expect(priya.errors(await stage.send(sent))).toBeUndefined()
    await stage.runWhen('acts', () => stage.changes().length > 0, 'orders')
    expect((await stage.send(sent)).body).toMatch(/already chose “approve”/)
    await soon()
    expect(await started()).toHaveLength(1)
  })

  test('is too big, or unsigned', async () => {
    const big = await stage.priya.command(`/dr status ${'x'.repeat(300_000)}`)
    expect(await stage.send(big)).toMatchObject({ statusCode: 413, body: '' })
    const { body, ...rest } = await stage.priya.click('Dismiss', card)
    expect(await stage.send({ ...rest, headers: {}, body })).toMatchObject({ statusCode: 401 })
    await nothingHappened()
  })

  test('and no secret of any of them is in the log', async () => {
    await stage.send(signed('payload={', 'another secret', stage.people.now()))
    const log = stage.lines.join('\n')
    expect(log).toMatch(/refused/)
    expect(log).not.toContain(stage.secret)
    expect(log).not.toMatch(/v0=[0-9a-f]{64}/)
  })
})

describe('what is typed into the form', () => {
  test.each([
    ['the wrong case', 'Orders'],
    ['a look-alike', 'оrders'],
    ['a blank after it', 'orders '],
    ['something else', 'billing'],
  ])('is refused with %s', async (_, phrase) => {
    const { priya } = stage
    await priya.clicks('Review and approve', card)
    expect(await priya.submits({ phrase, reason: 'home is dark' })).toMatch(
      /Type exactly “orders”, lower case, nothing before or after it\. Nothing was changed\. Correct it and send again\./,
    )
    await nothingHappened()
    expect(await priya.submits(APPROVAL)).toBeUndefined()
    await stage.runWhen('acts', () => stage.changes().length > 0)
  })

  test('needs a reason', async () => {
    const { priya } = stage
    await priya.clicks('Review and approve', card)
    for (const reason of ['', '   '])
      expect(await priya.submits({ phrase: 'orders', reason })).toMatch(
        /A reason is needed.*Nothing was changed/,
      )
    await nothingHappened()
  })
})
