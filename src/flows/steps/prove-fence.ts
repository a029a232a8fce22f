import { defineStep } from '../../engine/step.ts'
import { judgeFence, raiseFence } from '../fencing.ts'
import type { SafeWorld } from '../world.ts'

/** The fence once more, with time to look properly, after customers are served. Owed until it is proven. */
export const proveFence = defineStep<SafeWorld>({
  id: 'prove-fence',
  title: 'Prove that the old side cannot write',
  timeoutMinutes: 2,
  bestEffort: true,
  irreversible: false,
  observe: async (world) => judgeFence(world, await world.services.look(world.from)),
  act: raiseFence,
})
