import { describe, expect, test } from 'vitest'
import { simulate } from '../../rehearsal/aws/simulator.ts'
import { type State, states } from '../../rehearsal/aws/states.ts'
import { manualClock } from '../../rehearsal/clock.ts'
import { planFile } from '../../rehearsal/console/plan-files.ts'
import { worldActs } from '../../rehearsal/console/world-acts.ts'
import { worldPicture } from '../../rehearsal/console/world-picture.ts'
import { simulatedPlans } from '../../rehearsal/simulated-plans.ts'
import { planOf } from '../../src/plan/plans.ts'
import { scanPlan } from '../../src/terraform/scan.ts'

const hour = 3_600_000
const start = Date.UTC(2026, 10, 21, 3)
const newWorld = () => simulate({ clock: manualClock(start), seed: 3 })
/** The acts of the page's buttons; nothing here kills the bot. */
const actsOn = (simulation: ReturnType<typeof newWorld>) =>
  worldActs({ simulation, bot: { kill() {} } as Parameters<typeof worldActs>[0]['bot'] })
const act = (simulation: ReturnType<typeof newWorld>, what: string, body: Record<string, unknown>) =>
  actsOn(simulation)[what]?.(body)
const ordersIn = (simulation: ReturnType<typeof newWorld>) => {
  const app = worldPicture(simulation).apps.find(({ name }) => name === 'orders')
  if (!app) throw new Error('orders is not in the picture')
  return app
}
function inState(state: State) {
  const simulation = newWorld()
  act(simulation, 'state', { app: 'orders', state, active: 'dr' })
  return simulation
}

describe('the picture of a pair', () => {
  test('a healthy one lacks nothing', () => {
    const { lost, noStandby, sides } = ordersIn(newWorld())
    expect({ lost, noStandby }).toEqual({ lost: undefined, noStandby: undefined })
    expect(sides.home).toMatchObject({ writer: true, cluster: { status: 'available', member: true } })
    expect(sides.dr).toMatchObject({ writer: false, lagSeconds: 0.42, snapshots: [] })
  })

  test('shows how far a resynchronisation is, what holds the lost writes, and since when nothing stands by', () => {
    const simulation = inState('unprotected')
    simulation.clock.advance(hour)
    const { lost, noStandby, sides, dns } = ordersIn(simulation)
    expect(dns).toBe('dr')
    expect(noStandby?.since).toBe(start - 2 * hour)
    expect(lost).toEqual({ seconds: 0.7, places: 1 })
    expect(sides.home.cluster).toMatchObject({
      status: 'modifying',
      holdsLost: false,
      activity: { doing: 'resynchronising', since: start, until: expect.any(Number) },
      instances: [{ id: 'orders-home-1', status: 'rebooting' }],
    })
    expect(sides.home.snapshots).toMatchObject([
      {
        id: expect.stringContaining('rds:unplanned-global-failover-orders-home'),
        kind: 'rescue',
        holdsLost: true,
        expiresAt: start + 7 * 24 * hour,
      },
    ])
  })

  test('a snapshot that expired takes the last of the lost writes with it', () => {
    const simulation = inState('unprotected')
    simulation.clock.advance(8 * 24 * hour)
    const { lost, noStandby, sides } = ordersIn(simulation)
    expect({ lost, noStandby }).toEqual({ lost: { seconds: 0.7, places: 0 }, noStandby: undefined })
    expect(sides.home.snapshots).toEqual([])
  })

  test('a cluster that was not taken back stands alone and still holds them', () => {
    const { lost, sides } = ordersIn(inState('orphaned'))
    expect(sides.home.cluster).toMatchObject({ member: false, holdsLost: true })
    expect(lost?.places).toBe(1)
  })

  test('a missing cluster is missing, and one without instances has none', () => {
    expect(ordersIn(inState('alone')).sides.home.cluster).toBeUndefined()
    expect(ordersIn(inState('headless')).sides.home.cluster?.instances).toEqual([])
  })

  test.each(states)('can be drawn in the state %s, from either side', (state) => {
    const simulation = inState(state)
    expect(ordersIn(simulation).dns).toBe('dr')
    act(simulation, 'state', { app: 'orders', state, active: 'home' })
    expect(ordersIn(simulation).dns).toBe('home')
  })
})

describe('the buttons', () => {
  test('a switch shows in the menu until it is turned off, however often it was turned on', () => {
    const simulation = newWorld()
    for (const on of [true, true, false, true]) act(simulation, 'switch', { kind: 'no-rejoin', on })
    expect(worldPicture(simulation).menu.switches).toEqual(['no-rejoin'])
    act(simulation, 'switch', { kind: 'no-rejoin', on: false })
    expect(simulation.world.faults).toEqual([])
  })

  test('an apply of the missing side is told that it is the secondary, and is shown there', () => {
    const simulation = inState('alone')
    act(simulation, 'apply', { app: 'orders', stack: 'orders-home-platform' })
    expect(ordersIn(simulation).sides.home.builds).toMatchObject([
      { stack: 'home platform', status: 'IN_PROGRESS', since: start },
    ])
    expect(simulation.world.builds[0]).toMatchObject({
      variables: { is_aurora_secondary: 'true', aurora_source_region: 'us-west-2' },
      nasty: [],
    })
  })

  test('ask nothing of the world that it does not know', () => {
    const simulation = newWorld()
    expect(() => act(simulation, 'state', { app: 'orders', state: 'lost', active: 'dr' })).toThrow()
    expect(() => act(simulation, 'apply', { app: 'billing', stack: 'orders-dr-platform' })).toThrow(
      'billing has no stack orders-dr-platform',
    )
  })
})

describe('the ready-made Terraform plans', () => {
  const plans = simulatedPlans(newWorld())
  const judged = (app: 'orders' | 'billing', kind: Parameters<typeof planFile>[1], active: 'home' | 'dr') => {
    const { name, content } = planFile(app, kind, active)
    return scanPlan(JSON.parse(content), { plan: planOf(plans, app), active, file: name })
  }

  test.each(['orders', 'billing'] as const)('of %s are judged as their names say', (app) => {
    for (const active of ['home', 'dr'] as const) {
      expect(judged(app, 'no-op', active)).toMatchObject({ verdict: 'clean', findings: [] })
      const drift = judged(app, 'drift', active)
      expect(drift.verdict).toBe('clean')
      expect(drift.findings.map(({ level }) => level)).toContain('expected')
      expect(judged(app, 'nasty', active).verdict).toBe('blocked')
    }
  })

  test('the nasty one holds what the scanner is there for', () => {
    const addresses = judged('orders', 'nasty', 'dr')
      .findings.filter(({ level }) => level === 'blocker')
      .map(({ address }) => address)
    expect(addresses).toEqual(
      expect.arrayContaining([
        'aws_rds_global_cluster.this',
        'aws_rds_cluster.home',
        'aws_rds_cluster.dr',
        'aws_route53_record.public',
        'aws_ecs_service.this["orders-api"]',
      ]),
    )
  })
})
