import { faultOf } from '../faults.ts'
import { isDark } from '../outages.ts'
import { beatsUntil } from './heartbeat.ts'
import {
  baseLag,
  clusterByArn,
  type DbCluster,
  type GlobalCluster,
  type Operation,
  replicationLag,
} from './rds.ts'
import { note, noteInstance } from './rds-events.ts'
import { forgetRejoin, loseSync } from './rds-rejoin.ts'
import { schedule, unschedule, type World } from './world.ts'

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
  say(world, to, kind, 'started')
}

const say = (world: World, to: DbCluster, kind: Operation['kind'], what: string): void =>
  note(world, to, `Global ${kind} to DB cluster ${to.id} in Region ${to.region} ${what}.`)

const stuck = (world: World, global: GlobalCluster): boolean =>
  faultOf(world, 'stuck', global.app) !== undefined

export function begin(world: World, id: string): void {
  const global = world.rds.globals.find((each) => each.id === id)
  if (global?.operation?.status !== 'pending') return
  if (stuck(world, global)) return schedule(world, 5_000, 'rds-begin', id)
  global.operation.status = 'failing-over'
}

/** Where the old region is dark, nobody knows whether it blocks writes: the new one says so. */
export function fence(world: World, id: string): void {
  const global = world.rds.globals.find((each) => each.id === id)
  const operation = global?.operation
  const [to, from] = [clusterByArn(world, operation?.to ?? ''), clusterByArn(world, operation?.from ?? '')]
  if (!operation || !to || !from || operation.status === 'cancelling') return
  if (stuck(world, global)) return schedule(world, 5_000, 'rds-fence', id)
  operation.fenced = true
  operation.fencedAt = world.now
  const dark = isDark(world, from.region)
  const teller = dark ? to : from
  const attempt = `Attempt to block writes for DB cluster ${from.id} in Region ${from.region}`
  const categories = ['notification', 'global database']
  const [told] = teller.instances
  if (told)
    noteInstance(world, teller, told.id, `${attempt} ${dark ? 'timed out' : 'succeeded'}.`, ...categories)
  if (operation.kind === 'switchover')
    note(world, from, `Old primary DB cluster ${from.id} in Region ${from.region} successfully shut down.`)
}

/** The writer moves, unless something holds it: a fault (then later), or a region that it needs and that is dark. */
export function finish(world: World, id: string): void {
  const global = world.rds.globals.find((each) => each.id === id)
  const operation = global?.operation
  const [to, from] = [clusterByArn(world, operation?.to ?? ''), clusterByArn(world, operation?.from ?? '')]
  if (!global || !operation || !to || !from) return
  if (stuck(world, global) || !operation.fenced) return schedule(world, 5_000, 'rds-finish', id)
  const needed = operation.kind === 'switchover' ? [to, from] : [to]
  if (needed.some(({ region }) => isDark(world, region))) {
    operation.status = 'cancelling'
    return schedule(world, 60_000, 'rds-cancelled', id)
  }
  if (faultOf(world, 'fails', global.app)) {
    say(world, to, operation.kind, 'failed')
    return forget(world, global)
  }
  move(world, global, { operation, to, from })
}

function move(
  world: World,
  global: GlobalCluster,
  { operation, to, from }: { operation: Operation; to: DbCluster; from: DbCluster },
): void {
  const lost = operation.kind === 'failover' ? baseLag(world, to, from.region) : 0
  const cutAt = isDark(world, from.region) ? (world.outages[from.region]?.since ?? world.now) : world.now
  const ended = Math.min(cutAt, operation.fencedAt ?? world.now)
  const beats = lost ? beatsUntil(from.beats, ended - lost) : from.beats
  if (beats) to.beats = beats
  if (operation.kind === 'switchover')
    note(world, to, `New primary DB cluster ${to.id} in Region ${to.region} was successfully promoted.`)
  promote(world, global, to, from, lost)
  if (operation.kind === 'failover') {
    loseWrites(world, from, lost)
    loseSync(world, from)
  }
  say(world, to, operation.kind, operation.kind === 'failover' ? 'completed' : 'finished')
}

function promote(world: World, global: GlobalCluster, to: DbCluster, from: DbCluster, lostMs: number): void {
  to.lagMs = from.lagMs = Math.min(to.lagMs, 1_000)
  global.writer = to.arn
  to.writerSince = world.now
  world.rds.loss[global.app] = lostMs / 1000
  forget(world, global)
  schedule(world, 5_000, 'rds-endpoint', to.arn)
}

/** From now on there is something that only this volume holds. */
export function loseWrites(world: World, from: DbCluster, lostMs: number): void {
  const number = world.rds.lost.filter(({ app }) => app === from.app).length + 1
  const id = `${from.app}-lost-${number}`
  world.rds.lost.push({ id, app: from.app, at: world.now, seconds: lostMs / 1000, from: from.arn })
  from.lostWrites.push(id)
}

/** AWS's own cancelling of an operation that cannot go on. */
export function cancelled(world: World, id: string): void {
  const global = world.rds.globals.find((each) => each.id === id)
  const to = clusterByArn(world, global?.operation?.to ?? '')
  if (!global?.operation || !to) return
  say(world, to, global.operation.kind, 'is cancelled')
  forget(world, global)
}

export function endpointMoved(world: World, arn: string): void {
  const cluster = clusterByArn(world, arn)
  if (cluster)
    note(world, cluster, 'Aurora finished changing the DNS name that the global writer endpoint resolves to.')
}

/**
 * Takes a cluster out of its global cluster. A secondary becomes a writer of its own after a while; the primary, which
 * goes last, stays one.
 */
export function detach(world: World, global: GlobalCluster, cluster: DbCluster): void {
  global.members = global.members.filter((arn) => arn !== cluster.arn)
  if (global.members.length === 0) global.emptiedAt = world.now
  const touches = global.operation && [global.operation.from, global.operation.to].includes(cluster.arn)
  if (touches) forget(world, global)
  if ((global.writer || global.adopting) === cluster.arn) {
    global.writer = ''
    delete global.adopting
    delete cluster.global
    return
  }
  diverge(world, global, cluster)
  forgetRejoin(world, cluster)
  unschedule(world, 'rds-seeded', cluster.arn)
  delete cluster.global
  delete cluster.stale
  cluster.status = 'promoting'
  cluster.synchronization = 'connected'
  schedule(world, world.draws[cluster.app].detach, 'rds-detached', cluster.arn)
}

/** A secondary in sync becomes a database of its own: what had not come yet, only its primary has. */
function diverge(world: World, global: GlobalCluster, cluster: DbCluster): void {
  const lag = replicationLag(world, cluster)
  const primary = clusterByArn(world, global.writer)
  if (lag === undefined || !primary) return
  world.rds.loss[global.app] = lag / 1000
  const beats = beatsUntil(primary.beats, world.now - lag)
  if (beats) cluster.beats = beats
  cluster.lostWrites = [...primary.lostWrites]
  loseWrites(world, primary, lag)
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
  for (const instance of cluster.instances) if (instance.status === 'rebooting') instance.status = 'available'
  cluster.writerSince = world.now
  note(world, cluster, `Promoted DB cluster ${cluster.id} to a standalone cluster.`, 'notification')
}
