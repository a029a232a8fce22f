import { drError } from '../engine/errors.ts'
import type { Run } from '../engine/run.ts'
import type { Plan } from '../plan/schema.ts'
import { isStoodDown, isUpToActive } from './capacity.ts'
import type { ChoiceOf, DrillScope } from './choice.ts'
import { alarmFaults, type DrillFault, deploymentFaults, publicFaults, unknownFault } from './drill-faults.ts'
import { outsideWindow } from './drill-window.ts'
import { lagText } from './seen.ts'
import type { StatusFacts } from './status.ts'
import { classify, dnsOwner } from './topology.ts'
import type { Side } from './world.ts'

const SIDES = ['home', 'dr'] as const

/** What a drill is chosen by, beside what was looked at. */
type DrillAsked = {
  /** The plan's runs, the newest first, those under way among them. */
  readonly past: readonly Run[]
  /** People's clock, ms since the epoch: the plan's window is theirs. */
  readonly now: number
  readonly scope: DrillScope
}

/**
 * The drill that may begin now, out from home to dr, or every reason at once why none may. Pure; throws only
 * FLOW_REFUSED. What needs further looks (backups, traffic) is left to the drill's first step.
 */
export function chooseDrill(
  plan: Plan,
  facts: StatusFacts,
  { past, now, scope }: DrillAsked,
): ChoiceOf<'drill'> {
  const faults = [
    ...runFaults(past),
    ...pairFaults(facts),
    ...driftFaults(plan, facts),
    ...lookFaults(facts),
    ...SIDES.flatMap((side) => deploymentFaults(side, facts.services[side])),
    ...(scope === 'full' ? customerFaults(plan, facts, now) : []),
  ]
  if (faults.length) throw refusal(plan, scope, faults)
  return { flow: 'drill', variant: scope, mode: 'planned', from: 'home', to: 'dr' }
}

function refusal(plan: Plan, scope: DrillScope, faults: readonly DrillFault[]) {
  return drError('FLOW_REFUSED', {
    flow: scope === 'full' ? 'Drill' : 'Capacity drill',
    plan: plan.name,
    why: `${faults.map(({ why }) => why.replace(/\.$/, '')).join('; ')}.`,
    remedy: [...new Set(faults.map(({ remedy }) => remedy))].join(' '),
  })
}

/** What only a drill that moves customers has to wait for. */
function customerFaults(
  plan: Plan,
  { alarms, public: reached }: StatusFacts,
  now: number,
): readonly DrillFault[] {
  const closed = outsideWindow(plan, now)
  return [
    ...(closed ? [{ why: closed, remedy: 'Ask again inside that window.' }] : []),
    ...alarmFaults('home', true, alarms.home),
    ...alarmFaults('dr', false, alarms.dr),
    ...publicFaults(reached),
  ]
}

/** A run under way, and a card that somebody may be about to approve. */
function runFaults(past: readonly Run[]): readonly DrillFault[] {
  const live = past.filter(({ phase, proposal }) => phase !== 'ended' && proposal.flow !== 'drill')
  const drill = past.find((run) => run.proposal.flow === 'drill' && isUnderWay(run))
  return [...(drill ? [drill] : []), ...live].map((run) => ({
    why: `run ${run.id} (${run.proposal.title}) ${isUnderWay(run) ? 'is under way' : 'waits for approval'}`,
    remedy: 'Let that run end first (`/dr runs`).',
  }))
}

const isUnderWay = ({ phase, approval }: Run) => phase !== 'ended' && (phase !== 'proposed' || !!approval)

function pairFaults(facts: StatusFacts): readonly DrillFault[] {
  const { state, active, overlays, sentence } = classify(facts)
  const { plan, records, lag, at } = facts
  const owner = records.ok ? dnsOwner(records.value) : 'home'
  const steady = state === 'protected' && active === 'home'
  return [
    ...(steady
      ? []
      : [
          {
            why: `a drill begins at home with a healthy standby in dr. ${sentence}`,
            remedy: 'See `/dr status`; `/dr failback` takes the pair home.',
          },
        ]),
    ...(owner === 'home'
      ? []
      : [
          {
            why: `the records do not all point at home (${owner})`,
            remedy: 'Find out who moved them, and move them back.',
          },
        ]),
    ...(overlays.includes('versions-differ')
      ? [
          {
            why: 'the engine versions differ, and AWS would refuse',
            remedy: 'Bring both sides to one version.',
          },
        ]
      : []),
    ...(steady && (overlays.includes('lag-high') || overlays.includes('lag-unknown'))
      ? [
          {
            why: `lag of dr is ${lagText(lag.dr, at)}, and the plan allows ${plan.database.lagLimitSeconds} s`,
            remedy: 'Wait until it has caught up, and there is a fresh reading.',
          },
        ]
      : []),
  ]
}

/** Everything else a status looks at. What was not seen is no reason to go on. */
function lookFaults(facts: StatusFacts): readonly DrillFault[] {
  const of = (side: Side) => [
    ...unknownFault(`the ${side} cluster`, facts.clusters[side]),
    ...unknownFault(`the listener of ${side}`, facts.listeners[side]),
    ...unknownFault(`the stack of ${side}`, facts.stack[side]),
    ...unknownFault(`the API Gateway domains of ${side}`, facts.domains[side]),
  ]
  return [
    ...unknownFault('the global cluster', facts.global),
    ...unknownFault('the records', facts.records),
    ...SIDES.flatMap(of),
  ]
}

/** What the last move left behind is put right before the next one: a failback finishes it. */
function driftFaults(plan: Plan, facts: StatusFacts): readonly DrillFault[] {
  if (classify(facts).active !== 'home') return []
  const { home, dr } = facts.services
  const left = [
    ...(home.ok && !isUpToActive(plan, home.value, 'home')
      ? ['home is below the capacity it serves with']
      : []),
    ...(dr.ok && !isStoodDown(plan, dr.value, 'dr') ? ['dr is not at the capacity it waits with'] : []),
  ]
  return left.map((why) => ({
    why: `the last move is not reconciled: ${why}`,
    remedy: 'Finish it with `/dr failback`.',
  }))
}
