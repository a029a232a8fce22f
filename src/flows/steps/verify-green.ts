import { defineStep } from '../../engine/step.ts'
import { notedTime, noteOnce } from '../notes.ts'
import { unseen } from '../seen.ts'
import type { SafeWorld, TrafficFacts } from '../world.ts'

/** More failures than this in a datapoint, and it is not green. */
const ERRORS_ALLOWED = 0.01
/** The minute of a datapoint, and how old the newest may be before the metric counts as silent. */
const MINUTE_MS = 60_000
const SILENT_MS = 5 * MINUTE_MS

/** Green: N datapoints after the switch, each over the traffic floor, the public probe healthy, the alarms quiet. */
export const verifyGreen = defineStep<SafeWorld>({
  id: 'verify-green',
  title: 'Verify that customers are served: probe, traffic, alarms',
  timeoutMinutes: 15,
  pollSeconds: 5,

  async observe(world) {
    const { probe, traffic, alarms, plan, to } = world
    const [reached, seen, rang] = await Promise.all([probe.public(), traffic.look(to), alarms.look(to)])
    if (!reached.ok) return unseen('the public address', reached)
    if (!reached.value.healthy)
      return { state: 'pending', detail: `the public probe fails: ${reached.value.detail}` }
    if (!seen.ok) return unseen('the traffic', seen)
    if (!rang.ok) return unseen('the alarms', rang)
    const ringing = rang.value.filter(({ state }) => state === 'ALARM')
    if (ringing.length)
      return { state: 'pending', detail: `in alarm: ${ringing.map(({ name }) => name).join(', ')}` }

    const { greenDatapoints, trafficFloorPerMinute } = plan.objectives
    // Where nobody waited for the records to be in sync, the switch counts from here on.
    await noteOnce(world, 'in-sync-at', world.now())
    const since = (await notedTime(world, 'in-sync-at')) ?? world.now()
    const green = greenInARow(seen.value, since, trafficFloorPerMinute, world.now())
    const detail = `${green} of ${greenDatapoints} green datapoints after the switch (at least ${trafficFloorPerMinute} requests a minute)`
    return { state: green >= greenDatapoints ? 'done' : 'pending', detail }
  },
})

/** How many of the newest minutes since the switch are green without a gap. No traffic is not health. */
function greenInARow({ points }: TrafficFacts, since: number, floor: number, now: number): number {
  const after = points.filter(({ at }) => at >= since).reverse()
  const newest = after[0]
  if (!newest || now - newest.at > SILENT_MS) return 0
  const bad = after.findIndex(
    ({ at, requests, errors }, index) =>
      at < newest.at - index * MINUTE_MS ||
      requests < Math.max(1, floor) ||
      errors > requests * ERRORS_ALLOWED,
  )
  return bad === -1 ? after.length : bad
}
