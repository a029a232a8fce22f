import { afterEach, describe, expect, test } from 'vitest'
import type { Message } from '../../rehearsal/slack/room.ts'
import { buttons, labels, words } from './channel.ts'
import { Stage } from './stage.ts'

let stage: Stage
afterEach(() => stage.close())

const nowShown = (message: Message) => stage.channel.posted.find(({ ts }) => ts === message.ts) as Message
const acts = () => stage.until('something is asked of AWS', () => stage.changes().length > 0)

describe('one person alone', () => {
  test('may break the glass after five minutes, not before, and everybody is told', async () => {
    stage = await Stage.homeIsDark()
    const { jonas, maya } = stage
    const card = await stage.asks(maya)
    expect(words(card)).toMatch(/From .*03:07 UTC.* on, <@U0MAYACHEN> may break the glass alone/)

    await maya.clicks('Break the glass', card)
    expect(await maya.hears(/Breaking the glass of “orders” is refused/)).toMatch(
      /have until .*03:07 UTC.*Nothing was changed.*Ask an approver to approve it/s,
    )
    await maya.clicks('Review and approve', card)
    expect(await maya.hears(/You may not approve this run/)).toMatch(/<@U0JONASWEB>, <@U0PRIYARAO>/)
    expect(maya.form).toBeUndefined()

    await stage.pass(5 * 60_000)
    await jonas.clicks('Break the glass', card)
    expect(await jonas.hears(/You may not break the glass for this plan/)).toMatch(/<@U0MAYACHEN>/)
    expect(stage.changes()).toEqual([])

    await maya.clicks('Break the glass', card)
    expect(words(maya.form)).toMatch(/You start this alone. Everybody is told/)
    expect(await maya.submits({ phrase: 'order', reason: 'nobody answers' })).toMatch(/Type exactly “orders”/)
    expect(await maya.submits({ phrase: 'orders', reason: 'nobody answers' })).toBeUndefined()
    await acts()
    expect(await stage.run()).toMatchObject({ approval: { by: maya.id, breakGlass: true } })
    await stage.pass(10_000)
    expect(words(nowShown(card))).toMatch(/The glass was broken by <@U0MAYACHEN>: “nobody answers”/)
    expect((await stage.thread())[0]?.text).toMatch(
      /<@U0MAYACHEN> broke the glass and started this alone: “nobody answers”\. <@U0JONASWEB>, <@U0PRIYARAO>: please look/,
    )
  })

  test('may not do that for a planned failover, whatever is sent', async () => {
    stage = await Stage.open()
    const { maya } = stage
    const card = await stage.asks(maya, '/dr failover orders planned')
    expect(labels(card)).toEqual(['Review and approve', 'Dismiss'])
    await stage.pass(5 * 60_000)
    const [review] = buttons(card)
    await maya.clicks('Review and approve', card, {
      actions: [{ ...review?.button, action_id: 'dr_break_glass', block_id: review?.block }],
    })
    expect(await maya.hears(/Breaking the glass/)).toMatch(
      /only for an emergency failover.*Nothing was changed/s,
    )
    expect(maya.form).toBeUndefined()
  })
})

describe('while a run of the plan is under way', () => {
  test('an emergency stops a planned one, says so beforehand, and takes over its locks', async () => {
    stage = await Stage.open()
    await stage.pass(120_000)
    const { jonas, maya, priya } = stage
    const planned = await stage.asks(jonas, '/dr failover orders planned')
    await priya.approves(planned)
    await acts()
    const first = (await stage.run())?.id as string
    await stage.simulation.outage('us-east-1', 'mute')

    const card = await stage.asks(maya, '/dr failover orders emergency')
    expect(words(card)).toMatch(new RegExp(`Approving this stops run \`${first}\``))
    expect((await stage.live()).map(({ id }) => id)).toContain(first)
    await jonas.approves(card)
    const run = await stage.runWhen('has ended', ({ phase, id }) => id !== first && phase === 'ended')
    expect(run.outcome).toBe('done')
    expect(run.proposal.supersedes).toBe(first)

    const events = await stage.journal.events(first)
    expect(events.at(-1)?.event).toMatchObject({ type: 'ended', outcome: 'superseded' })
    expect((await stage.engine.get(first))?.status).toBe('STOPPED')
    expect(stage.changes('FailoverGlobalCluster')).toHaveLength(1)
    expect(stage.changes('SwitchoverGlobalCluster')).toEqual([])
    expect(await stage.journal.locks()).toEqual([])
    expect(stage.simulation.slo('orders').successNow).toBe(1)
    await stage.pass(10_000)
    const shown = (await stage.channel.messages()).map((message) => words(message)).join('\n')
    expect(shown).toMatch(new RegExp(`superseded.*: stopped for ${run.id}`))
  })

  test('an emergency that would stop a run which has ended meanwhile is put up anew', async () => {
    stage = await Stage.open()
    await stage.pass(120_000)
    const { jonas, maya, priya } = stage
    await priya.approves(await stage.asks(jonas, '/dr failover orders planned'))
    await acts()
    const first = (await stage.run())?.id as string
    const card = await stage.asks(maya, '/dr failover orders emergency')
    await stage.until('the board has buttons', async () => labels(await stage.board()).includes('Abort'))
    await jonas.clicks('Abort', await stage.board())
    await stage.until('the planned one has ended', async () =>
      (await stage.live()).every(({ id }) => id !== first),
    )
    const before = stage.changes().length
    await jonas.approves(card)
    expect(await jonas.hears(/has changed since the card was shown/)).toMatch(
      /which run it would stop.*A new card has been put up.*Nothing was changed/s,
    )
    expect(words(await stage.card(card))).not.toMatch(/Approving this stops/)
    expect(labels(nowShown(card))).toEqual([])
    expect(stage.changes()).toHaveLength(before)
  })

  test('a second one is refused, with who holds it, since when and what', async () => {
    stage = await Stage.homeIsDark()
    const { jonas, maya, priya } = stage
    await priya.approves(await stage.asks(jonas))
    await acts()
    const run = await stage.run()
    for (const line of [
      '/dr failover orders',
      '/dr failover orders emergency',
      '/dr failover orders detach',
    ]) {
      await maya.types(line)
      expect(await maya.hears(/asked for by/)).toMatch(
        new RegExp(
          `Run ${run?.id} of “orders”, asked for by <@U0JONASWEB>, has held global-cluster orders-global since 2026-11-21 03:02 UTC.*Nothing was changed.*/dr runs`,
          's',
        ),
      )
    }
    await maya.types('/dr runs')
    expect(await maya.hears(/under way/)).toMatch(
      new RegExp(`${run?.id}.*asked for by <@U0JONASWEB> in <#C000000001>`),
    )
    expect(await stage.live()).toHaveLength(1)

    // Another plan shares nothing with it.
    expect(words(await stage.asks(maya, '/dr failover billing'))).toMatch(/Emergency failover of Billing/)
  })
})
