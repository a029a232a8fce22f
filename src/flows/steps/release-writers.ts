import { defineStep } from '../../engine/step.ts'
import { counts } from '../capacity.ts'
import { liftFence } from '../fencing.ts'
import { notedJson } from '../notes.ts'
import { unseen } from '../seen.ts'
import type { Capacity, World } from '../world.ts'

/** A switchover leaves a healthy standby: its writers go back to what they were at. Standing down is another run's. */
export const releaseWriters = defineStep<World>({
  id: 'release-writers',
  title: 'Let the services of the old side run again, as standby',
  timeoutMinutes: 3,
  bestEffort: true,
  irreversible: false,

  async observe(world) {
    const before = await notedJson<readonly Capacity[]>(world, 'capacity-before-fence')
    if (!before) return { state: 'done', detail: 'this run stopped nothing there' }
    const look = await world.services.look(world.from)
    if (!look.ok) return unseen(`the services of ${world.from}`, look)
    const low = look.value.filter(({ name, desired, scaling }) => {
      const was = before.find(({ service }) => service === name)
      return was && (desired < was.desired || (scaling?.suspended.out ?? false))
    })
    if (low.length === 0) return { state: 'done', detail: `as before: ${counts(look.value)}` }
    return { state: 'ready', detail: `still stopped: ${counts(low)}` }
  },

  act: liftFence,
})
