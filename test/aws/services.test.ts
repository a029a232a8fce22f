import { describe, expect, it } from 'vitest'
import { recordCalls } from '../../src/aws/recorder.ts'
import type { Capacity } from '../../src/flows/world.ts'
import { dr, first, home, rig, seen, shipped, thrown } from './rig.ts'

const wantedApi: Capacity = { service: 'orders-api', desired: 6, min: 6, max: 12 }
const wanted: readonly Capacity[] = [wantedApi, { service: 'orders-web', desired: 4, min: 4, max: 8 }]
const api = first(shipped('orders').services)
const free = { in: false, out: false, scheduled: false }

describe('a look at the services', () => {
  it('sees all of the plan, in plan order, with scaling, health, deployments and the age of tasks', async () => {
    const { outside, clock } = rig()
    const services = await seen(outside.services.look('home'))
    expect(services.map(({ name }) => name)).toEqual(['orders-api', 'orders-web'])
    const [api] = services
    expect(api).toMatchObject({ desired: 6, running: 6, pending: 0, healthyTargets: 6, controller: 'ECS' })
    expect(api?.scaling).toEqual({ min: 6, max: 12, suspended: free })
    expect(api?.deployments).toMatchObject([
      { status: 'PRIMARY', rollout: 'COMPLETED', desired: 6, running: 6 },
    ])
    expect(api?.tasksStartedAt).toHaveLength(6)
    for (const at of api?.tasksStartedAt ?? []) expect(at).toBeLessThan(clock.now())
  })

  it('is failed, and never empty, when ECS does not know a service of the plan', async () => {
    const ecs = { cluster: 'orders', service: 'gone' }
    const { outside } = rig('orders', { services: [{ ...api, ecs: { home: ecs, dr: ecs } }] })
    expect(await outside.services.look('dr')).toMatchObject({
      ok: false,
      why: 'failed',
      detail: expect.stringContaining('there is no service gone in cluster orders'),
    })
  })

  it('asks for any number of services, ten at a time', async () => {
    const many = Array.from({ length: 23 }, (_, index) => ({ ...api, name: `api-${index}` }))
    const { outside, count } = rig('orders', { services: many })
    expect(await seen(outside.services.look('home'))).toHaveLength(23)
    expect(count('DescribeServices')).toBe(3)
  })
})

describe('raising', () => {
  it('sets the bounds first, with scale-in and schedules suspended, then the count', async () => {
    const { outside, aws, pass } = rig()
    const { evidence } = await outside.services.raise('dr', wanted)
    const changes = aws.calls.list().filter(({ operation }) => /^(Register|Update)/.test(operation))
    for (const service of ['orders-api', 'orders-web'])
      expect(
        changes.filter(({ params }) => params.includes(service)).map(({ operation }) => operation),
      ).toEqual(['RegisterScalableTarget', 'UpdateService'])
    expect(evidence).toHaveLength(4)
    pass(120_000)
    const [api, web] = await seen(outside.services.look('dr'))
    expect(api).toMatchObject({ desired: 6, running: 6, healthyTargets: 6 })
    expect(api?.scaling).toEqual({ min: 6, max: 12, suspended: { in: true, out: false, scheduled: true } })
    expect(web).toMatchObject({ desired: 4, running: 4 })
  })

  it('never lowers what is higher, and a second time changes nothing', async () => {
    const { outside, changes, pass } = rig()
    const more = [{ service: 'orders-api', desired: 9, min: 8, max: 20 }]
    await outside.services.raise('dr', more)
    pass(120_000)
    const before = changes().length
    await outside.services.raise('dr', [{ service: 'orders-api', desired: 2, min: 1, max: 3 }])
    expect(changes()).toHaveLength(before)
    const [api] = await seen(outside.services.look('dr'))
    expect(api).toMatchObject({ desired: 9, scaling: { min: 8, max: 20 } })
  })

  it('goes on when AWS throttles a little', { timeout: 30_000 }, async () => {
    const { aws, outside } = rig()
    aws.addFault({ kind: 'throttle', operation: 'UpdateService', times: 1 })
    await outside.services.raise('dr', wanted)
    expect((await seen(outside.services.look('dr'))).map(({ desired }) => desired)).toEqual([6, 4])
  })

  it('tells which call was refused', async () => {
    const { aws, outside } = rig()
    aws.addFault({ kind: 'denied', operation: 'RegisterScalableTarget' })
    expect(await thrown(outside.services.raise('dr', wanted))).toMatchObject({
      code: 'PERMISSION_MISSING',
      message: expect.stringContaining('application-autoscaling:RegisterScalableTarget'),
    })
  })

  it('is told call by call by a dry run that changes nothing', async () => {
    const { outside, changes } = rig()
    const calls = await recordCalls(() => outside.services.raise('dr', [wantedApi]))
    expect(changes()).toEqual([])
    expect(calls).toEqual([
      {
        service: 'Application Auto Scaling',
        operation: 'RegisterScalableTarget',
        region: dr,
        input: {
          ServiceNamespace: 'ecs',
          ScalableDimension: 'ecs:service:DesiredCount',
          ResourceId: 'service/orders/orders-api',
          MinCapacity: 6,
          MaxCapacity: 12,
          SuspendedState: {
            DynamicScalingInSuspended: true,
            DynamicScalingOutSuspended: false,
            ScheduledScalingSuspended: true,
          },
        },
      },
      {
        service: 'ECS',
        operation: 'UpdateService',
        region: dr,
        input: { cluster: 'orders', service: 'orders-api', desiredCount: 6 },
      },
    ])
  })
})

describe('fencing', () => {
  it('stops the named services only, and keeps auto scaling from starting them', async () => {
    const { outside, pass } = rig()
    await outside.services.fence('home', ['orders-api'])
    pass(300_000)
    const [api, web] = await seen(outside.services.look('home'))
    expect(api).toMatchObject({ desired: 0, running: 0, scaling: { min: 0, max: 12 } })
    expect(api?.scaling?.suspended).toEqual({ in: true, out: true, scheduled: true })
    expect(web).toMatchObject({ desired: 4, running: 4, scaling: { suspended: free } })
  })

  it('is undone by restoring', async () => {
    const { outside, changes, pass } = rig()
    await outside.services.fence('home', ['orders-api'])
    pass(60_000)
    await outside.services.restore('home', [wantedApi])
    pass(120_000)
    const [api] = await seen(outside.services.look('home'))
    expect(api).toMatchObject({ desired: 6, running: 6, scaling: { min: 6, max: 12, suspended: free } })
    expect(changes().every((change) => change.startsWith(home))).toBe(true)
  })
})

describe('refreshing', () => {
  it('replaces the tasks of the named services by new ones', async () => {
    const { outside, pass, clock, changes } = rig()
    const before = clock.now()
    await outside.services.refresh('home', ['orders-api'])
    pass(600_000)
    const [api, web] = await seen(outside.services.look('home'))
    expect(api?.tasksStartedAt).toHaveLength(6)
    for (const at of api?.tasksStartedAt ?? []) expect(at).toBeGreaterThan(before)
    for (const at of web?.tasksStartedAt ?? []) expect(at).toBeLessThan(before)
    expect(changes()).toEqual([`${home} UpdateService`])
  })
})
