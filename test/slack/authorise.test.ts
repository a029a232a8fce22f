import { describe, expect, test } from 'vitest'
import type { RunEvent } from '../../src/engine/run.ts'
import type { Ask } from '../../src/slack/asks.ts'
import { type Caller, outside } from '../../src/slack/authorise.ts'
import { refusal } from '../../src/slack/judge.ts'
import {
  ANNA,
  APP,
  approved,
  asked,
  BEN,
  CARLA,
  CHANNEL,
  orders,
  PINS,
  proposal,
  runOf,
  START,
  STRANGER,
  started,
  TEAM,
} from './support.ts'

describe('where a request comes from', () => {
  const click: Caller = {
    via: 'interaction',
    user: ANNA,
    userTeam: TEAM,
    appId: APP,
    team: TEAM,
    orgInstall: false,
  }
  const without = (key: keyof Caller): Caller => {
    const { [key]: _gone, ...rest } = click
    return rest as Caller
  }

  test('our app, our workspace, our member', () => {
    expect(outside(PINS, click)).toBeUndefined()
    expect(outside(PINS, { ...without('userTeam'), via: 'command' })).toBeUndefined()
    expect(outside({ ...PINS, enterpriseId: 'E1' }, { ...click, enterprise: 'E1' })).toBeUndefined()
  })

  test.each<[string, Caller]>([
    ['another app', { ...click, appId: 'A0OTHER' }],
    ['no app', without('appId')],
    ['another workspace', { ...click, team: 'T0OTHER' }],
    ['no workspace', without('team')],
    ['an outsider in a shared channel', { ...click, userTeam: 'T0GUEST' }],
    ['a click that does not say whose member it is', without('userTeam')],
    ['an organisation-wide install', { ...click, orgInstall: true }],
    ['an organisation nobody configured', { ...click, enterprise: 'E0' }],
    ['nobody', { ...click, user: '' }],
    ['something that is no user', { ...click, user: '<!channel>' }],
  ])('%s is refused', (_, caller) => {
    expect(outside(PINS, caller)?.code).toBe('OUTSIDER')
  })
})

const now = START + 60_000
const late = proposal().expiresAt + 1
const about = { channel: CHANNEL, runId: 'run-1' }
const approve = (by: string, changes: Partial<Extract<Ask, { kind: 'approve' }>> = {}): Ask => ({
  ...about,
  kind: 'approve',
  by,
  hash: 'hash-1',
  reason: 'dark',
  breakGlass: false,
  ...changes,
})
const answer = (by: string, option: string, question = 'promote#1'): Ask => ({
  ...about,
  kind: 'answer',
  by,
  question,
  option,
})
const signal = (by: string, kind: 'pause' | 'abort' = 'abort'): Ask => ({
  ...about,
  kind: 'signal',
  by,
  signal: kind,
})

const proposed: RunEvent = { type: 'proposed', proposal: proposal() }
const fresh = [proposed]
const running = [proposed, approved, started]
const waiting = [...running, asked()]
const ended = [...running, { type: 'ended', outcome: 'done', detail: 'all done' }] satisfies RunEvent[]
const alone = { ...orders, slack: { ...orders.slack, twoPeople: false } }
const nobody = { ...orders, slack: { ...orders.slack, requesters: [], approvers: [], breakGlass: [] } }
const withoutBen = { ...orders, slack: { ...orders.slack, approvers: [ANNA], requesters: [ANNA] } }

