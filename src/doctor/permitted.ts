import type { Account } from '../aws/clients.ts'
import { RUNNING } from '../aws/session.ts'
import type { Look } from '../flows/world.ts'
import type { Plan } from '../plan/schema.ts'
import { type Finding, fault, ok, silent, unknown, warn } from './finding.ts'
import { type Actor, type Permission, permissions } from './permissions.ts'
import type { Patient } from './place.ts'
import { clusterArn, type ResourceKind, resourcesOf } from './resources.ts'
import { simulate, type Verdict, type Wish } from './simulate.ts'
import { iamRegion } from './tools.ts'

/** A wish of one plan, with the permissions it is about. */
type Group = Wish & {
  readonly plan: Plan
  readonly account: Account
  readonly needs: readonly Permission[]
}

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

/** Whether each role of each plan may do what only acts would show, and nobody may delete a dr cluster. */
export async function permitted(patient: Patient): Promise<readonly Finding[]> {
  const { plans } = patient.plans
  const groups = plans.flatMap(groupsOf)
  const asked = groups.map(async (group) => {
    const seen = await simulate(patient, group.plan.regions.dr, group.account, group)
    return seen.ok ? answersOf(group, seen.value) : unsimulated(group.role, group.plan, seen)
  })
  const guarded = plans.flatMap((plan) => rolesOf(plan).map((role) => drCluster(patient, plan, role)))
  const all = await Promise.all(asked)
  const answers = all.flatMap((one) => (Array.isArray(one) ? one : []))
  const blind = all.flatMap((one) => (Array.isArray(one) ? [] : [one]))
  return [...blind, ...judgePermissions(answers), ...(await Promise.all(guarded))]
}

/** The account whose role each actor is, and which of them no plan has to name. */
export function accountOf({ accounts }: Plan, actor: Actor): Account {
  if (actor === 'dns') return accounts.dns
  const { deletionRole, ...workload } = accounts.workload
  return actor === 'deletion' && deletionRole ? { ...workload, role: deletionRole } : workload
}

/** The roles a plan names, each once. Without any, whoever runs this acts, and AWS's answers say what they may. */
const rolesOf = (plan: Plan): readonly string[] => [
  ...new Set((['workload', 'deletion'] as const).flatMap((actor) => accountOf(plan, actor).role ?? [])),
]

/** One question for each role and kind of thing: the simulator takes no mixture of services. */
function groupsOf(plan: Plan): readonly Group[] {
  const needed = permissions.filter(({ shown }) => shown === 'simulated')
  const kinds = Map.groupBy(needed, ({ as, on, action }) => `${as} ${on} ${action.split(':')[0]}`)
  return [...kinds.values()].flatMap((needs): Group[] => {
    const [{ as, on }] = needs as [Permission]
    const account = accountOf(plan, as)
    const resources = resourcesOf(plan, on)
    if (!account.role || !resources.length) return []
    const actions = [...new Set(needs.map(({ action }) => action))]
    // What assumes the deletion role is not asked to assume it here: simulating it needs no session of it.
    const asking = as === 'deletion' ? accountOf(plan, 'workload') : account
    const context = { ...AS_RUN, ...contexts[on]?.(plan) }
    return [{ role: account.role, actions, resources, plan, account: asking, needs, context }]
  })
}

/** Policies may allow changes to the sessions of runs alone. */
const AS_RUN = { 'aws:userid': [`AROAEXAMPLE:${RUNNING}`] }

/** What the services tell IAM of the calls that runs make: a policy may allow no others. */
const contexts: Partial<Record<ResourceKind, (plan: Plan) => NonNullable<Wish['context']>>> = {
  zone: ({ dns }) => ({
    'route53:ChangeResourceRecordSetsNormalizedRecordNames': dns.records.map(({ name }) => normalized(name)),
    'route53:ChangeResourceRecordSetsRecordTypes': [...new Set(dns.records.map(({ type }) => type))],
    'route53:ChangeResourceRecordSetsActions': ['DELETE', 'CREATE'],
  }),
  'scalable-targets': () => ({
    'application-autoscaling:service-namespace': ['ecs'],
    'application-autoscaling:scalable-dimension': ['ecs:service:DesiredCount'],
  }),
  'rescue-keys': ({ regions }) => ({
    'kms:GrantIsForAWSResource': ['true'],
    'kms:ViaService': [`rds.${regions.dr}.amazonaws.com`],
  }),
}

/** As Route 53 spells a name to IAM: lower case, no last dot, anything unusual in octal. */
const normalized = (name: string): string =>
  name
    .toLowerCase()
    .replace(/\.$/, '')
    .replace(/[^a-z0-9_.-]/g, (char) => `\\${char.charCodeAt(0).toString(8).padStart(3, '0')}`)

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

/** Nothing was simulated: nothing is known of any act of that role. */
function unsimulated(role: string, plan: Plan, seen: Extract<Look<unknown>, { ok: false }>): Finding {
  const region = iamRegion(plan.regions.dr)
  if (seen.why === 'unreachable') return silent('permission', role, region)
  const why = `what it may change could not be simulated: ${seen.why === 'denied' ? 'iam:SimulatePrincipalPolicy is not allowed' : seen.detail}`
  return unknown(
    'permission',
    role,
    why,
    `Allow iam:SimulatePrincipalPolicy on ${role} to it or to whoever runs this, or compare its policies with docs/doctor.md.`,
  )
}

async function drCluster(patient: Patient, plan: Plan, role: string): Promise<Finding> {
  const action = 'rds:DeleteDBCluster'
  const wish = { role, actions: [action], resources: [clusterArn(plan, 'dr')], context: AS_RUN }
  const seen = await simulate(patient, plan.regions.dr, accountOf(plan, 'workload'), wish)
  if (!seen.ok) return { ...unsimulated(role, plan, seen), check: 'dr-cluster' }
  return judgeDrCluster(plan, role, seen.value)
}

/** Whoever may delete the dr cluster may delete the last copy there is. */
export function judgeDrCluster(plan: Plan, role: string, verdicts: readonly Verdict[]): Finding {
  const cluster = `${plan.database.clusters.dr} (${plan.name})`
  const decisions = verdicts.map(({ decision }) => decision)
  if (!decisions.length || decisions.includes('depends'))
    return unknown(
      'dr-cluster',
      role,
      `whether it may delete ${cluster} depends on conditions of its policies`,
    )
  if (decisions.includes('allowed')) return fault('dr-cluster', role, `it may delete ${cluster}`)
  const deletes = role === accountOf(plan, 'deletion').role
  if (deletes && decisions.includes('denied'))
    return warn('dr-cluster', role, `nothing allows it to delete ${cluster}, and nothing forbids it either`)
  return ok('dr-cluster', role, `it may not delete ${cluster}`)
}
