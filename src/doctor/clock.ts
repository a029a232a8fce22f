import { duration } from '../engine/duration.ts'
import { type Finding, fault, ok, unknown, warn } from './finding.ts'
import type { Patient } from './place.ts'
import { ownPlace } from './tools.ts'

const WAIT_MS = 1_450
/** Slack's and AWS's limit for a signature. */
const REFUSED_MS = 5 * 60_000
const WARN_MS = 60_000

/** Our clock against that of AWS, as the first region to answer has it. */
export async function clockOfAws(patient: Patient): Promise<readonly Finding[]> {
  const regions = [...new Set(patient.plans.plans.flatMap((plan) => Object.values(plan.regions)))]
  if (!regions.length) return []
  try {
    const asked = regions.map((region) => {
      const suffix = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com'
      return skewOf(patient, ownPlace(patient, 'sts', region).endpoint ?? `https://sts.${region}.${suffix}`)
    })
    return [judgeClock('AWS', await Promise.any(asked))]
  } catch {
    return [
      unknown('clock', 'AWS', 'no region said what time it is', 'Look at the network between here and AWS.'),
    ]
  }
}

async function skewOf({ clocks }: Patient, url: string): Promise<number> {
  const asked = clocks.people.now()
  const { headers, body } = await fetch(url, { method: 'GET', signal: AbortSignal.timeout(WAIT_MS) })
  await body?.cancel()
  const skew = skewBy(headers.get('date'), asked, clocks.people.now())
  if (skew === undefined) throw new Error('it did not say')
  return skew
}

/** How far our clock is ahead of the Date of an answer that was asked for and came at these times of ours, ms. */
export function skewBy(date: string | null, asked: number, came: number): number | undefined {
  const theirs = Date.parse(date ?? '')
  return Number.isNaN(theirs) ? undefined : (asked + came) / 2 - theirs
}

/** `skew` in ms: positive where ours is ahead. */
export function judgeClock(whose: string, skew: number): Finding {
  const off = Math.abs(skew)
  if (off < WARN_MS) return ok('clock', whose, 'it agrees with ours')
  const says = `our clock is ${duration(off)} ${skew > 0 ? 'ahead of' : 'behind'} it`
  return off < REFUSED_MS
    ? warn('clock', whose, says)
    : fault('clock', whose, `${says}: what is signed here is refused`)
}
