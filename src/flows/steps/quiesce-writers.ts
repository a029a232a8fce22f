import { defineStep } from '../../engine/step.ts'
import { judgeFence, liftFence, raiseFence } from '../fencing.ts'
import { writerOf } from '../topology.ts'
import type { SafeWorld } from '../world.ts'

/** Stops writing so that nothing is lost. Customers wait from here on, so it is undone when nobody goes on. */
export const quiesceWriters = defineStep<SafeWorld>({
  id: 'quiesce-writers',
  title: 'Stop the writers of the old side: customers wait from here',
  timeoutMinutes: 5,
  pollSeconds: 1,
  irreversible: false,
  holdSeconds: 180,
  heldUntil: 'switch-over',
  undo: liftFence,

  async observe(world) {
    const { database, services, plan, from, to } = world
    const [global, look] = await Promise.all([database.global(to), services.look(from)])
    if (global.ok && global.value !== 'absent' && writerOf(plan, global.value) === to)
      return { state: 'done', detail: `the writer is in ${to} already: there is nothing to stop` }
    return judgeFence(world, look)
  },

  act: raiseFence,
})
