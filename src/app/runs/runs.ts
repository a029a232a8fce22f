import { type DrError, drError } from '../../engine/errors.ts'
import type { Journal } from '../../engine/ports.ts'
import { fold, type Run } from '../../engine/run.ts'

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

/** The refusal that names the run in the way: what it holds, and since when (world ms). */
export const inProgress = (
  { id, proposal }: Run,
  { resource, since }: { readonly resource: string; readonly since: number },
): DrError =>
  drError('RUN_IN_PROGRESS', {
    runId: id,
    plan: proposal.plan,
    by: proposal.requestedBy,
    since: `${new Date(since).toISOString().slice(0, 16).replace('T', ' ')} UTC`,
    where: resource.replace(':', ' '),
  })

/** A run that watches what a failover left behind: it holds nothing, and gives way to every other run. */
export const isAftercare = ({ proposal }: Run): boolean => proposal.flow === 'aftercare'
