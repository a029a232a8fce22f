import { duration } from '../../engine/duration.ts'
import { defineStep, type Observation } from '../../engine/step.ts'
import type { SafeWorld } from '../world.ts'
import { verifyGreen } from './verify-green.ts'

/** A look or two that saw nothing do not undo a soak; longer than this they do. */
const BLINK_MS = 60_000
/** Not green for this long: customers suffer for a drill, so somebody is asked. */
const PATIENCE_MS = 2 * 60_000
/** How much longer it is waited for when somebody says so. */
const LONGER_MS = 5 * 60_000

/** What the last look found, since when without a break, and when that was first so. World ms. */
type Found = { readonly as: 'green' | 'unseen' | 'red'; readonly since: number; readonly at: number }

/** The new side has to serve customers for as long as the plan says, green all the time; else it begins again. */
export const soak = defineStep<SafeWorld>({
  id: 'soak',
  title: 'Let dr serve customers for as long as the plan says, green all the time',
  timeoutMinutes: 'none',
  pollSeconds: 10,
  heartbeatMinutes: 2,

  async observe(world) {
    const [cut, green] = await Promise.all([world.notes.get('soak-cut'), verifyGreen.observe(world)])
    if (cut) return { state: 'done', detail: `cut short by <@${cut}>` }
    const found = await remembered(world, green)
    const soakMs = world.plan.drill.soakMinutes * 60_000
    const soaked = world.now() - found.since
    if (found.as !== 'green') return waiting(world, found, green)
    if (soaked >= soakMs) return { state: 'done', detail: `green for ${duration(soaked)} without a break` }
    return { state: 'pending', detail: `green for ${duration(soaked)} of ${duration(soakMs)}` }
  },

  asks: {
    async question({ notes, now }) {
      const found = foundIn(await notes.get('soak'))
      return {
        title: 'dr is not green: go home now?',
        detail: `It has not been green for ${duration(now() - (found?.at ?? now()))}. The soak begins again when it is.`,
        options: [
          {
            id: 'cut',
            label: 'End the soak',
            style: 'primary',
            explain: 'Goes on to the decision to go home.',
          },
          {
            id: 'wait',
            label: 'Wait longer',
            explain: `Asks again when that does not help in five minutes.`,
          },
        ],
      }
    },
    async heard({ notes, now }, { option, by }) {
      if (option === 'cut') await notes.set('soak-cut', by)
      else await notes.set('soak-patience', String(now() + LONGER_MS))
      return { evidence: [] }
    },
  },
})

async function waiting({ notes, now }: SafeWorld, { at }: Found, green: Observation): Promise<Observation> {
  const patience = Math.max(at + PATIENCE_MS, Number((await notes.get('soak-patience')) ?? 0))
  return { ...green, state: now() >= patience ? 'asking' : green.state === 'unknown' ? 'unknown' : 'pending' }
}

/** Keeps what was found; every kept value differs from all before it, because a note is written once under its value. */
async function remembered({ notes, now }: SafeWorld, { state }: Observation): Promise<Found> {
  const last = foundIn(await notes.get('soak'))
  const found = next(last, state, now())
  if (found !== last) await notes.set('soak', `${found.as} ${found.since} ${found.at}`)
  return found
}

function next(last: Found | undefined, state: Observation['state'], at: number): Found {
  const as = state === 'done' ? 'green' : state === 'unknown' ? 'unseen' : 'red'
  if (last?.as === as) return last
  const unbroken =
    (last?.as === 'green' && as === 'unseen') ||
    (last?.as === 'unseen' && as === 'green' && at - last.at < BLINK_MS)
  return { as, since: last && unbroken ? last.since : at, at }
}

function foundIn(note: string | undefined): Found | undefined {
  const [as, since, at] = note?.split(' ') ?? []
  return as ? { as: as as Found['as'], since: Number(since), at: Number(at) } : undefined
}
