import {
  DescribeDBClustersCommand,
  DescribeDBInstancesCommand,
  DescribeEventsCommand,
  DescribeGlobalClustersCommand,
  DescribePendingMaintenanceActionsCommand,
  FailoverGlobalClusterCommand,
  type RDSClient,
  RemoveFromGlobalClusterCommand,
  SwitchoverGlobalClusterCommand,
} from '@aws-sdk/client-rds'
import { describe, expect, test } from 'vitest'
import { clients, DR, HOME, ordersDr, ordersHome, refusal, world } from './world.ts'

const global = async (rds: RDSClient) => {
  const { GlobalClusters = [] } = await rds.send(
    new DescribeGlobalClustersCommand({ GlobalClusterIdentifier: 'ORDERS-global' }),
  )
  const [found] = GlobalClusters
  if (!found) throw new Error('no global cluster')
  return found
}
const writerOf = async (rds: RDSClient) =>
  (await global(rds)).GlobalClusterMembers?.filter(({ IsWriter }) => IsWriter).map(
    (each) => each.DBClusterArn,
  )
const synchronization = async (rds: RDSClient, arn: string) =>
  (await global(rds)).GlobalClusterMembers?.find((each) => each.DBClusterArn === arn)?.SynchronizationStatus

const failover = (target = ordersDr, id = 'orders-global') =>
  new FailoverGlobalClusterCommand({
    GlobalClusterIdentifier: id,
    TargetDbClusterIdentifier: target,
    AllowDataLoss: true,
  })
const switchover = (target = ordersDr) =>
  new SwitchoverGlobalClusterCommand({
    GlobalClusterIdentifier: 'orders-global',
    TargetDbClusterIdentifier: target,
  })
const detach = (arn: string) =>
  new RemoveFromGlobalClusterCommand({ GlobalClusterIdentifier: 'orders-global', DbClusterIdentifier: arn })

