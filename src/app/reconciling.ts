import type { Run } from '../engine/run.ts'
import type { Parts } from './parts.ts'
import { liveRuns } from './runs.ts'

/**
 * Puts right what a crash between two writes left: approved runs that were not started, answers the engine was not
 * told, cards past their time, runs whose execution died without a word. Safe to call at any time, any number of times.
 */
export async function reconcile(parts: Parts): Promise<void> {
  for (const run of await liveRuns(parts.journal)) {
    if (run.phase === 'proposed') await (run.approval ? start(parts, run) : expire(parts, run))
    else {
      await tell(parts, run)
      await bury(parts, run)
    }
  }
}

/** Starts the run's execution under the run's own name: a second start is the same start. */
export async function start({ engine, journal }: Parts, run: Run): Promise<void> {
  const execution = await engine.start(run.id, { ...run.proposal.input, runId: run.id })
  await journal.append(run.id, 'started', { type: 'started', execution: execution.id })
}

async function expire({ journal, people }: Parts, run: Run): Promise<void> {
  if (people.now() < run.proposal.expiresAt) return
  await journal.append(run.id, 'ended', {
    type: 'ended',
    outcome: 'expired',
    detail: 'nobody approved it in time; nothing was changed',
  })
}

async function tell({ engine }: Parts, run: Run): Promise<void> {
  for (const { callbackId, answer } of run.questions) if (answer) await engine.answer(callbackId, answer)
}

async function bury({ engine, journal }: Parts, run: Run): Promise<void> {
  const execution = await engine.get(run.id)
  if (!execution || execution.status === 'RUNNING') return
  await journal.append(run.id, 'ended', {
    type: 'ended',
    outcome: execution.status === 'STOPPED' ? 'stopped' : 'failed',
    detail: `the run's execution ended as ${execution.status}${execution.error ? `: ${execution.error}` : ''}; look with \`/dr status\` before anything else`,
  })
  await journal.unlock(run.id)
}
