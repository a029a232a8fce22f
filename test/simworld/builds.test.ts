import { BatchGetBuildsCommand, StartBuildCommand } from '@aws-sdk/client-codebuild'
import { describe, expect, test } from 'vitest'
import { type Simulation, simulate } from '../../rehearsal/aws/simulator.ts'
import { manualClock, type WorldClock } from '../../rehearsal/clock.ts'
import { simulatedPlans } from '../../rehearsal/simulated-plans.ts'
import { planOf } from '../../src/plan/plans.ts'
import { clients, DR, HOME, refusal, start, world } from './world.ts'

const projectName = 'orders-home-platform'
const secondary = [
  { name: 'TF_VAR_is_aurora_secondary', value: 'true' },
  { name: 'TF_VAR_aurora_source_region', value: DR },
]
const started = (input: object = {}) =>
  new StartBuildCommand({ projectName, environmentVariablesOverride: secondary, ...input })

/** Lets a clock that is moved by hand run, timer by timer, until it is so. */
async function until(clock: WorldClock, isSo: () => boolean): Promise<void> {
  for (let turn = 0; !isSo(); turn++) {
    if (turn > 2_000) throw new Error('it never is')
    for (let tick = 0; tick < 4; tick++) await new Promise((next) => setImmediate(next))
    const next = clock.next()
    if (next !== undefined) clock.advance(Math.max(0, next - clock.now()))
  }
}

const buildNow = (sim: Simulation) => sim.state().builds.at(-1)
const isOver = (sim: Simulation) => () => buildNow(sim)?.status !== 'IN_PROGRESS'

