import { describe, expect, test, vi } from 'vitest'
import type { RunEvent } from '../../src/engine/run.ts'
import { ACTIONS, answerActionId, VIEWS } from '../../src/slack/actions.ts'
import { errorsOf, type FrontAt, frontAt, textOf } from './front-support.ts'
import {
  ANNA,
  approved,
  asked,
  BEN,
  CARLA,
  clickForm,
  commandForm,
  proposal,
  STRANGER,
  signed,
  started,
  submitForm,
} from './support.ts'

const value = { runId: 'run-1', hash: 'hash-1', version: 1 }
const metadata = { ...value, channel: 'C0ORDERS', breakGlass: false }
const typedWell = { phrase: 'orders', reason: 'home is dark' }
const proposed: RunEvent = { type: 'proposed', proposal: proposal() }

async function happened(front: FrontAt, ...events: readonly RunEvent[]): Promise<void> {
  const seen = (await front.journal.events('run-1')).length
  for (const [index, event] of events.entries())
    await front.journal.append('run-1', `k${seen + index}`, event)
}
async function frontWith(...events: readonly RunEvent[]): Promise<FrontAt> {
  const front = frontAt()
  await happened(front, ...events)
  return front
}

describe('commands', () => {
  test.each([
    ['help', 'What /dr can do'],
    ['help failover', '/dr failover &lt;plan&gt;'],
    ['stauts orders', 'Did you mean `/dr status orders`?'],
    ['<!channel> `rm`', "I don't know “&lt;!channel&gt; ˋrmˋ”."],
    ['failover', 'it needs the name of a plan'],
    ['failover billing', 'There is no plan “billing”. Nothing was changed. The plans are: orders.'],
    ['failover constructor', 'There is no plan “constructor”.'],
    ['status ruined', 'The plan “ruined” cannot be used: ruined.yaml:3:1 regions: is missing'],
  ])('%j is answered at once and starts nothing', async (text, says) => {
    const front = frontAt()
    const answer = await front.post(commandForm(text))
    expect(answer.statusCode).toBe(200)
    expect(JSON.parse(answer.body).response_type).toBe('ephemeral')
    expect(textOf(answer)).toContain(says)
    expect(await front.asks()).toEqual([])
  })

  test.each([
    ['status', { kind: 'status', by: ANNA, channel: 'C0ORDERS' }],
    ['status orders', { kind: 'status', plan: 'orders' }],
    ['runs', { kind: 'runs' }],
    ['failback orders', { kind: 'failback', plan: 'orders', dryRun: false }],
    ['drill orders capacity', { kind: 'drill', plan: 'orders', scope: 'capacity', dryRun: false }],
    ['history orders', { kind: 'history', plan: 'orders' }],
    ['failover orders planned dry-run', { kind: 'failover', plan: 'orders', mode: 'planned', dryRun: true }],
  ])('%j becomes one work item', async (text, ask) => {
    const front = frontAt()
    expect(textOf(await front.post(commandForm(text)))).toMatch(/^\[SIMULATED\] (Looking|Working)/)
    expect(await front.asks()).toMatchObject([ask])
  })

  test.each<[string, Record<string, string>, string]>([
    ['a stranger', { user_id: STRANGER }, 'You may not ask for a failover of this plan.'],
    ['another channel', { channel_id: 'C0OTHER' }, 'it is used in <#C0ORDERS>'],
    ['another app', { api_app_id: 'A0OTHER' }, 'it was sent to another app'],
    ['another workspace', { team_id: 'T0OTHER' }, 'another workspace'],
    ['an organisation', { is_enterprise_install: 'true' }, 'a whole organisation'],
    ['an enterprise', { enterprise_id: 'E0' }, 'an organisation that is not configured'],
  ])('from %s: refused in words', async (_, changes, says) => {
    const front = frontAt()
    expect(textOf(await front.post(commandForm('failover orders', changes)))).toContain(says)
    expect(await front.asks()).toEqual([])
  })
})

