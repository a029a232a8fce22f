import type { Plan } from '../plan/schema.ts'
import type { Capacity, ServiceFacts, Side } from './world.ts'

/** What every service of a side must be at to serve customers. */
export const activeCapacity = (plan: Plan, side: Side): readonly Capacity[] =>
  plan.services.map(({ name, capacity }) => ({
    service: name,
    desired: capacity[side].active,
    min: capacity[side].active,
    max: Math.max(capacity[side].max, capacity[side].active),
  }))

/** Names of the services that hold connections to the writer. */
export const writerServices = (plan: Plan): readonly string[] =>
  plan.services.filter(({ writes }) => writes).map(({ name }) => name)

/** What these services are at now: what an undo goes back to. Without auto scaling the plan's ceiling is used. */
export const capacityNow = (plan: Plan, services: readonly ServiceFacts[], side: Side): readonly Capacity[] =>
  services.map(({ name, desired, scaling }) => ({
    service: name,
    desired,
    min: scaling?.min ?? desired,
    max:
      scaling?.max ?? plan.services.find((service) => service.name === name)?.capacity[side].max ?? desired,
  }))

/** `orders-api 4/6 running`, for each service, in plan order. */
export const counts = (services: readonly ServiceFacts[]): string =>
  services.map(({ name, running, desired }) => `${name} ${running}/${desired} running`).join(', ')

/** What every service of a side goes back to while the other one serves. */
export const standbyCapacity = (plan: Plan, side: Side): readonly Capacity[] =>
  plan.services.map(({ name, capacity }) => ({
    service: name,
    desired: capacity[side].standby,
    min: capacity[side].standby,
    max: capacity[side].max,
  }))

/** Whether every service of a side is asked for in the numbers it serves with. */
export const isUpToActive = (plan: Plan, services: readonly ServiceFacts[], side: Side): boolean =>
  activeCapacity(plan, side).every(({ service, desired }) =>
    services.some((one) => one.name === service && one.desired >= desired),
  )

/** Whether a side waits as the plan says, and auto scaling may do with it what it likes again. */
export const isStoodDown = (plan: Plan, services: readonly ServiceFacts[], side: Side): boolean =>
  standbyCapacity(plan, side).every(({ service, desired, min }) => {
    const found = services.find(({ name }) => name === service)
    if (!found || found.desired < desired) return false
    const { scaling } = found
    return scaling ? scaling.min === min && isFree(scaling) : found.desired === desired
  })

/** Nothing of its auto scaling is suspended. */
export const isFree = ({ suspended }: NonNullable<ServiceFacts['scaling']>): boolean =>
  !suspended.in && !suspended.out && !suspended.scheduled
