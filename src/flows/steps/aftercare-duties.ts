import { duration } from '../../engine/duration.ts'
import { defineStep, type Observation, type Step } from '../../engine/step.ts'
import { saidOfFence, withSaid } from '../fence-said.ts'
import { notedTime, noteOnce } from '../notes.ts'
import { copyLostWrites, lookAtRescue } from '../rescue.ts'
import { andAcross, lookAcross } from '../rescue-across.ts'
import { reversed } from '../reversed.ts'
import { whyUnseen } from '../seen.ts'
import { standingOf } from '../standing.ts'
import { dnsOwner, memberOf, writerOf } from '../topology.ts'
import type { SafeWorld } from '../world.ts'
import { lookAtResync } from './await-resync.ts'
import { proveFence } from './prove-fence.ts'

/** A watch has time: it asks for a copy in the other region some hours long. */
const DAYS = { tries: 12, waitMs: Number.POSITIVE_INFINITY } as const

/** AWS's snapshot of the lost writes appears once the old region is back, and vanishes again: it is copied at once. */
export const keepLostWrites = defineStep<SafeWorld>({
  id: 'keep-lost-writes',
  title: 'Keep the lost writes: copy the snapshot AWS takes of them, as soon as it appears',
  timeoutMinutes: 'none',
  heartbeatMinutes: 60,
  pollSeconds: 30,
  bestEffort: true,
  irreversible: false,

  async observe(world) {
    if (world.mode === 'planned')
      return { state: 'done', detail: 'nothing was lost: the writer moved by a switchover' }
    const seen = await lookAtRescue(world)
    if (seen.state === 'failed') return { state: 'ready', detail: seen.detail }
    return seen.state === 'done' ? andAcross(seen, await lookAcross(world, DAYS)) : seen
  },

  act: copyLostWrites,
})

/** Owed until it is proven: an old side that comes back must not write to what nobody reads any more. */
export const holdFence: Step<SafeWorld> = {
  ...reversed(proveFence, 'Hold the old side fenced until its cluster follows again'),
  id: 'hold-fence',
  timeoutMinutes: 'none',
  heartbeatMinutes: 60,
  pollSeconds: 30,
  async observe(world) {
    if (await follows(world))
      return { state: 'done', detail: `the ${world.to} cluster follows: nothing there can be written to` }
    const again = await servesAgain(world)
    if (again) return again
    const doubt = await doubtOfRoles(world)
    if (doubt) return { state: 'unknown', detail: doubt }
    const [seen, lostAt] = [await fenced.observe(world), await notedTime(world, 'no-standby-since')]
    return withSaid(seen, await saidOfFence(world, world.to, lostAt))
  },
}
const fenced: Step<SafeWorld> = reversed(proveFence, '')

/** The old region catches up by itself, or does not: then a failback builds it anew. */
export const watchResync = defineStep<SafeWorld>({
  id: 'watch-resync',
  title: 'Watch the old side catch up',
  timeoutMinutes: 'none',
  heartbeatMinutes: 15,
  pollSeconds: 30,
  bestEffort: true,

  async observe(world) {
    const seen = await lookAtResync(world)
    return seen.state === 'blocked' ? { ...seen, state: 'pending' } : seen
  },
})

/** While it runs, the next disaster would be the last one: the clock is for whoever decides what comes first. */
export const countWithoutStandby = defineStep<SafeWorld>({
  id: 'no-standby-clock',
  title: 'Count the time without a standby',
  timeoutMinutes: 'none',
  heartbeatMinutes: 60,
  pollSeconds: 30,
  bestEffort: true,

  async observe(world): Promise<Observation> {
    const begun = await notedTime(world, 'no-standby-since')
    if (await follows(world)) {
      const clock = begun === undefined ? '' : `, after ${duration(world.now() - begun)} without one`
      return { state: 'done', detail: `${world.to} stands by again${clock}` }
    }
    const again = await servesAgain(world)
    if (again) return again
    // A standby that nobody can see is none.
    await noteOnce(world, 'no-standby-since', world.now())
    const without = world.now() - (begun ?? world.now())
    return { state: 'pending', detail: `${world.from} has had no standby for ${duration(without)}` }
  },
})

/** Whoever brought the writer to the old side meanwhile made it the one that serves: it is nothing to fence or to wait for. */
async function servesAgain(world: SafeWorld): Promise<Observation | undefined> {
  const standing = await standingOf(world)
  return standing.seen && standing.is === 'writer'
    ? { state: 'done', detail: `${world.to} holds the writer: it is not the old side any more` }
    : undefined
}

/** Why it is not certain that `from` serves and `to` is the old side: fencing the wrong one would be an outage. */
async function doubtOfRoles({ database, dns, plan, from, to }: SafeWorld): Promise<string | undefined> {
  const [global, records] = await Promise.all([database.global(from), dns.records()])
  if (global.ok && global.value !== 'absent' && writerOf(plan, global.value) === from) return undefined
  // After a detach no global cluster says who serves: then customers' records have to.
  if (!global.ok) return `who holds the writer could not be seen: ${whyUnseen(global)}`
  if (!records.ok) return `where customers are sent could not be seen: ${whyUnseen(records)}`
  return dnsOwner(records.value) === from
    ? undefined
    : `customers are not sent to ${from} yet, so the services of ${to} are left alone`
}

/** Whether the old cluster is connected to the one that serves, available, and has an instance that could take over. */
async function follows(world: SafeWorld): Promise<boolean> {
  const standing = await standingOf(world)
  if (!standing.seen || standing.is !== 'follower') return false
  const { old, global } = standing
  const member = global === 'absent' ? undefined : memberOf(world.plan, global, world.to)
  return (
    member?.synchronization === 'connected' &&
    old !== 'absent' &&
    old.status === 'available' &&
    old.instances.some(({ status }) => status === 'available')
  )
}
