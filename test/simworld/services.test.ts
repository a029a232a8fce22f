import {
  DescribeScalableTargetsCommand,
  RegisterScalableTargetCommand,
} from '@aws-sdk/client-application-auto-scaling'
import {
  DescribeServicesCommand,
  DescribeTaskDefinitionCommand,
  DescribeTasksCommand,
  ListServicesCommand,
  ListTasksCommand,
  paginateListTasks,
  StopTaskCommand,
  UpdateServiceCommand,
} from '@aws-sdk/client-ecs'
import {
  DescribeListenersCommand,
  DescribeRulesCommand,
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  ModifyListenerCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import { describe, expect, test } from 'vitest'
import { clients, DR, HOME, refusal, world } from './world.ts'

type Clients = ReturnType<typeof clients>

const service = async ({ ecs }: Clients, name = 'orders-api') => {
  const cluster = name.split('-')[0]
  const { services = [] } = await ecs.send(new DescribeServicesCommand({ cluster, services: [name] }))
  const [found] = services
  if (!found) throw new Error(`no ${name}`)
  return found
}
const counts = async (here: Clients, name?: string) => {
  const { desiredCount, runningCount, pendingCount } = await service(here, name)
  return [desiredCount, runningCount, pendingCount]
}
const update = ({ ecs }: Clients, input: { desiredCount?: number; forceNewDeployment?: boolean }) =>
  ecs.send(new UpdateServiceCommand({ cluster: 'orders', service: 'orders-api', ...input }))
const register = ({ scaling }: Clients, input: object) =>
  scaling.send(
    new RegisterScalableTargetCommand({
      ServiceNamespace: 'ecs',
      ResourceId: 'service/orders/orders-api',
      ScalableDimension: 'ecs:service:DesiredCount',
      ...input,
    }),
  )
const health = async ({ elb }: Clients, name = 'orders-api') => {
  const { TargetGroups = [] } = await elb.send(new DescribeTargetGroupsCommand({ Names: [name] }))
  const TargetGroupArn = TargetGroups[0]?.TargetGroupArn
  const { TargetHealthDescriptions = [] } = await elb.send(
    new DescribeTargetHealthCommand({ TargetGroupArn }),
  )
  return TargetHealthDescriptions.map(({ TargetHealth }) => TargetHealth?.State).toSorted()
}

describe('tasks', () => {
  test('start in steps and then become healthy', async () => {
    const { clock, sim } = world()
    const dr = clients(sim, DR)
    const { firstTask, lastTask, healthy } = sim.world.draws.orders
    await register(dr, { MaxCapacity: 12 })
    await update(dr, { desiredCount: 6 })
    expect(await counts(dr)).toEqual([6, 1, 5])
    clock.advance(firstTask)
    const [, some = 0] = await counts(dr)
    expect(some).toBeGreaterThan(1)
    expect(some).toBeLessThan(6)
    clock.advance(lastTask - firstTask)
    expect(await counts(dr)).toEqual([6, 6, 0])
    expect(await health(dr)).toContain('initial')
    clock.advance(healthy)
    expect(await health(dr)).toEqual(Array(6).fill('healthy'))
    expect((await service(dr)).deployments).toHaveLength(1)
  })

  test('a new deployment starts its tasks first and drains the old ones once they are healthy', async () => {
    const { clock, sim } = world()
    const home = clients(sim, HOME)
    const { lastTask, healthy } = sim.world.draws.orders
    const before = clock.now()
    await update(home, { forceNewDeployment: true })
    expect((await service(home)).deployments?.map((each) => [each.status, each.rolloutState])).toEqual([
      ['PRIMARY', 'IN_PROGRESS'],
      ['ACTIVE', 'COMPLETED'],
    ])
    clock.advance(lastTask)
    expect(await counts(home)).toEqual([6, 12, 0])
    clock.advance(healthy)
    expect((await health(home)).filter((state) => state === 'draining')).toHaveLength(6)
    clock.advance(30_000)
    const done = await service(home)
    expect(done.deployments).toHaveLength(1)
    expect(done.deployments?.[0]).toMatchObject({ rolloutState: 'COMPLETED', runningCount: 6 })
    const { taskArns } = await home.ecs.send(
      new ListTasksCommand({ cluster: 'orders', serviceName: 'orders-api' }),
    )
    const { tasks = [] } = await home.ecs.send(
      new DescribeTasksCommand({ cluster: 'orders', tasks: taskArns }),
    )
    expect(tasks).toHaveLength(6)
    expect(tasks.every(({ startedAt }) => (startedAt?.getTime() ?? 0) > before)).toBe(true)
  })

  test('a task that is stopped goes at once, and its service replaces it', async () => {
    const { clock, sim } = world()
    const home = clients(sim, HOME)
    const list = new ListTasksCommand({ cluster: 'orders', serviceName: 'orders-api' })
    const { taskArns: [task] = [] } = await home.ecs.send(list)
    await home.ecs.send(new StopTaskCommand({ cluster: 'orders', task }))
    expect(await counts(home)).toEqual([6, 6, 1])
    clock.advance(10_000)
    expect(await counts(home)).toEqual([6, 5, 1])
    clock.advance(60_000)
    expect(await counts(home)).toEqual([6, 6, 0])
    expect((await home.ecs.send(list)).taskArns).not.toContain(task)
    expect(await refusal(home.ecs.send(new StopTaskCommand({ cluster: 'orders', task })))).toBe(
      'InvalidParameterException',
    )
  })

  test('scaling to zero drains, and does not undo a count by itself when the minimum is zero too', async () => {
    const { clock, sim } = world()
    const home = clients(sim, HOME)
    await register(home, { MinCapacity: 0 })
    await update(home, { desiredCount: 0 })
    expect(await counts(home)).toEqual([0, 6, 0])
    clock.advance(30_000)
    expect(await counts(home)).toEqual([0, 0, 0])
    clock.advance(600_000)
    expect(await counts(home)).toEqual([0, 0, 0])
  })

  test('a region short of capacity leaves services short, and says so', async () => {
    const { clock, sim } = world({ scenario: 'capacity-short' })
    const dr = clients(sim, DR)
    await register(dr, { MinCapacity: 6, MaxCapacity: 12 })
    await update(dr, { desiredCount: 6 })
    clock.advance(600_000)
    expect(await counts(dr)).toEqual([6, 3, 0])
    expect((await service(dr)).events?.[0]?.message).toContain('unable to place a task')
    sim.removeFaults()
    clock.advance(120_000)
    expect(await counts(dr)).toEqual([6, 6, 0])
  })
})

describe('auto scaling', () => {
  test('raises to a minimum and lowers to a maximum within a minute', async () => {
    const { clock, sim } = world()
    const dr = clients(sim, DR)
    await update(dr, { desiredCount: 6 })
    clock.advance(60_000)
    expect((await counts(dr))[0]).toBe(2)
    await register(dr, { MinCapacity: 6, MaxCapacity: 12 })
    clock.advance(60_000)
    expect((await counts(dr))[0]).toBe(6)
  })

  test('does neither while it is suspended, and keeps what was not given', async () => {
    const { clock, sim } = world()
    const dr = clients(sim, DR)
    await register(dr, {
      SuspendedState: { DynamicScalingInSuspended: true, DynamicScalingOutSuspended: true },
    })
    await update(dr, { desiredCount: 6 })
    clock.advance(60_000)
    expect((await counts(dr))[0]).toBe(6)
    const { ScalableTargets = [] } = await dr.scaling.send(
      new DescribeScalableTargetsCommand({
        ServiceNamespace: 'ecs',
        ResourceIds: ['service/orders/orders-api'],
      }),
    )
    expect(ScalableTargets[0]).toMatchObject({
      MinCapacity: 1,
      MaxCapacity: 2,
      SuspendedState: { DynamicScalingInSuspended: true, ScheduledScalingSuspended: false },
    })
    expect(await refusal(register(dr, { MinCapacity: 9 }))).toBe('ValidationException')
  })
})

describe('listing', () => {
  test('real pages, missing things, names or ARNs', async () => {
    const { sim } = world()
    const { ecs } = clients(sim, HOME)
    const arns: string[] = []
    const pages = paginateListTasks(
      { client: ecs, pageSize: 4 },
      { cluster: 'orders', serviceName: 'orders-api' },
    )
    for await (const page of pages) arns.push(...(page.taskArns ?? []))
    expect(new Set(arns).size).toBe(6)
    const { serviceArns = [] } = await ecs.send(new ListServicesCommand({ cluster: 'orders' }))
    const { services, failures } = await ecs.send(
      new DescribeServicesCommand({ cluster: 'orders', services: [serviceArns[0] ?? '', 'nope'] }),
    )
    expect(services?.[0]?.serviceName).toBe('orders-api')
    expect(failures?.[0]?.reason).toBe('MISSING')
    const eleven = Array.from({ length: 11 }, (_, index) => `s${index}`)
    expect(
      await refusal(ecs.send(new DescribeServicesCommand({ cluster: 'orders', services: eleven }))),
    ).toBe('InvalidParameterException')
    expect(await refusal(ecs.send(new ListTasksCommand({ cluster: 'nope' })))).toBe(
      'ClusterNotFoundException',
    )
    expect(await refusal(ecs.send(new UpdateServiceCommand({ cluster: 'orders', service: 'nope' })))).toBe(
      'ServiceNotFoundException',
    )
    expect(await refusal(ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition: 'nope' })))).toBe(
      'ClientException',
    )
    expect(
      (await ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition: 'orders-web:42' }))).taskDefinition
        ?.family,
    ).toBe('orders-web')
  })
})

