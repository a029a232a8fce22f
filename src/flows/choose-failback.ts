import { type DrError, drError } from '../engine/errors.ts'
import type { Plan } from '../plan/schema.ts'
import { isStoodDown, isUpToActive } from './capacity.ts'
import type { Branch, ChoiceOf } from './choice.ts'
import type { StatusFacts } from './status.ts'
import { classify, dnsOwner, type Topology, type TopologyState } from './topology.ts'
import { otherSide, type Side } from './world.ts'

/** Why no run is started, and what a person does instead. */
export type Stop = { readonly why: string; readonly remedy: string }
type Active = Side | 'unknown'

const STEADY: Stop = {
  why: 'the pair is steady: home serves, and dr stands by.',
  remedy: 'Nothing needs doing. `/dr drill` proves that it would work.',
}
const IN_FLIGHT: Stop = {
  why: 'AWS or somebody is moving the writer at this moment.',
  remedy: 'Wait until it is over (`/dr status`), then ask again.',
}
const UNKNOWN: Stop = {
  why: 'nobody can say who holds the writer.',
  remedy:
    'Look with `/dr status` and in the console, and ask again once the writer is one of the two clusters.',
}
const TWO_WRITERS: Stop = {
  why: 'a side was detached, and it is not known which of them customers write to.',
  remedy:
    'Decide which one serves, stop the writers of the other, point the records at the one that serves, then ask again.',
}
const NO_GLOBAL: Stop = {
  why: 'there is no global cluster, and no side clearly serves by itself.',
  remedy:
    'Decide which cluster serves: it must be available, in no global cluster, and have the records. Then ask again.',
}

const both = (verdict: Stop): Readonly<Record<Active, Stop>> => ({
  home: verdict,
  dr: verdict,
  unknown: verdict,
})
const built = (unknown: Stop) => ({ home: 'repair', dr: 'rebuild', unknown }) as const

/** What each state asks for, by the side that serves. */
export const VERDICTS: Readonly<Record<TopologyState, Readonly<Record<Active, Branch | Stop>>>> = {
  protected: { home: STEADY, dr: 'fast', unknown: UNKNOWN },
  headless: { home: 'repair', dr: 'fast', unknown: UNKNOWN },
  unprotected: { home: 'repair', dr: 'fast', unknown: UNKNOWN },
  orphaned: built(UNKNOWN),
  alone: built(UNKNOWN),
  detached: built(TWO_WRITERS),
  'no-global': built(NO_GLOBAL),
  'in-flight': both(IN_FLIGHT),
  unknown: both(UNKNOWN),
}

/** What stops a run, or changes its branch, whatever the state: said in the order in which it is looked at. */
export const EXCEPTIONS: readonly { readonly when: string; readonly verdict: string }[] = [
  {
    when: 'the side that serves gives no answer',
    verdict: 'refused: that is a case for `/dr failover`',
  },
  {
    when: 'the other side gives no answer',
    verdict: 'refused: wait until it does; the aftercare run watches and says when it is back',
  },
  { when: 'the records cannot be listed', verdict: 'refused: look again' },
  { when: 'a record points at neither side', verdict: 'refused: a person points it at the side that serves' },
  {
    when: 'home holds the writer and dr stands by, but customers are sent to dr, home is below its capacity, or dr is not at its standby capacity',
    verdict: '*fast*, which finishes what is missing',
  },
  {
    when: 'customers are sent to the side without the writer, in any other state but *protected*',
    verdict: 'refused: `/dr failover` finishes that first',
  },
]

/**
 * Chooses the way home from any state of the pair, or says why there is none now. *fast* and *rebuild* go from dr to
 * home; *repair* leaves home serving and gives it its standby back. Pure; throws only FLOW_REFUSED.
 */
