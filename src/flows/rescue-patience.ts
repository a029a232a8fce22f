import { notedJson } from './notes.ts'
import type { Standing } from './standing.ts'
import { memberOf } from './topology.ts'
import type { SafeWorld } from './world.ts'

/** How long after the old side is a standby again, and after its region answers at all, AWS's snapshot may still appear. */
const SETTLED_MS = 10 * 60_000
const PATIENCE_MS = 2 * 60 * 60_000
/** Nobody looked for this long: the region may have been away meanwhile, and AWS begins again when it is back. */
const GAP_MS = 20 * 60_000
/** What is noted is refreshed this seldom: a journal of hours stays small. */
const KEPT_MS = 10 * 60_000

/** Since when the old region has answered without a break, and when that was noted last; `at` 0: it is away. */
type Answered = { readonly since: number; readonly at: number }

/** For how long the old region has answered without a break, ms: now it does. */
export async function answeredFor(world: SafeWorld): Promise<number> {
  const now = world.now()
  const last = await notedJson<Answered>(world, 'region-answered')
  const since = last && now - last.at <= GAP_MS ? last.since : now
  if (since !== last?.since || now - last.at >= KEPT_MS)
    await world.notes.set('region-answered', JSON.stringify({ since, at: now } satisfies Answered))
  return now - since
}

/** The old region does not answer: whatever AWS was about to do there begins anew when it is back. */
export async function answersNot(world: SafeWorld): Promise<void> {
  const last = await notedJson<Answered>(world, 'region-answered')
  if (last && last.at !== 0)
    await world.notes.set('region-answered', JSON.stringify({ since: 0, at: 0 } satisfies Answered))
}

/** How long AWS's snapshot is waited for, ms, and why so long. */
export function patienceFor(
  { plan, to }: SafeWorld,
  { is, old, global }: Standing,
): { readonly patience: number; readonly why: string } {
  const member = global === 'absent' ? undefined : memberOf(plan, global, to)
  if (is === 'writer') return { patience: 0, why: `${to} holds the writer again` }
  if (is === 'absent') return { patience: SETTLED_MS, why: `the ${to} cluster does not exist` }
  if (is === 'stale' && member?.isWriter)
    return {
      patience: 0,
      why: `the ${to} cluster was never replaced: its own snapshot has what it alone knows`,
    }
  const back = member?.synchronization === 'connected' && old !== 'absent' && old.status === 'available'
  return back
    ? { patience: SETTLED_MS, why: `the ${to} cluster follows again` }
    : { patience: PATIENCE_MS, why: `the ${to} cluster does not follow yet` }
}
