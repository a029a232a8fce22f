import { duration } from '../engine/duration.ts'
import type { Plan } from '../plan/schema.ts'
import { alarmsLine, lagText, probeLine, unseenLine, whyUnseen } from './seen.ts'
import { sideLines } from './status-sides.ts'
import { warningsOf } from './status-warnings.ts'
import { classify, dnsOwner, type Facts, freshLag, type Topology } from './topology.ts'
import {
  type AlarmFacts,
  type DomainFacts,
  type ListenerFacts,
  type Look,
  type OrAbsent,
  otherSide,
  type ProbeFacts,
  type ServiceFacts,
  type Side,
} from './world.ts'

/** Everything `/dr status` looked at, all of it at the same time, each look within its deadline. */
export type StatusFacts = Facts & {
  readonly services: Readonly<Record<Side, Look<readonly ServiceFacts[]>>>
  readonly listeners: Readonly<Record<Side, Look<OrAbsent<ListenerFacts>>>>
  readonly stack: Readonly<Record<Side, Look<ProbeFacts>>>
  readonly public: Look<ProbeFacts>
  readonly alarms: Readonly<Record<Side, Look<readonly AlarmFacts[]>>>
  /** API Gateway's custom domains: a record can only be taken where they exist. */
  readonly domains: Readonly<Record<Side, Look<readonly DomainFacts[]>>>
  readonly at: number
  readonly tookMs: number
}

/** One line of a status: never fine when it is not known. */
export type Line = {
  readonly label: string
  readonly value: string
  readonly level: 'ok' | 'warn' | 'bad' | 'unknown'
}

export type Status = {
  readonly plan: string
  readonly title: string
  /** The classifier's word; not where the active side could not be seen. */
  readonly headline: string
  readonly topology: Topology
  readonly level: Line['level']
  /** Who serves, lag and age, RPO now, DNS owner and TTL, public probe, alarms … in reading order. */
  readonly lines: readonly Line[]
  /** Per side: region, reachable or not, ECS running/desired/min a service, listener, stack probe. */
  readonly sides: Readonly<
    Record<
      Side,
      {
        readonly region: string
        readonly role: 'active' | 'standby' | 'unknown'
        readonly lines: readonly Line[]
      }
    >
  >
  readonly warnings: readonly string[]
  /** From the journal: run under way, fences owed, expected RTO from past runs, last drill. */
  readonly journal: {
    readonly run?: {
      readonly id: string
      readonly phase: string
      readonly by: string
      readonly since: number
    }
    readonly notFenced?: string
    /** The watch after a failover: since when there is no standby (world ms), and what it still waits for. */
    readonly aftercare?: { readonly id: string; readonly since?: number; readonly waitsFor: string }
    /** What Terraform would undo if somebody applied it now. */
    readonly drift?: readonly string[]
    /** Unacknowledged: the last drill is longer ago than the plan says. */
    readonly drillOverdue?: true
    readonly usualRto?: string
    readonly lastDrill: string
  }
  readonly at: number
  readonly tookMs: number
}

/** What the pair is like now, as every view shows it. Pure; what could not be seen is said as unknown. */
export function statusOf(plan: Plan, facts: StatusFacts, journal: Status['journal']): Status {
  const topology = classify(facts)
  const lines = [
    servesLine(plan, topology),
    lagLine(plan, facts, topology),
    rpoLine(plan, facts, topology),
    rtoLine(plan, journal),
    ...standbyLine(facts, journal),
    dnsLine(plan, facts, topology),
    probeLine('Public probe', facts.public),
    activeAlarms(facts, topology),
  ]
  const sides = { home: sideOf(plan, facts, topology, 'home'), dr: sideOf(plan, facts, topology, 'dr') }
  const warnings = warningsOf(plan, facts, topology, journal)
  return {
    plan: plan.name,
    title: plan.title ?? plan.name,
    headline: headlineOf(plan, topology),
    topology,
    level: worst([...lines, ...sides.home.lines, ...sides.dr.lines], warnings.length > 0),
    lines,
    sides,
    warnings,
    journal,
    at: facts.at,
    tookMs: facts.tookMs,
  }
}

/** STEADY is not said of a pair whose active side could not be seen. */
function headlineOf(plan: Plan, { active, overlays, word }: Topology): string {
  if (active === 'unknown' || !overlays.includes(`${active}-unknown`)) return word
  return `${active} (${plan.regions[active]}) could not be seen`
}

