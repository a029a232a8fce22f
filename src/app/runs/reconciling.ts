import type { Execution } from '../../engine/ports.ts'
import { fold, type Run } from '../../engine/run.ts'
import { decideCard } from '../desk/card.ts'
import { start } from '../desk/starting.ts'
import type { Parts } from '../parts.ts'
import { startAftercare } from './aftercaring.ts'
import { liveRuns, runOf } from './runs.ts'

/**
 * Puts right what a crash between two writes left: approved runs that were not started, answers the engine was not
 * told, cards past their time, runs whose execution died without a word. Safe to call at any time, any number of times.
 */
export async function reconcile(parts: Parts): Promise<void> {
  for (const run of await liveRuns(parts.journal)) {
    if (run.phase === 'proposed') await (run.approval ? begin(parts, run) : expire(parts, run))
    else {
      await tellAnswers(parts, run)
      await bury(parts, run)
    }
  }
  await dismissSuperseded(parts)
}

/** An execution that ends before it has opened its run would be started again for ever. */
async function begin(parts: Parts, run: Run): Promise<void> {
  const execution = await start(parts, run)
  if (!execution || execution.status === 'RUNNING') return
  if ((await runOf(parts.journal, run.id)).phase === 'proposed') await end(parts, run, execution)
}

async function expire({ journal, people }: Parts, run: Run): Promise<void> {
  if (people.now() < run.proposal.expiresAt) return
  await decideCard(journal, run.id, {
    type: 'ended',
    outcome: 'expired',
    detail: 'nobody approved it in time; nothing was changed',
  })
}

/** Tells the engine what people answered through another process. */
export async function tellAnswers(
  { engine }: Pick<Parts, 'engine'>,
  { questions }: Pick<Run, 'questions'>,
): Promise<void> {
  for (const { callbackId, answer } of questions) if (answer) await engine.answer(callbackId, answer)
}

/** What another engine carries out is left alone: only that one knows how it fares. */
async function bury(parts: Parts, run: Run): Promise<void> {
  const execution = await parts.engine.get(run.id)
  if (!execution || execution.id !== run.execution || execution.status === 'RUNNING') return
  await end(parts, run, execution)
}

/** Executions of runs that were taken over while this engine was away. */
async function dismissSuperseded({ engine, journal }: Parts): Promise<void> {
  for (const { name } of await engine.list('RUNNING')) {
    const run = fold(await journal.events(name))
    if (run?.outcome === 'superseded') await engine.stop(name, run.ending ?? 'superseded')
  }
}

async function end(parts: Parts, run: Run, execution: Execution): Promise<void> {
  const { journal } = parts
  await journal.append(run.id, 'ended', {
    type: 'ended',
    outcome: execution.status === 'STOPPED' ? 'stopped' : 'failed',
    detail: `the run's execution ended as ${execution.status}${execution.error ? `: ${execution.error}` : ''}; look with \`/dr status\` before anything else`,
  })
  await journal.unlock(run.id)
  await startAftercare(parts, run.id)
}
