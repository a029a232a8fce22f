import { hex } from './random.ts'
import { type App, accounts, regions, type Side, sides } from './world.ts'

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

/** Running and healthy everywhere since then, that side at active capacity, the other at standby. */
export function seedEcs(
  since: number,
  targetGroup: (spec: ServiceSpec, side: Side) => string,
  active: Side = 'home',
): EcsState {
  const services = specs.flatMap((spec) =>
    sides.map((side): EcsService => {
      const id = serviceArn(regions[side], spec.app, spec.name)
      const deployment = `ecs-svc/${digits(id)}`
      const desired = side === active ? spec.active : spec.standby
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

/** A number as ECS puts into a deployment's id. */
export const digits = (text: string): string =>
  BigInt(`0x${hex(text, 15)}`)
    .toString()
    .padStart(19, '7')

export const isHealthy = (task: EcsTask): boolean =>
  task.healthyAt !== undefined && task.stoppingAt === undefined
