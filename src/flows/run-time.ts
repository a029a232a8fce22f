import type { Run } from '../engine/run.ts'

/**
 * World ms from the approval until everything was proven to be green, or else until the run's end, or `now` while it
 * is under way; waits for people are not in it. Undefined for a run that nobody approved, or that is not over and has no
 * `now`.
 */
export function runTimeOf(run: Run, now?: number): number | undefined {
  const end = greenAt(run) ?? run.endedAt ?? now
  if (!run.approval || end === undefined) return undefined
  const waited = run.questions
    .filter(({ askedAt }) => askedAt < end)
    .reduce((sum, { askedAt, answeredAt = end }) => sum + Math.min(answeredAt, end) - askedAt, 0)
  return Math.max(0, end - run.approval.at - waited)
}

/** When customers were proven to be served for the last time this run looked, if that is over and done with. */
export const greenAt = ({ steps, phase }: Run): number | undefined =>
  phase === 'ended'
    ? steps.findLast(({ id, state }) => /^verify-green/.test(id) && state === 'done')?.endedAt
    : undefined
