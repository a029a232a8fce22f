import { faultOf } from '../faults.ts'
import { isDark } from '../outages.ts'
import { clusterByArn, type DbCluster, globalOf } from './rds.ts'
import { note, noteInstance } from './rds-events.ts'
import { dropSnapshots } from './snapshots.ts'
import { schedule, unschedule, type World } from './world.ts'

/** A dark region goes on with what it had begun when it is back. */
const waits = (world: World, cluster: DbCluster): boolean => isDark(world, cluster.region)
const laterMs = 30_000

/** The source of a new global cluster is told as its writer. */
export function adopted(world: World, id: string): void {
  const global = world.rds.globals.find((each) => each.id === id)
  if (!global?.adopting) return
  global.writer = global.adopting
  delete global.adopting
}

export function created(world: World, arn: string): void {
  const cluster = clusterByArn(world, arn)
  if (cluster?.status !== 'creating') return
  if (waits(world, cluster)) return schedule(world, laterMs, 'rds-created', arn)
  cluster.status = 'available'
  note(world, cluster, 'DB cluster created.', 'creation')
}

/** How long the first copy of all data takes. */
export const seedingMs = (world: World, { app }: DbCluster): number =>
  faultOf(world, 'seeding', app)?.ms ?? world.draws[app].seeding

/** A new secondary has all its primary has. */
export function seeded(world: World, arn: string): void {
  const cluster = clusterByArn(world, arn)
  const global = cluster && globalOf(world, cluster)
  const writer = global && clusterByArn(world, global.writer)
  if (cluster?.synchronization !== 'pending-resync') return
  const ready = writer && cluster.status === 'available' && !waits(world, cluster) && !waits(world, writer)
  if (!ready) return schedule(world, laterMs, 'rds-seeded', arn)
  cluster.synchronization = 'connected'
  cluster.lostWrites = [...writer.lostWrites]
}

export function upgraded(world: World, id: string): void {
  const [arn = '', version = ''] = id.split(' ')
  const cluster = clusterByArn(world, arn)
  if (cluster?.status !== 'upgrading') return
  if (waits(world, cluster)) return schedule(world, laterMs, 'rds-upgraded', id)
  cluster.status = 'available'
  cluster.engineVersion = version
  const global = globalOf(world, cluster)
  if (global?.writer === arn) global.engineVersion = version
  note(world, cluster, 'Database cluster engine version has been upgraded.', 'maintenance')
}

/** Its instances go first, and its final snapshot must be whole. */
export function deleted(world: World, arn: string): void {
  const cluster = clusterByArn(world, arn)
  if (cluster?.status !== 'deleting') return
  const { id, region, instances } = cluster
  const mine = (each: { cluster: string; region: string }) => each.cluster === id && each.region === region
  const taking = world.rds.snapshots.some((each) => mine(each) && each.status === 'creating' && !each.rescue)
  if (waits(world, cluster) || instances.length || taking) return schedule(world, laterMs, 'rds-deleted', arn)
  dropSnapshots(
    world,
    (each) => mine(each) && each.type === 'automated' && (each.rescue === true || !cluster.keepsBackups),
  )
  world.rds.clusters = world.rds.clusters.filter((each) => each !== cluster)
  for (const what of ['rds-detached', 'rds-endpoint'] as const) unschedule(world, what, arn)
  note(world, cluster, 'DB cluster deleted.', 'deletion')
}

/** `id`: the cluster's ARN and the instance's identifier. */
export function instanceCreated(world: World, id: string): void {
  const [cluster, instance] = instanceOf(world, id) ?? []
  if (!cluster || instance?.status !== 'creating') return
  if (waits(world, cluster)) return schedule(world, laterMs, 'instance-created', id)
  instance.status = 'available'
  noteInstance(world, cluster, instance.id, 'DB instance created.', 'creation')
}

/** Who takes a writer's place has new connections to open. */
export function instanceDeleted(world: World, id: string): void {
  const [cluster, instance] = instanceOf(world, id) ?? []
  if (!cluster || instance?.status !== 'deleting') return
  if (waits(world, cluster)) return schedule(world, laterMs, 'instance-deleted', id)
  const wrote = cluster.instances[0] === instance && cluster.instances.length > 1
  cluster.instances = cluster.instances.filter((each) => each !== instance)
  if (wrote && cluster.writerSince !== undefined) cluster.writerSince = world.now
  noteInstance(world, cluster, instance.id, 'DB instance deleted.', 'deletion')
}

function instanceOf(world: World, id: string) {
  const [arn = '', name] = id.split(' ')
  const cluster = clusterByArn(world, arn)
  const instance = cluster?.instances.find((each) => each.id === name)
  return cluster && instance ? ([cluster, instance] as const) : undefined
}
