import { isDark } from '../outages.ts'
import { hex } from './random.ts'
import { type App, accounts, regions, type Side, schedule, sides, type World } from './world.ts'

export type EcsTask = {
  readonly id: string
  readonly deployment: string
  readonly requestedAt: number
  startedAt?: number
  healthyAt?: number
  /** Asked to stop: drains, and serves no new request. */
  stoppingAt?: number
}

export type Deployment = {
  readonly id: string
  readonly createdAt: number
  updatedAt: number
  rollout: 'IN_PROGRESS' | 'COMPLETED'
}

export type EcsService = {
  /** The ARN. */
  readonly id: string
  readonly app: App
  readonly side: Side
  readonly region: string
  readonly cluster: string
  readonly name: string
  readonly writes: boolean
  /** Tasks that the customers' traffic takes. */
  readonly needed: number
  readonly targetGroup: string
  /** Deregistration delay of the target group. */
  readonly drainMs: number
  readonly taskDefinition: string
  desired: number
  tasks: EcsTask[]
  /** Newest first; the first is the primary. */
  deployments: Deployment[]
  events: { readonly id: string; readonly at: number; readonly message: string }[]
}

export type EcsState = { services: EcsService[] }

export type ServiceSpec = {
  readonly app: App
  readonly name: string
  readonly writes: boolean
  readonly active: number
  readonly standby: number
  readonly max: number
  readonly drainMs: number
}

/** What runs where; active and standby are numbers of tasks. Writers' target groups are tuned to drain fast. */
export const specs: readonly ServiceSpec[] = [
  { app: 'orders', name: 'orders-api', writes: true, active: 6, standby: 1, max: 12, drainMs: 30_000 },
  { app: 'orders', name: 'orders-web', writes: false, active: 4, standby: 1, max: 8, drainMs: 300_000 },
  { app: 'billing', name: 'billing-api', writes: true, active: 4, standby: 0, max: 10, drainMs: 30_000 },
]

export const serviceArn = (region: string, cluster: string, name: string): string =>
  `arn:aws:ecs:${region}:${accounts.workload}:service/${cluster}/${name}`

/** Running and healthy everywhere, home at active capacity, dr at standby. */
export function seedEcs(at: number, targetGroup: (spec: ServiceSpec, side: Side) => string): EcsState {
  const since = at - 7 * 86_400_000
  const services = specs.flatMap((spec) =>
    sides.map((side): EcsService => {
      const id = serviceArn(regions[side], spec.app, spec.name)
      const deployment = `ecs-svc/${digits(id)}`
      const desired = side === 'home' ? spec.active : spec.standby
      return {
        id,
        app: spec.app,
        side,
        region: regions[side],
        cluster: spec.app,
        name: spec.name,
        writes: spec.writes,
        needed: spec.active,
        targetGroup: targetGroup(spec, side),
        drainMs: spec.drainMs,
        taskDefinition: `arn:aws:ecs:${regions[side]}:${accounts.workload}:task-definition/${spec.name}:42`,
        desired,
        tasks: Array.from({ length: desired }, (_, number) => ({
          id: hex(`${id}/first/${number}`, 32),
          deployment,
          requestedAt: since,
          startedAt: since + 45_000,
          healthyAt: since + 70_000,
        })),
        deployments: [{ id: deployment, createdAt: since, updatedAt: since + 70_000, rollout: 'COMPLETED' }],
        events: [],
      }
    }),
  )
  return { services }
}

const digits = (text: string): string =>
  BigInt(`0x${hex(text, 15)}`)
    .toString()
    .padStart(19, '7')

export const isHealthy = (task: EcsTask): boolean =>
  task.healthyAt !== undefined && task.stoppingAt === undefined

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

function stop(world: World, service: EcsService, task: EcsTask): void {
  if (task.startedAt === undefined) {
    service.tasks = service.tasks.filter((other) => other !== task)
    return
  }
  task.stoppingAt = world.now
  schedule(world, service.drainMs, 'task-stopped', `${service.id} ${task.id}`)
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
