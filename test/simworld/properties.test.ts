import { UpdateServiceCommand } from '@aws-sdk/client-ecs'
import {
  CopyDBClusterSnapshotCommand,
  CreateDBClusterCommand,
  CreateDBClusterSnapshotCommand,
  CreateDBInstanceCommand,
  CreateGlobalClusterCommand,
  DeleteDBClusterCommand,
  DeleteDBInstanceCommand,
  DeleteGlobalClusterCommand,
  FailoverGlobalClusterCommand,
  ModifyDBClusterCommand,
  RemoveFromGlobalClusterCommand,
  SwitchoverGlobalClusterCommand,
} from '@aws-sdk/client-rds'
import { type Change, ChangeResourceRecordSetsCommand } from '@aws-sdk/client-route-53'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { faultKinds } from '../../rehearsal/aws/faults.ts'
import type { Simulation } from '../../rehearsal/aws/simulator.ts'
import { states } from '../../rehearsal/aws/states.ts'
import { writable } from '../../rehearsal/aws/world/rds.ts'
import type { World } from '../../rehearsal/aws/world/world.ts'
import type { WorldClock } from '../../rehearsal/clock.ts'
import { clients, DR, HOME, ordersDr, ordersHome, world } from './world.ts'

type Act = (sim: Simulation, clock: WorldClock) => unknown

const region = fc.constantFrom(HOME, DR)
const target = fc.constantFrom(ordersHome, ordersDr)
const GlobalClusterIdentifier = 'orders-global'

const recordChange: fc.Arbitrary<Change> = fc
  .tuple(
    fc.constantFrom('CREATE' as const, 'DELETE' as const, 'UPSERT' as const),
    fc.constantFrom('orders', 'new', 'other'),
    fc.constantFrom('home' as const, 'dr' as const),
    fc.constantFrom('A' as const, 'TXT' as const),
  )
  .map(([Action, name, side, Type]) => ({
    Action,
    ResourceRecordSet: {
      Name: `${name}.example.test`,
      Type,
      ...(Type === 'A'
        ? {
            AliasTarget: {
              HostedZoneId: side === 'home' ? 'Z1UJRXOUMOOFQ8' : 'Z2OJLYMUO9EFXC',
              DNSName: `d-orders-${side}.execute-api.${side === 'home' ? HOME : DR}.amazonaws.com`,
              EvaluateTargetHealth: false,
            },
          }
        : { TTL: 60, ResourceRecords: [{ Value: `"${side}"` }] }),
    },
  }))

const own = (where: string) => (where === HOME ? 'orders-home' : 'orders-dr')

/** What deletes and builds databases, each of a side's own. */
const rebuilding = (where: string) => {
  const DBClusterIdentifier = own(where)
  const KmsKeyId = `arn:aws:kms:${where}:111122223333:key/of-here`
  const instance = { DBInstanceIdentifier: `${DBClusterIdentifier}-1` }
  const skip = { DBClusterIdentifier, SkipFinalSnapshot: true }
  return [
    new ModifyDBClusterCommand({ DBClusterIdentifier, DeletionProtection: false }),
    new DeleteDBInstanceCommand(instance),
    new DeleteDBClusterCommand(skip),
    new DeleteDBClusterCommand({ DBClusterIdentifier, FinalDBSnapshotIdentifier: 'final' }),
    new DeleteGlobalClusterCommand({ GlobalClusterIdentifier }),
    new CreateGlobalClusterCommand({
      GlobalClusterIdentifier,
      SourceDBClusterIdentifier: where === HOME ? ordersHome : ordersDr,
    }),
    new CreateDBClusterCommand({
      DBClusterIdentifier,
      GlobalClusterIdentifier,
      Engine: 'aurora-postgresql',
      KmsKeyId,
    }),
    new CreateDBInstanceCommand({
      ...instance,
      DBClusterIdentifier,
      DBInstanceClass: 'db.r6g.large',
      Engine: 'aurora-postgresql',
    }),
    new CreateDBClusterSnapshotCommand({ DBClusterIdentifier, DBClusterSnapshotIdentifier: 'kept' }),
    new CopyDBClusterSnapshotCommand({
      SourceDBClusterSnapshotIdentifier: 'kept',
      TargetDBClusterSnapshotIdentifier: 'kept-twice',
    }),
  ]
}

