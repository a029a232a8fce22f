import { isDark } from '../outages.ts'
import { type EcsService, specs } from './ecs.ts'
import { reconcile } from './ecs-tasks.ts'
import { type Side, schedule, type World } from './world.ts'

export type ScalableTarget = {
  /** `service/<cluster>/<service>`. */
  readonly resourceId: string
  readonly region: string
  readonly createdAt: number
  min: number
  max: number
  suspended: { in: boolean; out: boolean; scheduled: boolean }
}

export type ScalingState = { targets: ScalableTarget[] }

/** Every service is registered: on the active side for its traffic, else within the narrow bounds of a standby. */
export function seedScaling(services: readonly EcsService[], at: number, side: Side = 'home'): ScalingState {
  const targets = services.map((service) => {
    const spec = specs.find(({ name }) => name === service.name)
    const active = service.side === side
    return {
      resourceId: resourceOf(service),
      region: service.region,
      createdAt: at - 90 * 86_400_000,
      min: service.desired,
      max: active ? (spec?.max ?? service.desired) : Math.max(2, service.desired),
      suspended: { in: false, out: false, scheduled: false },
    }
  })
  return { targets }
}

export const resourceOf = (service: EcsService): string => `service/${service.cluster}/${service.name}`

export const serviceOf = (world: World, region: string, resourceId: string): EcsService | undefined =>
  world.ecs.services.find((service) => service.region === region && resourceOf(service) === resourceId)

const targetOf = (world: World, service: EcsService): ScalableTarget | undefined =>
  world.scaling.targets.find(
    ({ region, resourceId }) => region === service.region && resourceId === resourceOf(service),
  )

/** What the bounds make of the desired count: AWS raises to the minimum and lowers to the maximum, unless suspended. */
function bounded(target: ScalableTarget, desired: number): number {
  if (desired < target.min) return target.suspended.out ? desired : target.min
  if (desired > target.max) return target.suspended.in ? desired : target.max
  return desired
}

/** Auto scaling notices a count out of its bounds after a while. */
export function noticeBounds(world: World, service: EcsService): void {
  const target = targetOf(world, service)
  if (!target || bounded(target, service.desired) === service.desired) return
  if (!world.due.some(({ what, id }) => what === 'scaling-enforce' && id === service.id))
    schedule(world, world.draws[service.app].scaling, 'scaling-enforce', service.id)
}

export function enforceBounds(world: World, id: string): void {
  const service = world.ecs.services.find((each) => each.id === id)
  const target = service && targetOf(world, service)
  if (!service || !target) return
  if (isDark(world, service.region)) return schedule(world, 15_000, 'scaling-enforce', id)
  service.desired = bounded(target, service.desired)
  reconcile(world, service)
}
