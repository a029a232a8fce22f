import { defineStep } from '../../engine/step.ts'
import { lookAtPromotion } from '../promotion.ts'
import { detachInstead, failOverAnyway } from '../ways-out.ts'
import type { World } from '../world.ts'

/** The point of no return: AWS promotes the target, through the target's own region. An operation to it is adopted. */
export const promoteStandby = defineStep<World>({
  id: 'promote-standby',
  title: 'Promote the standby cluster to writer (managed failover)',
  irreversible:
    'Writes that have not reached the standby are lost; AWS keeps what it can of them in a snapshot.',
  timeoutMinutes: 5,
  pollSeconds: 2,
  unskippable: 'without a writer on the new side nothing after it can work',
  whenStuck: [failOverAnyway, detachInstead],
  observe: lookAtPromotion,
  act: ({ database, to }) => database.failoverTo(to),
})
