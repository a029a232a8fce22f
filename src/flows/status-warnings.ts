import type { Plan } from '../plan/schema.ts'
import { lagText } from './seen.ts'
import type { Status, StatusFacts } from './status.ts'
import type { Overlay, Topology } from './topology.ts'
import { otherSide } from './world.ts'

/** What somebody should do something about before it is needed, the worst first. */
export function warningsOf(
  plan: Plan,
  facts: StatusFacts,
  topology: Topology,
  journal: Status['journal'],
): readonly string[] {
  return [
    ...(journal.notFenced ? [`OLD SIDE NOT FENCED: ${journal.notFenced}`] : []),
    ...stateWarnings(topology),
    ...topology.overlays.map((overlay) => overlayText(overlay, plan, facts, topology)),
    ...routingWarnings(facts),
    ...domainWarnings(facts),
    ...(journal.drift ?? []).map((line) => `Terraform would undo: ${line}`),
    ...(journal.drillOverdue ? [`A drill is overdue: ${journal.lastDrill}.`] : []),
  ]
}

function stateWarnings({ state, sentence }: Topology): string[] {
  if (state === 'protected') return []
  if (state === 'headless') return [`${sentence} Add an instance: a failover is refused until then.`]
  return [sentence]
}

function overlayText(overlay: Overlay, plan: Plan, { lag, at }: StatusFacts, { active }: Topology): string {
  const standby = active === 'unknown' ? undefined : otherSide(active)
  const limit = plan.database.lagLimitSeconds
  switch (overlay) {
    case 'dns-mismatch':
      return 'Customers are sent to a side that does not hold the writer: a half-done move, or a record taken back.'
    case 'dns-foreign':
      return 'A record points at neither side, or is missing.'
    case 'home-unknown':
      return `home (${plan.regions.home}) could not be seen: it is unknown, not fine.`
    case 'dr-unknown':
      return `dr (${plan.regions.dr}) could not be seen: it is unknown, not fine.`
    case 'split-brain-possible':
      return 'Two clusters can be written to: writes may diverge until one is stopped.'
    case 'versions-differ':
      return 'The engine versions differ: AWS refuses a managed failover or switchover until they are the same.'
    case 'lag-high':
      return `Lag of ${standby ?? 'the standby'} is over the limit of ${limit} s: ${standby ? lagText(lag[standby], at) : ''}.`
    case 'lag-unknown':
      return 'Replication lag is unknown: there is no reading of the last five minutes.'
  }
}

function routingWarnings({ records }: StatusFacts): string[] {
  if (!records.ok) return ['The records could not be listed: whether they can be moved is not known.']
  return records.value
    .filter(({ routing, owner }) => routing !== 'simple' && owner !== 'absent')
    .map(({ name, routing }) => `${name} is a ${routing} record, which a failover cannot move.`)
}

const domainWarnings = ({ domains }: StatusFacts): string[] =>
  (['home', 'dr'] as const).flatMap((side) => {
    const look = domains[side]
    const missing = look.ok ? look.value.filter(({ available }) => !available) : []
    return missing.map(
      ({ name }) => `${name} does not exist in API Gateway of ${side}: it could not take the record.`,
    )
  })
