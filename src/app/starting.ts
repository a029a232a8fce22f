import type { Run } from '../engine/run.ts'
import type { Parts } from './parts.ts'
import { runOf } from './runs.ts'

/** Starts the run's execution under the run's own name, after stopping the run it supersedes: twice is the same. */
export async function start(parts: Parts, run: Run): Promise<void> {
  const { engine, journal } = parts
  if (run.proposal.supersedes) await stopForGood(parts, run.proposal.supersedes, run.id)
  const execution = await engine.start(run.id, { ...run.proposal.input, runId: run.id })
  await journal.append(run.id, 'started', { type: 'started', execution: execution.id })
}

/** Stops the run that is in the way. What it is doing at this moment is waited out by the one that takes over. */
async function stopForGood({ journal, engine }: Parts, runId: string, by: string): Promise<void> {
  const run = await runOf(journal, runId)
  if (run.phase === 'ended') return
  await engine.stop(runId, `superseded by ${by}`)
  await journal.append(runId, 'ended', {
    type: 'ended',
    outcome: 'superseded',
    detail: `stopped for ${by}`,
  })
}
