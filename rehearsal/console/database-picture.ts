import { isDark } from '../aws/outages.ts'
import { clusterOn, type DbCluster, globalOf, replicationLag, writable } from '../aws/world/rds.ts'
import type { DbSnapshot } from '../aws/world/snapshots.ts'
import { type App, regions, sides, type Transition, type World } from '../aws/world/world.ts'
import type { Activity, AppPicture, ClusterPicture, Side, SidePicture, SnapshotPicture } from './picture.ts'

/** The database of an application on one side, by the truth of the world. */
export function databasePicture(
  world: World,
  app: App,
  side: Side,
): Pick<SidePicture, 'writer' | 'cluster' | 'lagSeconds' | 'snapshots'> {
  const cluster = clusterOn(world, app, side)
  const lost = lostIds(world, app)
  const holdsLost = ({ lostWrites }: DbCluster | DbSnapshot) => lostWrites.some((id) => lost.has(id))
  const lag = cluster && replicationLag(world, cluster)
  return {
    writer: cluster !== undefined && writable(world, cluster),
    ...(cluster ? { cluster: clusterPicture(world, cluster, holdsLost(cluster)) } : {}),
    ...(lag === undefined ? {} : { lagSeconds: lag / 1000 }),
    snapshots: world.rds.snapshots
      .filter((snapshot) => snapshot.app === app && snapshot.region === regions[side])
      .map((snapshot) => snapshotPicture(snapshot, holdsLost(snapshot)))
      .filter(({ kind, holdsLost }) => kind !== 'other' || holdsLost),
  }
}

/** What the pair as a whole lacks: writes, and a standby. */
export function gapsOf(world: World, app: App): Pick<AppPicture, 'lost' | 'noStandby'> {
  const lost = lostIds(world, app)
  const entries = world.rds.lost.filter(({ id }) => lost.has(id))
  const holders = [...world.rds.clusters, ...world.rds.snapshots].filter(({ lostWrites }) =>
    lostWrites.some((id) => lost.has(id)),
  )
  const seconds = entries.reduce((sum, entry) => sum + entry.seconds, 0)
  const gap = standbyGap(world, app)
  return {
    ...(entries.length ? { lost: { seconds, places: holders.length } } : {}),
    ...(gap ? { noStandby: gap } : {}),
  }
}

/** Writes that the cluster which writes now does not have. */
function lostIds(world: World, app: App): ReadonlySet<string> {
  const has = new Set(writerOf(world, app)?.lostWrites)
  return new Set(
    world.rds.lost.filter((entry) => entry.app === app && !has.has(entry.id)).map(({ id }) => id),
  )
}

/** Of two clusters that both take writes, the one that began later: the other one's are not the customers'. */
function writerOf(world: World, app: App): DbCluster | undefined {
  const writers = sides.flatMap((side) => {
    const cluster = clusterOn(world, app, side)
    return cluster && writable(world, cluster) ? [cluster] : []
  })
  return writers.sort((a, b) => (b.writerSince ?? 0) - (a.writerSince ?? 0))[0]
}

/** The pairs have a past of months, in which nothing is told of standbys; a state that one was put into has one of hours. */
const longestPast = 86_400_000

function standbyGap(world: World, app: App): AppPicture['noStandby'] {
  const writer = writerOf(world, app)
  if (!writer) return undefined
  const side = writer.region === regions.home ? 'dr' : 'home'
  const standby = clusterOn(world, app, side)
  const dark = isDark(world, regions[side])
  if (standby && !dark && replicationLag(world, standby) !== undefined) return undefined
  const since = Math.max(
    writer.writerSince ?? 0,
    dark ? (world.outages[regions[side]]?.since ?? 0) : (standby?.createdAt ?? 0),
  )
  return since > world.startedAt - longestPast ? { since } : {}
}

function clusterPicture(world: World, cluster: DbCluster, holdsLost: boolean): ClusterPicture {
  const { id, status, instances } = cluster
  const activity = activityOf(world, cluster)
  return {
    id,
    status,
    member: globalOf(world, cluster) !== undefined,
    instances: instances.map((instance) => ({ id: instance.id, status: instance.status })),
    ...(activity ? { activity } : {}),
    holdsLost,
  }
}

function snapshotPicture(snapshot: DbSnapshot, holdsLost: boolean): SnapshotPicture {
  const { id, status, rescue, type, expiresAt } = snapshot
  const ours = type === 'manual' && id.startsWith('dr-')
  return {
    id,
    kind: rescue ? 'rescue' : ours ? 'ours' : 'other',
    status,
    ...(expiresAt === undefined ? {} : { expiresAt }),
    holdsLost,
  }
}

/** When that is to happen to a thing, world ms. */
const dueAt = (world: World, what: Transition, id: string): number | undefined =>
  world.due.find((due) => due.what === what && (due.id === id || due.id.startsWith(`${id} `)))?.at

/** What is under way, the first of these that fits. */
function activityOf(world: World, cluster: DbCluster): Activity | undefined {
  const { arn, status, createdAt } = cluster
  const of = (doing: string, what: Transition, since?: number): Activity => {
    const until = dueAt(world, what, arn)
    return {
      doing,
      ...(since === undefined ? {} : { since }),
      ...(until === undefined ? {} : { until }),
    }
  }
  if (status === 'deleting') return of('being deleted', 'rds-deleted')
  if (status === 'creating') return of('being created', 'rds-created', createdAt)
  if (status === 'promoting') return of('becoming a database of its own', 'rds-detached')
  if (status === 'upgrading') return of('being upgraded', 'rds-upgraded')
  if (cluster.synchronization !== 'pending-resync') return undefined
  if (dueAt(world, 'rds-seeded', arn) !== undefined)
    return of('getting its first copy of the data', 'rds-seeded', createdAt)
  if (dueAt(world, 'rds-resynced', arn) !== undefined)
    return of('resynchronising', 'rds-resynced', resyncBegan(world, cluster))
  return { doing: isDark(world, cluster.region) ? 'out of step until its region is back' : 'out of step' }
}

function resyncBegan(world: World, { id, region }: DbCluster): number | undefined {
  const told = world.rds.events.findLast(
    (event) =>
      event.source === id && event.region === region && event.message.startsWith('Started resynchronizing'),
  )
  return told?.at
}
