import type { Observation } from '../engine/step.ts'
import { notedTime } from './notes.ts'
import { snapshotTime } from './snapshots.ts'
import { otherSide, type SafeWorld, type Side } from './world.ts'

const MINUTE_MS = 60_000
/** AWS blocks writes before it moves the writer, and says so at once. */
const EARLIER_MS = 15 * MINUTE_MS
const LATER_MS = 2 * 60 * MINUTE_MS

/**
 * What AWS said about blocking writes to a side's cluster when the writer left it, about `movedAt` (world ms): told by
 * the old side where that was up, else by the new one. For people: its words change, and nothing is decided by them.
 * Empty where nothing is known.
 */
export async function saidOfFence(world: SafeWorld, old: Side, movedAt: number | undefined): Promise<string> {
  const { database, notes, now } = world
  const known = await notes.get('fence-said')
  if (known !== undefined) return known
  if (movedAt === undefined || now() - movedAt > LATER_MS) return ''
  const minutes = Math.ceil((now() - movedAt + EARLIER_MS) / MINUTE_MS)
  const looks = await Promise.all([old, otherSide(old)].map((side) => database.events(side, minutes)))
  const cluster = world.plan.database.clusters[old]
  const event = looks
    .flatMap((look) => (look.ok ? look.value : []))
    .filter(({ message }) => /block writes/i.test(message) && message.includes(`${cluster} `))
    .toSorted((a, b) => b.at - a.at)[0]
  const said = event && sentence(event.message, event.at)
  if (said) await notes.set('fence-said', said)
  return said ?? ''
}

function sentence(message: string, at: number): string {
  if (/succe/i.test(message)) return `AWS says it blocked writes at ${snapshotTime(at)}`
  if (/timed out/i.test(message))
    return `AWS timed out blocking writes at ${snapshotTime(at)}: two writers were possible`
  return `AWS says: ${message}`
}

/** A sight of the fence, with what AWS said about it. */
export const withSaid = (seen: Observation, said: string): Observation =>
  said ? { ...seen, detail: `${seen.detail}; ${said}` } : seen

/** When the writer left its old side, as far as this run saw it. */
export const movedAt = async (world: SafeWorld): Promise<number | undefined> =>
  (await notedTime(world, 'promotion-seen')) ?? (await notedTime(world, 'promoted-at'))