describe('listeners', () => {
  test('are replaced as a whole and told in both forms; a group without traffic is not checked', async () => {
    const { sim } = world()
    const { elb } = clients(sim, DR)
    const ids = sim.ids('billing')
    const { arn, serves } = ids.listener?.dr ?? { arn: '', serves: '' }
    const described = async () =>
      (await elb.send(new DescribeListenersCommand({ ListenerArns: [arn] }))).Listeners?.[0]?.DefaultActions
    expect((await described())?.[0]?.ForwardConfig?.TargetGroups?.map(({ Weight }) => Weight)).toEqual([
      0, 100,
    ])
    const forward = (TargetGroupArn: string) => [{ Type: 'forward' as const, TargetGroupArn }]
    await elb.send(new ModifyListenerCommand({ ListenerArn: arn, DefaultActions: forward(serves) }))
    expect(await described()).toEqual([
      {
        Type: 'forward',
        Order: 1,
        TargetGroupArn: serves,
        ForwardConfig: {
          TargetGroups: [{ TargetGroupArn: serves, Weight: 1 }],
          TargetGroupStickinessConfig: { Enabled: false },
        },
      },
    ])
    const wrong = new ModifyListenerCommand({ ListenerArn: arn, DefaultActions: forward(`${serves}x`) })
    expect(await refusal(elb.send(wrong))).toBe('TargetGroupNotFoundException')
    expect((await elb.send(new DescribeRulesCommand({ ListenerArn: arn }))).Rules).toHaveLength(1)
    expect(await refusal(elb.send(new DescribeListenersCommand({ ListenerArns: [`${arn}x`] })))).toBe(
      'ListenerNotFoundException',
    )
  })

  test('targets of a group that no listener names are unused', async () => {
    const { sim } = world()
    const home = clients(sim, HOME)
    const { arn } = sim.ids('billing').listener?.home ?? { arn: '' }
    expect(await health(home, 'billing-blue')).toEqual(Array(4).fill('healthy'))
    const busy = { Type: 'fixed-response' as const, FixedResponseConfig: { StatusCode: '503' } }
    await home.elb.send(new ModifyListenerCommand({ ListenerArn: arn, DefaultActions: [busy] }))
    expect(await health(home, 'billing-blue')).toEqual(Array(4).fill('unused'))
    expect(sim.state().apps.billing.success).toBe(0)
  })
})
