import { defineStep } from '../../engine/step.ts'
import { writerServices } from '../capacity.ts'
import { unseen } from '../seen.ts'
import type { SafeWorld } from '../world.ts'

/** Nobody is sent to a side that has not answered: going on unproven is a person's decision. */
export const proveStack = defineStep<SafeWorld>({
  id: 'prove-stack',
  title: 'Prove the new side through its own address',
  timeoutMinutes: 3,
  pollSeconds: 2,
  whenStuck: [
    {
      id: 'refresh-again',
      label: 'Replace the tasks again',
      explain:
        'Starts new tasks for the services that write; customers of this side wait for about a minute.',
      act: ({ services, plan, to }) => services.refresh(to, writerServices(plan)),
    },
  ],

  async observe({ probe, to }) {
    const look = await probe.stack(to)
    if (!look.ok) return unseen(`the stack of ${to}`, look)
    const { healthy, status, ms, detail } = look.value
    return {
      state: healthy ? 'done' : 'pending',
      detail: healthy
        ? `the stack of ${to} answers ${status} in ${ms} ms`
        : `the stack of ${to} is not healthy: ${detail}`,
    }
  },
})
