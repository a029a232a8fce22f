import { defineStep } from '../../engine/step.ts'
import { counts } from '../capacity.ts'
import { unseen } from '../seen.ts'
import type { SafeWorld, ServiceFacts } from '../world.ts'

/**
 * Waits for the tasks. The targets' health is asked only of services that do not write: a writer's tasks may well be
 * unhealthy until the database accepts writes and their pools are refreshed, which later steps wait for.
 */
export const awaitCapacity = defineStep<SafeWorld>({
  id: 'await-capacity',
  title: 'Wait until the capacity is there',
  timeoutMinutes: 10,
  pollSeconds: 2,

  async observe({ services, plan, to }) {
    const look = await services.look(to)
    if (!look.ok) return unseen(`the services of ${to}`, look)
    const short = plan.services.flatMap(({ name, writes, capacity }) => {
      const service = look.value.find((one) => one.name === name)
      return service ? shortage(service, capacity[to].active, writes) : [`${name} was not found`]
    })
    if (short.length === 0) return { state: 'done', detail: counts(look.value) }
    return { state: 'pending', detail: short.join('; ') }
  },
})

function shortage(service: ServiceFacts, wanted: number, writes: boolean): string[] {
  const { name, running, healthyTargets, events } = service
  if (running < wanted) {
    const trouble = events.find((event) => /unable to/i.test(event))
    return [`${name} ${running}/${wanted} running${trouble ? ` (${trouble})` : ''}`]
  }
  if (writes || healthyTargets === undefined || healthyTargets >= wanted) return []
  return [`${name} ${running}/${wanted} running, ${healthyTargets} healthy`]
}
