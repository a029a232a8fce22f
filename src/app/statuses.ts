import { duration } from '../engine/duration.ts'
import type { Journal } from '../engine/ports.ts'
import type { Run } from '../engine/run.ts'
import { type Status, statusOf } from '../flows/status.ts'
import type { Plan } from '../plan/schema.ts'
import { lookAt } from './look.ts'
import type { Parts } from './parts.ts'
import { runOf } from './runs.ts'

/** Enough past runs to say what is usual, few enough to read at three in the morning. */
const PAST_RUNS = 20

/** One plan's status: AWS looked at in one go, beside what the journal remembers. */
export async function statusFor(parts: Parts, plan: Plan): Promise<Status> {
  const [facts, remembered] = await Promise.all([
    lookAt(plan, parts.outside(plan), parts),
    rememberedOf(parts.journal, plan.name),
  ])
  return statusOf(plan, facts, remembered)
}

async function rememberedOf(journal: Journal, plan: string): Promise<Status['journal']> {
  const ids = await journal.runs({ plan, limit: PAST_RUNS })
  const runs = await Promise.all(ids.map((id) => runOf(journal, id)))
  const live = runs.find(({ phase, startedAt }) => phase !== 'ended' && startedAt !== undefined)
  const notFenced = owedFence(runs)
  const usualRto = usual(runs)
  return {
    ...(live?.startedAt === undefined
      ? {}
      : { run: { id: live.id, phase: live.phase, by: live.proposal.requestedBy, since: live.startedAt } }),
    ...(notFenced ? { notFenced } : {}),
    ...(usualRto ? { usualRto } : {}),
    lastDrill: 'no drill yet',
  }
}

/** The fence the newest finished run still owes, in its own words. */
function owedFence(runs: readonly Run[]): string | undefined {
  const last = runs.find(({ outcome }) => outcome === 'done')
  const fence = last?.steps.findLast(({ id, state }) => state !== 'pending' && FENCES.has(id))
  return fence?.state === 'owed' ? `run ${last?.id}: ${fence.detail}` : undefined
}
const FENCES: ReadonlySet<string> = new Set(['fence-old-side', 'prove-fence'])

function usual(runs: readonly Run[]): string | undefined {
  const took = runs
    .filter(({ outcome }) => outcome === 'done')
    .map(({ startedAt = 0, endedAt = 0, waitedMs }) => endedAt - startedAt - waitedMs)
    .sort((a, b) => a - b)
  const median = took[Math.floor(took.length / 2)]
  return median === undefined
    ? undefined
    : `${duration(median)} (median of ${took.length} run time${took.length > 1 ? 's' : ''})`
}
