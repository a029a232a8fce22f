import {
  CopyDBClusterSnapshotCommand,
  CreateDBClusterSnapshotCommand,
  DeleteDBClusterSnapshotCommand,
  DescribeDBClusterSnapshotsCommand,
  type RDSClient,
} from '@aws-sdk/client-rds'
import { describe, expect, test } from 'vitest'
import { clients, DR, HOME, refusal, world } from './world.ts'

const take = (DBClusterSnapshotIdentifier: string, DBClusterIdentifier = 'orders-home') =>
  new CreateDBClusterSnapshotCommand({ DBClusterSnapshotIdentifier, DBClusterIdentifier })
const copy = (
  SourceDBClusterSnapshotIdentifier: string,
  TargetDBClusterSnapshotIdentifier: string,
  KmsKeyId?: string,
) =>
  new CopyDBClusterSnapshotCommand({
    SourceDBClusterSnapshotIdentifier,
    TargetDBClusterSnapshotIdentifier,
    KmsKeyId,
  })
const listed = async (rds: RDSClient, input: object) =>
  (await rds.send(new DescribeDBClusterSnapshotsCommand(input))).DBClusterSnapshots ?? []
const one = async (rds: RDSClient, DBClusterSnapshotIdentifier: string) =>
  (await listed(rds, { DBClusterSnapshotIdentifier }))[0]

const lastNight = 'rds:orders-home-2026-11-20-10-00'
const drKey = 'arn:aws:kms:us-west-2:111122223333:key/of-dr'

describe('a snapshot', () => {
  test('is creating for minutes, with its progress, and then available', async () => {
    const { clock, sim } = world()
    const { rds } = clients(sim, HOME)
    const started = await rds.send(take('Before-the-Night'))
    expect(started.DBClusterSnapshot).toMatchObject({
      DBClusterSnapshotIdentifier: 'before-the-night',
      SnapshotType: 'manual',
      Status: 'creating',
      PercentProgress: 0,
      StorageEncrypted: true,
    })
    const lasts = sim.world.draws.orders.snapshot
    clock.advance(Math.ceil(lasts / 2))
    expect((await one(rds, 'before-the-night'))?.PercentProgress).toBe(50)
    clock.advance(lasts / 2)
    expect(await one(rds, 'before-the-night')).toMatchObject({ Status: 'available', PercentProgress: 100 })
  })

  test.each([
    ['the name of another one', 'DBClusterSnapshotAlreadyExistsFault', take('twice')],
    ['a name that ends in a hyphen', 'InvalidParameterValue', take('twice-')],
    ['a name with two hyphens', 'InvalidParameterValue', take('tw--ice')],
    ['a name that begins with a digit', 'InvalidParameterValue', take('2ice')],
    ['a name of 64 letters', 'InvalidParameterValue', take('a'.repeat(64))],
    ['a cluster of another region', 'DBClusterNotFoundFault', take('other', 'orders-dr')],
  ])('%s is refused: %s', async (_what, code, command) => {
    const { sim } = world()
    const { rds } = clients(sim, HOME)
    await rds.send(take('twice'))
    expect(await refusal(rds.send(command))).toBe(code)
  })

  test('needs a cluster that is available, and there may be a hundred of them', async () => {
    const { clock, sim } = world()
    const { rds } = clients(sim, HOME)
    sim.enter('billing', 'unprotected', 'dr')
    expect(await refusal(rds.send(take('too-early', 'billing-home')))).toBe('InvalidDBClusterStateFault')
    for (let number = 0; number < 100; number++) {
      await rds.send(take(`number-${number}`))
      clock.advance(1_000)
    }
    expect(await refusal(rds.send(take('number-100')))).toBe('SnapshotQuotaExceededFault')
  })

  test('is listed by name, cluster and type; AWS’s own ones go when their retention is over', async () => {
    const { clock, sim } = world()
    const { rds } = clients(sim, HOME)
    await rds.send(take('mine'))
    const names = async (input: object) =>
      (await listed(rds, input)).map((each) => each.DBClusterSnapshotIdentifier)
    expect(await names({ DBClusterIdentifier: 'orders-home' })).toEqual([lastNight, 'mine'])
    expect(await names({ DBClusterIdentifier: 'orders-home', SnapshotType: 'automated' })).toEqual([
      lastNight,
    ])
    expect(await names({ SnapshotType: 'manual', IncludeShared: true, IncludePublic: true })).toEqual([
      'mine',
    ])
    expect(await names({ DBClusterIdentifier: 'no-such-cluster' })).toEqual([])
    expect(await refusal(one(rds, 'no-such-snapshot'))).toBe('DBClusterSnapshotNotFoundFault')
    clock.advance(7 * 86_400_000)
    expect(await names({ DBClusterIdentifier: 'orders-home' })).toEqual(['mine'])
  })

  test('of AWS’s own cannot be deleted, and a manual one only when it is whole', async () => {
    const { clock, sim } = world()
    const { rds } = clients(sim, HOME)
    const drop = (DBClusterSnapshotIdentifier: string) =>
      rds.send(new DeleteDBClusterSnapshotCommand({ DBClusterSnapshotIdentifier }))
    await rds.send(take('mine'))
    expect(await refusal(drop('mine'))).toBe('InvalidDBClusterSnapshotStateFault')
    expect(await refusal(drop(lastNight))).toBe('InvalidDBClusterSnapshotStateFault')
    clock.advance(600_000)
    await drop('mine')
    expect(await refusal(drop('mine'))).toBe('DBClusterSnapshotNotFoundFault')
  })
})

