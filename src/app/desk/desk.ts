import { createHash } from 'node:crypto'
import { DrError, drError, faultOf } from '../../engine/errors.ts'
import { isFromTerminal } from '../../engine/origin.ts'
import type { WorkItem } from '../../engine/ports.ts'
import type { Run } from '../../engine/run.ts'
import { planOf } from '../../plan/plans.ts'
import type { Plan } from '../../plan/schema.ts'
import { type Ask, askOf } from '../../slack/asks.ts'
import type { Message } from '../../slack/blocks.ts'
import { refusal } from '../../slack/judge.ts'
import { dryRunCard } from '../../slack/views/card.ts'
import { checkCard, checksOfAll } from '../../slack/views/check.ts'
import { historyList } from '../../slack/views/history.ts'
import { runsList } from '../../slack/views/runs.ts'
import { statusCard, statusOfAll } from '../../slack/views/status.ts'
import { said, told } from '../../slack/views/told.ts'
import type { Parts } from '../parts.ts'
import { resume } from '../runs/resuming.ts'
import { liveRuns, runOf } from '../runs/runs.ts'
import { tellTerminal } from '../terminal/answers.ts'
import { approve, dismiss } from './approving.ts'
import { checkFor } from './checking.ts'
import { answerQuestion, signalRun } from './deciding.ts'
import { historyFor } from './histories.ts'
import { assertProven } from './identity.ts'
import { proposeRun, type Way } from './proposing.ts'
import { scanFile } from './scanning.ts'
import { statusFor } from './statuses.ts'

/** What answers are told with: the stamp of a rehearsal, and where the thread of a run is. */
export type Surroundings = {
  readonly stamp?: string
  readonly linkOf?: (run: Run) => Promise<string | undefined>
}

/**
 * Carries out what somebody asked for and answers what to tell them in Slack, if anything: what everybody should see,
 * the announcer renders from the journal, and a terminal finds its answer there. May be called again for the same item
 * after a crash: nothing happens twice. Bugs are thrown; what a person can meet is told.
 */
export async function carryOutAsk(
  parts: Parts,
  item: WorkItem,
  around: Surroundings = {},
): Promise<Message | undefined> {
  if (isFromTerminal(item)) return carryOutForTerminal(parts, item)
  try {
    return (await answerTo(parts, askOf(item), item.id, around)).message
  } catch (error) {
    if (error instanceof DrError) return told(error, around.stamp)
    throw error
  }
}

async function carryOutForTerminal(parts: Parts, item: WorkItem): Promise<undefined> {
  try {
    await assertProven(parts, await planAsked(parts, askOf(item)), item.id, askOf(item))
    const { runId } = await answerTo(parts, askOf(item), item.id, {})
    await tellTerminal(parts.journal, item.id, runId === undefined ? {} : { runId })
  } catch (error) {
    await tellTerminal(parts.journal, item.id, { fault: faultOf(error) })
    if (!(error instanceof DrError)) throw error
  }
}

/** The plan whose people an ask from a terminal has to come from. */
async function planAsked({ journal, plans }: Parts, ask: Ask): Promise<Plan> {
  if ('runId' in ask) return planOf(plans, (await runOf(journal, ask.runId)).proposal.plan)
  if ('plan' in ask && ask.plan !== undefined) return planOf(plans, ask.plan)
  throw drError('NOT_PROVEN', { why: `“${ask.kind}” is not asked for this way` })
}

/** What came of an ask: a message for whoever asked, and the run that it was about. */
type Outcome = { readonly message?: Message; readonly runId?: string }

async function answerTo(
  parts: Parts,
  ask: Ask,
  itemId: string,
  { stamp, linkOf }: Surroundings,
): Promise<Outcome> {
  switch (ask.kind) {
    case 'status':
      return { message: await status(parts, ask.plan, stamp) }
    case 'check':
      return { message: await check(parts, ask.plan, stamp) }
    case 'runs':
      return { message: runsList(await liveRuns(parts.journal), parts.clock.now(), stamp) }
    case 'history':
      return { message: historyList(await historyFor(parts, ask.plan, linkOf), stamp) }
    case 'failover':
    case 'failback':
    case 'drill':
      return proposed(parts, ask, itemId, stamp)
    default:
      return doneTo(parts, ask, itemId, stamp)
  }
}

async function proposed(
  parts: Parts,
  ask: Extract<Ask, { kind: Way['flow'] }>,
  itemId: string,
  stamp?: string,
): Promise<Outcome> {
  const plan = planOf(parts.plans, ask.plan)
  judged(ask, { plan, now: parts.people.now() })
  const { by, dryRun } = ask
  const made = await proposeRun(parts, plan, { ...wayOf(ask), by, dryRun }, sourceOf(itemId))
  return 'dryRun' in made ? { message: dryRunCard(made.dryRun, stamp) } : { runId: made.run.id }
}

/** A run's id says in which ask it began; an ask from a terminal has a longer one. */
const sourceOf = (itemId: string) =>
  isFromTerminal({ id: itemId }) ? createHash('sha256').update(itemId).digest('hex') : itemId

/** What is asked of a run. */
async function doneTo(
  parts: Parts,
  ask: Extract<Ask, { readonly runId: string }>,
  itemId: string,
  stamp?: string,
): Promise<Outcome> {
  const { runId } = ask
  const run = await runOf(parts.journal, runId)
  judged(ask, { plan: planOf(parts.plans, run.proposal.plan), run, now: parts.people.now() })
  switch (ask.kind) {
    case 'approve':
      await approve(parts, run, ask)
      return { runId }
    case 'dismiss':
      await dismiss(parts, run, ask.by)
      return { runId, message: said('Dismissed. Nothing was changed.', stamp) }
    case 'answer':
      await answerQuestion(parts, run, ask)
      return { runId }
    case 'scan':
      await scanFile(parts, run, ask, itemId)
      return { runId }
    case 'resume':
      return { runId: await resume(parts, run, ask) }
    case 'signal':
      await signalRun(parts, run, ask)
      return { runId, message: said(OBEYED[ask.signal], stamp) }
  }
}

const OBEYED = {
  pause: 'It finishes the step under way, then waits in its thread.',
  abort: 'It stops at its next look.',
} as const

function wayOf(ask: Extract<Ask, { kind: Way['flow'] }>): Way {
  if (ask.kind === 'drill') return { flow: 'drill', scope: ask.scope }
  if (ask.kind === 'failback') return { flow: 'failback' }
  return { flow: 'failover', ...(ask.mode ? { mode: ask.mode } : {}) }
}

function judged(ask: Ask, known: Parameters<typeof refusal>[1]): void {
  const refused = refusal(ask, known)
  if (refused) throw refused
}

async function status(parts: Parts, name: string | undefined, stamp?: string): Promise<Message> {
  if (name !== undefined) return statusCard(await statusFor(parts, planOf(parts.plans, name)), stamp)
  const { plans, broken } = parts.plans
  return statusOfAll(await Promise.all(plans.map((plan) => statusFor(parts, plan))), broken, stamp)
}

async function check(parts: Parts, name: string | undefined, stamp?: string): Promise<Message> {
  if (name !== undefined) return checkCard(await checkFor(parts, planOf(parts.plans, name)), stamp)
  const { plans, broken } = parts.plans
  return checksOfAll(await Promise.all(plans.map((plan) => checkFor(parts, plan))), broken, stamp)
}
