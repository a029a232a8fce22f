import { type DrError, drError } from '../engine/errors.ts'
import type { Plan } from '../plan/schema.ts'
import { writerServices } from './capacity.ts'
import type { ChoiceOf } from './choice.ts'
import { signOfLife } from './fencing.ts'
import type { StatusFacts } from './status.ts'
import { classify, dnsOwner, memberOf, sideOfArn, type Topology } from './topology.ts'
import { type Mode, otherSide, type ServiceFacts, type Side } from './world.ts'

type Choice = ChoiceOf<'failover'>

/**
 * Chooses mode and direction of a failover, from the active to the standby side, or says why there is none. Without a
 * wished mode: *planned* where the old side is healthy, else *emergency*. Pure; throws only FLOW_REFUSED.
 */
export function chooseFailover(plan: Plan, facts: StatusFacts, wished?: Mode): Choice {
  const topology = classify(facts)
  const { from, to } = direction(facts, topology)
  const mode =
    wished ?? (sideHealthy(facts, from) && topology.state === 'protected' ? 'planned' : 'emergency')
  const choice = { flow: 'failover', variant: mode, mode, from, to } as const
  const why =
    stateRefusal(plan, facts, topology, choice) ??
    targetRefusal(plan, facts, choice) ??
    (mode === 'planned' ? plannedRefusal(plan, facts, topology, choice) : undefined) ??
    (mode === 'detach' ? detachRefusal(plan, facts, choice) : undefined)
  if (why) throw refusal(plan, why)
  return choice
}

/** Whether a side looks as if it served: its cluster and its stack answer, and are well. */
export function sideHealthy({ clusters, stack }: StatusFacts, side: Side): boolean {
  const [cluster, probe] = [clusters[side], stack[side]]
  return (
    cluster.ok &&
    cluster.value !== 'absent' &&
    cluster.value.status === 'available' &&
    probe.ok &&
    probe.value.healthy
  )
}

type Why = { readonly why: string; readonly remedy: string }

const refusal = (plan: Plan, { why, remedy }: Why): DrError =>
  drError('FLOW_REFUSED', { flow: 'Failover', plan: plan.name, why, remedy })

/**
 * From the writer's side; where nobody can say, an operation under way or the records tell who is being left. A move
 * that stopped between the writer and the records is finished: the side customers are sent to cannot take over again.
 */
function direction(facts: StatusFacts, topology: Topology): { from: Side; to: Side } {
  const { plan, global, records } = facts
  const { active } = topology
  const operation = global.ok && global.value !== 'absent' ? global.value.operation : undefined
  const target = operation && sideOfArn(plan, operation.toArn)
  if (target) return { from: otherSide(target), to: target }
  const owner = records.ok ? dnsOwner(records.value) : 'mixed'
  if (isHalfDone(facts, topology, owner)) return { from: otherSide(active as Side), to: active as Side }
  const from = active !== 'unknown' ? active : owner === 'dr' ? 'dr' : 'home'
  return { from, to: otherSide(from) }
}

/** The writer has moved to a side that answers, customers are not sent there, and the side they are sent to is no standby. */
const isHalfDone = (
  { clusters }: StatusFacts,
  { active, state }: Topology,
  owner: ReturnType<typeof dnsOwner>,
): boolean =>
  active !== 'unknown' && state === 'unprotected' && clusters[active].ok && owner === otherSide(active)

function stateRefusal(
  plan: Plan,
  facts: StatusFacts,
  { state, active, sentence }: Topology,
  { mode, from, to }: Choice,
): Why | undefined {
  if (state === 'no-global') return { why: sentence, remedy: 'Restore the global cluster first.' }
  if (state === 'detached')
    return { why: sentence, remedy: 'There is no standby to fail over to: rebuild it with a failback.' }
  if (from === 'dr' && active === 'dr' && state === 'unprotected' && sideHealthy(facts, 'dr'))
    return {
      why: `it has already failed over to dr (${plan.regions.dr}), which is well. ${sentence}`,
      remedy: 'Wait until home has caught up (`/dr status`); a run that goes home loses nothing then.',
    }
  if (state !== 'in-flight' || mode !== 'planned') return undefined
  return { why: sentence, remedy: `Wait until it is over, or ask for an emergency from ${from} to ${to}.` }
}

/** What stops even an emergency, as far as it is known; the run's first step checks the account as well. */
function targetRefusal(plan: Plan, { global, clusters }: StatusFacts, { to }: Choice): Why | undefined {
  const cluster = clusters[to]
  const name = plan.database.clusters[to]
  if (!cluster.ok && cluster.why === 'denied')
    return {
      why: `the role is refused in ${plan.regions[to]}: ${cluster.detail}`,
      remedy: 'Correct the role.',
    }
  if (global.ok && global.value !== 'absent' && !memberOf(plan, global.value, to))
    return {
      why: `${name} is not a member of ${plan.database.globalCluster}.`,
      remedy: 'It cannot take over: rebuild the standby first.',
    }
  if (cluster.ok && (cluster.value === 'absent' || cluster.value.instances.length === 0))
    return { why: `${name} has no instance.`, remedy: 'Add an instance to it, then ask again.' }
  return undefined
}

function plannedRefusal(
  plan: Plan,
  facts: StatusFacts,
  topology: Topology,
  { from, to }: Choice,
): Why | undefined {
  const emergency = 'Ask for an emergency if customers are down.'
  if (!facts.clusters[from].ok)
    return {
      why: `${from} (${plan.regions[from]}) gives no answer, and a switchover needs it.`,
      remedy: emergency,
    }
  if (topology.state !== 'protected')
    return { why: `a switchover needs both sides. ${topology.sentence}`, remedy: emergency }
  if (topology.overlays.includes('versions-differ'))
    return {
      why: 'the engine versions differ, and AWS would refuse.',
      remedy: 'Bring both sides to one version.',
    }
  if (topology.overlays.includes('lag-high'))
    return { why: `${to} lags behind by more than the plan allows.`, remedy: 'Wait until it has caught up.' }
  return undefined
}

function detachRefusal(plan: Plan, { services, stack }: StatusFacts, { from }: Choice): Why | undefined {
  if (plan.database.usesGlobalWriterEndpoint)
    return {
      why: 'the application uses the global writer endpoint, which does not follow a detached cluster.',
      remedy: 'Ask for an emergency failover.',
    }
  const old = services[from]
  const sign = signOfLife(old, stack[from])
  if (old.ok ? writersStopped(plan, old.value) : !sign) return undefined
  return {
    why: old.ok
      ? `${from} (${plan.regions[from]}) still answers and its writers run: there would be two writers.`
      : `${from} (${plan.regions[from]}) is not dark (${sign}), and its writers may run.`,
    remedy: 'Stop its writers first, or ask for an emergency failover.',
  }
}

const writersStopped = (plan: Plan, services: readonly ServiceFacts[]) =>
  services
    .filter(({ name }) => writerServices(plan).includes(name))
    .every(({ desired, running, pending }) => desired + running + pending === 0)
