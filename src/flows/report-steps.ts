import { usualOf } from '../engine/past.ts'
import type { Run } from '../engine/run.ts'

/** One step of a report. */
export type StepReport = {
  readonly id: string
  readonly title: string
  readonly state: string
  readonly detail: string
  /** Without the waits for people; only of steps that have ended. */
  readonly tookMs?: number
  /** Of past runs like this one that reached their end. */
  readonly medianMs?: number
  readonly p90Ms?: number
}

/** The steps of a run, beside what they took in past runs of the same flow in the same variant. */
export function stepsOf(run: Run, past: readonly Run[]): readonly StepReport[] {
  const others = past.filter(({ id }) => id !== run.id)
  const usual = usualOf(others, run.proposal)
  return run.steps.map(({ id, title, state, detail, startedAt, endedAt }) => {
    const waited = run.questions
      .filter(({ step }) => step === id)
      .reduce((sum, { askedAt, answeredAt = askedAt }) => sum + answeredAt - askedAt, 0)
    const [medianMs, p90Ms] = [usual.steps[id], usual.stepsP90?.[id]]
    return {
      id,
      title,
      state,
      detail: plain(detail),
      ...(startedAt === undefined || endedAt === undefined ? {} : { tookMs: endedAt - startedAt - waited }),
      ...(medianMs === undefined ? {} : { medianMs }),
      ...(p90Ms === undefined ? {} : { p90Ms }),
    }
  })
}

/** Mentions are for Slack; elsewhere a person is their id. */
export const plain = (text: string): string => text.replace(/<@([A-Z0-9]+)>/g, '@$1')
