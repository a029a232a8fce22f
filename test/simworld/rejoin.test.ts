import {
  CopyDBClusterSnapshotCommand,
  DescribeDBClusterSnapshotsCommand,
  DescribeDBClustersCommand,
  DescribeEventsCommand,
  DescribeGlobalClustersCommand,
  FailoverGlobalClusterCommand,
} from '@aws-sdk/client-rds'
import { describe, expect, test } from 'vitest'
import type { Simulation } from '../../rehearsal/aws/simulator.ts'
import type { WorldClock } from '../../rehearsal/clock.ts'
import { clients, DR, HOME, ordersDr, ordersHome, world } from './world.ts'

/** Home goes dark, dr takes over, and home comes back an hour later. */
async function failedOver(before: (sim: Simulation) => void = () => {}) {
  const { clock, sim } = world()
  before(sim)
  await sim.outage(HOME, 'drop')
  await clients(sim, DR).rds.send(
    new FailoverGlobalClusterCommand({
      GlobalClusterIdentifier: 'orders-global',
      TargetDbClusterIdentifier: ordersDr,
      AllowDataLoss: true,
    }),
  )
  clock.advance(3_600_000)
  await sim.outage(HOME, undefined)
  return { clock, sim, home: clients(sim, HOME).rds, dr: clients(sim, DR).rds }
}

const rescueName = 'rds:unplanned-global-failover-orders-home-2026-11-21-04-01'
const places = (sim: Simulation) =>
  sim.state().apps.orders.lostWrites.map((lost) => lost.in.map(({ id }) => id))
const snapshotDone = (clock: WorldClock, sim: Simulation) =>
  clock.advance(61_000 + sim.world.draws.orders.snapshot)

describe('the old region comes back', () => {
  test('AWS takes a snapshot of the lost writes, replaces the volume, and is silent for hours', async () => {
    const { clock, sim, home } = await failedOver()
    expect(places(sim)).toEqual([['orders-home']])
    clock.advance(60_000)
    const snapshots = async () =>
      (await home.send(new DescribeDBClusterSnapshotsCommand({ DBClusterSnapshotIdentifier: rescueName })))
        .DBClusterSnapshots?.[0]
    expect(await snapshots()).toMatchObject({ Status: 'creating', SnapshotType: 'automated' })
    snapshotDone(clock, sim)
    expect((await snapshots())?.Status).toBe('available')
    expect(places(sim)).toEqual([['orders-home', rescueName]])
    clock.advance(sim.world.draws.orders.volume)
    expect(places(sim)).toEqual([[rescueName]])
    expect(sim.state().apps.orders.snapshots.find(({ id }) => id === rescueName)).toMatchObject({
      holdsLostWrites: true,
      region: HOME,
    })
    clock.advance(sim.world.draws.orders.resync)
    const { Events = [] } = await home.send(new DescribeEventsCommand({ Duration: 600 }))
    expect(Events.map(({ SourceIdentifier, Message }) => `${SourceIdentifier}: ${Message}`)).toEqual([
      'orders-home-1: DB instance shutdown.',
      'orders-home-2: DB instance shutdown.',
      'orders-home: Started resynchronizing members of DB cluster orders-home in Region us-east-1 after global failover.',
      `${rescueName}: Creating automated cluster snapshot.`,
      `${rescueName}: Automated cluster snapshot created.`,
      'orders-home: Volume replacement for DB cluster orders-home started.',
      'orders-home: Volume replacement for DB cluster orders-home completed.',
      'orders-home-1: Recovery of the DB instance is complete.',
      'orders-home-2: Recovery of the DB instance is complete.',
      'orders-home: Finished resynchronizing members of DB cluster orders-home in Region us-east-1 after global failover.',
    ])
  })

  test('a copy holds them as well, and alone when the snapshot has expired', async () => {
    const { clock, sim, home } = await failedOver((sim) =>
      sim.addFault({ kind: 'early-expiry', ms: 7_200_000 }),
    )
    clock.advance(60_000)
    snapshotDone(clock, sim)
    await home.send(
      new CopyDBClusterSnapshotCommand({
        SourceDBClusterSnapshotIdentifier: rescueName,
        TargetDBClusterSnapshotIdentifier: 'dr-1-rescue-orders-home',
      }),
    )
    clock.advance(7_200_000)
    expect(places(sim)).toEqual([['dr-1-rescue-orders-home']])
  })

  test('nobody has them any longer when no copy was made in time', async () => {
    const { clock, sim } = await failedOver((sim) => sim.addFault({ kind: 'early-expiry', ms: 7_200_000 }))
    clock.advance(7_260_000)
    expect(places(sim)).toEqual([[]])
  })

  test('AWS may take no snapshot: then they are gone with the volume', async () => {
    const { clock, sim } = await failedOver((sim) => sim.addFault({ kind: 'no-rescue', app: 'orders' }))
    clock.advance(60_000 + 1_000 + sim.world.draws.orders.volume)
    expect(places(sim)).toEqual([[]])
  })

  test('it may never rejoin: it is standalone and writable, with all it ever had', async () => {
    const { clock, sim, home } = await failedOver((sim) => sim.addFault({ kind: 'no-rejoin' }))
    clock.advance(6 * 3_600_000)
    const { DBClusters } = await home.send(new DescribeDBClustersCommand({ DBClusterIdentifier: ordersHome }))
    expect(DBClusters?.[0]).toMatchObject({
      Status: 'available',
      DBClusterMembers: [{ IsClusterWriter: true }, { IsClusterWriter: false }],
    })
    expect(DBClusters?.[0]?.GlobalClusterIdentifier).toBeUndefined()
    const { GlobalClusters } = await home.send(
      new DescribeGlobalClustersCommand({ GlobalClusterIdentifier: 'orders-global' }),
    )
    expect(GlobalClusters?.[0]?.GlobalClusterMembers?.map(({ DBClusterArn }) => DBClusterArn)).toEqual([
      ordersDr,
    ])
    expect(places(sim)).toEqual([['orders-home']])
  })

  test('a region that goes dark again on the way begins again, with one snapshot', async () => {
    const { clock, sim, home } = await failedOver((sim) => sim.addFault({ kind: 'resync', ms: 3_600_000 }))
    clock.advance(90_000)
    await sim.outage(HOME, 'mute')
    clock.advance(3_600_000)
    await sim.outage(HOME, undefined)
    clock.advance(2 * 3_600_000)
    const { DBClusterSnapshots = [] } = await home.send(
      new DescribeDBClusterSnapshotsCommand({ DBClusterIdentifier: 'orders-home' }),
    )
    const named = DBClusterSnapshots.map((each) => each.DBClusterSnapshotIdentifier)
    expect(named.filter((id) => id?.includes('unplanned'))).toEqual([rescueName])
    expect(sim.state().apps.orders.sides.home).toMatchObject({
      cluster: 'available',
      synchronization: 'connected',
    })
  })
})
