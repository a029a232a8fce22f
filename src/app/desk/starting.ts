import type { Execution } from '../../engine/ports.ts'
import type { Run } from '../../engine/run.ts'
import type { Parts } from '../parts.ts'
import { isAftercare, runOf } from '../runs/runs.ts'

/**
 * Starts the run's execution under the run's own name, after stopping the run it supersedes: twice is the same. Several
 * engines may do so at once: the first execution to open the run carries it out, the others end without doing anything.
 * A watch is left to a bot where this process ends with its run; then nothing is answered.
 */
export async function start(parts: Parts, run: Run): Promise<Execution | undefined> {
  if (parts.passing && isAftercare(run)) return undefined
  const { supersedes, input } = run.proposal
  if (supersedes)
    await stopForGood(parts, supersedes, input.resumes ? `it goes on as ${run.id}` : `stopped for ${run.id}`)
  return parts.engine.start(run.id, { ...run.proposal.input, runId: run.id })
}

/** Stops the run that is in the way. What it is doing at this moment is waited out by the one that takes over. */
async function stopForGood(parts: Parts, runId: string, detail: string): Promise<void> {
  const run = await runOf(parts.journal, runId)
  if (run.phase === 'ended') return
  await stopExecutions(parts, runId, detail)
  await parts.journal.append(runId, 'ended', {
    type: 'ended',
    outcome: 'superseded',
    detail,
  })
}

/**
 * Stops what carries a run out, on the own engine and on those in reach. An engine that cannot be reached learns it from
 * the journal: its execution writes and changes nothing more, because the run's end and its locks say so.
 */
export async function stopExecutions(parts: Parts, runId: string, why: string): Promise<void> {
  await parts.engine.stop(runId, why)
  await Promise.allSettled((parts.others ?? []).map((engine) => engine.stop(runId, why)))
}