describe('a copy', () => {
  test('of an automated one is manual, and outlives it', async () => {
    const { clock, sim } = world()
    const { rds } = clients(sim, HOME)
    const { DBClusterSnapshot: made } = await rds.send(copy(lastNight, 'kept'))
    expect(made).toMatchObject({
      Status: 'copying',
      SnapshotType: 'manual',
      DBClusterIdentifier: 'orders-home',
    })
    expect(made?.SourceDBClusterSnapshotArn).toBe(
      `arn:aws:rds:us-east-1:111122223333:cluster-snapshot:${lastNight}`,
    )
    clock.advance(8 * 86_400_000)
    expect((await one(rds, 'kept'))?.Status).toBe('available')
    expect(await refusal(one(rds, lastNight))).toBe('DBClusterSnapshotNotFoundFault')
  })

  test('in another region is asked for there, by ARN, with a key of that region', async () => {
    const { clock, sim } = world()
    const { rds } = clients(sim, DR)
    const arn = `arn:aws:rds:us-east-1:111122223333:cluster-snapshot:${lastNight}`
    expect(await refusal(rds.send(copy(lastNight, 'far', drKey)))).toBe('DBClusterSnapshotNotFoundFault')
    expect(await refusal(rds.send(copy(arn, 'far')))).toBe('InvalidParameterCombination')
    const homeKey = drKey.replace(DR, HOME)
    expect(await refusal(rds.send(copy(arn, 'far', homeKey)))).toBe('KMSKeyNotAccessibleFault')
    await rds.send(copy(arn, 'far', drKey))
    await sim.outage(HOME, 'drop')
    clock.advance(3_600_000)
    expect((await one(rds, 'far'))?.Status).toBe('copying')
    await sim.outage(HOME, undefined)
    clock.advance(60_000)
    expect(await one(rds, 'far')).toMatchObject({ Status: 'available', KmsKeyId: drKey })
  })

  test('needs a source that is whole', async () => {
    const { sim } = world()
    const { rds } = clients(sim, HOME)
    await rds.send(take('half'))
    expect(await refusal(rds.send(copy('half', 'other')))).toBe('InvalidDBClusterSnapshotStateFault')
  })
})
