import {
  CreateDBClusterCommand,
  CreateDBInstanceCommand,
  CreateGlobalClusterCommand,
  DeleteDBClusterCommand,
  DeleteDBInstanceCommand,
  DeleteGlobalClusterCommand,
  DescribeDBClusterSnapshotsCommand,
  DescribeDBClustersCommand,
  DescribeGlobalClustersCommand,
  FailoverGlobalClusterCommand,
  ModifyDBClusterCommand,
  type RDSClient,
  RemoveFromGlobalClusterCommand,
  SwitchoverGlobalClusterCommand,
} from '@aws-sdk/client-rds'
import { describe, expect, test } from 'vitest'
import { clients, DR, HOME, ordersDr, ordersHome, refusal, world } from './world.ts'

/** What AWS says when it refuses. */
const words = (call: Promise<unknown>) =>
  call.then(
    () => 'no error',
    (error: Error) => `${error.name}: ${error.message}`,
  )
const GlobalClusterIdentifier = 'orders-global'
const modify = (DBClusterIdentifier: string, change: object) =>
  new ModifyDBClusterCommand({ DBClusterIdentifier, ApplyImmediately: true, ...change })
const dropInstance = (DBInstanceIdentifier: string) => new DeleteDBInstanceCommand({ DBInstanceIdentifier })
const dropCluster = (DBClusterIdentifier: string, options: object) =>
  new DeleteDBClusterCommand({ DBClusterIdentifier, ...options })
const final = { SkipFinalSnapshot: false, FinalDBSnapshotIdentifier: 'dr-1-final-orders-home' }
const cluster = async (rds: RDSClient, DBClusterIdentifier: string) =>
  (await rds.send(new DescribeDBClustersCommand({ DBClusterIdentifier }))).DBClusters?.[0]
const global = async (rds: RDSClient) =>
  (await rds.send(new DescribeGlobalClustersCommand({ GlobalClusterIdentifier }))).GlobalClusters?.[0]
const snapshots = async (rds: RDSClient) =>
  ((await rds.send(new DescribeDBClusterSnapshotsCommand({}))).DBClusterSnapshots ?? []).map(
    (each) => each.DBClusterSnapshotIdentifier,
  )