describe('clicks', () => {
  test('review and approve opens the form', async () => {
    const front = await frontWith(proposed)
    expect(await front.post(clickForm(BEN, ACTIONS.review, value))).toEqual({ statusCode: 200, body: '' })
    expect(front.calls).toMatchObject([{ method: 'views.open', view: { callback_id: VIEWS.approve } }])
    expect(await front.asks()).toEqual([])
  })

  test.each<[string, string, string, unknown, readonly RunEvent[], string]>([
    ['a stranger', STRANGER, ACTIONS.review, value, [proposed], 'You may not approve this run.'],
    ['the requester', ANNA, ACTIONS.review, value, [proposed], 'somebody else has to approve it'],
    [
      'after the decision',
      BEN,
      ACTIONS.review,
      value,
      [proposed, { ...approved, by: BEN } as RunEvent],
      'already chose “approve”',
    ],
    ['on an older card', BEN, ACTIONS.review, { ...value, hash: 'hash-0' }, [proposed], 'shows another plan'],
    [
      'on another run',
      BEN,
      ACTIONS.review,
      { ...value, runId: 'run-2' },
      [proposed],
      'There is no run run-2.',
    ],
    ['too early for the glass', CARLA, ACTIONS.breakGlass, value, [proposed], 'have until'],
    [
      'on an edited value',
      BEN,
      ACTIONS.review,
      '{"runId":1}',
      [proposed],
      'no message of today has that button',
    ],
    ['on no value', BEN, ACTIONS.review, '', [proposed], 'no message of today has that button'],
    ['on an unknown button', BEN, 'dr_delete_all', value, [proposed], 'no message of today has that button'],
    [
      'on an answered question',
      BEN,
      answerActionId('retry'),
      { ...value, question: 'x#1', option: 'retry' },
      [proposed, approved, started, asked()],
      'the run never asked that',
    ],
  ])('%s: told why, and nothing is written', async (_, user, action, given, events, says) => {
    const front = await frontWith(...events)
    expect((await front.post(clickForm(user, action, given))).statusCode).toBe(200)
    expect(front.ephemerals()).toHaveLength(1)
    expect(front.ephemerals()[0]).toContain(says)
    expect(front.calls.some(({ method }) => method === 'views.open')).toBe(false)
    expect(await front.asks()).toEqual([])
  })

  test('after expiry', async () => {
    const front = await frontWith(proposed)
    front.clock.advance(11 * 60_000)
    await front.post(clickForm(BEN, ACTIONS.review, value))
    expect(front.ephemerals()[0]).toContain('the card expired at')
  })

  test.each<[string, Record<string, unknown>, string]>([
    [
      'an outsider in a shared channel',
      { user: { id: BEN, team_id: 'T0GUEST' } },
      'you belong to another workspace',
    ],
    ['a user without a workspace', { user: { id: BEN } }, 'you belong to another workspace'],
    ['an org-wide payload', { team: null, is_enterprise_install: true }, 'a whole organisation'],
    ['another app', { api_app_id: 'A0OTHER' }, 'it was sent to another app'],
    ['another channel', { channel: { id: 'C0OTHER' } }, 'this plan’s channel is <#C0ORDERS>'],
  ])('%s: told why', async (_, changes, says) => {
    const front = await frontWith(proposed)
    await front.post(clickForm(BEN, ACTIONS.review, value, changes))
    expect(front.ephemerals()[0]).toContain(says)
    expect(await front.asks()).toEqual([])
  })

  test('pause, abort, dismiss and a choice become work items', async () => {
    const front = await frontWith(proposed)
    await front.post(clickForm(ANNA, ACTIONS.dismiss, value))
    await happened(front, approved, started, asked())
    await front.post(clickForm(BEN, ACTIONS.pause, value))
    await front.post(clickForm(BEN, ACTIONS.abort, value))
    await front.post(
      clickForm(BEN, answerActionId('retry'), { ...value, question: 'promote#1', option: 'retry' }),
    )
    expect(await front.asks()).toMatchObject([
      { kind: 'dismiss', by: ANNA },
      { kind: 'signal', signal: 'pause' },
      { kind: 'signal', signal: 'abort' },
      { kind: 'answer', question: 'promote#1', option: 'retry', by: BEN },
    ])
    expect(front.ephemerals()).toEqual([])
  })

  test('a choice that needs a reason opens its form, and is sent with it', async () => {
    const front = await frontWith(proposed, approved, started, asked())
    const skip = { ...value, question: 'promote#1', option: 'skip' }
    await front.post(clickForm(BEN, answerActionId('skip'), skip))
    expect(front.calls).toMatchObject([{ method: 'views.open', view: { callback_id: VIEWS.reason } }])
    const form = { ...skip, channel: 'C0ORDERS' }
    expect(
      errorsOf(await front.post(submitForm(BEN, VIEWS.reason, form, { reason: '  ' }))).reason,
    ).toContain('A reason is needed')
    await front.post(submitForm(BEN, VIEWS.reason, form, { reason: 'done by hand' }))
    expect(await front.asks()).toMatchObject([{ kind: 'answer', option: 'skip', reason: 'done by hand' }])
  })

  test('a form Slack does not open is told', async () => {
    const front = await frontWith(proposed)
    front.slack.refusing = new Error('expired_trigger_id')
    await front.post(clickForm(BEN, ACTIONS.review, value))
    expect(front.lines.join('\n')).toContain('an answer could not be delivered')
    expect(await front.asks()).toEqual([])
  })
})

