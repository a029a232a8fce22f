import type { Step } from '../../engine/step.ts'
import { liftFence } from '../fencing.ts'
import { reversed } from '../reversed.ts'
import { standingOf } from '../standing.ts'
import type { SafeWorld } from '../world.ts'
import { proveFence } from './prove-fence.ts'

const TITLE = 'Stop the writers beside the stale cluster'
const { bestEffort: _, ...stop } = reversed({ ...proveFence, undo: liftFence }, TITLE) as Step<SafeWorld>

/** A stale cluster accepts writes: services that stand by beside it hold connections, and might use them. */
export const fenceStale: Step<SafeWorld> = {
  ...stop,
  id: 'fence-stale',
  timeoutMinutes: 10,
  pollSeconds: 5,
  async observe(world) {
    const standing = await standingOf(world)
    if (!standing.seen) return standing
    if (standing.is !== 'stale') return { state: 'done', detail: `there is no stale cluster in ${world.to}` }
    return stop.observe(world)
  },
}
