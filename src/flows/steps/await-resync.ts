import { duration } from '../../engine/duration.ts'
import { defineStep, type Observation } from '../../engine/step.ts'
import { notedTime, noteOnce } from '../notes.ts'
import { caughtUp, forecast, READINGS, sampled } from '../resync.ts'
import { lagText } from '../seen.ts'
import { type Standing, standingOf } from '../standing.ts'
import { freshLag, memberOf } from '../topology.ts'
import type { SafeWorld } from '../world.ts'

/** Hours, if the database is large: AWS is silent meanwhile, and that alone is no fault. */
export const awaitResync = defineStep<SafeWorld>({
  id: 'await-resync',
  title: 'Wait until the side that comes back has caught up',
  timeoutMinutes: 'none',
  heartbeatMinutes: 15,
  pollSeconds: 10,
  unskippable: 'a side that has not caught up must not take over, and AWS would refuse it',
  observe: lookAtResync,
})

/** Whether the cluster of `to` follows the one of `from` closely. */
export async function lookAtResync(world: SafeWorld): Promise<Observation> {
  const standing = await standingOf(world)
  if (!standing.seen) return standing
  const { is, old } = standing
  const { to } = world
  if (is === 'writer') return { state: 'done', detail: `${to} holds the writer already` }
  if (is === 'absent' || old === 'absent')
    return { state: 'blocked', detail: `the ${to} cluster does not exist: ask for a failback again` }
  if (is === 'stale')
    return {
      state: 'blocked',
      detail: `the ${to} cluster stands by itself and will not catch up: abort, and ask for a failback again`,
    }
  if (old.instances.length === 0)
    return {
      state: 'pending',
      detail: `the ${to} cluster has no instance: somebody has to add one (Terraform)`,
    }
  return follows(world, standing, old)
}

async function follows(
  world: SafeWorld,
  { global }: Standing,
  old: Exclude<Standing['old'], 'absent'>,
): Promise<Observation> {
  const { database, plan, to, now } = world
  await noteOnce(world, 'resync-seen-at', now())
  const waited = duration(now() - ((await notedTime(world, 'resync-seen-at')) ?? now()))
  const member = global === 'absent' ? undefined : memberOf(plan, global, to)
  const lag = await database.lag(to)
  const samples = await sampled(world, lag)
  const said = `lag ${lagText(lag, now())}`
  const available = old.instances.some(({ status }) => status === 'available')
  const sync = member?.synchronization ?? 'not listed yet'
  if (old.status !== 'available' || !available || sync !== 'connected')
    return {
      state: 'pending',
      detail: `the ${to} cluster is ${old.status} and ${sync}${available ? '' : ', no instance is available'}; watched for ${waited}; ${said}; ${forecast(samples)}`,
    }
  const limit = plan.database.lagLimitSeconds
  if (!caughtUp(samples, limit))
    return {
      state: 'pending',
      detail: `connected; ${said}, ${READINGS} readings in a row must be under ${limit} s; watched for ${waited}; ${forecast(samples)}`,
    }
  if (!freshLag(lag)) return { state: 'pending', detail: `connected; ${said}` }
  return { state: 'done', detail: `connected; ${said}` }
}