describe('failover', () => {
  test('moves the writer after the drawn time, and keeps the old region as a member that must resync', async () => {
    const { clock, sim } = world()
    const { rds } = clients(sim, DR)
    await sim.outage(HOME, 'drop')
    clock.advance(60_000)
    const started = await rds.send(failover())
    expect(started.GlobalCluster).toMatchObject({
      Status: 'failing-over',
      FailoverState: {
        Status: 'pending',
        FromDbClusterArn: ordersHome,
        ToDbClusterArn: ordersDr,
        IsDataLossAllowed: true,
      },
    })
    clock.advance(3_000)
    expect((await global(rds)).FailoverState?.Status).toBe('failing-over')
    clock.advance(sim.world.draws.orders.failover - 3_001)
    expect(await writerOf(rds)).toEqual([ordersHome])
    clock.advance(1)
    expect(await writerOf(rds)).toEqual([ordersDr])
    const done = await global(rds)
    expect(done.Status).toBe('available')
    expect(done.FailoverState).toBeUndefined()
    expect(await synchronization(rds, ordersHome)).toBe('pending-resync')
    expect(sim.slo('orders').dataLossSeconds).toBe(0.42)
  })

  test('the old region resyncs for hours once it is back, and then is connected', async () => {
    const { clock, sim } = world()
    const { rds } = clients(sim, DR)
    const home = clients(sim, HOME)
    await sim.outage(HOME, 'mute')
    await rds.send(failover())
    clock.advance(3 * 3_600_000)
    expect(await synchronization(rds, ordersHome)).toBe('pending-resync')
    await sim.outage(HOME, undefined)
    clock.advance(61_000)
    const describe = () =>
      home.rds.send(new DescribeDBClustersCommand({ DBClusterIdentifier: 'orders-home' }))
    expect((await describe()).DBClusters?.[0]?.Status).toBe('modifying')
    clock.advance(sim.world.draws.orders.resync)
    expect((await describe()).DBClusters?.[0]?.Status).toBe('available')
    expect(await synchronization(rds, ordersHome)).toBe('connected')
    const { Events = [] } = await home.rds.send(
      new DescribeEventsCommand({ SourceType: 'db-cluster', SourceIdentifier: 'orders-home', Duration: 600 }),
    )
    expect(Events.map(({ Message }) => Message)).toEqual([
      'Started resynchronizing members of DB cluster orders-home in Region us-east-1 after global failover.',
      'Volume replacement for DB cluster orders-home started.',
      'Volume replacement for DB cluster orders-home completed.',
      'Finished resynchronizing members of DB cluster orders-home in Region us-east-1 after global failover.',
    ])
  })

  test.each([
    ['a second operation', 'InvalidGlobalClusterStateFault', DR, failover()],
    ['an unknown global cluster', 'GlobalClusterNotFoundFault', DR, failover(ordersDr, 'nope')],
    ['an unknown target', 'DBClusterNotFoundFault', DR, failover(`${ordersDr}x`)],
    ['a target by its name', 'DBClusterNotFoundFault', DR, failover('orders-dr')],
  ])('%s is refused: %s', async (what, code, region, command) => {
    const { sim } = world()
    const { rds } = clients(sim, region)
    if (what === 'a second operation') await rds.send(failover())
    expect(await refusal(rds.send(command))).toBe(code)
  })

  test('it is asked for in the region of the target, of a secondary that is in sync', async () => {
    const { clock, sim } = world()
    const [home, dr] = [clients(sim, HOME), clients(sim, DR)]
    expect(await refusal(home.rds.send(failover()))).toBe('InvalidDBClusterStateFault')
    expect(await refusal(home.rds.send(failover(ordersHome)))).toBe('InvalidDBClusterStateFault')
    await dr.rds.send(failover())
    clock.advance(300_000)
    expect(await refusal(home.rds.send(failover(ordersHome)))).toBe('InvalidDBClusterStateFault')
    const both = new FailoverGlobalClusterCommand({ ...failover().input, Switchover: true })
    expect(await refusal(dr.rds.send(both))).toBe('InvalidParameterCombination')
  })

  test('a fault holds it where it stands, until the fault ends', async () => {
    const { clock, sim } = world()
    const { rds } = clients(sim, DR)
    const id = sim.addFault({ kind: 'stuck', app: 'orders' })
    await rds.send(failover())
    clock.advance(3_600_000)
    expect((await global(rds)).FailoverState?.Status).toBe('pending')
    sim.removeFaults(id)
    clock.advance(20_000)
    expect(await writerOf(rds)).toEqual([ordersDr])
  })
})

describe('switchover', () => {
  test('goes through the primary, loses nothing and leaves both in sync', async () => {
    const { clock, sim } = world()
    const [home, dr] = [clients(sim, HOME), clients(sim, DR)]
    expect(await refusal(dr.rds.send(switchover()))).toBe('InvalidDBClusterStateFault')
    const started = await home.rds.send(switchover())
    expect(started.GlobalCluster?.Status).toBe('switching-over')
    clock.advance(sim.world.draws.orders.switchover)
    expect(await writerOf(dr.rds)).toEqual([ordersDr])
    expect(await synchronization(dr.rds, ordersHome)).toBe('connected')
    expect(sim.slo('orders').dataLossSeconds).toBe(0)
  })

  test('fails while the other side is dark, and is cancelled when a side goes dark under way', async () => {
    const { clock, sim } = world()
    const { rds } = clients(sim, HOME)
    await sim.outage(DR, 'drop')
    expect(await refusal(rds.send(switchover()))).toBe('InvalidGlobalClusterStateFault')
    await sim.outage(DR, undefined)
    await rds.send(switchover())
    await sim.outage(DR, 'drop')
    clock.advance(sim.world.draws.orders.switchover)
    expect((await global(rds)).FailoverState?.Status).toBe('cancelling')
    clock.advance(60_000)
    expect((await global(rds)).FailoverState).toBeUndefined()
    expect(await writerOf(rds)).toEqual([ordersHome])
  })
})