function sideOf(plan: Plan, facts: StatusFacts, { active }: Topology, side: Side) {
  const role = active === 'unknown' ? 'unknown' : active === side ? 'active' : 'standby'
  return { region: plan.regions[side], role, lines: sideLines(plan, facts, side, role) } as const
}

function worst(lines: readonly Line[], warned: boolean): Line['level'] {
  const order = ['bad', 'unknown', 'warn'] as const
  return order.find((level) => lines.some((line) => line.level === level)) ?? (warned ? 'warn' : 'ok')
}

function servesLine(plan: Plan, { active, state, sentence, overlays }: Topology): Line {
  const label = 'Serves'
  if (active === 'unknown') return { label, value: sentence, level: 'unknown' }
  if (overlays.includes(`${active}-unknown`))
    return {
      label,
      value: `unknown: ${active} (${plan.regions[active]}) holds the writer, and could not be seen`,
      level: 'unknown',
    }
  return {
    label,
    value: `${active} (${plan.regions[active]})`,
    level: state === 'protected' ? 'ok' : state === 'in-flight' || state === 'headless' ? 'warn' : 'bad',
  }
}

function lagLine(plan: Plan, { lag, at }: StatusFacts, { active, state }: Topology): Line {
  const label = 'Replication lag'
  if (active === 'unknown')
    return { label, value: 'unknown: it is not known who replicates', level: 'unknown' }
  if (state === 'alone' || state === 'orphaned' || state === 'detached')
    return { label, value: 'nothing replicates', level: 'bad' }
  const look = lag[otherSide(active)]
  const value = lagText(look, at)
  const fresh = freshLag(look)
  if (!fresh) return { label, value, level: 'unknown' }
  return { label, value, level: fresh.seconds > plan.database.lagLimitSeconds ? 'warn' : 'ok' }
}

/** What a failover now would lose: an estimate, never a bound. */
function rpoLine(plan: Plan, { lag, at }: StatusFacts, { active, state }: Topology): Line {
  const label = 'RPO now'
  if (active === 'unknown') return { label, value: 'unknown', level: 'unknown' }
  if (state !== 'protected' && state !== 'headless' && state !== 'in-flight')
    return { label, value: 'no usable standby: everything newer than the last backup', level: 'bad' }
  const fresh = freshLag(lag[otherSide(active)])
  if (!fresh) return { label, value: 'unknown', level: 'unknown' }
  const target = plan.objectives.rpoSeconds
  return {
    label,
    value: `an estimate: ${duration(fresh.seconds * 1000)}, read ${duration(at - fresh.readAt)} ago; later writes may be lost too (target ${target} s)`,
    level: fresh.seconds > target ? 'warn' : 'ok',
  }
}

const rtoLine = (plan: Plan, { usualRto }: Status['journal']): Line => ({
  label: 'RTO expected',
  value: `${usualRto ?? 'no past run to go by'} (target ${plan.objectives.rtoMinutes} min)`,
  level: 'ok',
})

function standbyLine({ at }: StatusFacts, { aftercare }: Status['journal']): Line[] {
  if (!aftercare) return []
  const since = aftercare.since === undefined ? '' : `${duration(at - aftercare.since)}; `
  return [{ label: 'No standby for', value: `${since}${aftercare.waitsFor} (${aftercare.id})`, level: 'bad' }]
}

function dnsLine(plan: Plan, { records }: StatusFacts, { active }: Topology): Line {
  const label = 'DNS'
  if (!records.ok) return unseenLine(label, whyUnseen(records))
  const owner = dnsOwner(records.value)
  const names = records.value.map(({ name, type }) => `${name} ${type}`).join(', ')
  if (owner === 'foreign' || owner === 'mixed') {
    const where = records.value.map(({ name, value }) => `${name} → ${value}`).join(', ')
    return {
      label,
      value: `${owner === 'mixed' ? 'split between the sides' : 'not ours'}: ${where}`,
      level: 'bad',
    }
  }
  const value = `${owner} (${plan.regions[owner]}) has ${names}, alias, TTL 60 s`
  if (active === 'unknown') return { label, value, level: 'unknown' }
  return { label, value, level: owner === active ? 'ok' : 'bad' }
}

function activeAlarms({ alarms }: StatusFacts, { active }: Topology): Line {
  if (active === 'unknown') return unseenLine('Alarms', 'it is not known who serves')
  return alarmsLine('Alarms', alarms[active])
}
