import { isDark } from '../outages.ts'
import { type Deployment, digits, type EcsService, type EcsTask, isHealthy } from './ecs.ts'
import { hex } from './random.ts'
import { schedule, type World } from './world.ts'

/** Replaces all tasks: new ones start first, old ones stop when enough new ones are healthy. */
export function deploy(world: World, service: EcsService): void {
  const id = `ecs-svc/${digits(`${service.id}/${world.serial++}`)}`
  service.deployments.unshift({ id, createdAt: world.now, updatedAt: world.now, rollout: 'IN_PROGRESS' })
}

/** Starts and stops tasks towards the desired count. */
export function reconcile(world: World, service: EcsService): void {
  const primary = service.deployments[0]
  if (!primary) return
  const live = service.tasks.filter((task) => task.deployment === primary.id && task.stoppingAt === undefined)
  if (live.length < service.desired) start(world, service, primary, service.desired - live.length)
  for (const task of byLeastUseful(live).slice(0, Math.max(0, live.length - service.desired)))
    stop(world, service, task)
  if (live.filter(isHealthy).length >= service.desired)
    for (const task of service.tasks)
      if (task.deployment !== primary.id && task.stoppingAt === undefined) stop(world, service, task)
  completeRollout(world, service, primary)
}

const byLeastUseful = (tasks: readonly EcsTask[]): readonly EcsTask[] =>
  tasks.toSorted((a, b) => Number(isHealthy(a)) - Number(isHealthy(b)) || b.requestedAt - a.requestedAt)

function start(world: World, service: EcsService, primary: Deployment, wanted: number): void {
  const count = Math.min(wanted, roomFor(world, service))
  const { firstTask, lastTask } = world.draws[service.app]
  for (let index = 0; index < count; index++) {
    const step = Math.ceil(((index + 1) * 4) / count)
    const id = hex(`${service.id}/${world.serial++}`, 32)
    service.tasks.push({ id, deployment: primary.id, requestedAt: world.now })
    schedule(
      world,
      firstTask + ((lastTask - firstTask) * (step - 1)) / 3,
      'task-running',
      `${service.id} ${id}`,
    )
  }
  if (count === wanted) return
  const why = 'no Container Instance met all of its requirements: Capacity is unavailable at this time'
  say(world, service, `was unable to place a task because ${why}. Please try again later.`)
  if (!world.due.some(({ what, id }) => what === 'service-retry' && id === service.id))
    schedule(world, 20_000, 'service-retry', service.id)
}

/** A capacity fault leaves a region room for a share of what a service needs. */
function roomFor(world: World, service: EcsService): number {
  const short = world.faults.find(
    ({ kind, region }) => kind === 'capacity' && (region ?? service.region) === service.region,
  )
  if (!short) return Number.POSITIVE_INFINITY
  return Math.max(0, Math.floor(service.needed * (short.share ?? 0.5)) - service.tasks.length)
}

/** `now`: without draining first. */
export function stop(world: World, service: EcsService, task: EcsTask, now = false): void {
  if (task.startedAt === undefined) {
    service.tasks = service.tasks.filter((other) => other !== task)
    return
  }
  task.stoppingAt = world.now
  schedule(world, now ? 10_000 : service.drainMs, 'task-stopped', `${service.id} ${task.id}`)
}

function completeRollout(world: World, service: EcsService, primary: Deployment): void {
  const used = (deployment: Deployment) =>
    deployment === primary || service.tasks.some((task) => task.deployment === deployment.id)
  service.deployments = service.deployments.filter(used)
  const healthy = service.tasks.filter((task) => task.deployment === primary.id && isHealthy(task)).length
  if (primary.rollout === 'COMPLETED' || service.deployments.length > 1 || healthy < service.desired) return
  primary.rollout = 'COMPLETED'
  primary.updatedAt = world.now
  say(world, service, `(deployment ${primary.id}) deployment completed.`)
}

function say(world: World, service: EcsService, what: string): void {
  const id = hex(`${service.id}/event/${world.serial++}`, 32)
  service.events.unshift({ id, at: world.now, message: `(service ${service.name}) ${what}` })
  service.events.length = Math.min(service.events.length, 100)
}

function taskOf(world: World, id: string): [EcsService, EcsTask] | undefined {
  const [arn, taskId] = id.split(' ')
  const service = world.ecs.services.find((each) => each.id === arn)
  const task = service?.tasks.find((each) => each.id === taskId)
  return service && task ? [service, task] : undefined
}

export function taskRunning(world: World, id: string): void {
  const [service, task] = taskOf(world, id) ?? []
  if (!service || !task) return
  if (isDark(world, service.region)) return schedule(world, 10_000, 'task-running', id)
  task.startedAt = world.now
  schedule(world, world.draws[service.app].healthy, 'task-healthy', id)
}

export function taskHealthy(world: World, id: string): void {
  const [service, task] = taskOf(world, id) ?? []
  if (!service || !task || task.stoppingAt !== undefined) return
  if (isDark(world, service.region)) return schedule(world, 10_000, 'task-healthy', id)
  task.healthyAt = world.now
  reconcile(world, service)
  const { desired, tasks, deployments } = service
  if (deployments.length === 1 && tasks.filter(isHealthy).length === desired)
    say(world, service, 'has reached a steady state.')
}

export function taskStopped(world: World, id: string): void {
  const [service, task] = taskOf(world, id) ?? []
  if (!service) return
  service.tasks = service.tasks.filter((other) => other !== task)
  reconcile(world, service)
}

export function retryService(world: World, id: string): void {
  const service = world.ecs.services.find((each) => each.id === id)
  if (service) reconcile(world, service)
}
