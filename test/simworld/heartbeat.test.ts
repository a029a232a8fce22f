import { RegisterScalableTargetCommand } from '@aws-sdk/client-application-auto-scaling'
import { GetMetricDataCommand } from '@aws-sdk/client-cloudwatch'
import { UpdateServiceCommand } from '@aws-sdk/client-ecs'
import { FailoverGlobalClusterCommand, SwitchoverGlobalClusterCommand } from '@aws-sdk/client-rds'
import { describe, expect, test } from 'vitest'
import type { Simulation } from '../../rehearsal/aws/simulator.ts'
import { clients, DR, HOME, ordersDr, start, world } from './world.ts'

/** Seconds since the start at which the newest row was written that a side's readers see. */
async function beat(sim: Simulation, region: string): Promise<number | string | null> {
  const answer = await sim.request(`http://orders.${region}.example.test/heartbeat`)
  if (answer === 'no-answer') return answer
  if (answer.status !== 200) return `status ${answer.status}`
  const { writtenAt } = JSON.parse(answer.body) as { writtenAt: string | null }
  return writtenAt === null ? null : (Date.parse(writtenAt) - start) / 1000
}

const target = { GlobalClusterIdentifier: 'orders-global', TargetDbClusterIdentifier: ordersDr }
const failover = new FailoverGlobalClusterCommand({ ...target, AllowDataLoss: true })

describe('the heartbeat', () => {
  test('is a row a second; the standby has it a little later', async () => {
    const { clock, sim } = world({ scenario: 'lag-high' })
    clock.advance(100_500)
    expect(await beat(sim, HOME)).toBe(100)
    expect(await beat(sim, DR)).toBe(25)
  })

  test('tells after a failover which rows are lost', async () => {
    const { clock, sim } = world({ scenario: 'lag-high' })
    clock.advance(100_000)
    await sim.outage(HOME, 'drop')
    clock.advance(20_000)
    expect(await beat(sim, HOME)).toBe('no-answer')
    expect(await beat(sim, DR)).toBe(25)
    await clients(sim, DR).rds.send(failover)
    clock.advance(sim.world.draws.orders.failover)
    expect(await beat(sim, DR)).toBe(25)
    expect(sim.slo('orders').dataLossSeconds).toBe(75)
    const refresh = new UpdateServiceCommand({
      cluster: 'orders',
      service: 'orders-api',
      forceNewDeployment: true,
    })
    await clients(sim, DR).ecs.send(refresh)
    clock.advance(200_000)
    expect(await beat(sim, DR)).toBe(Math.floor((clock.now() - start) / 1000))
  })

  test('loses nothing in a switchover', async () => {
    const { clock, sim } = world()
    clock.advance(60_000)
    await clients(sim, HOME).rds.send(new SwitchoverGlobalClusterCommand(target))
    const { switchover } = sim.world.draws.orders
    clock.advance(switchover)
    const last = Math.ceil((60_000 + switchover * 0.4) / 1000) - 1
    expect(await beat(sim, DR)).toBe(last)
    expect(await beat(sim, HOME)).toBe(last)
  })

  test('cannot be read where the database has no instance, and there is none in a new volume', async () => {
    const { clock, sim } = world()
    sim.enter('orders', 'headless', 'home')
    expect(await beat(sim, DR)).toBe('status 503')
    sim.enter('orders', 'unprotected', 'dr')
    expect(await beat(sim, HOME)).toBe('status 503')
    sim.enter('orders', 'alone', 'dr')
    expect(await beat(sim, HOME)).toBe('status 503')
    sim.enter('orders', 'orphaned', 'dr')
    clock.advance(10_000)
    expect(await beat(sim, DR)).toBe(9)
    expect(await beat(sim, HOME)).toBe(9)
  })
})

test('a cluster’s connections are those of the tasks that write there', async () => {
  const { clock, sim } = world()
  const most = async (region: string, Value: string) => {
    const { MetricDataResults = [] } = await clients(sim, region).cloudwatch.send(
      new GetMetricDataCommand({
        StartTime: new Date(clock.now() - 15 * 60_000),
        EndTime: new Date(clock.now()),
        MetricDataQueries: [
          {
            Id: 'connections',
            MetricStat: {
              Metric: {
                Namespace: 'AWS/RDS',
                MetricName: 'DatabaseConnections',
                Dimensions: [{ Name: 'DBClusterIdentifier', Value }],
              },
              Period: 60,
              Stat: 'Maximum',
            },
          },
        ],
      }),
    )
    return MetricDataResults[0]?.Values ?? []
  }
  expect(Math.max(...(await most(HOME, 'orders-home')))).toBe(60)
  expect(Math.max(...(await most(DR, 'orders-dr')))).toBe(10)
  expect(await most(DR, 'billing-dr')).toContain(0)
  sim.enter('orders', 'orphaned', 'dr')
  const { ecs, scaling } = clients(sim, HOME)
  await scaling.send(
    new RegisterScalableTargetCommand({
      ServiceNamespace: 'ecs',
      ResourceId: 'service/orders/orders-api',
      ScalableDimension: 'ecs:service:DesiredCount',
      MinCapacity: 0,
    }),
  )
  await ecs.send(new UpdateServiceCommand({ cluster: 'orders', service: 'orders-api', desiredCount: 0 }))
  clock.advance(20 * 60_000)
  expect(await most(HOME, 'orders-home')).toEqual(Array.from({ length: 15 }, () => 0))
  sim.enter('orders', 'alone', 'dr')
  clock.advance(20 * 60_000)
  expect(await most(HOME, 'orders-home')).toEqual([])
})
