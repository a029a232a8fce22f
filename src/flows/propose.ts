import { createHash } from 'node:crypto'
import type { PlannedCall, Proposal } from '../engine/run.ts'
import type { Flow } from '../engine/step.ts'
import type { Plan } from '../plan/schema.ts'
import type { Choice } from './choice.ts'
import { sideHealthy } from './choose.ts'
import { lagText, probeLine, whyUnseen } from './seen.ts'
import { type StatusFacts, statusOf } from './status.ts'
import { classify, dnsOwner, writerOf } from './topology.ts'
import type { Side, World } from './world.ts'

/** What a card is made of, beside what was looked at. Times: people's clock, ms. */
export type Asked = {
  readonly plan: Plan
  readonly facts: StatusFacts
  readonly choice: Choice
  readonly flow: Flow<World>
  readonly calls: readonly PlannedCall[]
  readonly requestedBy: string
  readonly expiresAt: number
  /** The run this one would stop, and what that run is. */
  readonly supersedes?: { readonly id: string; readonly title: string }
}

/** The card of a run: what it does, what is known, and the facts that an approval of it binds to. Pure. */
export function propose(asked: Asked): Proposal {
  const { plan, facts, choice, flow, calls, requestedBy, expiresAt, supersedes } = asked
  const steps = stepsOf(flow)
  const binding = bindingOf(plan, facts, choice, supersedes?.id)
  const served = servedAnyway(facts, choice)
  return {
    plan: plan.name,
    flow: flow.name,
    title: `${flow.title} of ${plan.title ?? plan.name}: ${regionText(plan, choice.from)} to ${regionText(plan, choice.to)}`,
    input: { plan: plan.name, ...choice, ...(supersedes ? { supersedes: supersedes.id } : {}) },
    steps,
    facts: factsOf(plan, facts, choice),
    warnings: warningsFor(asked, served),
    calls,
    binding,
    hash: hashOf(binding, steps),
    requestedBy,
    approvers: plan.slack.approvers,
    twoPeople: plan.slack.twoPeople,
    breakGlass: choice.flow === 'failover' && choice.mode === 'emergency' ? plan.slack.breakGlass : [],
    phrase: served ? `${plan.name} anyway` : plan.name,
    channel: plan.slack.channel,
    expiresAt,
    ...(supersedes ? { supersedes: supersedes.id } : {}),
    rtoTargetMinutes: plan.objectives.rtoMinutes,
  }
}

/** A flow's steps as a card lists them. */
export const stepsOf = ({ steps }: Flow<World>): Proposal['steps'] =>
  steps.map(({ id, title, irreversible, asks }) => ({
    id,
    title,
    irreversible: irreversible ?? false,
    ...(asks ? { asks: true as const } : {}),
  }))

/** The facts an approval binds to: read again at approval, a change of any of them means a new card. */
export function bindingOf(
  plan: Plan,
  facts: StatusFacts,
  { flow, variant, mode, from, to }: Choice,
  supersedes?: string,
): Readonly<Record<string, string>> {
  const global = facts.global.ok && facts.global.value !== 'absent' ? facts.global.value : undefined
  return {
    way: `${flow} ${variant}`,
    mode,
    direction: `${from} to ${to}`,
    target: clusterArn(plan, facts, to),
    writer: global ? (writerOf(plan, global) ?? 'foreign') : 'unknown',
    failoverState: global ? operationText(global.operation) : 'unknown',
    dnsOwner: facts.records.ok ? dnsOwner(facts.records.value) : 'unknown',
    supersedes: supersedes ?? 'nothing',
  }
}

/** sha256 over the binding facts and the ids of the steps, in order. */
export function hashOf(
  binding: Readonly<Record<string, string>>,
  steps: readonly { readonly id: string }[],
): string {
  const canonical = JSON.stringify([Object.entries(binding).sort(), steps.map(({ id }) => id)])
  return createHash('sha256').update(canonical).digest('hex')
}

const operationText = (operation: { status: string; toArn: string } | undefined) =>
  operation ? `${operation.status} to ${operation.toArn}` : 'nothing'

/** What a variant is, for whoever approves it: which one it is may have been chosen for them. */
const VARIANTS: Readonly<Record<Choice['variant'], string>> = {
  emergency: 'the newest writes may be lost',
  planned: 'customers wait while the writer moves, and nothing is lost',
  detach: 'the newest writes may be lost, and the pair is broken',
  fast: 'the old side catches up by itself, then customers wait while the writer moves home; nothing is deleted',
  rebuild:
    'the old cluster is saved, deleted and built anew, then the writer moves home; it asks again first',
  repair: 'home serves and goes on serving; its standby catches up, or is built anew',
  full: 'customers wait twice while the writer moves to dr and home again, and nothing is lost',
  capacity: 'dr is scaled up, proven and stood down again; no customer is moved',
  watch: 'what the lost side left is saved and watched until there is a standby again',
}

