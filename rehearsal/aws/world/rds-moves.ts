import { isDark } from '../outages.ts'
import {
  baseLag,
  clusterByArn,
  type DbCluster,
  type GlobalCluster,
  note,
  type Operation,
  replicationLag,
} from './rds.ts'
import { type App, schedule, unschedule, type World } from './world.ts'

/** Starts moving the writer to `to`; what is allowed was judged before. */
export function startOperation(
  world: World,
  global: GlobalCluster,
  to: DbCluster,
  kind: Operation['kind'],
): void {
  const duration = world.draws[global.app][kind]
  const { now: startedAt } = world
  global.operation = { kind, from: global.writer, to: to.arn, startedAt, fenced: false, status: 'pending' }
  schedule(world, 2_000, 'rds-begin', global.id)
  schedule(world, kind === 'failover' ? 5_000 : duration * 0.4, 'rds-fence', global.id)
  schedule(world, duration, 'rds-finish', global.id)
  note(world, to, `Global ${kind} to DB cluster ${to.id} in Region ${to.region} started.`)
}

/** A fault may hold an operation where it stands. */
const stuck = (world: World, app: App): boolean =>
  world.faults.some((fault) => fault.kind === 'stuck' && (fault.app ?? app) === app)

export function begin(world: World, id: string): void {
  const global = world.rds.globals.find((each) => each.id === id)
  if (global?.operation?.status !== 'pending') return
  if (stuck(world, global.app)) return schedule(world, 5_000, 'rds-begin', id)
  global.operation.status = 'failing-over'
}

export function fence(world: World, id: string): void {
  const global = world.rds.globals.find((each) => each.id === id)
  if (!global?.operation || global.operation.status === 'cancelling') return
  if (stuck(world, global.app)) return schedule(world, 5_000, 'rds-fence', id)
  global.operation.fenced = true
}

/** The writer moves, unless something holds it: a fault (then later), or a region that it needs and that is dark. */
export function finish(world: World, id: string): void {
  const global = world.rds.globals.find((each) => each.id === id)
  const operation = global?.operation
  const [to, from] = [clusterByArn(world, operation?.to ?? ''), clusterByArn(world, operation?.from ?? '')]
  if (!global || !operation || !to || !from) return
  if (stuck(world, global.app) || !operation.fenced) return schedule(world, 5_000, 'rds-finish', id)
  const needed = operation.kind === 'switchover' ? [to, from] : [to]
  if (needed.some(({ region }) => isDark(world, region))) {
    operation.status = 'cancelling'
    return schedule(world, 60_000, 'rds-cancelled', id)
  }
  const lost = operation.kind === 'failover' ? baseLag(world, to, from.region) : 0
  promote(world, global, to, from, lost)
  if (operation.kind === 'failover') loseSync(world, from)
  note(world, to, `Global ${operation.kind} to DB cluster ${to.id} in Region ${to.region} completed.`)
}

function promote(world: World, global: GlobalCluster, to: DbCluster, from: DbCluster, lostMs: number): void {
  to.lagMs = from.lagMs = Math.min(to.lagMs, 1_000)
  global.writer = to.arn
  to.writerSince = world.now
  world.rds.loss[global.app] = lostMs / 1000
  forget(world, global)
  schedule(world, 5_000, 'rds-endpoint', to.arn)
}

/** AWS's own cancelling of an operation that cannot go on. */
export function cancelled(world: World, id: string): void {
  const global = world.rds.globals.find((each) => each.id === id)
  const to = clusterByArn(world, global?.operation?.to ?? '')
  if (!global?.operation || !to) return
  note(world, to, `Global ${global.operation.kind} to DB cluster ${to.id} in Region ${to.region} cancelled.`)
  forget(world, global)
}

export function endpointMoved(world: World, arn: string): void {
  const cluster = clusterByArn(world, arn)
  if (cluster)
    note(world, cluster, 'Aurora finished changing the DNS name that the global writer endpoint resolves to.')
}

/** The old writer's volume is stale: it comes back as a secondary once its region does. */
function loseSync(world: World, old: DbCluster): void {
  old.synchronization = 'pending-resync'
  if (!isDark(world, old.region)) schedule(world, 60_000, 'rds-rejoin', old.arn)
}

export function rejoin(world: World, arn: string): void {
  const old = clusterByArn(world, arn)
  if (old?.synchronization !== 'pending-resync' || isDark(world, old.region)) return
  old.status = 'modifying'
  for (const instance of old.instances) instance.status = 'rebooting'
  note(world, old, `Aurora started resynchronizing DB cluster ${old.id} with the new primary cluster.`)
  schedule(world, world.draws[old.app].resync, 'rds-resynced', arn)
}

export function resynced(world: World, arn: string): void {
  const old = clusterByArn(world, arn)
  if (old?.synchronization !== 'pending-resync' || isDark(world, old.region)) return
  old.status = 'available'
  old.synchronization = 'connected'
  for (const instance of old.instances) instance.status = 'available'
  note(world, old, `Aurora finished resynchronizing DB cluster ${old.id} with the new primary cluster.`)
}

/** A region that is back lets its stale clusters begin again. */
export function regionBack(world: World, region: string): void {
  for (const cluster of world.rds.clusters) {
    if (cluster.region !== region || cluster.synchronization !== 'pending-resync') continue
    for (const what of ['rds-rejoin', 'rds-resynced'] as const) unschedule(world, what, cluster.arn)
    schedule(world, 60_000, 'rds-rejoin', cluster.arn)
  }
}

/**
 * Takes a cluster out of its global cluster. A secondary becomes a writer of its own after a while; the primary, which
 * goes last, stays one.
 */
export function detach(world: World, global: GlobalCluster, cluster: DbCluster): void {
  global.members = global.members.filter((arn) => arn !== cluster.arn)
  const touches = global.operation && [global.operation.from, global.operation.to].includes(cluster.arn)
  if (touches) forget(world, global)
  if (global.writer === cluster.arn) {
    global.writer = ''
    delete cluster.global
    return
  }
  world.rds.loss[global.app] = (replicationLag(world, cluster) ?? 0) / 1000
  delete cluster.global
  cluster.status = 'promoting'
  cluster.synchronization = 'connected'
  schedule(world, world.draws[cluster.app].detach, 'rds-detached', cluster.arn)
}

function forget(world: World, global: GlobalCluster): void {
  delete global.operation
  for (const what of ['rds-begin', 'rds-fence', 'rds-finish', 'rds-cancelled'] as const)
    unschedule(world, what, global.id)
}

export function detached(world: World, arn: string): void {
  const cluster = clusterByArn(world, arn)
  if (cluster?.status !== 'promoting') return
  cluster.status = 'available'
  cluster.writerSince = world.now
  note(world, cluster, `Promoted DB cluster ${cluster.id} to a standalone cluster.`, 'notification')
}
