import { duration } from '../engine/duration.ts'
import type { Observation } from '../engine/step.ts'
import type { LagFacts, Look } from './world.ts'

type Failed = Extract<Look<unknown>, { ok: false }>

/** A look that failed, as a step says it: unknown, with how long it was waited for. */
export const unseen = (what: string, look: Failed): Observation => ({
  state: 'unknown',
  detail: `${what} could not be seen: ${whyUnseen(look)}`,
})

/** Why a look failed, for a person. */
export const whyUnseen = ({ why, detail, waitedMs }: Failed): string =>
  why === 'unreachable' ? `no answer in ${duration(waitedMs)} (${detail})` : `${why} (${detail})`

/** Lag with the age of its reading: `3.2 s, read 14 s ago`; `unknown` with the reason when there is none. */
export function lagText(look: Look<LagFacts>, now: number): string {
  if (!look.ok) return `unknown: ${whyUnseen(look)}`
  if (look.value === 'none') return 'unknown: there is no reading'
  return `${duration(look.value.seconds * 1000)}, read ${duration(now - look.value.readAt)} ago`
}
