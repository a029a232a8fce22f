import { GetDomainNameCommand, GetDomainNamesCommand } from '@aws-sdk/client-apigatewayv2'
import { ECSClient, ListServicesCommand } from '@aws-sdk/client-ecs'
import { DescribeGlobalClustersCommand, FailoverGlobalClusterCommand } from '@aws-sdk/client-rds'
import { GetHostedZoneCommand, ListHostedZonesCommand } from '@aws-sdk/client-route-53'
import { AssumeRoleCommand, GetCallerIdentityCommand } from '@aws-sdk/client-sts'
import { describe, expect, test } from 'vitest'
import type { Simulation } from '../../rehearsal/aws/simulator.ts'
import { clients, DR, HOME, ordersDr, refusal, start, world } from './world.ts'

const operator = 'arn:aws:iam::111122223333:role/understudy-operator'
const dns = 'arn:aws:iam::444455556666:role/understudy-dns'
const look = new DescribeGlobalClustersCommand({})
const services = new ListServicesCommand({ cluster: 'orders' })

async function assume(sim: Simulation, RoleArn: string, ExternalId?: string): Promise<string> {
  const { Credentials } = await clients(sim, DR).sts.send(
    new AssumeRoleCommand({ RoleArn, RoleSessionName: 'test', ExternalId }),
  )
  return Credentials?.AccessKeyId ?? ''
}

/** What a call to somebody silent ends with. */
const within = (ms: number) => ({ abortSignal: AbortSignal.timeout(ms) })

describe('identity', () => {
  test('an assumed role belongs to its account, and may do nothing in another', async () => {
    const { sim } = world()
    const asDns = clients(sim, DR, await assume(sim, dns, 'understudy'))
    expect((await asDns.sts.send(new GetCallerIdentityCommand({}))).Account).toBe('444455556666')
    expect((await asDns.route53.send(new ListHostedZonesCommand({}))).HostedZones).toHaveLength(1)
    expect(await refusal(asDns.rds.send(look))).toBe('AccessDenied')
    const asOperator = clients(sim, DR, await assume(sim, operator))
    expect((await asOperator.sts.send(new GetCallerIdentityCommand({}))).Account).toBe('111122223333')
    await asOperator.rds.send(look)
    const zone = new GetHostedZoneCommand({ Id: 'Z0EXAMPLE0TEST' })
    expect(await refusal(asOperator.route53.send(zone))).toBe('AccessDenied')
  })

  test('unknown roles, wrong external ids and unknown or expired keys are refused', async () => {
    const { clock, sim } = world()
    const { sts } = clients(sim, DR)
    const ask = (input: object) =>
      refusal(sts.send(new AssumeRoleCommand({ RoleArn: dns, RoleSessionName: 'test', ...input })))
    expect(await ask({})).toBe('AccessDenied')
    expect(await ask({ ExternalId: 'understudy', RoleArn: `${dns}x` })).toBe('AccessDenied')
    expect(await ask({ ExternalId: 'understudy', DurationSeconds: 5 })).toBe('ValidationError')
    const key = await assume(sim, operator)
    clock.advance(3_600_000)
    expect(await refusal(clients(sim, DR, key).rds.send(look))).toBe('ExpiredToken')
    expect(await refusal(clients(sim, DR, key).ecs.send(services))).toBe('ExpiredTokenException')
    expect(await refusal(clients(sim, DR, 'ASIANOBODY').rds.send(look))).toBe('InvalidClientTokenId')
  })

  test('a role may be held to a list of actions', async () => {
    const { sim } = world()
    const { rds, ecs } = clients(sim, DR, await assume(sim, operator))
    expect(sim.allow(operator, ['rds:Describe*', 'sts:*'])).toBe(true)
    await rds.send(look)
    const failover = new FailoverGlobalClusterCommand({
      GlobalClusterIdentifier: 'orders-global',
      TargetDbClusterIdentifier: ordersDr,
    })
    expect(await refusal(rds.send(failover))).toBe('AccessDenied')
    expect(await refusal(ecs.send(services))).toBe('AccessDeniedException')
    sim.allow(operator, undefined)
    await ecs.send(services)
  })
})

describe('throttles', () => {
  test('give back with time, and each service has its own code', async () => {
    const { clock, sim } = world()
    const { route53, elb: _, ecs } = clients(sim, DR)
    const burst = async (count: number) => {
      const codes: string[] = []
      for (let call = 0; call < count; call++)
        codes.push(await refusal(route53.send(new ListHostedZonesCommand({}))))
      return codes
    }
    expect((await burst(51)).filter((code) => code === 'Throttling')).toHaveLength(1)
    clock.advance(1_000)
    expect((await burst(11)).filter((code) => code === 'Throttling')).toHaveLength(1)
    sim.addFault({ kind: 'throttle', service: 'ECS', times: 1 })
    expect(await refusal(ecs.send(services))).toBe('ThrottlingException')
    await ecs.send(services)
  })
})

