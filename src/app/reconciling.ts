import type { Run } from '../engine/run.ts'
import { startAftercare } from './aftercaring.ts'
import { decideCard } from './card.ts'
import type { Parts } from './parts.ts'
import { liveRuns } from './runs.ts'
import { start } from './starting.ts'

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

async function expire({ journal, people }: Parts, run: Run): Promise<void> {
  if (people.now() < run.proposal.expiresAt) return
  await decideCard(journal, run.id, {
    type: 'ended',
    outcome: 'expired',
    detail: 'nobody approved it in time; nothing was changed',
  })
}

async function tell({ engine }: Parts, run: Run): Promise<void> {
  for (const { callbackId, answer } of run.questions) if (answer) await engine.answer(callbackId, answer)
}

async function bury(parts: Parts, run: Run): Promise<void> {
  const { engine, journal } = parts
  const execution = await engine.get(run.id)
  if (!execution || execution.status === 'RUNNING') return
  await journal.append(run.id, 'ended', {
    type: 'ended',
    outcome: execution.status === 'STOPPED' ? 'stopped' : 'failed',
    detail: `the run's execution ended as ${execution.status}${execution.error ? `: ${execution.error}` : ''}; look with \`/dr status\` before anything else`,
  })
  await journal.unlock(run.id)
  await startAftercare(parts, run.id)
}
