import { DrError } from '../engine/errors.ts'
import type { WorkItem } from '../engine/ports.ts'
import type { Run } from '../engine/run.ts'
import { planOf } from '../plan/plans.ts'
import { type Ask, askOf } from '../slack/asks.ts'
import type { Message } from '../slack/blocks.ts'
import { refusal } from '../slack/judge.ts'
import { dryRunCard } from '../slack/views/card.ts'
import { historyList } from '../slack/views/history.ts'
import { runsList } from '../slack/views/runs.ts'
import { statusCard, statusOfAll } from '../slack/views/status.ts'
import { said, told } from '../slack/views/told.ts'
import { approve, dismiss } from './approving.ts'
import { answerQuestion, signalRun } from './deciding.ts'
import { historyFor } from './histories.ts'
import type { Parts } from './parts.ts'
import { proposeRun, type Way } from './proposing.ts'
import { liveRuns, runOf } from './runs.ts'
import { scanFile } from './scanning.ts'
import { statusFor } from './statuses.ts'

/** What answers are told with: the stamp of a rehearsal, and where the thread of a run is. */
export type Surroundings = {
  readonly stamp?: string
  readonly linkOf?: (run: Run) => Promise<string | undefined>
}

/**
 * Carries out what somebody asked for and answers what to tell them, if anything: what everybody should see, the
 * announcer renders from the journal. May be called again for the same item after a crash: nothing happens twice.
 * Bugs are thrown; what a person can meet is told.
 */
export async function carryOutAsk(
  parts: Parts,
  item: WorkItem,
  around: Surroundings = {},
): Promise<Message | undefined> {
  try {
    return await answerTo(parts, askOf(item), item.id, around)
  } catch (error) {
    if (error instanceof DrError) return told(error, around.stamp)
    throw error
  }
}

async function answerTo(
  parts: Parts,
  ask: Ask,
  itemId: string,
  { stamp, linkOf }: Surroundings,
): Promise<Message | undefined> {
  if (ask.kind === 'status') return status(parts, ask.plan, stamp)
  if (ask.kind === 'runs') return runsList(await liveRuns(parts.journal), parts.clock.now(), stamp)
  if (ask.kind === 'history') return historyList(await historyFor(parts, ask.plan, linkOf), stamp)
  if (ask.kind === 'failover' || ask.kind === 'failback' || ask.kind === 'drill') {
    const plan = planOf(parts.plans, ask.plan)
    judged(ask, { plan, now: parts.people.now() })
    const { by, dryRun } = ask
    const proposed = await proposeRun(parts, plan, { ...wayOf(ask), by, dryRun }, itemId)
    return 'dryRun' in proposed ? dryRunCard(proposed.dryRun, stamp) : undefined
  }
  const run = await runOf(parts.journal, ask.runId)
  judged(ask, { plan: planOf(parts.plans, run.proposal.plan), run, now: parts.people.now() })
  switch (ask.kind) {
    case 'approve':
      await approve(parts, run, ask)
      return undefined
    case 'dismiss':
      await dismiss(parts, run, ask.by)
      return said('Dismissed. Nothing was changed.', stamp)
    case 'answer':
      await answerQuestion(parts, run, ask)
      return undefined
    case 'scan':
      await scanFile(parts, run, ask, itemId)
      return undefined
    case 'signal':
      await signalRun(parts, run, ask)
      return said(
        ask.signal === 'pause'
          ? 'It finishes the step under way, then waits in its thread.'
          : 'It stops at its next look.',
        stamp,
      )
  }
}

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
