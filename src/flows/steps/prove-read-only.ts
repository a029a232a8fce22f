import { defineStep } from '../../engine/step.ts'
import { unseen } from '../seen.ts'
import type { SafeWorld } from '../world.ts'

/** Before anybody is made to wait: the new side's stack must answer, if only to say that it cannot write yet. */
export const proveReadOnly = defineStep<SafeWorld>({
  id: 'prove-read-only',
  title: 'Prove that the new side answers, still without the writer',
  timeoutMinutes: 5,
  pollSeconds: 2,

  async observe({ probe, to }) {
    const look = await probe.stack(to)
    if (!look.ok) return unseen(`the stack of ${to}`, look)
    const { healthy, status, detail } = look.value
    // 502 and 504 come from the gateway: no task of ours answered.
    const answered = healthy || (status > 0 && status !== 502 && status !== 504)
    return answered
      ? {
          state: 'done',
          detail: `the stack of ${to} answers ${status}${healthy ? '' : ', as a standby without the writer may'}`,
        }
      : { state: 'pending', detail: `the stack of ${to} does not answer: ${detail}` }
  },
})