export function chooseFailback(plan: Plan, facts: StatusFacts): ChoiceOf<'failback'> {
  const { state, active } = judge(facts)
  const verdict = unfinished(plan, facts, state, active) ? 'fast' : VERDICTS[state][active]
  const stop =
    active === 'unknown' || state === 'in-flight' || state === 'unknown'
      ? undefined
      : (lookStop(plan, facts, active) ?? recordsStop(facts, state, active))
  if (stop) throw refusal(plan, stop)
  if (typeof verdict !== 'string') throw refusal(plan, unseenStop(facts, verdict) ?? verdict)
  const from = verdict === 'repair' ? 'home' : 'dr'
  return { flow: 'failback', variant: verdict, mode: 'planned', from, to: otherSide(from) }
}

const refusal = (plan: Plan, { why, remedy }: Stop): DrError =>
  drError('FLOW_REFUSED', { flow: 'Failback', plan: plan.name, why, remedy })

/**
 * The state, and who serves. A global cluster that is gone or empty is the middle of a rebuild: then the one side that
 * stands by itself, is available and has the records serves.
 */
function judge(facts: StatusFacts): Pick<Topology, 'state' | 'active'> {
  const { state, active } = classify(facts)
  const { global, clusters, records } = facts
  const emptied = global.ok && (global.value === 'absent' || global.value.members.length === 0)
  if (!emptied || state === 'in-flight') return { state, active }
  const owner = records.ok ? dnsOwner(records.value) : 'mixed'
  if (owner !== 'home' && owner !== 'dr') return { state: 'no-global', active: 'unknown' }
  const look = clusters[owner]
  const serves =
    look.ok && look.value !== 'absent' && !look.value.globalCluster && look.value.status === 'available'
  return { state: 'no-global', active: serves ? owner : 'unknown' }
}

/** The writer is home and has its standby, and yet somebody has stopped before the end. */
function unfinished(
  plan: Plan,
  { records, services }: StatusFacts,
  state: TopologyState,
  active: Active,
): boolean {
  if (state !== 'protected' || active !== 'home' || !records.ok) return false
  const owner = dnsOwner(records.value)
  if (owner === 'dr' || owner === 'mixed') return true
  const { home, dr } = services
  return (home.ok && !isUpToActive(plan, home.value, 'home')) || (dr.ok && !isStoodDown(plan, dr.value, 'dr'))
}

/** Nothing is called steady that was not seen. */
function unseenStop({ services }: StatusFacts, verdict: Stop): Stop | undefined {
  const blind = [services.home, services.dr].find((look) => !look.ok)
  if (verdict !== STEADY || !blind || blind.ok) return undefined
  return {
    why: `home holds the writer and dr stands by, but not everything could be seen: ${blind.detail}`,
    remedy: 'Look again with `/dr status`, then ask again.',
  }
}

function lookStop(plan: Plan, { clusters }: StatusFacts, active: Side): Stop | undefined {
  const other = otherSide(active)
  const [serving, waiting] = [clusters[active], clusters[other]]
  if (!serving.ok)
    return {
      why: `${active} (${plan.regions[active]}) holds the writer and gives no answer: ${serving.detail}`,
      remedy: 'If customers are down, ask for `/dr failover`.',
    }
  if (!waiting.ok)
    return {
      why: `${other} (${plan.regions[other]}) gives no answer: ${waiting.detail}`,
      remedy: 'Wait until it does, then ask again: the aftercare run watches, and says when it is back.',
    }
  return undefined
}

function recordsStop({ records }: StatusFacts, state: TopologyState, active: Side): Stop | undefined {
  if (!records.ok)
    return { why: `the records could not be listed: ${records.detail}`, remedy: 'Look again in a minute.' }
  const owner = dnsOwner(records.value)
  if (owner === 'foreign')
    return {
      why: 'a record points at neither side, or is missing.',
      remedy: `Point it at ${active}, which holds the writer, then ask again.`,
    }
  if (owner === active || state === 'protected') return undefined
  return {
    why: `customers are sent to ${owner === 'mixed' ? 'both sides' : owner}, while ${active} holds the writer and has no standby.`,
    remedy: '`/dr failover` finishes sending them to the writer; then ask again.',
  }
}
