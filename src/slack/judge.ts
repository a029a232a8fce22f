import { type DrError, drError } from '../engine/errors.ts'
import { openQuestion, type Question, type Run } from '../engine/run.ts'
import type { Plan } from '../plan/schema.ts'
import { type Ask, deathPhrase } from './asks.ts'
import { mayNot } from './authorise.ts'
import { moment, plain } from './blocks.ts'

/** How long everybody has been asked before one person may break the glass; people's time. */
export const GLASS_AFTER_MS = 5 * 60_000
const CARD_MS = 10 * 60_000

/** When the glass may be broken, ms of people's time. */
export const glassFrom = (run: Run): number => run.proposal.expiresAt - CARD_MS + GLASS_AFTER_MS
/** Whether this kind of run may start on one person's word at all. */
export const hasGlass = ({ proposal }: Run): boolean =>
  proposal.twoPeople && proposal.breakGlass.length > 0 && proposal.input.mode === 'emergency'

/** Nobody approves it: it follows a failover, under that one's approval. */
export const startsByItself = ({ proposal }: Run): boolean => proposal.flow === 'aftercare'

/**
 * What is known when something is asked. `plan` and `run` are those the ask names, as they stand now. `opening`: so far
 * a form is to be opened, which brings what has to be typed.
 */
export type Known = {
  readonly plan?: Plan
  readonly run?: Run
  readonly now: number
  readonly opening?: boolean
}

/**
 * Why an ask does not count; undefined when it does. Judged by what the journal and the plan say now, never by what
 * the button said: the front asks this before it writes, and the worker once more before it acts.
 */
export function refusal(ask: Ask, known: Known): DrError | undefined {
  switch (ask.kind) {
    case 'status':
    case 'check':
    case 'runs':
    case 'history':
      return undefined
    case 'failover':
    case 'failback':
    case 'drill': {
      const { plan } = known
      if (!plan) return drError('PLAN_UNKNOWN', { plan: plain(ask.plan), known: [] })
      return (
        elsewhere(ask, plan.slack.channel) ?? mayNot(ask.by, plan.slack, { kind: 'request', flow: ask.kind })
      )
    }
    default:
      return refusalOfRun(ask, known)
  }
}

/** The same for what is asked of a run. */
function refusalOfRun(
  ask: Extract<Ask, { readonly runId: string }>,
  { plan, run, now, opening = false }: Known,
): DrError | undefined {
  if (!run) return drError('RUN_UNKNOWN', { runId: plain(ask.runId) })
  if (!plan) return drError('PLAN_UNKNOWN', { plan: run.proposal.plan, known: [] })
  const strange = elsewhere(ask, run.proposal.channel)
  if (strange) return strange
  const { requestedBy } = run.proposal
  switch (ask.kind) {
    case 'approve':
      return notApprovable(ask, plan, run, now)
    case 'dismiss':
      return decided(run, now) ?? mayNot(ask.by, plan.slack, { kind: 'dismiss', requestedBy })
    case 'answer':
      return notAnswerable(ask, plan, run, opening)
    case 'signal':
      return (
        notStoppable(run, ask.signal) ?? mayNot(ask.by, plan.slack, { kind: 'signal', signal: ask.signal })
      )
    case 'scan':
      return mayNot(ask.by, plan.slack, { kind: 'scan' })
    case 'resume':
      return notResumable(ask, plan, run)
  }
}

const stale = (why: string) => drError('CARD_STALE', { why })

const elsewhere = ({ channel }: Ask, own: string) =>
  channel === own ? undefined : drError('OUTSIDER', { why: `this plan’s channel is <#${own}>` })

/** A card that no longer waits for anybody. */
function decided(
  { approval, phase, outcome, endedBy, ending, proposal }: Run,
  now: number,
): DrError | undefined {
  if (approval) return drError('ALREADY_DECIDED', { by: approval.by, choice: 'approve' })
  if (phase === 'ended' && endedBy)
    return drError('ALREADY_DECIDED', { by: endedBy, choice: ending ?? outcome ?? 'end' })
  if (phase === 'ended') return stale(`the card has ended: ${plain(ending ?? outcome ?? '')}`)
  if (phase !== 'proposed') return stale('the run has already started')
  return now > proposal.expiresAt ? stale(`the card expired at ${moment(proposal.expiresAt)}`) : undefined
}