describe('whether an ask counts', () => {
  const judge = (ask: Ask, events: readonly RunEvent[], plan = orders, at = now) =>
    refusal(ask, { plan, run: runOf(...events), now: at })?.code

  test.each<[string, Ask, readonly RunEvent[], (typeof orders | undefined)?, number?]>([
    ['another approver approves', approve(BEN), fresh],
    ['a requester dismisses their own card', { ...about, kind: 'dismiss', by: ANNA }, fresh],
    ['an approver decides', answer(BEN, 'detach'), waiting],
    ['who asked for it retries', answer(ANNA, 'retry'), waiting],
    [
      'the glass is broken after five minutes',
      approve(CARLA, { breakGlass: true }),
      fresh,
      orders,
      START + 301_000,
    ],
    ['an approver aborts', signal(BEN), running],
    [
      'abort after pause',
      signal(BEN, 'abort'),
      [...running, { type: 'signalled', signal: 'pause', by: ANNA }],
    ],
  ])('%s: counts', (_, ask, events, plan, at) => {
    expect(judge(ask, events, plan, at)).toBeUndefined()
  })

  test.each<[string, string, Ask, readonly RunEvent[], (typeof orders | undefined)?, number?]>([
    ['a stranger approves', 'NOT_ALLOWED', approve(STRANGER), fresh],
    ['the requester approves alone', 'OWN_REQUEST', approve(ANNA), fresh],
    ['the plan no longer asks for two, the card did', 'OWN_REQUEST', approve(ANNA), fresh, alone],
    ['an empty list', 'NOT_ALLOWED', approve(BEN), fresh, nobody],
    ['removed from the list between click and submit', 'NOT_ALLOWED', approve(BEN), fresh, withoutBen],
    ['a card of another version', 'CARD_STALE', approve(BEN, { hash: 'hash-0' }), fresh],
    ['an expired card', 'CARD_STALE', approve(BEN), fresh, orders, late],
    ['an approved card', 'ALREADY_DECIDED', approve(BEN), [proposed, approved]],
    ['a running run', 'ALREADY_DECIDED', approve(BEN), running],
    ['another channel', 'OUTSIDER', { ...approve(BEN), channel: 'C0OTHER' }, fresh],
    ['the glass is broken too early', 'FLOW_REFUSED', approve(CARLA, { breakGlass: true }), fresh],
    [
      'the glass is broken by a stranger',
      'NOT_ALLOWED',
      approve(STRANGER, { breakGlass: true }),
      fresh,
      orders,
      START + 301_000,
    ],
    [
      'the glass is broken for a planned run',
      'FLOW_REFUSED',
      approve(CARLA, { breakGlass: true }),
      [{ type: 'proposed', proposal: proposal({ input: { mode: 'planned' } }) }],
      orders,
      START + 301_000,
    ],
    ['a dismissal by a stranger', 'NOT_ALLOWED', { ...about, kind: 'dismiss', by: STRANGER }, fresh],
    ['a dismissal of what runs', 'ALREADY_DECIDED', { ...about, kind: 'dismiss', by: ANNA }, running],
    ['a risky choice by a mere requester', 'NOT_ALLOWED', answer(BEN, 'detach'), waiting, withoutBen],
    ['a risky choice by who asked for the run', 'OWN_REQUEST', answer(ANNA, 'detach'), waiting],
    ['a choice nobody offered', 'CARD_STALE', answer(BEN, 'delete-everything'), waiting],
    ['a question nobody asked', 'CARD_STALE', answer(BEN, 'retry', 'promote#9'), waiting],
    [
      'the second answer',
      'ALREADY_DECIDED',
      answer(BEN, 'abort'),
      [...waiting, { type: 'answered', question: 'promote#1', answer: { option: 'retry', by: ANNA } }],
    ],
    [
      'an answer to a run that ended',
      'CARD_STALE',
      answer(BEN, 'retry'),
      [...waiting, { type: 'ended', outcome: 'aborted', detail: 'x' }],
    ],
    ['abort by a stranger', 'NOT_ALLOWED', signal(STRANGER), running],
    ['abort of a run that ended', 'CARD_STALE', signal(BEN), ended],
    [
      'abort twice',
      'ALREADY_DECIDED',
      signal(BEN),
      [...running, { type: 'signalled', signal: 'abort', by: ANNA }],
    ],
    ['pause of a card', 'CARD_STALE', signal(BEN, 'pause'), fresh],
    [
      'a request by a stranger',
      'NOT_ALLOWED',
      { kind: 'failover', by: STRANGER, channel: CHANNEL, plan: 'orders', dryRun: false },
      fresh,
    ],
    [
      'a request from another channel',
      'OUTSIDER',
      { kind: 'failover', by: ANNA, channel: 'C0OTHER', plan: 'orders', dryRun: true },
      fresh,
    ],
  ])('%s: %s', (_, code, ask, events, plan, at) => {
    expect(judge(ask, events, plan, at)).toBe(code)
  })

  test('names who may', () => {
    expect(refusal(approve(STRANGER), { plan: orders, run: runOf(proposed), now })?.told).toContain(
      `<@${ANNA}>, <@${BEN}>`,
    )
  })
})
