import { duration } from '../engine/duration.ts'
import type { Observation } from '../engine/step.ts'
import type { Line } from './status.ts'
import type { AlarmFacts, LagFacts, Look, ProbeFacts } from './world.ts'

type Failed = Extract<Look<unknown>, { ok: false }>

/** A look that failed, as a step says it: unknown, with how long it was waited for. */
export const unseen = (what: string, look: Failed): Observation => ({
  state: 'unknown',
  detail: `${what} could not be seen: ${whyUnseen(look)}`,
})

/** Why a look failed, for a person: the look itself tells how long it waited. */
export const whyUnseen = ({ why, detail }: Failed): string =>
  why === 'unreachable' ? detail : `${detail} (${why})`

/** Lag with the age of its reading: `3.2 s, read 14 s ago`; `unknown` with the reason when there is none. */
export function lagText(look: Look<LagFacts>, now: number): string {
  if (!look.ok) return `unknown: ${whyUnseen(look)}`
  if (look.value === 'none') return 'unknown: there is no reading'
  return `${duration(look.value.seconds * 1000)}, read ${duration(now - look.value.readAt)} ago`
}

/** A line for what could not be seen. */
export const unseenLine = (label: string, why: string): Line => ({
  label,
  value: `unknown: ${why}`,
  level: 'unknown',
})

/** A probe's line: what it answered, or that it did not. */
export function probeLine(label: string, look: Look<ProbeFacts>): Line {
  if (!look.ok) return unseenLine(label, whyUnseen(look))
  const { healthy, status, ms, detail } = look.value
  return healthy
    ? { label, value: `healthy (${status} in ${Math.round(ms)} ms)`, level: 'ok' }
    : { label, value: `failing: ${detail}`, level: 'bad' }
}

/** The alarms' line: those that ring, or how many are quiet. No data is not quiet. */
export function alarmsLine(label: string, look: Look<readonly AlarmFacts[]>): Line {
  if (!look.ok) return unseenLine(label, whyUnseen(look))
  const loud = look.value.filter(({ state }) => state === 'ALARM')
  if (loud.length)
    return { label, value: `ringing: ${loud.map(({ name }) => name).join(', ')}`, level: 'bad' }
  const mute = look.value.filter(({ state }) => state !== 'OK')
  if (mute.length)
    return { label, value: `without data: ${mute.map(({ name }) => name).join(', ')}`, level: 'unknown' }
  return { label, value: look.value.length ? `${look.value.length} quiet` : 'none in the plan', level: 'ok' }
}
