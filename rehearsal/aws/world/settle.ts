import { insync } from './dns.ts'
import { retryService, taskHealthy, taskRunning, taskStopped } from './ecs-tasks.ts'
import { begin, cancelled, detached, endpointMoved, fence, finish } from './rds-moves.ts'
import {
  adopted,
  created,
  deleted,
  instanceCreated,
  instanceDeleted,
  seeded,
  upgraded,
} from './rds-rebuild.ts'
import { rejoin, replaced, replacing, resynced } from './rds-rejoin.ts'
import { enforceBounds } from './scaling.ts'
import { snapshotExpired, snapshotReady } from './snapshots.ts'
import { sampleTraffic } from './traffic.ts'
import type { Transition, World } from './world.ts'

const transitions: Readonly<Record<Transition, (world: World, id: string) => void>> = {
  'rds-begin': begin,
  'rds-fence': fence,
  'rds-finish': finish,
  'rds-cancelled': cancelled,
  'rds-endpoint': endpointMoved,
  'rds-detached': detached,
  'rds-rejoin': rejoin,
  'rds-resynced': resynced,
  'rds-replacing': replacing,
  'rds-replaced': replaced,
  'rds-adopted': adopted,
  'rds-created': created,
  'rds-seeded': seeded,
  'rds-upgraded': upgraded,
  'rds-deleted': deleted,
  'instance-created': instanceCreated,
  'instance-deleted': instanceDeleted,
  'snapshot-ready': snapshotReady,
  'snapshot-expired': snapshotExpired,
  'task-running': taskRunning,
  'task-healthy': taskHealthy,
  'task-stopped': taskStopped,
  'service-retry': retryService,
  'scaling-enforce': enforceBounds,
  'dns-insync': insync,
}

/** Lets everything happen that is due until `now`, in order, each at its own time. Time never goes back. */
export function settle(world: World, now: number): void {
  const until = Math.max(world.now, Math.floor(now))
  for (let next = world.due[0]; next && next.at <= until; next = world.due[0]) {
    world.due.shift()
    const at = Math.max(world.now, next.at)
    sampleTraffic(world, at)
    world.now = at
    transitions[next.what](world, next.id)
  }
  sampleTraffic(world, until)
  world.now = until
}
