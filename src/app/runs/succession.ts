import { changedNothing } from '../../engine/act.ts'
import type { Journal } from '../../engine/ports.ts'
import type { Run, RunEvent } from '../../engine/run.ts'
import type { Begun } from '../../engine/run-flow.ts'
import { runOf } from './runs.ts'

/** The run that this one goes on from, where it resumes one: the same choice, under the same approval. */
export const resumed = ({ input, supersedes }: Run['proposal']): string | undefined =>
  input.resumes === true ? supersedes : undefined

/** A run as it stands together with those it resumes: what it has not come to yet is as they left it. */
export async function withEarlier(journal: Journal, run: Run): Promise<Run> {
  const before = resumed(run.proposal)
  if (before === undefined) return run
  const earlier = await withEarlier(journal, await runOf(journal, before))
  return {
    ...run,
    steps: run.steps.map((step) =>
      step.state === 'pending' ? (earlier.steps.find(({ id }) => id === step.id) ?? step) : step,
    ),
    questions: [...earlier.questions, ...run.questions],
  }
}

/** What a run, and those it resumes, have asked for and not taken back: by step, when, in world ms. */
export async function begunBy(journal: Journal, runId: string): Promise<Begun> {
  const before = resumed((await runOf(journal, runId)).proposal)
  const begun: Record<string, number> = before === undefined ? {} : { ...(await begunBy(journal, before)) }
  for (const { event, at } of await journal.events(runId)) {
    if (event.type !== 'step') continue
    if (event.state === 'acting') begun[event.step] = at
    else if (tookBack(event)) delete begun[event.step]
  }
  return begun
}

/** Refused before anything was changed, or undone since. */
const tookBack = ({ state, fault }: Extract<RunEvent, { type: 'step' }>): boolean =>
  state === 'undone' || (state === 'failed' && fault !== undefined && changedNothing(fault))
