import { describe, expect, it } from 'vitest'
import type { Run } from '../../src/engine/run.ts'
import { chooseDrill } from '../../src/flows/choose-drill.ts'
import { outsideWindow } from '../../src/flows/drill-window.ts'
import type { StatusFacts } from '../../src/flows/status.ts'
import type { Plan } from '../../src/plan/schema.ts'
import { AT, dark, global, lag, orders, record, seen, services, standalone, well, without } from './facts.ts'

const asked = { past: [] as readonly Run[], now: AT, scope: 'full' } as const
const why = (facts: StatusFacts, change: Partial<Parameters<typeof chooseDrill>[2]> = {}, plan = orders) => {
  try {
    chooseDrill(plan, facts, { ...asked, ...change })
  } catch (error) {
    return (error as Error).message.replace(/^(Drill|Capacity drill) of “orders” is refused: /, '')
  }
  return 'nothing'
}
const deployed = (side: 'home' | 'dr'): Partial<StatusFacts> => {
  const [first, ...rest] = services(side === 'home')
  if (!first) throw new Error('orders has services')
  const deployments = [
    { id: 'd1', status: 'PRIMARY', createdAt: AT, desired: 6, running: 2, rollout: 'IN_PROGRESS' },
  ]
  const facts = well()
  return { services: { ...facts.services, [side]: seen([{ ...first, deployments }, ...rest]) } }
}
const alarms = (home: string, dr = 'OK') => ({
  alarms: { home: seen([{ name: 'home-5xx', state: home }]), dr: seen([{ name: 'dr-5xx', state: dr }]) },
})

describe('a drill is chosen', () => {
  it.each(['full', 'capacity'] as const)('out from home, when everything is well (%s)', (scope) => {
    expect(chooseDrill(orders, well(), { ...asked, scope })).toEqual({
      flow: 'drill',
      variant: scope,
      mode: 'planned',
      from: 'home',
      to: 'dr',
    })
  })
})

describe('a drill is refused when', () => {
  it.each<[string, StatusFacts, RegExp]>([
    ['dr serves', well('dr'), /begins at home.*records do not all point at home \(dr\)/],
    [
      'the records are not home',
      well('home', { records: seen([record('dr')]) }),
      /records do not all point at home/,
    ],
    ['a region is dark', without('dr', well()), /the dr cluster cannot be seen.*alarms of dr cannot be seen/],
    [
      'the records cannot be listed',
      well('home', { records: dark('us-east-1') }),
      /the records cannot be seen/,
    ],
    [
      'there is no fresh lag',
      well('home', { lag: { home: seen('none'), dr: seen(lag(0.4, 600_000)) } }),
      /lag of dr is 0.4 s, read 10m 00s ago/,
    ],
    [
      'lag is high',
      well('home', { lag: { home: seen('none'), dr: seen(lag(31)) } }),
      /lag of dr is 31 s.*30 s/,
    ],
    ['an alarm rings', well('home', alarms('ALARM')), /in alarm: home-5xx/],
    [
      'an alarm of the side that serves has no data',
      well('home', alarms('INSUFFICIENT_DATA')),
      /without data: home-5xx/,
    ],
    ['something is deployed at home', well('home', deployed('home')), /orders-api in home is being deployed/],
    [
      'dr is not stood down',
      well('home', { services: { home: seen(services(true)), dr: seen(services(true)) } }),
      /the last move is not reconciled: dr is not at the capacity it waits with/,
    ],
    [
      'home is below what it serves with',
      well('home', { services: { home: seen(services(false)), dr: seen(services(false)) } }),
      /the last move is not reconciled: home is below/,
    ],
    ['something is deployed in dr', well('home', deployed('dr')), /orders-api in dr is being deployed/],
    [
      'customers are not served',
      well('home', { public: seen({ healthy: false, status: 503, ms: 9, detail: 'answered 503' }) }),
      /not served now: answered 503/,
    ],
    [
      'the standby is detached',
      well('home', {
        clusters: { home: well().clusters.home, dr: seen(standalone('dr')) },
        global: seen(global('home', { members: [] })),
      }),
      /begins at home/,
    ],
  ])('%s', (_name, facts, reason) => {
    expect(why(facts)).toMatch(reason)
  })

  it('says everything at once', () => {
    expect(
      why(well('home', { ...alarms('ALARM', 'ALARM'), records: seen([record('foreign')]) })),
    ).toMatchInlineSnapshot(
      `"the records do not all point at home (foreign); in alarm: home-5xx; in alarm: dr-5xx."`,
    )
  })

  it('leaves customers out of it for the capacity alone', () => {
    const shaky = well('home', alarms('ALARM'))
    expect(why(shaky, { scope: 'capacity' })).toBe('nothing')
    expect(why(well('home', deployed('dr')), { scope: 'capacity' })).toMatch(/being deployed/)
  })
})

