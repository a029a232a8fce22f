import { defineStep, type Observation } from '../../engine/step.ts'
import { unseen } from '../seen.ts'
import { isUsable, snapshotLine, snapshotName } from '../snapshots.ts'
import { standingOf } from '../standing.ts'
import type { SafeWorld } from '../world.ts'

/** Whatever only the stale cluster knows is kept before anybody may delete it. A follower knows nothing of its own. */
export const snapshotStale = defineStep<SafeWorld>({
  id: 'snapshot-stale',
  title: 'Take a snapshot of the stale cluster',
  timeoutMinutes: 'none',
  heartbeatMinutes: 15,
  pollSeconds: 10,
  irreversible: false,
  unskippable: 'the stale cluster may be the only copy of what it knows',
  observe: lookAtStaleSnapshot,
  act: ({ database, plan, runId, to }) => database.takeSnapshot(to, snapshotName(runId, 'stale', plan, to)),
})

async function lookAtStaleSnapshot(world: SafeWorld): Promise<Observation> {
  const { database, notes, plan, runId, to } = world
  const standing = await standingOf(world)
  if (!standing.seen) return standing
  if (standing.is === 'writer' || standing.is === 'follower')
    return { state: 'done', detail: `the ${to} cluster is not stale: it belongs to the pair` }
  const look = await database.snapshots(to)
  if (!look.ok) return unseen(`the snapshots of ${to}`, look)
  const name = snapshotName(runId, 'stale', plan, to)
  const found = look.value.find(({ id }) => id === name)
  if (found && isUsable(found)) {
    await notes.set('stale-snapshot', name)
    return { state: 'done', detail: snapshotLine(found) }
  }
  if (standing.old === 'absent') return { state: 'done', detail: `there is no ${to} cluster to take one of` }
  if (found && found.status === 'failed')
    return { state: 'blocked', detail: `AWS failed to take it: delete ${name}, then retry` }
  if (found) return { state: 'pending', detail: snapshotLine(found) }
  const { status } = standing.old
  return status === 'available'
    ? { state: 'ready', detail: `the ${to} cluster is available and stale` }
    : { state: 'pending', detail: `a snapshot needs the ${to} cluster available; it is ${status}` }
}
