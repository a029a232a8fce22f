import { duration } from '../engine/duration.ts'
import type { Observation, Receipt } from '../engine/step.ts'
import { capacityNow, counts, writerServices } from './capacity.ts'
import { notedJson, noteOnce } from './notes.ts'
import { unseen } from './seen.ts'
import type { Capacity, Look, ProbeFacts, SafeWorld, ServiceFacts } from './world.ts'

type Services = Look<readonly ServiceFacts[]>

/**
 * Looks at the old side, which may be dark, without standing in the way: it gets as long as the side that takes over
 * needs to answer three looks. Later than that is as good as dark, and is looked at properly afterwards.
 */
export async function glance({ services, from, to, now }: SafeWorld): Promise<Services> {
  const begun = now()
  const old = services.look(from)
  const patience = (async (): Promise<Services> => {
    for (let looks = 0; looks < 3; looks++) await services.look(to)
    return {
      ok: false,
      why: 'unreachable',
      detail: `no answer in ${duration(now() - begun)}, while ${to} answered three times`,
      waitedMs: now() - begun,
      at: now(),
    }
  })()
  return Promise.race([old, patience])
}

/** Whether the old side's writers are at nothing and stay there. Notes when that was first seen, and what was before. */
export async function judgeFence(world: SafeWorld, look: Services): Promise<Observation> {
  if (!look.ok) return unseen(`the old side (${world.from})`, look)
  const writers = look.value.filter(({ name }) => writerServices(world.plan).includes(name))
  if (!writers.every(held)) {
    await noteOnce(
      world,
      'capacity-before-fence',
      JSON.stringify(capacityNow(world.plan, writers, world.from)),
    )
    return { state: 'ready', detail: `can still write: ${counts(writers)}` }
  }
  if (writers.some(({ running, pending }) => running + pending > 0))
    return { state: 'pending', detail: `stopping: ${counts(writers)}` }
  await noteOnce(world, 'fenced-at', world.now())
  return { state: 'done', detail: `nothing of ${world.from} can write: ${counts(writers)}` }
}

/**
 * What says that the old side lives although its services could not be looked at: an API that answers us with a
 * refusal, or a stack that serves. Undefined where there is no such sign.
 */
export function signOfLife(services: Services, stack: Look<ProbeFacts>): string | undefined {
  if (services.ok) return undefined
  if (services.why === 'denied' || services.why === 'throttled') return services.detail
  return stack.ok && stack.value.healthy ? `its stack serves: ${stack.value.detail}` : undefined
}

/** Told to run nothing, and nothing is allowed to start it again: metrics and schedules would un-fence it. */
function held({ desired, scaling }: ServiceFacts): boolean {
  if (desired > 0) return false
  return !scaling || (scaling.min === 0 && scaling.suspended.out && scaling.suspended.scheduled)
}

export async function raiseFence({ notes, services, plan, from }: SafeWorld): Promise<Receipt> {
  await notes.set('fence-asked', 'yes')
  return services.fence(from, writerServices(plan))
}

/** A fence that a run this one stopped has left is asked for again, so that it is this run's to undo. */
export async function adoptFence({ notes }: SafeWorld, seen: Observation): Promise<Observation> {
  if (seen.state !== 'done' || (await notes.get('fence-asked'))) return seen
  if (!(await notes.get('capacity-before-fence'))) return seen
  return {
    state: 'ready',
    detail: `${seen.detail}, stopped by the run before this one, which takes that over`,
  }
}

/** Puts the writers back to what they were at before the fence; nothing where this run never saw them up. */
export async function liftFence(world: SafeWorld): Promise<Receipt> {
  const before = await notedJson<readonly Capacity[]>(world, 'capacity-before-fence')
  return before ? world.services.restore(world.from, before) : { evidence: ['there was nothing to put back'] }
}
