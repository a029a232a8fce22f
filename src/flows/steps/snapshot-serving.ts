import { duration } from '../../engine/duration.ts'
import { defineStep } from '../../engine/step.ts'
import { freshBackup } from '../deletion.ts'
import { unseen } from '../seen.ts'
import { snapshotLine, snapshotName } from '../snapshots.ts'
import type { SafeWorld } from '../world.ts'

const FRESH_HOURS = 6

/** While the stale cluster is being replaced, the serving one is alone: it gets a fresh backup of its own first. */
export const snapshotServing = defineStep<SafeWorld>({
  id: 'snapshot-serving',
  title: 'Make sure that the cluster that serves has a fresh snapshot of its own',
  timeoutMinutes: 'none',
  heartbeatMinutes: 15,
  pollSeconds: 10,
  irreversible: false,

  async observe({ database, plan, runId, from, now }) {
    const look = await database.snapshots(from)
    if (!look.ok) return unseen(`the snapshots of ${from}`, look)
    const fresh = freshBackup(look.value, now(), FRESH_HOURS)
    if (fresh) return { state: 'done', detail: `${fresh.id}, ${duration(now() - fresh.createdAt)} old` }
    const ours = look.value.find(({ id }) => id === snapshotName(runId, 'keep', plan, from))
    if (ours) return { state: 'pending', detail: snapshotLine(ours) }
    return { state: 'ready', detail: `${from} has no snapshot of the last ${FRESH_HOURS} h` }
  },

  act: ({ database, plan, runId, from }) =>
    database.takeSnapshot(from, snapshotName(runId, 'keep', plan, from)),
})
