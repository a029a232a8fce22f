import { defineStep } from '../../engine/step.ts'
import { capacityNow, counts, isFree } from '../capacity.ts'
import { unseen } from '../seen.ts'
import type { SafeWorld } from '../world.ts'

/** Scaling in was held so that cold traffic would not shrink the side that took over; now it serves as every day. */
export const resumeScaling = defineStep<SafeWorld>({
  id: 'resume-scaling',
  title: 'Let auto scaling of the side that serves work again',
  timeoutMinutes: 3,
  bestEffort: true,
  irreversible: false,

  async observe({ services, to }) {
    const look = await services.look(to)
    if (!look.ok) return unseen(`the services of ${to}`, look)
    const held = look.value.filter(({ scaling }) => scaling && !isFree(scaling))
    if (held.length === 0) return { state: 'done', detail: `nothing is suspended: ${counts(look.value)}` }
    return { state: 'ready', detail: `still suspended: ${held.map(({ name }) => name).join(', ')}` }
  },

  async act({ services, plan, to }) {
    const look = await services.look(to)
    if (!look.ok) return { evidence: [`${to} could not be seen, so nothing was asked`] }
    const held = look.value.filter(({ scaling }) => scaling && !isFree(scaling))
    return services.restore(to, capacityNow(plan, held, to))
  },
})
