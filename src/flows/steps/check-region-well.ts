import { duration } from '../../engine/duration.ts'
import { defineStep } from '../../engine/step.ts'
import { notedJson } from '../notes.ts'
import { whyUnseen } from '../seen.ts'
import { standingOf } from '../standing.ts'
import type { SafeWorld } from '../world.ts'

const WELL_MS = 10 * 60_000
/** Nobody looked for this long: what was seen before says nothing about now. */
const GAP_MS = 3 * 60_000

type Well = { readonly since: number; readonly at: number }

/** A region that has just come back may go again: it has to answer every look for ten minutes. */
export const checkRegionWell = defineStep<SafeWorld>({
  id: 'check-home-well',
  title: 'Watch for ten minutes whether the region that comes back is well',
  timeoutMinutes: 'none',
  heartbeatMinutes: 15,
  pollSeconds: 30,

  async observe(world) {
    const { notes, to, now, plan } = world
    const standing = await standingOf(world)
    if (standing.seen && standing.is === 'writer')
      return { state: 'done', detail: `${to} holds the writer already: there is no time to watch it` }
    const sick = await sicknessOf(world)
    const at = now()
    if (sick) {
      await notes.set('well', JSON.stringify({ since: at, at: 0 }))
      return { state: 'pending', detail: `${to} (${plan.regions[to]}) is not well: ${sick}` }
    }
    const last = await notedJson<Well>(world, 'well')
    const since = last && last.at > 0 && at - last.at <= GAP_MS ? last.since : at
    await notes.set('well', JSON.stringify({ since, at }))
    const well = duration(at - since)
    return at - since >= WELL_MS
      ? { state: 'done', detail: `every look at ${to} was answered for ${well}` }
      : { state: 'pending', detail: `${to} has answered every look for ${well} of ${duration(WELL_MS)}` }
  },
})

/** What of the region did not answer; undefined where all of it did. */
async function sicknessOf({
  database,
  services,
  listener,
  identity,
  to,
}: SafeWorld): Promise<string | undefined> {
  const looks = await Promise.all([
    database.cluster(to),
    database.global(to),
    services.look(to),
    listener.look(to),
    identity.account(to),
  ])
  const failed = looks.flatMap((look) => (look.ok ? [] : [whyUnseen(look)]))
  return failed[0]
}
