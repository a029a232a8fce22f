import { RegisterScalableTargetCommand } from '@aws-sdk/client-application-auto-scaling'
import { DescribeAlarmsCommand, GetMetricDataCommand, ListMetricsCommand } from '@aws-sdk/client-cloudwatch'
import { UpdateServiceCommand } from '@aws-sdk/client-ecs'
import { ModifyListenerCommand } from '@aws-sdk/client-elastic-load-balancing-v2'
import { FailoverGlobalClusterCommand } from '@aws-sdk/client-rds'
import { ChangeResourceRecordSetsCommand } from '@aws-sdk/client-route-53'
import { describe, expect, test } from 'vitest'
import type { Simulation } from '../../rehearsal/aws/simulator.ts'
import type { App } from '../../rehearsal/aws/world/world.ts'
import type { WorldClock } from '../../rehearsal/clock.ts'
import { clients, DR, HOME, world } from './world.ts'

type Step = 'capacity' | 'promote' | 'refresh' | 'listener' | 'dns'

/** The parts of a failover, each asked for without waiting. */
function hand(sim: Simulation, app: App) {
  const ids = sim.ids(app)
  const dr = clients(sim, DR)
  const service = (name: string, input: object) =>
    dr.ecs.send(new UpdateServiceCommand({ cluster: app, service: name, ...input }))
  const steps: Record<Step, () => Promise<unknown>> = {
    capacity: async () => {
      for (const { name, capacity } of ids.services) {
        await dr.scaling.send(
          new RegisterScalableTargetCommand({
            ServiceNamespace: 'ecs',
            ResourceId: `service/${app}/${name}`,
            ScalableDimension: 'ecs:service:DesiredCount',
            MinCapacity: capacity.dr.active,
            MaxCapacity: capacity.dr.max,
          }),
        )
        await service(name, { desiredCount: capacity.dr.active })
      }
    },
    promote: () =>
      dr.rds.send(
        new FailoverGlobalClusterCommand({
          GlobalClusterIdentifier: ids.database.globalCluster,
          TargetDbClusterIdentifier: `arn:aws:rds:${DR}:111122223333:cluster:${ids.database.clusters.dr}`,
          AllowDataLoss: true,
        }),
      ),
    refresh: () =>
      Promise.all(
        ids.services
          .filter(({ writes }) => writes)
          .map(({ name }) => service(name, { forceNewDeployment: true })),
      ),
    listener: () =>
      dr.elb.send(
        new ModifyListenerCommand({
          ListenerArn: ids.listener?.dr.arn,
          DefaultActions: [{ Type: 'forward', TargetGroupArn: ids.listener?.dr.serves }],
        }),
      ),
    dns: () => {
      const [record] = ids.dns.records
      const alias = (side: 'home' | 'dr') => ({
        Name: record?.name,
        Type: record?.type,
        AliasTarget: {
          HostedZoneId: record?.targets[side].hostedZoneId,
          DNSName: record?.targets[side].dnsName,
          EvaluateTargetHealth: record?.evaluateTargetHealth,
        },
      })
      const Changes = [
        { Action: 'DELETE' as const, ResourceRecordSet: alias('home') },
        { Action: 'CREATE' as const, ResourceRecordSet: alias('dr') },
      ]
      return dr.route53.send(
        new ChangeResourceRecordSetsCommand({ HostedZoneId: ids.dns.hostedZoneId, ChangeBatch: { Changes } }),
      )
    },
  }
  return steps
}

async function failOver(sim: Simulation, clock: WorldClock, app: App, leaveOut: readonly Step[] = []) {
  const steps = hand(sim, app)
  const { floor } = sim.slo(app)
  const doStep = async (step: Step) => (leaveOut.includes(step) ? undefined : steps[step]())
  await doStep('capacity')
  await doStep('promote')
  clock.advance(Math.max(floor.promotion, floor.capacity) * 1000)
  await doStep('refresh')
  if (app === 'billing') await doStep('listener')
  clock.advance(floor.poolRefresh * 1000)
  await doStep('dns')
  clock.advance(300_000)
}

describe('the floor', () => {
  test.each([1, 2, 3, 4, 5, 6])('is what the fastest possible failover takes (seed %i)', async (seed) => {
    for (const app of ['orders', 'billing'] as const) {
      const { clock, sim } = world({ seed })
      clock.advance(30_000)
      await sim.outage(HOME, 'drop')
      const from = clock.now()
      await failOver(sim, clock, app)
      const { outage, floor, successNow } = sim.slo(app)
      expect(successNow).toBe(1)
      expect(outage?.from).toBe(from)
      expect(outage?.seconds).toBeGreaterThanOrEqual(floor.total - 0.001)
      expect(outage?.seconds).toBeLessThanOrEqual(floor.total + 1)
      expect(sim.slo(app, from + 10_000).outage?.seconds).toBe((outage?.seconds ?? 0) - 10)
    }
  })

  test('differs by seed and application, and the same seed draws the same', () => {
    const floor = (seed: number) => world({ seed }).sim.slo('orders').floor
    expect(floor(1)).toEqual(floor(1))
    expect(new Set([1, 2, 3, 4, 5].map((seed) => floor(seed).total)).size).toBe(5)
    expect(world().sim.slo('billing').floor.total).not.toBe(floor(1).total)
  })
})

