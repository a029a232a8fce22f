import { defineStep } from '../../engine/step.ts'
import { lookAtPromotion } from '../promotion.ts'
import { detachInstead, failOverAnyway } from '../ways-out.ts'
import type { World } from '../world.ts'

/** The planned move, through the region of the current primary. The lossy ways out are a person's choice, never the run's. */
export const switchOver = defineStep<World>({
  id: 'switch-over',
  title: 'Switch the writer over (nothing is lost)',
  irreversible:
    'Nobody can write until AWS has moved the writer; nothing is lost, and the way back is a switchover.',
  timeoutMinutes: 5,
  pollSeconds: 1,
  unskippable: 'without a writer on the new side nothing after it can work',
  whenStuck: [failOverAnyway, detachInstead],
  observe: lookAtPromotion,
  act: ({ database, to }) => database.switchOverTo(to),
})
