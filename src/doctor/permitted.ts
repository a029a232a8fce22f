import type { Plan } from '../plan/schema.ts'
import { drClusters } from './dr-cluster.ts'
import { type Finding, fault, ok, unknown, warn } from './finding.ts'
import { ownPrincipal } from './own-principal.ts'
import type { Permission } from './permissions.ts'
import type { Patient } from './place.ts'
import { simulate, unsimulated, type Verdict } from './simulate.ts'
import { type Group, groupsOf } from './wishes.ts'

/** What a role may do of one need of a plan, or whether that could not be said. */
export type Answer = {
  readonly role: string
  readonly action: string
  readonly level: 'ok' | 'warn' | 'fault' | 'unknown'
  /** The ARNs it is refused on. */
  readonly where: readonly string[]
  /** `orders: promote-standby`. */
  readonly need: string
}

/** Whether whoever acts for each plan may do what only acts would show, and may not delete its dr cluster. */
export async function permitted(patient: Patient): Promise<readonly Finding[]> {
  const { plans } = patient.plans
  const own = plans.some(actsAsItself) ? await ownPrincipal(patient) : undefined
  const asked = plans
    .flatMap((plan) => groupsOf(plan, own))
    .map(async (group) => {
      const seen = await simulate(patient, group.plan.regions.dr, group.account, group)
      return seen.ok
        ? answersOf(group, seen.value)
        : unsimulated('permission', group.role, group.plan.regions.dr, seen)
    })
  const guarded = plans.map((plan) => drClusters(patient, plan, own))
  const all = await Promise.all(asked)
  const answers = all.flatMap((one) => (Array.isArray(one) ? one : []))
  const blind = all.flatMap((one) => (Array.isArray(one) ? [] : [one]))
  return [
    ...(own ? [] : plans.filter(actsAsItself).map(nobodyKnown)),
    ...blind,
    ...judgePermissions(answers),
    ...(await Promise.all(guarded)).flat(),
  ]
}

const actsAsItself = ({ accounts }: Plan): boolean => !accounts.workload.role || !accounts.dns.role

const nobodyKnown = ({ name }: Plan): Finding =>
  unknown(
    'permission',
    name,
    'it names no role, and as whom the bot acts could not be seen: nothing is known of what it may change',
    'Name a role in the plan, or allow lambda:GetFunctionConfiguration or iam:GetRole to whoever runs this.',
  )

/** The simulator's verdicts against what the steps of a plan need. */
export function answersOf(
  { role, plan, needs }: Pick<Group, 'role' | 'plan' | 'needs'>,
  verdicts: readonly Verdict[],
): Answer[] {
  // Whoever names no role for deleting may want none: a rebuild then waits for a person.
  const refused = ({ as }: Permission) =>
    as === 'deletion' && !plan.accounts.workload.deletionRole ? ('warn' as const) : ('fault' as const)
  return needs.map((permission) => {
    const { action, steps } = permission
    const own = verdicts.filter((verdict) => verdict.action.toLowerCase() === action.toLowerCase())
    const short = own.filter(({ decision }) => decision === 'denied' || decision === 'explicit')
    const told = own.length > 0 && own.every(({ decision }) => decision !== 'depends')
    const level = short.length ? refused(permission) : told ? 'ok' : 'unknown'
    const where = short.map(({ resource }) => resource)
    return { role, action, level, where, need: `${plan.name}: ${steps.join(', ')}` }
  })
}

/** One finding for each role and action, however many plans and resources it is about. */
export function judgePermissions(answers: readonly Answer[]): readonly Finding[] {
  const grouped = Map.groupBy(answers, ({ role, action, level }) =>
    level === 'warn' ? `${role} ${level}` : `${role} ${action} ${level}`,
  )
  return [...grouped.values()].map((all) => {
    const [{ role, action, level }] = all as [Answer]
    const needs = `needed by ${[...new Set(all.map(({ need }) => need))].join('; ')}`
    const where = [...new Set(all.flatMap((one) => one.where))].join(', ')
    if (level === 'ok') return ok('permission', role, `${action}, ${needs}`)
    if (level === 'warn') return noDeletion(role, all)
    if (level === 'unknown') {
      const says = `whether ${action} is allowed depends on what only the call itself knows; ${needs}`
      return unknown('permission', role, says, byHand(role, action))
    }
    // What IAM does not allow, a key's own policy may.
    if (action.startsWith('kms:')) {
      const says = `${action} on ${where} is not allowed by its policies; ${needs}`
      return unknown(
        'permission',
        role,
        says,
        'Look at the policy of the key: it, or the role, must allow this.',
      )
    }
    return fault('permission', role, `${action} is not allowed on ${where}; ${needs}`)
  })
}

function noDeletion(role: string, all: readonly Answer[]): Finding {
  const actions = [...new Set(all.map(({ action }) => action))].join(', ')
  const plans = [...new Set(all.map(({ need }) => need.split(':')[0]))].join(', ')
  return warn(
    'permission',
    role,
    `it may not delete a stale cluster (${actions}), and ${plans} names no other role for that: a failback that has to rebuild home would stop there`,
    'Name a `deletionRole` in the plan, with a policy of its own.',
  )
}

const byHand = (role: string, action: string): string =>
  `Read the conditions of its policies, or ask by hand: \`aws iam simulate-principal-policy --policy-source-arn ${role} --action-names ${action} --resource-arns …\`.`
