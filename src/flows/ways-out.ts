import { drError } from '../engine/errors.ts'
import type { Remedy } from '../engine/step.ts'
import { judgeFence, signOfLife } from './fencing.ts'
import type { World } from './world.ts'

/** Asks AWS for the lossy failover whatever state it says it is in. */
export const failOverAnyway: Remedy<World> = {
  id: 'failover-anyway',
  label: 'Ask AWS for a failover anyway',
  explain:
    'AWS may refuse while an operation is under way. Writes that have not reached the standby are lost.',
  act: ({ database, to }) => database.failoverTo(to),
}

/** The last way: the target leaves the global cluster. Refused where it could make two writers. */
export const detachInstead: Remedy<World> = {
  id: 'detach',
  label: 'Detach the standby instead',
  explain:
    'The standby leaves the global cluster and accepts writes by itself: no fencing by AWS, no way back but a rebuild.',
  async act(world) {
    const why = await whyNotDetach(world)
    if (why)
      throw drError('FLOW_REFUSED', {
        flow: 'Detaching the standby',
        plan: world.plan.name,
        why,
        remedy: 'Stop the writers of the old side first, or wait for AWS.',
      })
    return world.database.detach(world.to)
  },
}

/** Why a detach would be dangerous now, or undefined. The old side is asked with the full time limit. */
export async function whyNotDetach(world: World): Promise<string | undefined> {
  if (world.plan.database.usesGlobalWriterEndpoint)
    return 'the application uses the global writer endpoint, which does not follow a detached cluster.'
  const { services, probe, from } = world
  const [look, stack] = await Promise.all([services.look(from), probe.stack(from)])
  const fence = await judgeFence(world, look)
  if (fence.state === 'done') return undefined
  if (fence.state === 'unknown') {
    const sign = signOfLife(look, stack)
    return sign ? `the old side is not dark (${sign}), so its writers may run.` : undefined
  }
  return `the old side still answers and is not fenced (${fence.detail}): there could be two writers.`
}
