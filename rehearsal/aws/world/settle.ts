import { insync } from './dns.ts'
import { retryService, taskHealthy, taskRunning, taskStopped } from './ecs-tasks.ts'
import { begin, cancelled, detached, endpointMoved, fence, finish, rejoin, resynced } from './rds-moves.ts'
import { enforceBounds } from './scaling.ts'
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