describe('a build', () => {
  test('applies a platform: a missing secondary and its instance are created', async () => {
    const { clock, sim } = world()
    sim.enter('orders', 'alone', 'dr')
    const { codebuild } = clients(sim, HOME)
    const { build } = await codebuild.send(started())
    expect(build).toMatchObject({ buildStatus: 'IN_PROGRESS', currentPhase: 'QUEUED', projectName })
    await until(clock, isOver(sim))
    const { builds, buildsNotFound } = await codebuild.send(
      new BatchGetBuildsCommand({ ids: [build?.id ?? '', 'orders-home-platform:none'] }),
    )
    expect(builds).toMatchObject([
      { buildStatus: 'SUCCEEDED', currentPhase: 'COMPLETED', buildComplete: true },
    ])
    expect(buildsNotFound).toEqual(['orders-home-platform:none'])
    expect(sim.state().apps.orders.sides.home).toMatchObject({
      cluster: 'available',
      inGlobal: 'orders-global',
      deletionProtection: true,
      instances: [{ id: 'orders-home-1', status: 'available' }],
    })
    expect(buildNow(sim)?.log.at(-1)).toBe('Apply complete!')
    expect(sim.calls.list().filter(({ operation }) => operation.startsWith('Create'))).toHaveLength(2)
  })

  test('gives a headless cluster an instance, and leaves a whole one alone', async () => {
    const { clock, sim } = world()
    sim.enter('orders', 'headless', 'home')
    sim.apply('orders', 'orders-dr-platform', { variables: { is_aurora_secondary: 'true' } })
    await until(clock, isOver(sim))
    expect(sim.state().apps.orders.sides.dr.instances).toEqual([{ id: 'orders-dr-1', status: 'available' }])
    sim.apply('orders', 'orders-dr-platform', { variables: { is_aurora_secondary: 'true' } })
    await until(clock, isOver(sim))
    expect(buildNow(sim)?.log[0]).toMatch(/^No changes/)
  })

  test('fails with the words of AWS or of Terraform', async () => {
    const { clock, sim } = world()
    sim.enter('orders', 'orphaned', 'dr')
    await clients(sim, HOME).codebuild.send(started())
    await until(clock, isOver(sim))
    expect(buildNow(sim)).toMatchObject({ status: 'FAILED' })
    expect(buildNow(sim)?.log.at(-1)).toMatch(/cannot be added to an existing RDS Global Cluster/)
    sim.enter('orders', 'alone', 'dr')
    sim.apply('orders', projectName, { variables: { is_aurora_secondary: 'true', engine_version: '16.4' } })
    await until(clock, isOver(sim))
    expect(buildNow(sim)?.log.at(-1)).toMatch(/doesn't match the engine version/)
    sim.apply('orders', projectName)
    await until(clock, isOver(sim))
    expect(buildNow(sim)?.log.at(-1)).toMatch(/nothing was applied/)
  })

  test('is known by its project in that region, and by its token for five minutes', async () => {
    const { clock, sim } = world()
    const { codebuild } = clients(sim, HOME)
    expect(await refusal(clients(sim, DR).codebuild.send(started()))).toBe('ResourceNotFoundException')
    expect(await refusal(codebuild.send(started({ projectName: 'billing-home-platform' })))).toBe(
      'ResourceNotFoundException',
    )
    const ask = async () => (await codebuild.send(started({ idempotencyToken: 'one' }))).build?.id
    const first = await ask()
    expect(await ask()).toBe(first)
    clock.advance(300_000)
    expect(await ask()).not.toBe(first)
  })

  test('goes on where a saved world does', async () => {
    const { sim } = world()
    sim.enter('orders', 'alone', 'dr')
    sim.apply('orders', projectName, { variables: { is_aurora_secondary: 'true' } })
    const clock = manualClock(start)
    const again = simulate({ clock, seed: 9, saved: sim.save() })
    await until(clock, isOver(again))
    expect(buildNow(again)?.status).toBe('SUCCEEDED')
  })

  test('waits for a region that goes dark under way', async () => {
    const { clock, sim } = world()
    sim.enter('orders', 'alone', 'dr')
    sim.apply('orders', projectName, { variables: { is_aurora_secondary: 'true' } })
    await until(clock, () => sim.state().apps.orders.sides.home.cluster === 'creating')
    await sim.outage(HOME, 'drop')
    const back = clock.now() + 600_000
    await until(clock, () => clock.now() >= back)
    await sim.outage(HOME, undefined)
    await until(clock, isOver(sim))
    expect(buildNow(sim)?.status).toBe('SUCCEEDED')
  })
})

describe('workloads', () => {
  const counts = (sim: Simulation, side: 'home' | 'dr') =>
    sim.state().apps.orders.sides[side].services.map(({ desired }) => desired)

  test('get the counts of the role that is named, and none without one', async () => {
    const { clock, sim } = world()
    sim.apply('orders', 'orders-dr-workloads')
    await until(clock, isOver(sim))
    expect(counts(sim, 'dr')).toEqual([1, 1])
    sim.apply('orders', 'orders-dr-workloads', { variables: { role: 'active' } })
    await until(clock, isOver(sim))
    expect(counts(sim, 'dr')).toEqual([6, 4])
  })

  test('applied carelessly, take back the counts and the record', async () => {
    const { clock, sim } = world()
    sim.enter('orders', 'protected', 'dr')
    sim.addFault({ kind: 'nasty-apply', app: 'orders' })
    await clients(sim, HOME).codebuild.send(new StartBuildCommand({ projectName: 'orders-home-workloads' }))
    await until(clock, isOver(sim))
    expect(counts(sim, 'home')).toEqual([6, 4])
    expect(sim.state().apps.orders.dns.record).toBe('home')
  })
})

test('the simulated plans name these stacks, and only the heartbeat that there is', () => {
  const { sim } = world()
  const plans = simulatedPlans(sim)
  const [orders, billing] = ['orders', 'billing'].map((name) => planOf(plans, name))
  expect(orders?.terraform?.stacks.map(({ codeBuild }) => codeBuild)).toContain(projectName)
  expect(billing?.terraform?.stacks.map(({ codeBuild }) => codeBuild)).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
  ])
  expect(orders?.heartbeat?.dr).toBe('http://orders.us-west-2.example.test/heartbeat')
  expect(billing?.heartbeat).toBeUndefined()
})
