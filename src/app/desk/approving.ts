import { createHash } from 'node:crypto'
import { DrError, drError } from '../../engine/errors.ts'
import type { Run } from '../../engine/run.ts'
import type { Choice } from '../../flows/choice.ts'
import { chooseFailback } from '../../flows/choose-failback.ts'
import { bindingOf } from '../../flows/propose.ts'
import type { StatusFacts } from '../../flows/status.ts'
import { planOf } from '../../plan/plans.ts'
import type { Plan } from '../../plan/schema.ts'
import type { Ask } from '../../slack/asks.ts'
import type { Parts } from '../parts.ts'
import { type Decision, decideCard } from './card.ts'
import { lookAt } from './look.ts'
import { inTheWay, proposeRun, type Way } from './proposing.ts'
import { start } from './starting.ts'

type Approval = Pick<Extract<Ask, { kind: 'approve' }>, 'by' | 'reason' | 'breakGlass'>

/**
 * Approves a run for somebody who was judged to be allowed to, and starts it. Reads the facts the approval binds to
 * again: if one changed, the approval does not count and a new card is put up. Throws CARD_STALE, ALREADY_DECIDED, and
 * RUN_IN_PROGRESS while another run holds what this one needs: then the card still waits.
 */
export async function approve(parts: Parts, run: Run, { by, reason, breakGlass }: Approval): Promise<void> {
  const { journal } = parts
  const changed = await changedFacts(parts, run)
  if (changed.length) return renew(parts, run, changed)

  const standing = await decideCard(journal, run.id, {
    type: 'approved',
    by,
    reason,
    ...(breakGlass ? { breakGlass } : {}),
  })
  if (standing) throw tooLate(standing)
  await start(parts, run)
}

/** Takes a card down that nobody approved. Throws ALREADY_DECIDED, CARD_STALE. */
export async function dismiss({ journal }: Parts, run: Run, by: string): Promise<void> {
  const standing = await decideCard(journal, run.id, {
    type: 'ended',
    outcome: 'aborted',
    detail: 'dismissed; nothing was changed',
    by,
  })
  if (standing) throw tooLate(standing)
}

/** Somebody, or time, was faster while this was being looked into. */
function tooLate(standing: Decision) {
  if (standing.type === 'approved') return drError('ALREADY_DECIDED', { by: standing.by, choice: 'approve' })
  const { by, detail } = standing
  return by
    ? drError('ALREADY_DECIDED', { by, choice: detail })
    : drError('CARD_STALE', { why: `the card has ended: ${detail}` })
}

async function changedFacts(parts: Parts, { proposal }: Run): Promise<string[]> {
  const plan = planOf(parts.plans, proposal.plan)
  const facts = await lookAt(plan, await parts.outside(plan), parts)
  const choice = proposal.input as Choice
  const now = bindingOf(plan, facts, choice, (await inTheWay(parts, plan, choice))?.id)
  const changed = Object.keys(now).filter((name) => now[name] !== proposal.binding[name])
  const names = stillChosen(plan, facts, choice) ? changed : [...new Set([...changed, 'way'])]
  return names.map((name) => FACTS[name] ?? name)
}

/** A failback's branch follows from the state of the pair: what was to be deleted may have come back meanwhile. */
function stillChosen(plan: Plan, facts: StatusFacts, { flow, variant }: Choice): boolean {
  if (flow !== 'failback') return true
  try {
    return chooseFailback(plan, facts).variant === variant
  } catch (error) {
    if (error instanceof DrError) return false
    throw error
  }
}

/** The facts an approval binds to, in words. */
const FACTS: Readonly<Record<string, string>> = {
  way: 'the way it would go',
  mode: 'the mode',
  direction: 'the direction',
  target: 'the target',
  writer: 'where the writer is',
  failoverState: 'what AWS is doing',
  dnsOwner: 'where DNS points',
  supersedes: 'which run it would stop',
}

async function renew(parts: Parts, run: Run, changed: readonly string[]): Promise<never> {
  const { plan, requestedBy, input } = run.proposal
  const why = `what it rests on has changed since the card was shown (${changed.join(', ')})`
  const standing = await decideCard(parts.journal, run.id, {
    type: 'ended',
    outcome: 'expired',
    detail: `${why}; nothing was changed`,
  })
  if (standing) throw tooLate(standing)
  const wish = { ...wishOf(input as Choice), dryRun: false, by: requestedBy }
  const source = createHash('sha256').update(`${run.id} again`).digest('hex')
  await proposeRun(parts, planOf(parts.plans, plan), wish, source)
  throw drError('CARD_STALE', { why: `${why}. A new card has been put up` })
}

/** What would be asked for to get this run once more. */
function wishOf(choice: Choice): Way {
  if (choice.flow === 'failover') return { flow: 'failover', mode: choice.mode }
  return choice.flow === 'drill' ? { flow: 'drill', scope: choice.variant } : { flow: 'failback' }
}