describe('forms', () => {
  test('the right phrase and a reason: one approval', async () => {
    const front = await frontWith(proposed)
    const answer = await front.post(submitForm(BEN, VIEWS.approve, metadata, typedWell))
    expect(answer).toEqual({ statusCode: 200, body: '' })
    expect(await front.asks()).toEqual([
      {
        kind: 'approve',
        by: BEN,
        channel: 'C0ORDERS',
        runId: 'run-1',
        hash: 'hash-1',
        reason: 'home is dark',
        breakGlass: false,
      },
    ])
  })

  test.each([
    'Orders',
    'ORDERS',
    'orders ',
    ' orders',
    'оrders',
    'orders\u200b',
    'ordérs',
    'ｏrders',
    '',
    'yes',
  ])('phrase %j is refused in the form', async (phrase) => {
    const front = await frontWith(proposed)
    const errors = errorsOf(
      await front.post(submitForm(BEN, VIEWS.approve, metadata, { ...typedWell, phrase })),
    )
    expect(errors.phrase).toContain('Type exactly “orders”')
    expect(await front.asks()).toEqual([])
  })

  test.each<[string, string, unknown, string]>([
    ['edited metadata: another hash', BEN, { ...metadata, hash: 'x' }, 'shows another plan'],
    ['edited metadata: another run', BEN, { ...metadata, runId: 'run-9' }, 'There is no run'],
    [
      'edited metadata: another channel',
      BEN,
      { ...metadata, channel: 'C0OTHER' },
      'this plan’s channel is #C0ORDERS',
    ],
    [
      'edited metadata: glass for somebody not listed',
      BEN,
      { ...metadata, breakGlass: true },
      'You may not break the glass',
    ],
    ['metadata that is no JSON', BEN, 'oops', 'no message of today has that form'],
    ['the requester', ANNA, metadata, 'somebody else has to approve it'],
    ['a stranger', STRANGER, metadata, `These people may: @${ANNA}, @${BEN}.`],
  ])('%s: refused in the form', async (_, user, given, says) => {
    const front = await frontWith(proposed)
    const errors = errorsOf(await front.post(submitForm(user, VIEWS.approve, given, typedWell)))
    expect(errors.phrase).toContain(says)
    expect(await front.asks()).toEqual([])
  })

  test('removed from the list between click and submit', async () => {
    const front = await frontWith(proposed)
    await front.post(clickForm(BEN, ACTIONS.review, value))
    const [plan] = front.plans
    plan.slack.approvers.splice(0)
    const errors = errorsOf(await front.post(submitForm(BEN, VIEWS.approve, metadata, typedWell)))
    expect(errors.phrase).toContain('You may not approve this run.')
  })

  test('two people at the same time both become items: the worker lets the first win', async () => {
    const front = await frontWith({ type: 'proposed', proposal: proposal({ requestedBy: CARLA }) })
    const forms = [ANNA, BEN].map((user) => submitForm(user, VIEWS.approve, metadata, typedWell))
    await Promise.all(forms.map(front.post))
    expect(await front.asks()).toMatchObject([{ by: ANNA }, { by: BEN }])
  })

  test('a double click of one person is two requests; a replayed one is none', async () => {
    const front = await frontWith(proposed)
    const event = signed(submitForm(BEN, VIEWS.approve, metadata, typedWell))
    await front.send(event)
    expect(errorsOf(await front.send(event)).phrase).toContain('already arrived')
    expect(await front.asks()).toHaveLength(1)
  })
})

