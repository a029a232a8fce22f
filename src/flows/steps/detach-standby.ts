import { defineStep } from '../../engine/step.ts'
import { lookAtDetachment } from '../promotion.ts'
import type { World } from '../world.ts'

/** Takes the standby out of the global cluster: for when AWS refuses the managed failover. */
export const detachStandby = defineStep<World>({
  id: 'detach-standby',
  title: 'Detach the standby cluster: it becomes a writer by itself',
  irreversible:
    'Writes that have not reached the standby are lost, the pair is broken, and the way back is a rebuild.',
  timeoutMinutes: 5,
  pollSeconds: 2,
  unskippable: 'without a writer on the new side nothing after it can work',
  observe: lookAtDetachment,
  act: ({ database, to }) => database.detach(to),
})
