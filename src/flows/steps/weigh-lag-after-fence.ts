import { duration } from '../../engine/duration.ts'
import { defineStep } from '../../engine/step.ts'
import { notedTime } from '../notes.ts'
import { lagText } from '../seen.ts'
import type { SafeWorld } from '../world.ts'

const PATIENCE_MS = 60_000

/**
 * Where a fence landed before the promotion, gives the replication up to a minute to show a reading stamped after it:
 * then next to nothing is lost. Costs nothing where no fence landed.
 */
export const weighLagAfterFence = defineStep<SafeWorld>({
  id: 'weigh-lag-after-fence',
  title: 'Let replication catch up, if the old side was stopped',
  timeoutMinutes: 2,
  pollSeconds: 2,

  async observe(world) {
    const fencedAt = await notedTime(world, 'fenced-at')
    if (fencedAt === undefined)
      return { state: 'done', detail: 'the old side was not stopped before, so there is nothing to wait for' }
    const waited = world.now() - fencedAt
    const lag = await world.database.lag(world.to)
    const said = lagText(lag, world.now())
    if (lag.ok && lag.value !== 'none' && lag.value.readAt >= fencedAt)
      return { state: 'done', detail: `lag after the fence: ${said}` }
    if (waited >= PATIENCE_MS)
      return { state: 'done', detail: `no reading ${duration(waited)} after the fence (${said}): going on` }
    return { state: 'pending', detail: 'waiting for a lag reading stamped after the fence' }
  },
})