describe('a choice with a phrase', () => {
  const DELETE = {
    id: 'delete',
    label: 'Delete it',
    style: 'danger',
    phrase: 'orders-home',
    notBy: [ANNA],
  } as const
  const waiting = [proposed, approved, started, asked({ options: [DELETE] })]
  const pointer = { ...value, question: 'promote#1', option: 'delete' }
  const form = { ...pointer, channel: 'C0ORDERS' }
  const typed = { phrase: 'orders-home', reason: 'the copy is safe' }

  test('opens a form, which brings the phrase and a reason: one answer', async () => {
    const front = await frontWith(...waiting)
    await front.post(clickForm(BEN, answerActionId('delete'), pointer))
    expect(front.calls).toMatchObject([{ method: 'views.open', view: { callback_id: VIEWS.phrase } }])
    const answer = await front.post(submitForm(BEN, VIEWS.phrase, form, typed))
    expect(answer).toEqual({ statusCode: 200, body: '' })
    expect(await front.asks()).toEqual([
      {
        kind: 'answer',
        by: BEN,
        channel: 'C0ORDERS',
        runId: 'run-1',
        question: 'promote#1',
        option: 'delete',
        phrase: 'orders-home',
        reason: 'the copy is safe',
      },
    ])
  })

  test.each<[string, string, string, Record<string, string>, string, string]>([
    [
      'another phrase',
      BEN,
      VIEWS.phrase,
      { ...typed, phrase: 'orders' },
      'phrase',
      'Type exactly “orders-home”',
    ],
    ['no reason', BEN, VIEWS.phrase, { ...typed, reason: ' ' }, 'reason', 'A reason is needed'],
    [
      'the form for a mere reason',
      BEN,
      VIEWS.reason,
      { reason: 'x' },
      'reason',
      'Type exactly “orders-home”',
    ],
    ['the same person', ANNA, VIEWS.phrase, typed, 'phrase', 'Your word counts already'],
    ['a stranger', STRANGER, VIEWS.phrase, typed, 'phrase', 'You may not choose that'],
  ])('%s: refused in the form', async (_, user, id, input, at, says) => {
    const front = await frontWith(...waiting)
    const errors = errorsOf(await front.post(submitForm(user, id, form, input)))
    expect(errors[at]).toContain(says)
    expect(await front.asks()).toEqual([])
  })

  test('whose word counts already is told so before any form opens', async () => {
    const front = await frontWith(...waiting)
    await front.post(clickForm(ANNA, answerActionId('delete'), pointer))
    expect(front.ephemerals()).toEqual([expect.stringContaining('a second person has to choose this')])
    expect(front.calls.some(({ method }) => method === 'views.open')).toBe(false)
  })
})

test('a response_url is never called, wherever it points', async () => {
  const front = await frontWith(proposed)
  const fetched = vi.spyOn(globalThis, 'fetch')
  const response_url = 'http://169.254.169.254/latest/meta-data/'
  await front.post(clickForm(STRANGER, ACTIONS.review, value, { response_url }))
  await front.post(commandForm('status', { response_url }))
  expect(fetched).not.toHaveBeenCalled()
  expect(front.ephemerals()).toHaveLength(1)
  fetched.mockRestore()
})

test('nothing secret is ever logged', async () => {
  const front = await frontWith(proposed)
  front.slack.refusing = Object.assign(
    new Error('failed for xoxb-1-secret at https://hooks.slack.com/commands/T0/1/secretpath'),
    {
      trigger_id: '111.222.triggersecret',
    },
  )
  await front.post(clickForm(BEN, ACTIONS.review, value))
  await front.post(clickForm(STRANGER, ACTIONS.review, value))
  await front.post(commandForm('failover orders'))
  await front.send(signed(commandForm('help'), { secret: 'wrong' }))
  front.journal.close()
  await front.post(commandForm('status'))
  const logged = front.lines.join('\n')
  expect(front.lines.length).toBeGreaterThan(3)
  expect(logged).not.toMatch(/xoxb|secretpath|triggersecret|verification-token|v0=|a-signing-secret/)
})
