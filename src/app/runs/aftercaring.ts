import type { Proposal, Run } from '../../engine/run.ts'
import type { Choice, ChoiceOf } from '../../flows/choice.ts'
import { flowOf } from '../../flows/index.ts'
import { hashOf, stepsOf } from '../../flows/propose.ts'
import type { Mode, Side } from '../../flows/world.ts'
import type { Plan } from '../../plan/schema.ts'
import { start, stopExecutions } from '../desk/starting.ts'
import type { Parts } from '../parts.ts'
import { moveOf } from './inheriting.ts'
import { isAftercare, liveRuns, runOf } from './runs.ts'
import { withEarlier } from './succession.ts'
import type { FlowInput } from './worlds.ts'

/**
 * Starts the watch over what a run has left behind, unless nothing is left: the lost writes, the old side's writers, a
 * pair without a standby. It runs under the approval of the run it follows. Twice is the same.
 */
export async function startAftercare(parts: Parts, runId: string): Promise<void> {
  const run = await withEarlier(parts.journal, await runOf(parts.journal, runId))
  const choice = run.approval && leftBehind(run)
  if (!choice || !run.approval) return
  const id = `ac-${run.id}`
  const { by } = run.approval
  await parts.journal.append(id, 'proposed', { type: 'proposed', proposal: proposalOf(run, choice) })
  await parts.journal.append(id, 'card-decided', { type: 'approved', by, reason: `follows ${run.id}` })
  await start(parts, await runOf(parts.journal, id))
}

/**
 * Ends the watches of a plan that a run takes over. One over losses on the other side than a failback goes to, which
 * only finishes what is missing there, goes on.
 */
export async function endAftercare(parts: Parts, plan: Plan, by: FlowInput): Promise<void> {
  const { journal } = parts
  const watches = (await liveRuns(journal, plan.name)).filter(isAftercare)
  for (const { id, proposal } of watches) {
    if (by.flow === 'failback' && proposal.input.to !== by.to) continue
    await stopExecutions(parts, id, `taken over by ${by.runId}`)
    await journal.append(id, 'ended', {
      type: 'ended',
      outcome: 'superseded',
      detail: `${by.runId} has taken this over`,
    })
  }
}

/** Which watch follows an ended run, if any. A failback that did not get home leaves what it found. */
function leftBehind(run: Run): ChoiceOf<'aftercare'> | undefined {
  const { flow, from, to } = run.proposal.input as Choice
  const move = moveOf(run)
  const watch = (active: Side, old: Side, how: Mode) =>
    ({ flow: 'aftercare', variant: 'watch', mode: how, from: active, to: old }) as const
  if (flow === 'failover') return move && watch(to, from, move)
  if (run.outcome === 'done' || flow === 'aftercare') return undefined
  // Whether the lost writes were rescued is for the watch to find out.
  if (flow === 'failback' && from === 'dr') return isHome(run) ? undefined : watch(from, to, 'emergency')
  if (flow === 'failback') return leavesLoss(run) ? watch(from, to, 'emergency') : undefined
  return move && !isHome(run, 'switch-over-back') ? watch(to, from, move) : undefined
}

/** The writer is home, whatever came after: what serves there must not be fenced as an old side. */
const isHome = ({ steps }: Run, move = 'switch-over'): boolean =>
  steps.some(({ id, state }) => id === move && (state === 'done' || state === 'already'))

/** Home serves since writes were lost in dr, and what became of them is not settled yet. */
const leavesLoss = ({ notes }: Run): boolean =>
  ['emergency', 'detach'].includes(notes['last-move'] ?? '') && notes.rescue === undefined

function proposalOf(run: Run, choice: ChoiceOf<'aftercare'>): Proposal {
  const { supersedes: _stopped, ...proposal } = run.proposal
  const flow = flowOf(choice)
  const steps = stepsOf(flow)
  const binding = { follows: run.id }
  return {
    ...proposal,
    flow: flow.name,
    title: `${flow.title} of ${proposal.plan}`,
    input: { plan: proposal.plan, ...choice },
    steps,
    facts: [{ label: 'Follows', value: `${proposal.title} (${run.id})`, known: true }],
    warnings: [],
    calls: [],
    binding,
    hash: hashOf(binding, steps),
  }
}
