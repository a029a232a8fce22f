import { defineStep } from '../../engine/step.ts'
import { activeCapacity, counts } from '../capacity.ts'
import { unseen } from '../seen.ts'
import type { Capacity, SafeWorld, ServiceFacts } from '../world.ts'

/** Asks for full capacity early, so that it grows while the database moves; a later step waits for it. */
export const askForCapacity = defineStep<SafeWorld>({
  id: 'ask-for-capacity',
  title: 'Ask for full capacity on the side that takes over',
  timeoutMinutes: 5,
  pollSeconds: 2,
  irreversible: false,

  async observe({ services, plan, to }) {
    const look = await services.look(to)
    if (!look.ok) return unseen(`the services of ${to}`, look)
    const short = activeCapacity(plan, to).filter((wanted) => !askedFor(wanted, look.value))
    if (short.length === 0) return { state: 'done', detail: `asked for in full: ${counts(look.value)}` }
    return { state: 'ready', detail: `too small: ${short.map(({ service }) => service).join(', ')}` }
  },

  act: ({ services, plan, to }) => services.raise(to, activeCapacity(plan, to)),
})

/** Scaling in, by metric or by schedule, must be off: cold traffic would shrink the side as it takes over. */
function askedFor(wanted: Capacity, services: readonly ServiceFacts[]): boolean {
  const service = services.find(({ name }) => name === wanted.service)
  if (!service || service.desired < wanted.desired) return false
  const { scaling } = service
  return !scaling || (scaling.min >= wanted.min && scaling.suspended.in && scaling.suspended.scheduled)
}
