import { duration } from '../../engine/duration.ts'
import { pastRuns, usualOf } from '../../engine/past.ts'
import type { Run } from '../../engine/run.ts'
import { lastDrillOf } from '../../flows/history.ts'
import type { NoteName } from '../../flows/notes.ts'
import { expiryWarning } from '../../flows/rescue-expiry.ts'
import { type Status, type StatusFacts, statusOf } from '../../flows/status.ts'
import { classify, type Topology } from '../../flows/topology.ts'
import type { Plan } from '../../plan/schema.ts'
import { driftText, expectedDrift } from '../../terraform/drift.ts'
import type { Parts } from '../parts.ts'
import { moveOf } from '../runs/inheriting.ts'
import { isAftercare } from '../runs/runs.ts'
import { lookAt } from './look.ts'

/** One plan's status: AWS looked at in one go, beside what the journal remembers. */
export async function statusFor(parts: Parts, plan: Plan): Promise<Status> {
  return statusOver(parts, plan, lookAt(plan, await parts.outside(plan), parts))
}

/** The same over a look that is under way, or done, for something else as well. */
export async function statusOver(
  parts: Parts,
  plan: Plan,
  look: StatusFacts | Promise<StatusFacts>,
): Promise<Status> {
  const [facts, runs] = await Promise.all([look, pastRuns(parts.journal, plan.name)])
  const drift = driftOf(plan, classify(facts))
  const remembered = {
    ...rememberedOf(runs, plan, facts.at, parts.rehearsal),
    ...(drift.length ? { drift } : {}),
  }
  return statusOf(plan, facts, remembered)
}

/** What Terraform would take back from those who are served, while dr serves. */
const driftOf = (plan: Plan, { active }: Topology): readonly string[] =>
  active === 'dr' ? expectedDrift(plan, 'dr').map(driftText) : []

/** `now`: world ms. */
function rememberedOf(
  runs: readonly Run[],
  plan: Plan,
  now: number,
  rehearsal: true | undefined,
): Status['journal'] {
  const under = runs.filter(({ phase, startedAt }) => phase !== 'ended' && startedAt !== undefined)
  const live = under.find((run) => !isAftercare(run))
  const drill = lastDrillOf(runs, now, plan.drill.everyDays)
  const notFenced = owedFence(runs)
  const usual = usualOf(runs, { flow: 'failover', ...(rehearsal ? { rehearsal } : {}) })
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
    ...watchOf(under.find(isAftercare), now),
    lastDrill: drill.text,
    ...(drill.due ? { drillOverdue: true } : {}),
  }
}

/** Since when there is no standby, and what the watch waits for now. */
function watchOf(watch: Run | undefined, now: number): Pick<Status['journal'], 'aftercare'> {
  if (!watch) return {}
  const noted = watch.notes['no-standby-since' satisfies NoteName]
  const open = watch.steps.filter(({ state }) => state !== 'done' && state !== 'already')
  const vanishing = expiryWarning(watch.notes, now)
  const waitsFor = [...(vanishing ? [vanishing] : []), ...open.map(({ title, detail }) => detail || title)]
  return {
    aftercare: {
      id: watch.id,
      ...(noted === undefined ? {} : { since: Number(noted) }),
      waitsFor: waitsFor.join('; ') || 'nothing any more',
    },
  }
}

const usualText = (ms: number, runs: number) =>
  `${duration(ms)}, ${runs === 1 ? 'as the one past run took' : `the median of ${runs} past runs`}`

/**
 * The fence still owed by the newest run that moved the writer, however it ended, in its own words; unless a watch has
 * proven it since.
 */
function owedFence(runs: readonly Run[]): string | undefined {
  const at = runs.findIndex((run) => run.phase === 'ended' && moveOf(run) !== undefined)
  const last = runs[at]
  if (runs.slice(0, at).some(holdsFence)) return undefined
  const fence = last?.steps.findLast(({ id, state }) => state !== 'pending' && FENCES.has(id))
  return fence?.state === 'owed' ? `its writers may still run (${last?.id}: ${fence.detail})` : undefined
}
const FENCES: ReadonlySet<string> = new Set(['fence-old-side', 'prove-fence'])

const holdsFence = ({ steps }: Run): boolean =>
  steps.some(({ id, state }) => id === 'hold-fence' && (state === 'done' || state === 'already'))
