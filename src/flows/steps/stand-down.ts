import { defineStep, type Observation, type Step } from '../../engine/step.ts'
import { counts, isStoodDown, standbyCapacity } from '../capacity.ts'
import { unseen } from '../seen.ts'
import { dnsOwner, writerOf } from '../topology.ts'
import type { SafeWorld, Side } from '../world.ts'

/** A side that serves nobody goes back to the capacity it waits with; the other one must hold writer and records. */
export const standDown: Step<SafeWorld> = standDownOf(
  ({ from }) => from,
  'Stand the old side down to its standby capacity',
)

/** The same for a side that becomes the standby of the one that serves. */
export const standBy: Step<SafeWorld> = standDownOf(
  ({ to }) => to,
  'Set the side that stands by to its standby capacity',
)

function standDownOf(sideOf: (world: SafeWorld) => Side, title: string): Step<SafeWorld> {
  return defineStep<SafeWorld>({
    id: 'stand-down',
    title,
    timeoutMinutes: 15,
    pollSeconds: 5,
    irreversible: false,
    observe: (world) => look(world, sideOf(world)),
    act: ({ services, plan, ...world }) => {
      const side = sideOf({ services, plan, ...world })
      return services.restore(side, standbyCapacity(plan, side))
    },
  })
}

async function look(world: SafeWorld, side: Side): Promise<Observation> {
  const { database, dns, probe, services, plan } = world
  const [global, records, reached, seen] = await Promise.all([
    database.global(side),
    dns.records(),
    probe.public(),
    services.look(side),
  ])
  if (!global.ok) return unseen('the global cluster', global)
  if (!records.ok) return unseen('the records', records)
  if (!seen.ok) return unseen(`the services of ${side}`, seen)
  const owner = dnsOwner(records.value)
  if (owner === side || owner === 'mixed')
    return { state: 'blocked', detail: `customers are still sent to ${side}: it is not stood down` }
  if (global.value !== 'absent' && writerOf(plan, global.value) === side)
    return { state: 'blocked', detail: `${side} holds the writer: it is not stood down` }
  const settled = seen.value.every(({ running, desired }) => running <= desired)
  if (isStoodDown(plan, seen.value, side) && isDown(plan, seen.value, side))
    return settled
      ? { state: 'done', detail: `it waits as the plan says: ${counts(seen.value)}` }
      : { state: 'pending', detail: `its tasks end: ${counts(seen.value)}` }
  if (!reached.ok || !reached.value.healthy)
    return {
      state: 'pending',
      detail: `customers are not served yet, so ${side} is kept as it is: ${reached.ok ? reached.value.detail : reached.detail}`,
    }
  return { state: 'ready', detail: `not at its standby capacity: ${counts(seen.value)}` }
}

/** No more than it waits with is asked for. */
const isDown = (plan: SafeWorld['plan'], services: Parameters<typeof isStoodDown>[1], side: Side) =>
  standbyCapacity(plan, side).every(({ service, desired }) =>
    services.some((one) => one.name === service && one.desired <= desired),
  )
