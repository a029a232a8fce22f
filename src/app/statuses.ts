import { duration } from '../engine/duration.ts'
import { pastRuns, usualOf } from '../engine/past.ts'
import type { Journal } from '../engine/ports.ts'
import type { Run } from '../engine/run.ts'
import { type Status, statusOf } from '../flows/status.ts'
import type { Plan } from '../plan/schema.ts'
import { lookAt } from './look.ts'
import type { Parts } from './parts.ts'

/** One plan's status: AWS looked at in one go, beside what the journal remembers. */
export async function statusFor(parts: Parts, plan: Plan): Promise<Status> {
  const [facts, remembered] = await Promise.all([
    lookAt(plan, parts.outside(plan), parts),
    rememberedOf(parts.journal, plan.name),
  ])
  return statusOf(plan, facts, remembered)
}

async function rememberedOf(journal: Journal, plan: string): Promise<Status['journal']> {
  const runs = await pastRuns(journal, plan)
  const live = runs.find(({ phase, startedAt }) => phase !== 'ended' && startedAt !== undefined)
  const notFenced = owedFence(runs)
  const usual = usualOf(runs)
  return {
    ...(live?.startedAt === undefined
      ? {}
      : {
          run: {
            id: live.id,
            phase: live.phase,
            by: live.proposal.requestedBy,
            since: live.startedAt,
          },
        }),
    ...(notFenced ? { notFenced } : {}),
    ...(usual.run === undefined ? {} : { usualRto: usualText(usual.run, usual.runs) }),
    lastDrill: 'no drill yet',
  }
}

const usualText = (ms: number, runs: number) =>
  `${duration(ms)}, ${runs === 1 ? 'as the one past run took' : `the median of ${runs} past runs`}`

/** The fence still owed by the newest run that moved the writer, however it ended; in its own words. */
function owedFence(runs: readonly Run[]): string | undefined {
  const last = runs.find(({ phase, steps }) => phase === 'ended' && steps.some(moved))
  const fence = last?.steps.findLast(({ id, state }) => state !== 'pending' && FENCES.has(id))
  return fence?.state === 'owed' ? `its writers may still run (${last?.id}: ${fence.detail})` : undefined
}
const FENCES: ReadonlySet<string> = new Set(['fence-old-side', 'prove-fence'])

const moved = ({ irreversible, state }: Run['steps'][number]): boolean =>
  irreversible !== false && (state === 'done' || state === 'already' || state === 'waiting')