describe('detaching', () => {
  test('makes the secondary a writer of its own after a while', async () => {
    const { clock, sim } = world()
    const { rds } = clients(sim, DR)
    await rds.send(detach(ordersDr))
    const cluster = async () =>
      (await rds.send(new DescribeDBClustersCommand({ DBClusterIdentifier: ordersDr }))).DBClusters?.[0]
    expect(await cluster()).toMatchObject({ Status: 'promoting' })
    expect((await cluster())?.GlobalClusterIdentifier).toBeUndefined()
    clock.advance(sim.world.draws.orders.detach)
    expect(await cluster()).toMatchObject({ Status: 'available' })
    expect((await cluster())?.DBClusterMembers?.[0]?.IsClusterWriter).toBe(true)
    expect(await writerOf(rds)).toEqual([ordersHome])
  })

  test('is refused through another region, for the primary, and for what is no member', async () => {
    const { sim } = world()
    const [home, dr] = [clients(sim, HOME), clients(sim, DR)]
    expect(await refusal(home.rds.send(detach(ordersDr)))).toBe('DBClusterNotFoundFault')
    expect(await refusal(home.rds.send(detach(ordersHome)))).toBe('InvalidGlobalClusterStateFault')
    const foreign = 'arn:aws:rds:us-west-2:111122223333:cluster:billing-dr'
    expect(await refusal(dr.rds.send(detach(foreign)))).toBe('InvalidParameterValue')
  })

  test('takes the target of an operation that stands still for five minutes', async () => {
    const { clock, sim } = world()
    const { rds } = clients(sim, DR)
    sim.addFault({ kind: 'stuck' })
    await rds.send(failover())
    expect(await refusal(rds.send(detach(ordersDr)))).toBe('InvalidGlobalClusterStateFault')
    clock.advance(300_000)
    await rds.send(detach(ordersDr))
    expect((await global(rds)).FailoverState).toBeUndefined()
  })
})

describe('listing', () => {
  test('each region knows its own clusters, by name or ARN, whatever the case', async () => {
    const { sim } = world()
    const { rds } = clients(sim, DR)
    const byName = (DBClusterIdentifier: string) =>
      rds.send(new DescribeDBClustersCommand({ DBClusterIdentifier }))
    expect((await byName('Orders-DR')).DBClusters?.[0]?.DBClusterArn).toBe(ordersDr)
    expect(await refusal(byName('orders-home'))).toBe('DBClusterNotFoundFault')
    const filtered = new DescribeDBInstancesCommand({
      Filters: [{ Name: 'db-cluster-id', Values: [ordersDr] }],
    })
    expect((await rds.send(filtered)).DBInstances?.map((each) => each.DBInstanceIdentifier)).toEqual([
      'orders-dr-1',
    ])
    expect(
      (await rds.send(new DescribePendingMaintenanceActionsCommand({}))).PendingMaintenanceActions,
    ).toEqual([])
  })

  test('events come in pages of at least 20', async () => {
    const { clock, sim } = world()
    const [home, dr] = [clients(sim, HOME), clients(sim, DR)]
    for (let round = 0; round < 12; round++) {
      await home.rds.send(switchover())
      clock.advance(120_000)
      await dr.rds.send(switchover(ordersHome))
      clock.advance(120_000)
    }
    const told: string[] = []
    let Marker: string | undefined
    do {
      const page = await dr.rds.send(new DescribeEventsCommand({ Duration: 1_440, MaxRecords: 20, Marker }))
      expect(page.Events?.length).toBeLessThanOrEqual(20)
      told.push(...(page.Events ?? []).map(({ Date: at }) => String(at?.getTime())))
      Marker = page.Marker
    } while (Marker)
    expect(told).toHaveLength(72)
    expect(told).toEqual(told.toSorted())
    expect(await refusal(dr.rds.send(new DescribeEventsCommand({ MaxRecords: 5 })))).toBe(
      'InvalidParameterValue',
    )
    expect(await refusal(dr.rds.send(new DescribeEventsCommand({ Marker: 'nope' })))).toBe(
      'InvalidParameterValue',
    )
  })
})