const ownerText = (plan: Plan, owner: ReturnType<typeof dnsOwner>): string =>
  owner === 'home' || owner === 'dr'
    ? regionText(plan, owner)
    : owner === 'mixed'
      ? 'split between the sides'
      : 'points at neither side'

function clusterArn(plan: Plan, { clusters }: StatusFacts, side: Side): string {
  const look = clusters[side]
  if (look.ok && look.value !== 'absent') return look.value.arn
  return `arn:aws:rds:${plan.regions[side]}:${plan.accounts.workload.id}:cluster:${plan.database.clusters[side]}`
}

const regionText = (plan: Plan, side: Side) => `${plan.regions[side]} (${side})`

function factsOf(
  plan: Plan,
  facts: StatusFacts,
  { flow, variant, mode, from, to }: Choice,
): Proposal['facts'] {
  const { lag, public: reached, global, records } = facts
  const writer = global.ok && global.value !== 'absent' ? writerOf(plan, global.value) : undefined
  const lagged = lag[to]
  const probe = probeLine('Public probe', reached)
  return [
    fact(flow === 'failover' ? 'Mode' : 'Way', `${variant}: ${VARIANTS[variant]}`),
    ...(flow === 'failover' ? [] : [fact('State', classify(facts).sentence)]),
    fact(
      'From',
      `${regionText(plan, from)}: ${sideHealthy(facts, from) ? 'healthy' : oldSideText(facts, from)}`,
      facts.clusters[from].ok,
    ),
    fact('To', `${regionText(plan, to)}, ${clusterArn(plan, facts, to)}`),
    fact('Writer', writer ? regionText(plan, writer) : 'unknown', writer !== undefined),
    fact(
      'AWS is doing',
      global.ok && global.value !== 'absent' ? operationText(global.value.operation) : 'unknown',
      global.ok,
    ),
    fact(
      'Last lag known',
      mode === 'planned'
        ? lagText(lagged, facts.at)
        : `${lagText(lagged, facts.at)}; later writes may be lost too`,
      lagged.ok && lagged.value !== 'none',
    ),
    fact('DNS', records.ok ? ownerText(plan, dnsOwner(records.value)) : whyUnseen(records), records.ok),
    fact(probe.label, probe.value, probe.level !== 'unknown'),
  ]
}

const fact = (label: string, value: string, known = true) => ({ label, value, known })

function oldSideText({ clusters, stack }: StatusFacts, side: Side): string {
  const cluster = clusters[side]
  if (!cluster.ok) return whyUnseen(cluster)
  const status = cluster.value === 'absent' ? 'absent' : cluster.value.status
  const probe = stack[side]
  return `cluster ${status}, stack ${probe.ok ? (probe.value.healthy ? 'healthy' : probe.value.detail) : 'unknown'}`
}

/** The old region looks dark, and yet customers get answers: then the typed phrase asks again. */
const servedAnyway = ({ clusters, public: reached }: StatusFacts, { mode, from }: Choice): boolean =>
  mode !== 'planned' && !clusters[from].ok && reached.ok && reached.value.healthy

function warningsFor({ plan, facts, choice, supersedes }: Asked, served: boolean): readonly string[] {
  const lossy = choice.mode !== 'planned'
  const { global } = facts
  const moved = global.ok && global.value !== 'absent' && writerOf(plan, global.value) === choice.to
  const { warnings } = statusOf(plan, facts, { lastDrill: '' })
  return [
    ...(served
      ? [
          `Customers are being served: the public probe succeeds although ${choice.from} looks dark from here. Are you sure?`,
        ]
      : []),
    ...(lossy && sideHealthy(facts, choice.from)
      ? [`${choice.from} is healthy: you are choosing to lose writes. A planned failover loses nothing.`]
      : []),
    ...(moved
      ? [`The writer is in ${regionText(plan, choice.to)} already: this finishes what was begun there.`]
      : []),
    ...(choice.flow === 'failover' && choice.from === 'dr'
      ? ['This goes from dr to home: customers are on dr now.']
      : []),
    ...(supersedes ? [`It stops run ${supersedes.id} (${supersedes.title}) and takes over its locks.`] : []),
    ...warnings,
  ]
}
