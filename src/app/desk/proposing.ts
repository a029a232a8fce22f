import { pastRuns } from '../../engine/past.ts'
import { type PlannedStep, planFlow } from '../../engine/plan-flow.ts'
import type { Proposal, Run } from '../../engine/run.ts'
import { lastCheck } from '../../flows/check.ts'
import type { Choice, DrillScope, FlowName } from '../../flows/choice.ts'
import { chooseFailover } from '../../flows/choose.ts'
import { chooseDrill } from '../../flows/choose-drill.ts'
import { chooseFailback } from '../../flows/choose-failback.ts'
import { flowOf } from '../../flows/index.ts'
import { propose } from '../../flows/propose.ts'
import { resourcesOf } from '../../flows/resources.ts'
import type { StatusFacts } from '../../flows/status.ts'
import type { Mode, Outside } from '../../flows/world.ts'
import type { Plan } from '../../plan/schema.ts'
import type { Parts } from '../parts.ts'
import { inProgress, isAftercare, liveRuns, runOf } from '../runs/runs.ts'
import { rehearsedWorld } from '../runs/worlds.ts'
import { decideCard } from './card.ts'
import { lookAt } from './look.ts'

/** How long a card may be approved, in people's time. */
const CARD_MS = 10 * 60_000

/** What can be asked for; the rest of the choice is made by looking. */
export type Way =
  | { readonly flow: 'failover'; readonly mode?: Mode }
  | { readonly flow: 'failback' }
  | { readonly flow: 'drill'; readonly scope: DrillScope }
export type Wish = Way & { readonly dryRun: boolean; readonly by: string }
export type Proposed = { readonly run: Run } | { readonly dryRun: Proposal }

/** Run ids say what the run is. */
const PREFIX: Readonly<Record<FlowName, string>> = {
  failover: 'fo',
  failback: 'fb',
  drill: 'dl',
  aftercare: 'ac',
}

/**
 * Looks at AWS, chooses the way, rehearses its calls and puts it to the approvers as a run that waits. Throws
 * FLOW_REFUSED or RUN_IN_PROGRESS. The run's id follows from `source`, so that the same ask is the same run.
 */
export async function proposeRun(parts: Parts, plan: Plan, wish: Wish, source: string): Promise<Proposed> {
  const { journal, people } = parts
  const outside = await parts.outside(plan)
  const facts = await factsFor(parts, plan, outside, wish)
  const choice = await choose(parts, plan, facts, wish)
  const supersedes = await inTheWay(parts, plan, choice)

  const flow = flowOf(choice)
  const planned = await planFlow(flow, rehearsedWorld(plan, outside, choice), parts.record)
  const proposal = propose({
    plan,
    facts,
    choice,
    flow,
    calls: planned.flatMap(({ calls }) => calls),
    requestedBy: wish.by,
    expiresAt: people.now() + CARD_MS,
    ...(supersedes ? { supersedes: { id: supersedes.id, title: supersedes.proposal.title } } : {}),
  })
  const complete = {
    ...proposal,
    ...withChecks(proposal, planned, parts),
    ...(parts.rehearsal ? { rehearsal: true as const } : {}),
  }
  if (wish.dryRun) return { dryRun: complete }

  await setAsideOlderCards(parts, plan, source)
  const runId = `${PREFIX[choice.flow]}-${plan.name}-${source.slice(0, 10)}`
  await journal.append(runId, 'proposed', { type: 'proposed', proposal: complete })
  return { run: await runOf(journal, runId) }
}

/** A drill can wait: the first look of a process that has just started may be too slow to be told from a fault. */
async function factsFor(parts: Parts, plan: Plan, outside: Outside, { flow }: Wish): Promise<StatusFacts> {
  const facts = await lookAt(plan, outside, parts)
  return flow === 'drill' && !isWhole(facts) ? lookAt(plan, outside, parts) : facts
}

/** Whether nothing that was looked at stayed unseen. */
function isWhole({ plan: _, at: _at, tookMs: _took, ...looks }: StatusFacts): boolean {
  return Object.values(looks).every((look) => ('ok' in look ? look.ok : look.home.ok && look.dr.ok))
}

/** The way that AWS's state and the journal allow now. Throws FLOW_REFUSED. */
export async function choose(parts: Parts, plan: Plan, facts: StatusFacts, wish: Way): Promise<Choice> {
  switch (wish.flow) {
    case 'failover':
      return chooseFailover(plan, facts, wish.mode)
    case 'failback':
      return chooseFailback(plan, facts)
    case 'drill':
      return chooseDrill(plan, facts, {
        past: await pastRuns(parts.journal, plan.name),
        now: parts.people.now(),
        scope: wish.scope,
      })
  }
}

const ALONE =
  'This is kept in a journal of one machine alone: it shares no lock with anybody, and the bot knows nothing of it.'

/** What the rehearsal of the steps found, and which text of the plan this is. */
function withChecks(
  { facts, warnings, flow }: Proposal,
  planned: readonly PlannedStep[],
  { plans: { commit }, alone }: Pick<Parts, 'plans' | 'alone'>,
) {
  const before = planned.slice(0, lastCheck(flow, planned))
  const failing = before.filter(({ seen }) => seen.state === 'blocked')
  return {
    warnings: [
      ...(alone ? [ALONE] : []),
      ...warnings,
      ...failing.map(({ title, seen }) => `Check failed, ${title}: ${seen.detail}`),
    ],
    facts: [
      ...facts,
      { label: 'Plan file', value: commit ?? 'not from a commit', known: commit !== undefined },
    ],
  }
}

/**
 * The run that holds something this one needs: an emergency may stop one that is not an emergency itself, and says so
 * on its card. Throws RUN_IN_PROGRESS otherwise.
 */
export async function inTheWay(parts: Parts, plan: Plan, { mode }: Choice): Promise<Run | undefined> {
  const wanted = new Set(resourcesOf(plan))
  const held = (await parts.journal.locks()).find(({ resource }) => wanted.has(resource))
  const running = held
    ? await runOf(parts.journal, held.runId)
    : (await liveRuns(parts.journal, plan.name)).find((run) => run.approval && !isAftercare(run))
  if (!running || running.phase === 'ended') return undefined
  if (mode === 'emergency' && running.proposal.input.mode !== 'emergency') return running
  throw inProgress(running, held ?? { resource: plan.name, since: running.startedAt ?? running.proposedAt })
}

/** One card a plan: an older one nobody has approved is set aside by the newer. */
async function setAsideOlderCards({ journal }: Parts, plan: Plan, source: string): Promise<void> {
  for (const older of await liveRuns(journal, plan.name)) {
    if (older.approval || older.id.endsWith(source.slice(0, 10)) || isAftercare(older)) continue
    await decideCard(journal, older.id, {
      type: 'ended',
      outcome: 'superseded',
      detail: 'a newer card was asked for; nothing was changed',
    })
  }
}
