import type { PlannedStep } from '../engine/plan-flow.ts'
import type { Line, Status } from './status.ts'

/** One way a plan can be moved, as far as it could be begun now: refused as a whole, or step by step. */
export type Way =
  | { readonly title: string; readonly refused: { readonly why: string; readonly remedy: string } }
  | { readonly title: string; readonly steps: readonly CheckedStep[] }
type CheckedStep = { readonly title: string; readonly level: Line['level']; readonly detail: string }

/** What stands in the way of every flow of a plan, before it is needed. */
export type Check = {
  readonly plan: string
  readonly title: string
  readonly level: Line['level']
  readonly ways: readonly Way[]
  readonly warnings: readonly string[]
  readonly at: number
}

/** Every way beside what the status warns of. Pure. */
export function checkOf({ plan, title, warnings, at }: Status, ways: readonly Way[]): Check {
  const levels = ways.map(levelOf)
  const worst = (['bad', 'unknown', 'warn'] as const).find((level) => levels.includes(level))
  return { plan, title, level: worst ?? (warnings.length ? 'warn' : 'ok'), ways, warnings, at }
}

/** A way that is refused now may be refused for good reasons; a step that could not be taken is a fault. */
export function levelOf(way: Way): Line['level'] {
  if ('refused' in way) return 'warn'
  return (['bad', 'unknown'] as const).find((level) => way.steps.some((step) => step.level === level)) ?? 'ok'
}

/** What a dry run found, up to where it says something now. */
export const wayOf = (title: string, flow: string, planned: readonly PlannedStep[]): Way => ({
  title,
  steps: planned.slice(0, lastCheck(flow, planned)).map(({ title: step, seen: { state, detail } }) => ({
    title: step,
    level: state === 'blocked' ? 'bad' : state === 'unknown' ? 'unknown' : 'ok',
    detail,
  })),
})

/**
 * Up to where a look says something now. What comes after customers were sent elsewhere looks at a world that is not
 * yet; of the long ways only the checks at their beginning don't wait for what the run itself will do.
 */
export function lastCheck(flow: string, planned: readonly PlannedStep[]): number {
  const end = planned.findIndex(({ id, seen }) =>
    flow === 'failover' ? id === 'take-dns' : ['ready', 'asking', 'pending'].includes(seen.state),
  )
  return end < 0 ? planned.length : end
}
