import { historyFor, reportFor } from '../app/desk/histories.ts'
import { statusFor } from '../app/desk/statuses.ts'
import type { Parts } from '../app/parts.ts'
import { liveRuns } from '../app/runs/runs.ts'
import { reportMarkdown } from '../flows/report-markdown.ts'
import type { Status } from '../flows/status.ts'
import { planOf } from '../plan/plans.ts'
import { type Exit, exits, inTerminal, type Told } from './exits.ts'
import { historyText, runsText, statusesText, statusText } from './print.ts'

/** One plan, or all of them. */
export const status = (parts: Parts, name: string | undefined): Promise<Told> =>
  name === undefined ? statuses(parts) : ofPlan(parts, name)

async function ofPlan(parts: Parts, name: string): Promise<Told> {
  const seen = await statusFor(parts, planOf(parts.plans, name))
  return { text: statusText(seen), json: seen, exit: sight([seen]) }
}

async function statuses(parts: Parts): Promise<Told> {
  const { plans, broken } = parts.plans
  const seen = await Promise.all(plans.map((plan) => statusFor(parts, plan)))
  return { text: statusesText(seen, broken), json: { plans: seen, broken }, exit: sight(seen) }
}

/** Whether anything could be seen of every plan. */
const sight = (seen: readonly Status[]): Exit =>
  seen.some(({ topology }) => topology.state === 'unknown') ? exits.blind : exits.done

/** What is running, or waits for somebody. */
export async function runs(parts: Parts): Promise<Told> {
  const live = await liveRuns(parts.journal)
  return { text: runsText(live, parts.clock.now()), json: { runs: live }, exit: exits.done }
}

/** What was run, of one plan or of all. */
export async function history(parts: Parts, plan: string | undefined): Promise<Told> {
  const lines = await historyFor(parts, plan)
  return { text: inTerminal(historyText(lines)), json: { runs: lines }, exit: exits.done }
}

/** Everything about one run. */
export async function report(parts: Parts, runId: string): Promise<Told> {
  const told = await reportFor(parts, runId)
  return { text: inTerminal(reportMarkdown(told)), json: told, exit: exits.done }
}