function notApprovable(
  ask: Extract<Ask, { kind: 'approve' }>,
  plan: Plan,
  run: Run,
  now: number,
): DrError | undefined {
  const { proposal } = run
  if (startsByItself(run)) return stale('this run starts by itself, under an approval that was given before')
  const late = decided(run, now)
  if (late) return late
  if (ask.hash !== proposal.hash)
    return stale('the card you pressed shows another plan than the one that waits now')
  if (!ask.breakGlass)
    return mayNot(ask.by, plan.slack, {
      kind: 'approve',
      requestedBy: proposal.requestedBy,
      twoPeople: proposal.twoPeople,
    })
  const notThey = mayNot(ask.by, plan.slack, { kind: 'break-glass' })
  if (notThey) return notThey
  const why = hasGlass(run)
    ? now < glassFrom(run)
      ? `the approvers have been asked, and have until ${moment(glassFrom(run))}`
      : undefined
    : 'it is only for an emergency failover that two people have to agree on'
  if (!why) return undefined
  return drError('FLOW_REFUSED', {
    flow: 'Breaking the glass',
    plan: proposal.plan,
    why: `${why}.`,
    remedy: hasGlass(run)
      ? `Ask an approver to approve it; after ${moment(glassFrom(run))}, press *Break the glass* again.`
      : 'Ask an approver to approve it.',
  })
}

type Option = Question['options'][number]

/** A choice that skips a step, or may lose or delete something: not for who asked alone. */
export const isRisky = ({ id, style, needsReason, phrase }: Option): boolean =>
  phrase !== undefined || needsReason === true || (style === 'danger' && id !== 'abort')

/** A choice that is an approval of its own: for approvers only, whoever broke the glass before. */
export const isOwnApproval = ({ phrase, approversOnly, twoPeople, notBy }: Option): boolean =>
  phrase !== undefined || approversOnly === true || twoPeople === true || notBy !== undefined

/** A choice that brings words with it: a phrase, a reason, or both. */
export const needsForm = ({ phrase, needsReason }: Option): boolean =>
  phrase !== undefined || needsReason === true

function notAnswerable(
  ask: Extract<Ask, { kind: 'answer' }>,
  plan: Plan,
  run: Run,
  opening: boolean,
): DrError | undefined {
  const question = run.questions.find(({ id }) => id === ask.question)
  if (!question) return stale('the run never asked that')
  const label = (id: string) => question.options.find((option) => option.id === id)?.label ?? id
  if (question.answer)
    return drError('ALREADY_DECIDED', { by: question.answer.by, choice: label(question.answer.option) })
  if (openQuestion(run)?.id !== question.id) return stale('the run no longer waits for this answer')
  const option = question.options.find(({ id }) => id === ask.option)
  if (!option) return stale('that is not one of the choices')
  const notBy = option.notBy ?? []
  const notThey = mayNot(ask.by, plan.slack, {
    kind: 'answer',
    requestedBy: run.proposal.requestedBy,
    risky: isRisky(option),
    ownApproval: isOwnApproval(option),
    shared: option.twoPeople === true || notBy.length > 0,
    notBy,
    ...(run.approval?.breakGlass ? { glassBy: run.approval.by } : {}),
  })
  if (notThey || opening || option.phrase === undefined) return notThey
  return ask.phrase === option.phrase ? undefined : drError('PHRASE_WRONG', { expected: option.phrase })
}

/** Going on is under the old approval; to say that nothing carries the run out any more is not for everybody. */
function notResumable(
  { runId, by, dead }: Extract<Ask, { kind: 'resume' }>,
  plan: Plan,
  run: Run,
): DrError | undefined {
  if (run.phase === 'ended') return stale(`the run has ended: ${plain(run.ending ?? run.outcome ?? '')}`)
  if (!run.approval) return stale('nobody has approved the run yet')
  if (dead !== undefined && dead.trim() !== deathPhrase(runId))
    return drError('PHRASE_WRONG', { expected: deathPhrase(runId) })
  return mayNot(by, plan.slack, { kind: 'resume', unseen: dead !== undefined })
}

function notStoppable(run: Run, signal: 'pause' | 'abort'): DrError | undefined {
  if (run.phase === 'ended') return stale(`the run has ended: ${plain(run.ending ?? run.outcome ?? '')}`)
  if (run.phase === 'proposed' && !run.approval) return stale('the run has not started')
  if (run.signal === 'abort' || run.signal === signal)
    return drError('ALREADY_DECIDED', { by: run.signalBy ?? run.proposal.requestedBy, choice: run.signal })
  return undefined
}