const run = (change: {
  flow?: string
  phase?: Run['phase']
  outcome?: Run['outcome']
  moved?: boolean
  approved?: boolean
}): Run =>
  ({
    id: 'r7',
    phase: change.phase ?? 'ended',
    ...(change.outcome ? { outcome: change.outcome } : {}),
    ...(change.approved ? { approval: { by: 'U2', reason: 'x', at: 0, breakGlass: false } } : {}),
    proposal: { flow: change.flow ?? 'failover', title: 'Something', input: {} },
    steps: [{ id: 'switch-over', irreversible: 'x', state: change.moved === false ? 'pending' : 'done' }],
  }) as unknown as Run

describe('the journal', () => {
  it.each<[string, readonly Run[], RegExp]>([
    ['a run under way', [run({ phase: 'running', approved: true })], /r7 .* is under way/],
    ['an emergency that waits for approval', [run({ phase: 'proposed' })], /r7 .* waits for approval/],
    [
      'a watch after a failover',
      [run({ flow: 'aftercare', phase: 'running', approved: true })],
      /is under way/,
    ],
    ['a drill under way', [run({ flow: 'drill', phase: 'waiting', approved: true })], /is under way/],
    ['a failover that has ended', [run({ outcome: 'done' })], /^nothing$/],
    [
      'a card for a drill: this one takes its place',
      [run({ flow: 'drill', phase: 'proposed' })],
      /^nothing$/,
    ],
  ])('knows of %s', (_name, past, reason) => {
    expect(why(well(), { past })).toMatch(reason)
  })
})

const within = (from: string, to: string, days: string[], timeZone = 'Europe/Berlin') =>
  ({ ...orders, drill: { ...orders.drill, window: { days, from, to, timeZone } } }) as Plan

describe('the window', () => {
  const at = (iso: string) => Date.parse(iso)
  it.each<[string, Plan, string, string | undefined]>([
    [
      'none in the plan',
      { ...orders, drill: { everyDays: 90, soakMinutes: 10 } },
      '2026-11-21T03:00Z',
      undefined,
    ],
    ['inside, by the plan’s own time', within('09:00', '17:00', ['tue']), '2026-07-07T07:00Z', undefined],
    ['the last minute', within('09:00', '17:00', ['tue']), '2026-07-07T14:59Z', undefined],
    [
      'too early: it is 08:59 there',
      within('09:00', '17:00', ['tue']),
      '2026-07-07T06:59Z',
      'it is tue 08:59 (Europe/Berlin), and drills begin tue 09:00–17:00 (Europe/Berlin)',
    ],
    [
      'over: the end is not inside',
      within('09:00', '17:00', ['tue']),
      '2026-07-07T15:00Z',
      'it is tue 17:00 (Europe/Berlin), and drills begin tue 09:00–17:00 (Europe/Berlin)',
    ],
    [
      'another day',
      within('09:00', '17:00', ['tue']),
      '2026-07-08T10:00Z',
      'it is wed 12:00 (Europe/Berlin), and drills begin tue 09:00–17:00 (Europe/Berlin)',
    ],
    [
      'over midnight, the day it began on',
      within('22:00', '04:00', ['sun'], 'UTC'),
      '2026-07-06T03:59Z',
      undefined,
    ],
    [
      'over midnight, the day it did not begin on',
      within('22:00', '04:00', ['sun'], 'UTC'),
      '2026-07-05T03:59Z',
      'it is sun 03:59 (UTC), and drills begin sun 22:00–04:00 (UTC)',
    ],
    ['midnight itself', within('00:00', '01:00', ['mon'], 'UTC'), '2026-07-06T00:00Z', undefined],
    [
      'no such time zone',
      within('09:00', '17:00', ['tue'], 'Mars/Olympus'),
      '2026-07-07T07:00Z',
      "the plan's drill window is in “Mars/Olympus”, which is no time zone",
    ],
  ])('%s', (_name, plan, now, reason) => {
    expect(outsideWindow(plan, at(now))).toBe(reason)
  })
  it('closes full drills, not those of the capacity', () => {
    const plan = within('09:00', '10:00', ['mon'])
    expect(why(well(), {}, plan)).toMatch(/drills begin mon/)
    expect(why(well(), { scope: 'capacity' }, plan)).toBe('nothing')
  })
})
