import { describe, expect, test } from 'vitest'
import type { Question, RunEvent } from '../../src/engine/run.ts'
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

const wanting = (kind: 'failback' | 'drill') =>
  kind === 'drill'
    ? ({ kind, plan: 'orders', scope: 'full', dryRun: false, channel: CHANNEL } as const)
    : ({ kind, plan: 'orders', dryRun: false, channel: CHANNEL } as const)
const scan = (by: string): Ask => ({
  ...about,
  kind: 'scan',
  by,
  file: { name: 'plan.json', url: 'https://files.slack.com/x', size: 10 },
  message: '1.2',
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

  describe('choices that are approvals of their own', () => {
    const DELETE = { id: 'delete', label: 'Delete it', style: 'danger', phrase: 'orders-home' } as const
    const WAIVE = { id: 'waive', label: 'Waive', needsReason: true, twoPeople: true } as const
    const GO = { id: 'go', label: 'Go home', style: 'primary', approversOnly: true } as const
    const CONFIRM = { id: 'confirm', label: 'Confirm', style: 'danger', approversOnly: true } as const
    const asking = (option: Question['options'][number], first: RunEvent[] = running) => [
      ...first,
      asked({ options: [option, { id: 'abort', label: 'Abort', style: 'danger' }] }),
    ]
    const glassBroken = [proposed, { ...approved, by: CARLA, breakGlass: true } as RunEvent, started]
    const typed = (by: string, phrase: string): Ask => ({ ...answer(by, 'delete'), phrase }) as Ask

    test.each<[string, Ask, readonly RunEvent[]]>([
      ['an approver types the phrase', typed(BEN, 'orders-home'), asking(DELETE)],
      [
        'who asked for the run, where another one’s word counts already',
        typed(ANNA, 'orders-home'),
        asking({ ...DELETE, notBy: [BEN] }),
      ],
      ['an approver says go', answer(BEN, 'go'), asking(GO)],
      ['who asked for the run says go, as an approver', answer(ANNA, 'go'), asking(GO)],
      ['who asked for the run is one of the two', answer(ANNA, 'waive'), asking(WAIVE)],
      ['the second one confirms', answer(ANNA, 'confirm'), asking({ ...CONFIRM, notBy: [BEN] })],
      ['anybody who may decide aborts', answer(ANNA, 'abort'), asking(DELETE)],
    ])('%s: counts', (_, ask, events) => {
      expect(judge(ask, events)).toBeUndefined()
    })

    test.each<[string, string, Ask, readonly RunEvent[], (typeof orders | undefined)?]>([
      ['no phrase', 'PHRASE_WRONG', answer(BEN, 'delete'), asking(DELETE)],
      ['another phrase', 'PHRASE_WRONG', typed(BEN, 'orders'), asking(DELETE)],
      ['a phrase with something after it', 'PHRASE_WRONG', typed(BEN, 'orders-home '), asking(DELETE)],
      ['the phrase by who asked for the run', 'OWN_REQUEST', typed(ANNA, 'orders-home'), asking(DELETE)],
      ['the phrase by a stranger', 'NOT_ALLOWED', typed(STRANGER, 'orders-home'), asking(DELETE)],
      [
        'the phrase by a mere requester',
        'NOT_ALLOWED',
        typed(BEN, 'orders-home'),
        asking(DELETE),
        withoutBen,
      ],
      [
        'whoever broke the glass deletes',
        'NOT_ALLOWED',
        typed(CARLA, 'orders-home'),
        asking(DELETE, glassBroken),
      ],
      ['whoever broke the glass waives', 'NOT_ALLOWED', answer(CARLA, 'waive'), asking(WAIVE, glassBroken)],
      [
        'who approved the run deletes too',
        'SAME_PERSON',
        typed(BEN, 'orders-home'),
        asking({ ...DELETE, notBy: [BEN] }),
      ],
      [
        'one confirms their own word',
        'SAME_PERSON',
        answer(BEN, 'confirm'),
        asking({ ...CONFIRM, notBy: [BEN] }),
      ],
      ['a mere requester says go', 'NOT_ALLOWED', answer(BEN, 'go'), asking(GO), withoutBen],
      ['a mere requester waives', 'NOT_ALLOWED', answer(BEN, 'waive'), asking(WAIVE), withoutBen],
    ])('%s: %s', (_, code, ask, events, plan) => {
      expect(judge(ask, events, plan)).toBe(code)
    })

    test('a form that will bring the phrase may be opened without it, by who may type it', () => {
      const run = runOf(...asking(DELETE))
      const opening = { plan: orders, run, now, opening: true }
      expect(refusal(answer(BEN, 'delete'), opening)).toBeUndefined()
      expect(refusal(answer(STRANGER, 'delete'), opening)?.code).toBe('NOT_ALLOWED')
    })

    test('the refusal of the same person names the others', () => {
      const run = runOf(...asking({ ...CONFIRM, notBy: [BEN] }))
      const told = refusal(answer(BEN, 'confirm'), { plan: orders, run, now })?.told
      expect(told).toBe(
        'Your word counts already; a second person has to choose this. Nothing was changed. Ask one of these people: <@U0ANNA>.',
      )
    })
  })

  test.each<[string, string | undefined, Ask]>([
    ['a requester asks for a failback', undefined, { ...wanting('failback'), by: ANNA }],
    ['a requester asks for a drill', undefined, { ...wanting('drill'), by: ANNA }],
    ['a stranger asks for a failback', 'NOT_ALLOWED', { ...wanting('failback'), by: STRANGER }],
    ['a stranger asks for a drill', 'NOT_ALLOWED', { ...wanting('drill'), by: STRANGER }],
    ['a drill from another channel', 'OUTSIDER', { ...wanting('drill'), by: ANNA, channel: 'C0OTHER' }],
    ['a stranger reads history', undefined, { kind: 'history', by: STRANGER, channel: CHANNEL }],
    ['an approver has a plan read', undefined, scan(BEN)],
    ['a stranger has a plan read', 'NOT_ALLOWED', scan(STRANGER)],
    ['a plan for a run of another channel', 'OUTSIDER', { ...scan(BEN), channel: 'C0OTHER' }],
  ])('%s: %s', (_, code, ask) => {
    expect(judge(ask, running)).toBe(code)
  })

  test('a watch that starts by itself is nobody’s to approve', () => {
    const watch: RunEvent = { type: 'proposed', proposal: proposal({ flow: 'aftercare' }) }
    expect(judge(approve(BEN), [watch])).toBe('CARD_STALE')
  })

  test('names who may', () => {
    expect(refusal(approve(STRANGER), { plan: orders, run: runOf(proposed), now })?.told).toContain(
      `<@${ANNA}>, <@${BEN}>`,
    )
  })
})