describe('deleting a stale cluster', () => {
  test('goes in one order only, and its lost writes stay in the final snapshot', async () => {
    const { clock, sim } = world()
    sim.enter('orders', 'orphaned', 'dr')
    const { rds } = clients(sim, HOME)
    expect(await words(rds.send(dropCluster('orders-home', final)))).toBe(
      'InvalidParameterCombination: Cannot delete protected Cluster, please disable deletion protection and try again.',
    )
    await rds.send(modify('orders-home', { DeletionProtection: false }))
    expect(await words(rds.send(dropCluster('orders-home', final)))).toBe(
      'InvalidDBClusterStateFault: Cluster cannot be deleted, it still contains DB instances in non-deleting state.',
    )
    await rds.send(dropInstance('orders-home-1'))
    expect(await refusal(rds.send(dropInstance('orders-home-1')))).toBe('InvalidDBInstanceStateFault')
    expect(await refusal(rds.send(dropInstance('orders-home-9')))).toBe('DBInstanceNotFoundFault')
    clock.advance(sim.world.draws.orders.deleteInstance)
    expect((await cluster(rds, 'orders-home'))?.DBClusterMembers).toEqual([])
    expect(await refusal(rds.send(dropCluster('orders-home', {})))).toBe('InvalidParameterCombination')
    await rds.send(dropCluster('orders-home', { ...final, DeleteAutomatedBackups: false }))
    expect((await cluster(rds, 'orders-home'))?.Status).toBe('deleting')
    clock.advance(20 * 60_000)
    expect(await refusal(cluster(rds, 'orders-home'))).toBe('DBClusterNotFoundFault')
    expect(await snapshots(rds)).toContain('dr-1-final-orders-home')
    const [lost] = sim.state().apps.orders.lostWrites
    expect(lost?.in.map(({ id, type }) => [id, type])).toEqual([['dr-1-final-orders-home', 'manual']])
  })

  test('takes AWS’s own snapshot of the lost writes with it, whatever becomes of the backups', async () => {
    for (const DeleteAutomatedBackups of [true, false]) {
      const { clock, sim } = world()
      sim.enter('orders', 'unprotected', 'dr')
      const { rds } = clients(sim, HOME)
      clock.advance(20 * 60_000)
      const rescue = sim.state().apps.orders.snapshots.at(-1)?.id
      expect(await snapshots(rds)).toContain(rescue)
      await rds.send(
        new RemoveFromGlobalClusterCommand({ GlobalClusterIdentifier, DbClusterIdentifier: ordersHome }),
      )
      expect((await cluster(rds, 'orders-home'))?.Status).toBe('promoting')
      expect(await words(rds.send(dropInstance('orders-home-1')))).toMatch(
        /last instance of the read replica/,
      )
      clock.advance(60_000)
      await rds.send(modify('orders-home', { DeletionProtection: false }))
      await rds.send(dropInstance('orders-home-1'))
      clock.advance(600_000)
      await rds.send(dropCluster('orders-home', { SkipFinalSnapshot: true, DeleteAutomatedBackups }))
      clock.advance(600_000)
      expect(await snapshots(rds)).not.toContain(rescue)
      expect(sim.state().apps.orders.lostWrites.map((lost) => lost.in)).toEqual([[]])
    }
  })

  test('keeps automated backups only when asked to', async () => {
    for (const keeps of [true, false]) {
      const { clock, sim } = world()
      const { rds } = clients(sim, DR)
      await rds.send(
        new RemoveFromGlobalClusterCommand({ GlobalClusterIdentifier, DbClusterIdentifier: ordersDr }),
      )
      clock.advance(60_000)
      await rds.send(modify('orders-dr', { DeletionProtection: false }))
      await rds.send(dropInstance('orders-dr-1'))
      await rds.send(dropCluster('orders-dr', { SkipFinalSnapshot: true, DeleteAutomatedBackups: !keeps }))
      clock.advance(20 * 60_000)
      const left = (await snapshots(rds)).filter((id) => id?.startsWith('rds:orders-dr'))
      expect(left).toHaveLength(keeps ? 1 : 0)
    }
  })

  test('is refused for members of a global cluster, in AWS’s words', async () => {
    const { sim } = world()
    const [home, dr] = [clients(sim, HOME).rds, clients(sim, DR).rds]
    for (const [rds, id] of [
      [home, 'orders-home'],
      [dr, 'orders-dr'],
    ] as const)
      await rds.send(modify(id, { DeletionProtection: false }))
    const skip = { SkipFinalSnapshot: true }
    expect(await words(home.send(dropCluster('orders-home', skip)))).toBe(
      'InvalidGlobalClusterStateFault: Unable to delete cluster that is a primary member of global cluster while there are other global cluster members',
    )
    expect(await words(dr.send(dropCluster('orders-dr', skip)))).toBe(
      'InvalidDBClusterStateFault: This cluster is a part of a global cluster, please remove it from globalcluster first',
    )
    expect(await words(dr.send(dropInstance('orders-dr-1')))).toBe(
      'InvalidDBClusterStateFault: Cannot delete the last instance of the read replica DB cluster. Promote the DB cluster to a standalone DB cluster in order to delete it.',
    )
    await home.send(dropInstance('orders-home-2'))
    expect(await words(home.send(dropInstance('orders-home-1')))).toBe(
      'InvalidDBClusterStateFault: Cannot delete the last instance of the master cluster. Delete the replica cluster before deleting the last master cluster instance.',
    )
    expect(await words(dr.send(new DeleteGlobalClusterCommand({ GlobalClusterIdentifier })))).toBe(
      'InvalidGlobalClusterStateFault: Global Cluster arn:aws:rds::111122223333:global-cluster:orders-global is not empty',
    )
  })

  test('ends with the empty global cluster, of which AWS hears a little late', async () => {
    const { clock, sim } = world()
    sim.enter('orders', 'alone', 'home')
    const { rds } = clients(sim, HOME)
    await rds.send(
      new RemoveFromGlobalClusterCommand({ GlobalClusterIdentifier, DbClusterIdentifier: ordersHome }),
    )
    const drop = new DeleteGlobalClusterCommand({ GlobalClusterIdentifier })
    expect(await refusal(rds.send(drop))).toBe('InvalidGlobalClusterStateFault')
    clock.advance(15_000)
    await rds.send(drop)
    expect(await refusal(global(rds))).toBe('GlobalClusterNotFoundFault')
    expect((await cluster(rds, 'orders-home'))?.DBClusterMembers?.[0]?.IsClusterWriter).toBe(true)
  })
})