/** What anybody may do to the world, in any order; AWS may refuse it. */
const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.tuple(region, fc.nat(9)).map(
      ([where, index]): Act =>
        (sim) => {
          const command = rebuilding(where)[index] as ModifyDBClusterCommand
          return clients(sim, where).rds.send(command, { abortSignal: AbortSignal.timeout(5) })
        },
    ),
  },
  fc.tuple(fc.constantFrom(...states), fc.constantFrom('home' as const, 'dr' as const)).map(
    ([state, active]): Act =>
      (sim) =>
        sim.enter('orders', state, active),
  ),
  fc.constantFrom(...faultKinds).map(
    (kind): Act =>
      (sim) =>
        /re(join|scue|sync)|early|seeding/.test(kind)
          ? sim.addFault({ kind, ...(kind.startsWith('no-') ? {} : { ms: 3_600_000 }) })
          : undefined,
  ),
  {
    weight: 4,
    arbitrary: fc.nat(400_000).map(
      (ms): Act =>
        (_sim, clock) =>
          clock.advance(ms),
    ),
  },
  fc.tuple(region, target).map(
    ([where, TargetDbClusterIdentifier]): Act =>
      (sim) =>
        clients(sim, where).rds.send(
          new FailoverGlobalClusterCommand({
            GlobalClusterIdentifier,
            TargetDbClusterIdentifier,
            AllowDataLoss: true,
          }),
          { abortSignal: AbortSignal.timeout(5) },
        ),
  ),
  fc.tuple(region, target).map(
    ([where, TargetDbClusterIdentifier]): Act =>
      (sim) =>
        clients(sim, where).rds.send(
          new SwitchoverGlobalClusterCommand({ GlobalClusterIdentifier, TargetDbClusterIdentifier }),
          { abortSignal: AbortSignal.timeout(5) },
        ),
  ),
  fc.tuple(region, target).map(
    ([where, DbClusterIdentifier]): Act =>
      (sim) =>
        clients(sim, where).rds.send(
          new RemoveFromGlobalClusterCommand({ GlobalClusterIdentifier, DbClusterIdentifier }),
          { abortSignal: AbortSignal.timeout(5) },
        ),
  ),
  fc.tuple(region, fc.option(fc.constantFrom('drop' as const, '5xx' as const))).map(
    ([where, kind]): Act =>
      (sim) =>
        sim.outage(where, kind ?? undefined),
  ),
  fc.boolean().map(
    (on): Act =>
      (sim) =>
        on ? sim.addFault({ kind: 'stuck' }) : sim.removeFaults(),
  ),
  fc.tuple(region, fc.nat(9), fc.boolean()).map(
    ([where, desiredCount, forceNewDeployment]): Act =>
      (sim) =>
        clients(sim, where).ecs.send(
          new UpdateServiceCommand({
            cluster: 'orders',
            service: 'orders-api',
            desiredCount,
            forceNewDeployment,
          }),
          { abortSignal: AbortSignal.timeout(5) },
        ),
  ),
  fc.array(recordChange, { minLength: 1, maxLength: 4 }).map(
    (Changes): Act =>
      async (sim) => {
        const before = JSON.stringify(sim.world.dns.records)
        const send = new ChangeResourceRecordSetsCommand({
          HostedZoneId: 'Z0EXAMPLE0TEST',
          ChangeBatch: { Changes },
        })
        const failed = await clients(sim, DR)
          .route53.send(send)
          .then(() => false)
          .catch(() => true)
        if (failed) expect(JSON.stringify(sim.world.dns.records)).toBe(before)
      },
  ),
)

/** What must hold after every act. `seen`: changes that were in sync before. */
function check(now: World, seen: Set<string>, ids: Set<string>): void {
  for (const global of now.rds.globals) {
    if (global.members.length) expect(global.members).toContain(global.writer || global.adopting)
    const members = now.rds.clusters.filter((cluster) => cluster.global === global.id)
    expect(members.map(({ arn }) => arn).toSorted()).toEqual(global.members.toSorted())
    expect(members.filter((cluster) => writable(now, cluster)).length).toBeLessThanOrEqual(1)
  }
  const arns = now.rds.clusters.map(({ arn }) => arn)
  expect(new Set(arns).size).toBe(arns.length)
  for (const due of now.due) expect(due.at).toBeGreaterThanOrEqual(now.now)
  expect(now.due.map(({ at }) => at)).toEqual(now.due.map(({ at }) => at).toSorted((a, b) => a - b))
  const lost = new Set(now.rds.lost.map(({ id }) => id))
  for (const { lostWrites } of [...now.rds.clusters, ...now.rds.snapshots])
    expect(lostWrites.every((id) => lost.has(id))).toBe(true)
  for (const { id, status } of now.dns.changes) {
    if (seen.has(id)) expect(status).toBe('INSYNC')
    if (status === 'INSYNC') seen.add(id)
  }
  for (const service of now.ecs.services) {
    const own = service.tasks.map(({ id }) => id)
    expect(new Set(own).size).toBe(own.length)
    const known = new Set(service.deployments.map(({ id }) => id))
    expect(service.tasks.every(({ deployment }) => known.has(deployment))).toBe(true)
  }
  for (const { success, seconds } of Object.values(now.traffic).flatMap(({ runs }) =>
    runs.map(([value, length]) => ({ success: value, seconds: length })),
  )) {
    expect(success).toBeGreaterThanOrEqual(0)
    expect(success).toBeLessThanOrEqual(1)
    expect(seconds).toBeGreaterThan(0)
  }
  const changes = now.dns.changes.map(({ id }) => id)
  expect(new Set(changes).size).toBe(changes.length)
  for (const id of changes) ids.add(id)
  expect(ids.size).toBe(changes.length)
}

test('whatever is done: one writer at most, batches whole, INSYNC for ever, ids never reused', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(act, { maxLength: 25 }), fc.nat(50), async (acts, seed) => {
      const { clock, sim } = world({ seed })
      const [seen, ids] = [new Set<string>(), new Set<string>()]
      for (const doIt of acts) {
        await Promise.resolve(doIt(sim, clock)).catch((error: Error) => {
          if (error.name === 'AssertionError' || error instanceof TypeError) throw error
        })
        check(sim.world, seen, ids)
      }
    }),
    { numRuns: 60, endOnFailure: true },
  )
})

test('time in one jump or in many is the same time', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 60_000 }), { maxLength: 30 }), async (steps) => {
      const [one, many] = [world({ seed: 5 }), world({ seed: 5 })]
      for (const { sim } of [one, many]) {
        await sim.outage(HOME, 'drop')
        await clients(sim, DR).rds.send(
          new FailoverGlobalClusterCommand({
            GlobalClusterIdentifier,
            TargetDbClusterIdentifier: ordersDr,
            AllowDataLoss: true,
          }),
        )
      }
      one.clock.advance(steps.reduce((sum, ms) => sum + ms, 0))
      for (const ms of steps) {
        many.clock.advance(ms)
        many.sim.state()
      }
      expect(many.sim.slo('orders')).toEqual(one.sim.slo('orders'))
      expect(many.sim.world.rds).toEqual(one.sim.world.rds)
    }),
    { numRuns: 30 },
  )
})
