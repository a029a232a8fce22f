import { defineStep } from '../../engine/step.ts'
import { counts } from '../capacity.ts'
import { liftFence } from '../fencing.ts'
import { notedJson } from '../notes.ts'
import { unseen } from '../seen.ts'
import { writerOf } from '../topology.ts'
import type { Capacity, SafeWorld } from '../world.ts'

/** A switchover leaves a healthy standby: its writers go back to what they were at. Standing down is another run's. */
export const releaseWriters = defineStep<SafeWorld>({
  id: 'release-writers',
  title: 'Let the services of the old side run again, as they were',
  timeoutMinutes: 3,
  bestEffort: true,
  irreversible: false,

  async observe(world) {
    const { plan, from, to } = world
    const before = await notedJson<readonly Capacity[]>(world, 'capacity-before-fence')
    if (!before) return { state: 'done', detail: 'this run stopped nothing there' }
    const [look, global] = await Promise.all([world.services.look(from), world.database.global(to)])
    if (!global.ok) return unseen('the global cluster', global)
    // After a detach the old cluster is a writer still: services that run there again would write to it.
    if (global.value === 'absent' || writerOf(plan, global.value) !== to)
      return {
        state: 'blocked',
        detail: `the ${from} cluster does not follow ${to}, so its writers stay stopped`,
      }
    if (!look.ok) return unseen(`the services of ${from}`, look)
    const low = look.value.filter(({ name, desired, scaling }) => {
      const was = before.find(({ service }) => service === name)
      return was && (desired < was.desired || (scaling?.suspended.out ?? false))
    })
    if (low.length === 0) return { state: 'done', detail: `as before: ${counts(look.value)}` }
    return { state: 'ready', detail: `still stopped: ${counts(low)}` }
  },

  act: liftFence,
})
