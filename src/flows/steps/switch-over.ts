import { defineStep, type Step } from '../../engine/step.ts'
import { lookAtPromotion } from '../promotion.ts'
import { detachInstead, failOverAnyway } from '../ways-out.ts'
import type { SafeWorld, World } from '../world.ts'

/**
 * The planned move, through the region of the current primary, for runs that must not lose a write whatever happens:
 * their world has no verb that could. Where it does not move, nothing is lost, and the writers are let in again.
 */
export const switchOverSafely: Step<SafeWorld> = defineStep({
  id: 'switch-over',
  title: 'Switch the writer over (nothing is lost)',
  irreversible:
    'Nobody can write until AWS has moved the writer; nothing is lost, and the way back is a switchover.',
  timeoutMinutes: 5,
  pollSeconds: 1,
  unskippable: 'without a writer on the new side nothing after it can work',
  observe: lookAtPromotion,
  act: ({ database, to }) => database.switchOverTo(to),
})

/** The same with the lossy ways out, which are a person's choice, never the run's. */
export const switchOver: Step<World> = { ...switchOverSafely, whenStuck: [failOverAnyway, detachInstead] }
