import { defineStep } from '../../engine/step.ts'
import { movedAt, saidOfFence, withSaid } from '../fence-said.ts'
import { judgeFence, raiseFence } from '../fencing.ts'
import type { SafeWorld } from '../world.ts'

/** The fence once more, with time to look properly, after customers are served. Owed until it is proven. */
export const proveFence = defineStep<SafeWorld>({
  id: 'prove-fence',
  title: 'Prove that the old side cannot write',
  timeoutMinutes: 2,
  bestEffort: true,
  irreversible: false,
  async observe(world) {
    const [services, said] = await Promise.all([
      world.services.look(world.from),
      movedAt(world).then((at) => saidOfFence(world, world.from, at)),
    ])
    return withSaid(await judgeFence(world, services), said)
  },
  act: raiseFence,
})