describe('faults', () => {
  test('an answer may be lost after the deed', async () => {
    const { sim } = world()
    const { rds } = clients(sim, DR)
    sim.addFault({ kind: 'lost-answer', operation: 'FailoverGlobalCluster', times: 1 })
    const failover = new FailoverGlobalClusterCommand({
      GlobalClusterIdentifier: 'orders-global',
      TargetDbClusterIdentifier: ordersDr,
      AllowDataLoss: true,
    })
    await expect(rds.send(failover, within(50))).rejects.toThrow('Request aborted')
    expect(sim.state().apps.orders.operation).toMatchObject({ kind: 'failover', to: ordersDr })
    expect(sim.calls.list().at(-1)).toMatchObject({
      operation: 'FailoverGlobalCluster',
      outcome: 'no-answer',
    })
  })

  test('reads may be stale while writes still count', async () => {
    const { clock, sim } = world()
    const { rds } = clients(sim, DR)
    const status = async () => (await rds.send(look)).GlobalClusters?.[0]?.Status
    const id = sim.addFault({ kind: 'stale', service: 'RDS' })
    await rds.send(
      new FailoverGlobalClusterCommand({
        GlobalClusterIdentifier: 'orders-global',
        TargetDbClusterIdentifier: ordersDr,
        AllowDataLoss: true,
      }),
    )
    clock.advance(5_000)
    expect(await status()).toBe('available')
    sim.removeFaults(id)
    expect(await status()).toBe('failing-over')
  })

  test('may befall a part of the calls, the same ones for the same seed', async () => {
    const codes = async () => {
      const { sim } = world({ seed: 7 })
      const { rds } = clients(sim, DR)
      sim.addFault({ kind: 'internal', p: 0.3, region: DR })
      const found: string[] = []
      for (let call = 0; call < 60; call++) found.push(await refusal(rds.send(look)))
      return found
    }
    const found = await codes()
    const failed = found.filter((code) => code === 'InternalFailure').length
    expect(failed).toBeGreaterThan(8)
    expect(failed).toBeLessThan(32)
    expect(await codes()).toEqual(found)
  })
})

describe('outages', () => {
  test('a dark region answers nobody; Route 53 goes on, unless it is dark itself', async () => {
    const { sim } = world()
    const [home, dr] = [clients(sim, HOME), clients(sim, DR)]
    await sim.outage(HOME, 'drop')
    await expect(home.rds.send(look, within(50))).rejects.toThrow('Request aborted')
    await dr.rds.send(look)
    await dr.route53.send(new ListHostedZonesCommand({}))
    await sim.outage('aws-global', 'mute')
    await expect(dr.route53.send(new ListHostedZonesCommand({}), within(50))).rejects.toThrow(
      'Request aborted',
    )
    await sim.outage('aws-global', undefined)
    await sim.outage(HOME, '5xx')
    expect(await refusal(home.rds.send(look))).toBe('ServiceUnavailable')
  })

  test.each(['home-dark', 'home-gray', 'r53-down', 'lag-high', 'capacity-short'])(
    'scenario %s',
    async (scenario) => {
      const { sim } = world()
      await sim.reset(scenario)
      const { outages, faults, apps } = sim.state()
      expect({
        outages,
        faults,
        success: apps.orders.success,
        lag: apps.orders.sides.dr.lagMs,
      }).toMatchSnapshot()
    },
  )
})

describe('a saved world', () => {
  test('goes on where it was, and the same calls on the same seed give the same world', async () => {
    const first = world({ seed: 3 })
    const failover = new FailoverGlobalClusterCommand({
      GlobalClusterIdentifier: 'orders-global',
      TargetDbClusterIdentifier: ordersDr,
      AllowDataLoss: true,
    })
    await clients(first.sim, DR).rds.send(failover)
    first.clock.advance(20_000)
    const saved = JSON.parse(JSON.stringify(first.sim.save()))
    first.clock.advance(600_000)
    const second = world({ seed: 99, saved })
    second.clock.advance(620_000)
    expect(JSON.stringify(second.sim.save())).toBe(JSON.stringify(first.sim.save()))
    expect(second.sim.state().apps.orders.sides.dr.writer).toBe(true)
  })
})

describe('api gateway', () => {
  test('the domain exists in both regions', async () => {
    const { sim } = world()
    const { api } = clients(sim, DR)
    const found = await api.send(new GetDomainNameCommand({ DomainName: 'orders.example.test' }))
    expect(found.DomainNameConfigurations?.[0]).toMatchObject({
      ApiGatewayDomainName: 'd-orders-dr.execute-api.us-west-2.amazonaws.com',
      DomainNameStatus: 'AVAILABLE',
    })
    expect(await refusal(api.send(new GetDomainNameCommand({ DomainName: 'nope' })))).toBe(
      'NotFoundException',
    )
    const page = await api.send(new GetDomainNamesCommand({ MaxResults: '1' }))
    const rest = await api.send(new GetDomainNamesCommand({ NextToken: page.NextToken }))
    expect(rest.Items).toHaveLength(1)
    expect(rest.Items?.[0]?.DomainName).not.toBe(page.Items?.[0]?.DomainName)
  })
})

test('the journal keeps what was asked and what came of it', async () => {
  const { sim } = world()
  const { ecs } = clients(sim, DR)
  await ecs.send(services)
  await refusal(ecs.send(new ListServicesCommand({ cluster: 'nope' })))
  expect(sim.calls.list().map(({ number, at, outcome }) => ({ number, at, outcome }))).toEqual([
    { number: 1, at: start, outcome: 'ok' },
    { number: 2, at: start, outcome: 'ClusterNotFoundException' },
  ])
  expect(ecs).toBeInstanceOf(ECSClient)
})
