import { defineStep } from '../../engine/step.ts'
import { adoptFence, glance, judgeFence, liftFence, raiseFence } from '../fencing.ts'
import type { SafeWorld } from '../world.ts'

/**
 * Stops the old side's writers before the promotion where its region still answers. A dark region cannot be fenced and
 * is not waited for: the fence is owed, and asked for again once customers are served.
 */
export const fenceOldSide = defineStep<SafeWorld>({
  id: 'fence-old-side',
  title: 'Stop the writers of the old side, where it still answers',
  timeoutMinutes: 1,
  pollSeconds: 2,
  bestEffort: true,
  irreversible: false,
  observe: async (world) => adoptFence(world, await judgeFence(world, await glance(world))),
  act: raiseFence,
  undo: liftFence,
})