const createGlobal = (input: object = {}) =>
  new CreateGlobalClusterCommand({ GlobalClusterIdentifier, SourceDBClusterIdentifier: ordersDr, ...input })
const KmsKeyId = 'arn:aws:kms:us-east-1:111122223333:key/of-home'
const secondary = (input: object = {}) =>
  new CreateDBClusterCommand({
    DBClusterIdentifier: 'orders-home',
    GlobalClusterIdentifier,
    Engine: 'aurora-postgresql',
    EngineVersion: '16.6',
    StorageEncrypted: true,
    KmsKeyId,
    ...input,
  })
const instance = new CreateDBInstanceCommand({
  DBInstanceIdentifier: 'orders-home-1',
  DBClusterIdentifier: 'orders-home',
  DBInstanceClass: 'db.r6g.xlarge',
  Engine: 'aurora-postgresql',
})

describe('building the pair again', () => {
  test('a global cluster is answered before its source is the writer in it', async () => {
    const { clock, sim } = world()
    sim.enter('orders', 'no-global', 'dr')
    const [home, dr] = [clients(sim, HOME).rds, clients(sim, DR).rds]
    await home.send(modify('orders-home', { DeletionProtection: false }))
    expect(await refusal(home.send(createGlobal()))).toBe('DBClusterNotFoundFault')
    expect(await refusal(dr.send(createGlobal({ Engine: 'aurora-postgresql' })))).toBe(
      'InvalidParameterCombination',
    )
    await dr.send(createGlobal())
    expect((await global(dr))?.GlobalClusterMembers).toMatchObject([
      { DBClusterArn: ordersDr, IsWriter: false },
    ])
    expect((await cluster(dr, 'orders-dr'))?.GlobalClusterIdentifier).toBe('orders-global')
    expect(sim.state().apps.orders.success).toBe(1)
    expect(await words(home.send(secondary({ DBClusterIdentifier: 'orders-home-2' })))).toBe(
      `InvalidDBClusterStateFault: Source cluster ${ordersDr} is in a state which is not valid for physical replication`,
    )
    expect(await refusal(dr.send(createGlobal()))).toBe('GlobalClusterAlreadyExistsFault')
    clock.advance(sim.world.draws.orders.adopt)
    expect((await global(dr))?.GlobalClusterMembers).toMatchObject([
      { DBClusterArn: ordersDr, IsWriter: true },
    ])
    expect(await refusal(home.send(secondary()))).toBe('DBClusterAlreadyExistsFault')
  })

  test('a secondary is created, gets an instance, and is connected when all data has come', async () => {
    const { clock, sim } = world()
    sim.enter('orders', 'alone', 'dr')
    const { rds } = clients(sim, HOME)
    const { draws } = sim.world
    const { DBCluster: made } = await rds.send(secondary())
    expect(made).toMatchObject({ Status: 'creating', GlobalClusterIdentifier, DeletionProtection: false })
    expect(await refusal(rds.send(instance))).toBe('InvalidDBClusterStateFault')
    clock.advance(draws.orders.createCluster)
    await rds.send(instance)
    expect(await refusal(rds.send(instance))).toBe('DBInstanceAlreadyExistsFault')
    clock.advance(draws.orders.createInstance)
    const home = () => sim.state().apps.orders.sides.home
    expect(home()).toMatchObject({
      cluster: 'available',
      synchronization: 'pending-resync',
      lagMs: null,
      instances: [{ id: 'orders-home-1', status: 'available' }],
    })
    clock.advance(draws.orders.seeding)
    expect(home()).toMatchObject({ synchronization: 'connected', lagMs: 420 })
  })

  test('how long the first copy takes can be set', async () => {
    const { clock, sim } = world()
    sim.enter('orders', 'alone', 'dr')
    sim.addFault({ kind: 'seeding', app: 'orders', ms: 6 * 3_600_000 })
    await clients(sim, HOME).rds.send(secondary())
    clock.advance(6 * 3_600_000 - 1)
    expect(sim.state().apps.orders.sides.home.synchronization).toBe('pending-resync')
    clock.advance(1)
    expect(sim.state().apps.orders.sides.home.synchronization).toBe('connected')
  })

  test.each([
    [
      'a user name',
      { MasterUsername: 'admin' },
      'Cannot specify user name for cross region replication cluster',
    ],
    [
      'a password',
      { MasterUserPassword: 'x' },
      'Cannot specify password for cross region replication cluster',
    ],
    ['a managed password', { ManageMasterUserPassword: true }, /isn't supported for read replica/],
    ['a database name', { DatabaseName: 'orders' }, /database name/],
    ['another version', { EngineVersion: '16.4' }, /16\.4 .* doesn't match the engine version 16\.6/],
    ['no key', { KmsKeyId: undefined }, /KmsKeyId must be specified/],
    ['a key of elsewhere', { KmsKeyId: KmsKeyId.replace(HOME, DR) }, /^KMSKeyNotAccessibleFault/],
    ['an unknown global cluster', { GlobalClusterIdentifier: 'nope' }, /^GlobalClusterNotFoundFault/],
  ])('a secondary with %s is refused', async (_what, input, message) => {
    const { sim } = world()
    sim.enter('orders', 'alone', 'dr')
    const said = await words(clients(sim, HOME).rds.send(secondary(input)))
    if (typeof message === 'string') expect(said).toBe(`InvalidParameterCombination: ${message}`)
    else expect(said).toMatch(message)
  })
})

describe('moving the writer', () => {
  const switchover = new SwitchoverGlobalClusterCommand({
    GlobalClusterIdentifier,
    TargetDbClusterIdentifier: ordersDr,
  })

  test('needs the same engine version on both sides', async () => {
    const { clock, sim } = world()
    const [home, dr] = [clients(sim, HOME).rds, clients(sim, DR).rds]
    await dr.send(modify('orders-dr', { EngineVersion: '16.8' }))
    expect((await cluster(dr, 'orders-dr'))?.Status).toBe('upgrading')
    clock.advance(sim.world.draws.orders.upgrade)
    expect(await words(home.send(switchover))).toMatch(/^InvalidDBClusterStateFault: .*16\.8.*16\.6/)
    const failover = new FailoverGlobalClusterCommand({
      GlobalClusterIdentifier,
      TargetDbClusterIdentifier: ordersDr,
      AllowDataLoss: true,
    })
    expect(await refusal(dr.send(failover))).toBe('InvalidDBClusterStateFault')
  })

  test.each(['headless', 'unprotected'] as const)('is refused while the standby is %s', async (state) => {
    const { sim } = world()
    sim.enter('orders', state, 'home')
    expect(await refusal(clients(sim, HOME).rds.send(switchover))).toBe('InvalidDBClusterStateFault')
  })

  test('may end without a move, and then the old writer goes on', async () => {
    const { clock, sim } = world()
    const { rds } = clients(sim, HOME)
    sim.addFault({ kind: 'fails' })
    await rds.send(switchover)
    clock.advance(sim.world.draws.orders.switchover)
    expect((await global(rds))?.FailoverState).toBeUndefined()
    expect((await global(rds))?.GlobalClusterMembers?.find(({ IsWriter }) => IsWriter)?.DBClusterArn).toBe(
      ordersHome,
    )
    expect(sim.state().apps.orders.success).toBe(1)
  })

  test('may answer InternalFailure, and has not begun', async () => {
    const { sim } = world()
    const { rds } = clients(sim, HOME)
    sim.addFault({ kind: 'internal', service: 'rds', operation: 'SwitchoverGlobalCluster', times: 1 })
    expect(await refusal(rds.send(switchover))).toBe('InternalFailure')
    expect((await global(rds))?.Status).toBe('available')
  })
})
