import type { Plan } from '../plan/schema.ts'
import { creates, destroys, forgets, isQuiet, isUnknown, verb } from './change.ts'
import { ISSUES, type Judgement } from './finding.ts'
import { type Change, listOf, numberOf, recordOf, textOf, type Values } from './plan-file.ts'
import { dnsName, type ScanContext, type Scope } from './scope.ts'

type DnsRecord = Plan['dns']['records'][number]

/** The plan's record that an `aws_route53_record` is, whatever its state or short name says. */
export function recordOfPlan({ before, after }: Change, { dns }: Plan): DnsRecord | undefined {
  const zone = textOf(before.zone_id) ?? textOf(after.zone_id)
  if (zone !== undefined && zone.replace(/^\/hostedzone\//, '') !== dns.hostedZoneId) return undefined
  const type = textOf(before.type) ?? textOf(after.type)
  const names = [before.fqdn, before.name, after.fqdn, after.name].flatMap((name) => textOf(name) ?? [])
  return dns.records.find((record) => {
    const wanted = dnsName(record.name)
    // The provider completes a short name with the zone's, which the plan file may not show yet.
    const fits = (name: string) =>
      dnsName(name) === wanted || (zone !== undefined && wanted.startsWith(`${dnsName(name)}.`))
    return record.type === type && names.some(fits)
  })
}

/** A record that customers follow: it may only ever point at the side that serves. */
export function judgeRecord(change: Change, record: DnsRecord, { active }: ScanContext): Judgement[] {
  const name = `the record ${record.name} ${record.type}`
  const blocker = (what: string, why: string): Judgement[] => [
    { level: 'blocker', what: `${name} ${what}`, why, issue: ISSUES.record },
  ]
  if (isQuiet(change)) return []
  if (destroys(change)) return blocker(verb(change), 'Customers find nobody while it is gone.')
  if (forgets(change))
    return [{ level: 'warning', what: `${name} is no longer managed`, why: 'It stays as it is in Route 53.' }]
  if (hasPolicy(change.after))
    return blocker('becomes a weighted, failover or latency record', 'Such a record cannot be moved as one.')
  const target = targetOf(change)
  if (target === undefined)
    return blocker(
      'gets a target that is known only after the apply',
      `${active} serves, and it must stay there.`,
    )
  if (target !== dnsName(record.targets[active].dnsName))
    return blocker(
      `is pointed at ${whose(record, target)}`,
      `${active} serves customers now. Terraform would take the record back.`,
    )
  return targetStays(change, target) ? [] : agrees(change, name, active)
}

const agrees = (change: Change, name: string, active: string): Judgement[] => [
  creates(change) && change.after.allow_overwrite !== true
    ? {
        level: 'warning',
        what: `${name} is created`,
        why: 'Route 53 has it already, so this fails: import it, or let another stack own it.',
        issue: ISSUES.record,
      }
    : {
        level: 'expected',
        what: `${name} is pointed at ${active}`,
        why: 'That is where it points already, or should: this side serves.',
      },
]

const aliasOf = (values: Values): string | undefined => {
  const name = textOf(recordOf(listOf(values.alias)[0]).name)
  return name === undefined ? undefined : dnsName(name)
}

/** Where it would point: an alias' name, or plain values as they are. Undefined where that is not known yet. */
function targetOf(change: Change): string | undefined {
  const alias = recordOf(listOf(change.unknown.alias)[0])
  if (isUnknown(change, 'alias') || alias.name === true || isUnknown(change, 'records')) return undefined
  return (
    aliasOf(change.after) ??
    listOf(change.after.records)
      .flatMap((value) => textOf(value) ?? [])
      .sort()
      .join(', ')
  )
}

const targetStays = (change: Change, target: string): boolean =>
  !creates(change) && aliasOf(change.before) === target

const whose = ({ targets }: DnsRecord, target: string): string =>
  (['home', 'dr'] as const).find((side) => dnsName(targets[side].dnsName) === target) ?? (target || 'nothing')

const POLICIES = [
  'weighted_routing_policy',
  'failover_routing_policy',
  'latency_routing_policy',
  'geolocation_routing_policy',
  'geoproximity_routing_policy',
  'cidr_routing_policy',
]
const hasPolicy = (values: Values): boolean =>
  values.multivalue_answer_routing_policy === true || POLICIES.some((key) => listOf(values[key]).length > 0)

/** The default action of a listener that the plan names. */
export function judgeListener(change: Change, { plan, side, serving }: Scope): Judgement[] {
  const serves = plan.listener?.[side]?.serves
  if (!serves || isQuiet(change) || destroys(change) || forgets(change)) return []
  const after = forwardsOf(change.after)
  const unknown = isUnknown(change, 'default_action') || actionUnknown(change)
  const right = !unknown && Object.keys(after).length === 1 && (after[serves] ?? 0) > 0
  const before = forwardsOf(change.before)
  if (!unknown && JSON.stringify(before) === JSON.stringify(after)) return []
  if (right)
    return [
      {
        level: 'expected',
        what: `the listener of ${side} sends everything to ${nameOf(serves)}`,
        why: 'That is the target group the plan wants while this side serves.',
        issue: ISSUES.listener,
      },
    ]
  return [
    {
      level: serving ? 'blocker' : 'warning',
      what: `the listener of ${side} sends ${unknown ? 'to what is known only after the apply' : forwardText(after)}`,
      why: serving
        ? `This side serves customers, and ${nameOf(serves)} has the live tasks. Let it ignore_changes of default_action.`
        : `While this side serves it has to be ${nameOf(serves)}; a failover sets that again.`,
      issue: ISSUES.listener,
    },
  ]
}

/** A rule on such a listener: it can send some paths elsewhere. */
export function judgeRule(change: Change, { side, serving }: Scope): Judgement[] {
  if (isQuiet(change) || !serving) return []
  return [
    {
      level: 'warning',
      what: `a rule of the listener of ${side} ${verb(change)}`,
      why: 'Customers are served through it now: look at its target groups and weights.',
      issue: ISSUES.listener,
    },
  ]
}

/** Target group -> weight, of the default forward; groups without weight left out, sorted. */
function forwardsOf(values: Values): Readonly<Record<string, number>> {
  const found = listOf(values.default_action).flatMap((action): [string, number][] => {
    const { target_group_arn: single, forward } = recordOf(action)
    const groups = listOf(recordOf(listOf(forward)[0]).target_group).map(recordOf)
    if (groups.length)
      return groups.flatMap(({ arn, weight }) => {
        const [group, share] = [textOf(arn), numberOf(weight) ?? 1]
        return group && share > 0 ? [[group, share]] : []
      })
    const group = textOf(single)
    return group ? [[group, 1]] : []
  })
  return Object.fromEntries(found.sort(([a], [b]) => (a < b ? -1 : 1)))
}

function actionUnknown({ unknown }: Change): boolean {
  return listOf(unknown.default_action).some((action) => {
    const { target_group_arn: single, forward, type } = recordOf(action)
    const groups = listOf(recordOf(listOf(forward)[0]).target_group).map(recordOf)
    return (
      single === true ||
      type === true ||
      forward === true ||
      groups.some(({ arn, weight }) => arn === true || weight === true)
    )
  })
}

const nameOf = (arn: string): string => arn.split(':').at(-1)?.split('/')[1] ?? arn
const forwardText = (forwards: Readonly<Record<string, number>>): string => {
  const groups = Object.entries(forwards)
  if (groups.length === 0) return 'to no target group'
  return `to ${groups.map(([arn, weight]) => (groups.length > 1 ? `${nameOf(arn)} (${weight})` : nameOf(arn))).join(' and ')}`
}

/** The side of a listener that the plan names, by its ARN. */
export const listenerSide = (arn: string | undefined, { listener }: Plan) =>
  (['home', 'dr'] as const).find((side) => arn !== undefined && listener?.[side]?.arn === arn)
