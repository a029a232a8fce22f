import { defineFlow, type Flow } from '../engine/step.ts'
import { countWithoutStandby, holdFence, keepLostWrites, watchResync } from './steps/aftercare-duties.ts'
import type { SafeWorld } from './world.ts'

/**
 * What a failover leaves behind, tended until nothing is left of it or somebody goes home: `from` is the side that
 * serves, `to` the one that was lost. It saves and watches; nothing in it can be undone wrongly, and it asks nobody.
 */
export const aftercare: Flow<SafeWorld> = defineFlow<SafeWorld>({
  name: 'aftercare',
  title: 'Aftercare',
  duties: true,
  steps: [keepLostWrites, holdFence, watchResync, countWithoutStandby],
})
