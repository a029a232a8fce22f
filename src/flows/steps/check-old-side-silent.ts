import { defineStep } from '../../engine/step.ts'
import { whyNotDetach } from '../ways-out.ts'
import type { World } from '../world.ts'

/** AWS does not fence a detach: it goes on only where the old side is dark, or proven to run no writer. */
export const checkOldSideSilent = defineStep<World>({
  id: 'check-old-side-silent',
  title: 'Make sure that the old side is dark or stopped',
  timeoutMinutes: 2,
  unskippable: 'two writers cannot be merged again',

  async observe(world) {
    const why = await whyNotDetach(world)
    return why
      ? { state: 'blocked', detail: why }
      : { state: 'done', detail: `nothing of ${world.from} answers, or all its writers are stopped` }
  },
})
