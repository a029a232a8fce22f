import type { Account } from '../aws/clients.ts'
import { RUNNING } from '../aws/credentials.ts'
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

/** Whether each role of each plan may do what only acts would show, and nobody may delete a dr cluster. */
export async function permitted(patient: Patient): Promise<readonly Finding[]> {
  const looks = patient.plans.plans.flatMap((plan) => [
    ...groupsOf(plan).map(async (group) => {
      const seen = await simulate(patient, plan.regions.dr, group.account, group)
      return seen.ok ? judgePermissions(group, seen.value) : [unsimulated(group.role, plan, seen)]
    }),
    ...rolesOf(plan).map((role) => drCluster(patient, plan, role)),
  ])
  return (await Promise.all(looks)).flat()
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

/** The simulator's verdicts against what the steps need. */
export function judgePermissions(
  { role, plan, needs }: Pick<Group, 'role' | 'plan' | 'needs'>,
  verdicts: readonly Verdict[],
): readonly Finding[] {
  return needs.map(({ action, steps }) => {
    const own = verdicts.filter((verdict) => verdict.action.toLowerCase() === action.toLowerCase())
    const short = own.filter(({ decision }) => decision === 'denied' || decision === 'explicit')
    const where = short.map(({ resource }) => resource).join(', ')
    const need = `${plan.name}: ${steps.join(', ')}`
    if (short.length && action.startsWith('kms:'))
      return unknown(
        'permission',
        role,
        `${action} on ${where} is not allowed by the role's policies; the key's own policy may allow it (${need})`,
        'Look at the policy of the key in the KMS console: it, or the role, must allow this.',
      )
    if (short.length) return fault('permission', role, `${action} is not allowed on ${where} (${need})`)
    if (!own.length || own.some(({ decision }) => decision === 'depends'))
      return unknown(
        'permission',
        role,
        `whether ${action} is allowed depends on what only the call itself knows (${need})`,
        byHand(role, action),
      )
    return ok('permission', role, `${action} (${need})`)
  })
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
