import { drError } from '../engine/errors.ts'
import type { Journal } from '../engine/ports.ts'
import { fold, type Run } from '../engine/run.ts'
import type { Plan } from '../plan/schema.ts'
import type { Plans } from './parts.ts'

/** The run of that id as it stands now. Throws RUN_UNKNOWN. */
export async function runOf(journal: Journal, runId: string): Promise<Run> {
  const run = fold(await journal.events(runId))
  if (!run) throw drError('RUN_UNKNOWN', { runId })
  return run
}

/** Runs that are proposed or under way, newest first. */
export async function liveRuns(journal: Journal, plan?: string): Promise<readonly Run[]> {
  const ids = await journal.runs({ live: true, ...(plan ? { plan } : {}) })
  return Promise.all(ids.map((id) => runOf(journal, id)))
}

/** The plan of that name. Throws PLAN_UNKNOWN, or PLAN_BROKEN with every fault of its file. */
export function planOf({ plans, broken }: Plans, name: string): Plan {
  const plan = plans.find((candidate) => candidate.name === name)
  if (plan) return plan
  const bad = broken.find((candidate) => candidate.name === name)
  if (bad) throw drError('PLAN_BROKEN', { plan: name, faults: bad.faults })
  throw drError('PLAN_UNKNOWN', { plan: name, known: plans.map((known) => known.name) })
}
