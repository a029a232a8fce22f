import type { RecordFacts } from '../flows/world.ts'
import type { Plan } from '../plan/schema.ts'
import type { Asking } from './asking.ts'
import { type Finding, fault, ok } from './finding.ts'

/** The records, and the right to ask what the zone's servers answer. */
export async function driftOfDns(asked: Asking): Promise<readonly Finding[]> {
  const { plan, outside, judge } = asked
  const question = {
    check: 'drift',
    about: `${plan.name} in Route 53`,
    region: 'Route 53',
    service: 'Route 53',
    role: plan.accounts.dns.role,
  } as const
  const all = [
    judge(
      question,
      () => outside.dns.records(),
      (records) => records.map((record) => judgeRecord(plan, record)),
    ),
    judge(
      question,
      () => outside.dns.answers(),
      () => [],
    ),
  ]
  return (await Promise.all(all)).flat()
}

/** A record has to be there, at one of the two sides, and of the kind that can be swapped. */
export function judgeRecord(plan: Plan, { name, type, owner, value, routing }: RecordFacts): Finding {
  const about = `${plan.name} in Route 53`
  if (owner === 'absent') return fault('drift', about, `there is no record ${name} ${type}`)
  if (routing !== 'simple')
    return fault(
      'drift',
      about,
      `${name} ${type} is a ${routing} record, which cannot be swapped`,
      'Make it one simple alias record to the side that serves.',
    )
  if (owner === 'foreign')
    return fault(
      'drift',
      about,
      `${name} ${type} points at neither side, but at ${value}`,
      'Point it at the side that serves, or correct `targets` in the plan.',
    )
  return ok('drift', about, `record ${name} ${type}`)
}
