import { faultOf } from '../faults.ts'
import { isDark } from '../outages.ts'
import { hex } from './random.ts'
import type { DbCluster } from './rds.ts'
import { noteSnapshot } from './rds-events.ts'
import { type App, accounts, type Due, schedule, unschedule, type World } from './world.ts'

/** A cluster snapshot. Manual ones stay; automated ones go with their cluster, or when their retention is over. */
export type DbSnapshot = {
  readonly app: App
  readonly id: string
  readonly arn: string
  readonly region: string
  /** The cluster it was taken of, by its identifier. */
  readonly cluster: string
  readonly clusterCreatedAt: number
  readonly type: 'manual' | 'automated'
  status: 'creating' | 'copying' | 'available'
  readonly createdAt: number
  /** When it is to be available, if nothing holds it up. */
  readonly readyAt: number
  readonly expiresAt?: number
  readonly engineVersion: string
  readonly kmsKeyId: string
  /** Of a copy. */
  readonly sourceArn?: string
  /** AWS's own, of an old primary's volume before that is replaced. */
  readonly rescue?: true
  /** Ids of the lost writes in it. */
  readonly lostWrites: readonly string[]
}

export const retentionDays = 7
/** Manual snapshots of a region. */
export const snapshotQuota = 100

export const keyOf = (region: string): string =>
  `arn:aws:kms:${region}:${accounts.workload}:key/${hex(`key/${region}`, 32)}`

export const snapshotArn = (region: string, id: string): string =>
  `arn:aws:rds:${region}:${accounts.workload}:cluster-snapshot:${id}`

/** `2026-11-21-03-04`, as AWS ends the names of its own snapshots. */
export const stamp = (at: number): string => new Date(at).toISOString().slice(0, 16).replace(/[T:]/g, '-')

/** Starts a snapshot of a cluster as it is now. */
export function takeSnapshot(
  world: World,
  cluster: DbCluster,
  snapshot: Pick<DbSnapshot, 'id' | 'type' | 'rescue' | 'expiresAt'>,
): DbSnapshot {
  const { app, region, id, createdAt, engineVersion } = cluster
  const taken: DbSnapshot = {
    app,
    region,
    arn: snapshotArn(region, snapshot.id),
    cluster: id,
    clusterCreatedAt: createdAt,
    status: 'creating',
    createdAt: world.now,
    readyAt: world.now + world.draws[app].snapshot,
    engineVersion,
    kmsKeyId: keyOf(region),
    lostWrites: [...cluster.lostWrites],
    ...snapshot,
  }
  const what = taken.type === 'manual' ? 'manual' : 'automated'
  noteSnapshot(world, taken, `Creating ${what} cluster snapshot.`)
  return begin(world, taken)
}

/** Starts a manual copy in `region`. */
export function copySnapshot(
  world: World,
  source: DbSnapshot,
  copy: { readonly id: string; readonly region: string; readonly kmsKeyId: string },
): DbSnapshot {
  const { expiresAt: _expiresAt, rescue: _rescue, ...kept } = source
  return begin(world, {
    ...kept,
    ...copy,
    arn: snapshotArn(copy.region, copy.id),
    type: 'manual',
    status: 'copying',
    createdAt: world.now,
    readyAt: world.now + world.draws[source.app].snapshot,
    sourceArn: source.arn,
  })
}

function begin(world: World, snapshot: DbSnapshot): DbSnapshot {
  world.rds.snapshots.push(snapshot)
  schedule(world, snapshot.readyAt - world.now, 'snapshot-ready', snapshot.arn)
  if (snapshot.expiresAt !== undefined)
    schedule(world, snapshot.expiresAt - world.now, 'snapshot-expired', snapshot.arn)
  return snapshot
}

/** What AWS takes of an old primary's volume before it replaces that; undefined where it takes none. */
export function rescueSnapshot(world: World, old: DbCluster): DbSnapshot | undefined {
  const known = world.rds.snapshots.find(
    ({ rescue, cluster, region, lostWrites }) =>
      rescue &&
      cluster === old.id &&
      region === old.region &&
      old.lostWrites.every((lost) => lostWrites.includes(lost)),
  )
  if (known || faultOf(world, 'no-rescue', old.app)) return known
  const id = `rds:unplanned-global-failover-${old.id}-${stamp(world.now)}`
  const lasting = faultOf(world, 'early-expiry', old.app)?.ms ?? retentionDays * 86_400_000
  return takeSnapshot(world, old, { id, type: 'automated', rescue: true, expiresAt: world.now + lasting })
}

/** A copy needs its source's region too, until it is whole. */
export function snapshotReady(world: World, arn: string): void {
  const snapshot = world.rds.snapshots.find((each) => each.arn === arn)
  if (!snapshot || snapshot.status === 'available') return
  const from = snapshot.sourceArn?.split(':')[3] ?? snapshot.region
  if (isDark(world, snapshot.region) || isDark(world, from))
    return schedule(world, 60_000, 'snapshot-ready', arn)
  const taken = snapshot.status === 'creating'
  snapshot.status = 'available'
  const what = snapshot.type === 'manual' ? 'Manual' : 'Automated'
  if (taken) noteSnapshot(world, snapshot, `${what} cluster snapshot created.`)
}

export function snapshotExpired(world: World, arn: string): void {
  dropSnapshots(world, (snapshot) => snapshot.arn === arn && snapshot.type === 'automated')
}

/** What is in them is in them no longer. */
export function dropSnapshots(world: World, which: (snapshot: DbSnapshot) => boolean): void {
  const gone = world.rds.snapshots.filter(which)
  world.rds.snapshots = world.rds.snapshots.filter((snapshot) => !gone.includes(snapshot))
  for (const { arn } of gone)
    for (const what of ['snapshot-ready', 'snapshot-expired'] as const) unschedule(world, what, arn)
}

/** Last night's backup of every cluster, which expires like all. */
export function seedBackups(
  clusters: readonly DbCluster[],
  at: number,
): { snapshots: DbSnapshot[]; due: Due[] } {
  const createdAt = at - 17 * 3_600_000
  const expiresAt = createdAt + retentionDays * 86_400_000
  const snapshots = clusters.map(
    ({ app, region, id, createdAt: clusterCreatedAt, engineVersion }): DbSnapshot => {
      const name = `rds:${id}-${stamp(createdAt)}`
      return {
        app,
        id: name,
        arn: snapshotArn(region, name),
        region,
        cluster: id,
        clusterCreatedAt,
        type: 'automated',
        status: 'available',
        createdAt,
        readyAt: createdAt,
        expiresAt,
        engineVersion,
        kmsKeyId: keyOf(region),
        lostWrites: [],
      }
    },
  )
  const due = snapshots.map(
    ({ arn: id }): Due => ({ at: expiresAt, serial: 0, what: 'snapshot-expired', id }),
  )
  return { snapshots, due }
}