describe('what is left out is felt', () => {
  test.each<[Step, number]>([
    ['capacity', 0],
    ['promote', 0],
    ['refresh', 0],
    ['listener', 0],
    ['dns', 0],
  ])('without %s customers have a success of %d', async (step, expected) => {
    const { clock, sim } = world()
    await sim.outage(HOME, 'drop')
    await failOver(sim, clock, 'billing', [step])
    expect(sim.slo('billing')).toMatchObject({ successNow: expected, outage: { to: null } })
  })

  test('a healthy world has no outage, and a grey region a partial one', async () => {
    const { clock, sim } = world()
    clock.advance(3_600_000)
    expect(sim.slo('orders')).toMatchObject({ outage: null, successNow: 1, dataLossSeconds: null })
    await sim.outage(HOME, 'slow')
    clock.advance(60_000)
    expect(sim.slo('orders').successNow).toBe(0.7)
    await sim.outage(HOME, undefined)
    clock.advance(120_000)
    expect(sim.slo('orders').outage?.seconds).toBe(60)
  })
})

describe('a visit', () => {
  test('by the public name follows DNS, by the side’s own name does not', async () => {
    const { sim } = world()
    const get = async (url: string) => {
      const got = await sim.request(url)
      return got === 'no-answer' ? got : { ...JSON.parse(got.body), status: got.status }
    }
    expect(await get('http://orders.example.test/health')).toMatchObject({ status: 200, region: HOME })
    expect(await get('http://orders.us-west-2.example.test/health')).toMatchObject({
      status: 503,
      region: DR,
      database: 'read-only',
    })
    await sim.outage(HOME, 'drop')
    expect(await get('http://orders.example.test/health')).toBe('no-answer')
    expect(await get('http://orders.us-east-1.example.test/health')).toBe('no-answer')
  })
})

describe('metrics', () => {
  const lag = async (sim: Simulation, region: string, cluster: string, minutes = 10) => {
    const now = sim.world.now
    const { MetricDataResults = [] } = await clients(sim, region).cloudwatch.send(
      new GetMetricDataCommand({
        StartTime: new Date(now - minutes * 60_000),
        EndTime: new Date(now),
        MetricDataQueries: [
          {
            Id: 'lag',
            MetricStat: {
              Metric: {
                Namespace: 'AWS/RDS',
                MetricName: 'AuroraGlobalDBRPOLag',
                Dimensions: [{ Name: 'DBClusterIdentifier', Value: cluster }],
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

  test('the lag is read in the secondary’s region, and grows without bound while the primary is cut off', async () => {
    const { clock, sim } = world()
    expect(await lag(sim, DR, 'orders-dr')).toEqual(Array(10).fill(420))
    expect(await lag(sim, HOME, 'orders-home')).toEqual([])
    await sim.outage(HOME, 'drop')
    clock.advance(600_000)
    const [newest = 0, older = 0] = await lag(sim, DR, 'orders-dr')
    expect(newest).toBeGreaterThan(500_000)
    expect(newest - older).toBe(60_000)
  })

  test('series move with the roles; a page ends where it must; unknown series are empty', async () => {
    const { clock, sim } = world()
    await sim.outage(HOME, 'drop')
    await failOver(sim, clock, 'orders')
    clock.advance(300_000)
    expect(await lag(sim, DR, 'orders-dr', 3)).toEqual([])
    const { cloudwatch } = clients(sim, DR)
    const metrics = await cloudwatch.send(
      new ListMetricsCommand({ Namespace: 'AWS/ApplicationELB', MetricName: 'RequestCount' }),
    )
    const whole = metrics.Metrics?.find(
      (metric) => metric.Dimensions?.length === 1 && metric.Dimensions[0]?.Value?.startsWith('app/orders/'),
    )
    const query = (NextToken?: string) =>
      cloudwatch.send(
        new GetMetricDataCommand({
          StartTime: new Date(clock.now() - 300_000),
          EndTime: new Date(clock.now()),
          MetricDataQueries: [{ Id: 'n', MetricStat: { Metric: whole, Period: 60, Stat: 'Sum' } }],
          MaxDatapoints: 2,
          NextToken,
        }),
      )
    const first = await query()
    expect(first.MetricDataResults?.[0]).toMatchObject({ Values: [2400, 2400], StatusCode: 'PartialData' })
    expect((await query(first.NextToken)).MetricDataResults?.[0]?.Values).toEqual([2400, 2400])
  })

  test('alarms follow failed requests', async () => {
    const { clock, sim } = world()
    const states = async () => {
      const { MetricAlarms = [] } = await clients(sim, HOME).cloudwatch.send(
        new DescribeAlarmsCommand({ AlarmNames: ['orders-home-5xx', 'orders-home-lag'] }),
      )
      return MetricAlarms.map(({ StateValue }) => StateValue)
    }
    expect(await states()).toEqual(['OK', 'INSUFFICIENT_DATA'])
    await sim.outage(HOME, 'slow')
    clock.advance(120_000)
    const late = states()
    while (clock.next() === undefined) await new Promise((next) => setImmediate(next))
    clock.advance(2_000)
    expect(await late).toEqual(['ALARM', 'INSUFFICIENT_DATA'])
  })
})
