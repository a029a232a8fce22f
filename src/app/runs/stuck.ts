import type { Journal } from '../../engine/ports.ts'
import { fold, openQuestion, type Recorded, type Run } from '../../engine/run.ts'
import { isAftercare } from './runs.ts'

/** The longest step has a limit of some 15 minutes, and the patient ones say how far they are. World ms. */
const SILENT_MS = 30 * 60_000
/** A question in the middle of a failover is somebody's outage. World ms. */
const UNANSWERED_MS = 10 * 60_000

/** A run that does not go on: the step it is at, and since when (world ms). */
export type Stuck = {
  readonly run: Run
  readonly why: 'silent' | 'unanswered'
  readonly step?: string
  readonly since: number
}

/**
 * Runs under way that have written nothing for half an hour, or have waited ten minutes for an answer. A watch of days is
 * never one: it waits for people's Terraform, and is found by its execution if it dies.
 */
export async function stuckRuns(journal: Journal, now: number): Promise<readonly Stuck[]> {
  const ids = await journal.runs({ live: true })
  const stuck = await Promise.all(ids.map(async (id) => stuckOf(await journal.events(id), now)))
  return stuck.filter((each) => each !== undefined)
}

/** That of one run out of its events. */
export function stuckOf(records: readonly Recorded[], now: number): Stuck | undefined {
  const run = fold(records)
  if (!run || run.startedAt === undefined || run.phase === 'ended' || isAftercare(run)) return undefined
  const question = openQuestion(run)
  if (question)
    return now - question.askedAt >= UNANSWERED_MS
      ? { run, why: 'unanswered', step: question.step, since: question.askedAt }
      : undefined
  // What customers met is no sign of life of the run itself.
  const since = records.findLast(({ event }) => event.type !== 'probed')?.at ?? run.startedAt
  if (now - since < SILENT_MS) return undefined
  const step = run.steps.find(({ state }) => ['looking', 'acting', 'waiting'].includes(state))?.id
  return { run, why: 'silent', since, ...(step ? { step } : {}) }
}
