import { faultOf } from '../faults.ts'
import { isDark } from '../outages.ts'
import { clusterByArn, type DbCluster, globalOf } from './rds.ts'
import { note, noteInstance } from './rds-events.ts'
import { rescueSnapshot } from './snapshots.ts'
import { schedule, unschedule, type World } from './world.ts'

const steps = ['rds-rejoin', 'rds-replacing', 'rds-replaced', 'rds-resynced'] as const

/** The old writer's volume is stale: it comes back as a secondary once its region does. */
export function loseSync(world: World, old: DbCluster): void {
  old.synchronization = 'pending-resync'
  old.stale = true
  if (!isDark(world, old.region)) schedule(world, 60_000, 'rds-rejoin', old.arn)
}

/** A region that is back lets its stale clusters begin again. */
export function regionBack(world: World, region: string): void {
  for (const cluster of world.rds.clusters) {
    if (cluster.region !== region || cluster.synchronization !== 'pending-resync') continue
    if (cluster.status === 'creating' || isSeeding(world, cluster)) continue
    forgetRejoin(world, cluster)
    schedule(world, 60_000, 'rds-rejoin', cluster.arn)
  }
}

const isSeeding = (world: World, { arn }: DbCluster): boolean =>
  world.due.some(({ what, id }) => what === 'rds-seeded' && id === arn)

/** Whoever takes the cluster out of its global cluster, or deletes it, ends its way back. */
export function forgetRejoin(world: World, { arn }: DbCluster): void {
  for (const what of steps) unschedule(world, what, arn)
}

/** A member on its way back, in a region that answers. */
function rejoining(world: World, arn: string): DbCluster | undefined {
  const old = clusterByArn(world, arn)
  return old?.synchronization === 'pending-resync' && !isDark(world, old.region) ? old : undefined
}

export function rejoin(world: World, arn: string): void {
  const old = rejoining(world, arn)
  if (!old) return
  if (old.stale && faultOf(world, 'no-rejoin', old.app)) return orphan(world, old)
  old.status = 'modifying'
  for (const instance of old.instances) {
    instance.status = 'rebooting'
    noteInstance(world, old, instance.id, 'DB instance shutdown.', 'availability')
  }
  note(
    world,
    old,
    `Started resynchronizing members of DB cluster ${old.id} in Region ${old.region} after global failover.`,
  )
  if (old.stale) {
    const rescue = rescueSnapshot(world, old)
    schedule(world, Math.max(0, (rescue?.readyAt ?? world.now) - world.now) + 1_000, 'rds-replacing', arn)
  }
  const lasting = faultOf(world, 'resync', old.app)?.ms ?? world.draws[old.app].resync
  schedule(world, lasting, 'rds-resynced', arn)
}

/** AWS did not take it back: it is a writer on its own, with all it ever had. */
function orphan(world: World, old: DbCluster): void {
  const global = globalOf(world, old)
  if (global) global.members = global.members.filter((member) => member !== old.arn)
  delete old.global
  delete old.stale
  old.synchronization = 'connected'
}

/** Only what lies in a snapshot outlives the old volume. */
export function replacing(world: World, arn: string): void {
  const old = rejoining(world, arn)
  if (!old) return
  note(world, old, `Volume replacement for DB cluster ${old.id} started.`, 'notification')
  schedule(world, world.draws[old.app].volume, 'rds-replaced', arn)
}

export function replaced(world: World, arn: string): void {
  const old = rejoining(world, arn)
  const writer = old && clusterByArn(world, globalOf(world, old)?.writer ?? '')
  if (!old || !writer) return
  old.lostWrites = [...writer.lostWrites]
  delete old.stale
  delete old.beats
  note(world, old, `Volume replacement for DB cluster ${old.id} completed.`, 'notification')
}

export function resynced(world: World, arn: string): void {
  const old = rejoining(world, arn)
  if (!old) return
  if (old.stale) return schedule(world, 30_000, 'rds-resynced', arn)
  old.status = 'available'
  old.synchronization = 'connected'
  for (const instance of old.instances) {
    instance.status = 'available'
    noteInstance(world, old, instance.id, 'Recovery of the DB instance is complete.', 'recovery')
  }
  note(
    world,
    old,
    `Finished resynchronizing members of DB cluster ${old.id} in Region ${old.region} after global failover.`,
  )
}
