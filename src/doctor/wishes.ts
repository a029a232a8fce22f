import type { Account } from '../aws/clients.ts'
import { RUNNING } from '../aws/session.ts'
import type { Plan } from '../plan/schema.ts'
import { type Actor, type Permission, permissions } from './permissions.ts'
import { type ResourceKind, resourcesOf } from './resources.ts'
import type { Wish } from './simulate.ts'

/** A wish of one plan, with the permissions it is about, and as whom it may be asked where the caller may not. */
export type Group = Wish & {
  readonly plan: Plan
  readonly account: Account
  readonly needs: readonly Permission[]
}

/** The account whose role each actor is. Without one, the bot acts as itself. */
export function accountOf({ accounts }: Plan, actor: Actor): Account {
  if (actor === 'dns') return accounts.dns
  const { deletionRole, ...workload } = accounts.workload
  return actor === 'deletion' && deletionRole ? { ...workload, role: deletionRole } : workload
}

/**
 * One question for each role and kind of thing: the simulator takes no mixture of services. `own`: who acts where the
 * plan names no role.
 */
export function groupsOf(plan: Plan, own: string | undefined): readonly Group[] {
  const needed = permissions.filter(({ shown }) => shown === 'simulated')
  const kinds = Map.groupBy(needed, ({ as, on, action }) => `${as} ${on} ${action.split(':')[0]}`)
  return [...kinds.values()].flatMap((needs): Group[] => {
    const [{ as, on }] = needs as [Permission]
    const account = accountOf(plan, as)
    const resources = resourcesOf(plan, on)
    const role = account.role ?? own
    if (!role || !resources.length) return []
    const actions = [...new Set(needs.map(({ action }) => action))]
    // What assumes the deletion role is not asked to assume it here: simulating it needs no session of it.
    const asking = as === 'deletion' ? accountOf(plan, 'workload') : account
    const context = { ...AS_RUN, ...contexts[on]?.(plan) }
    return [{ role, actions, resources, plan, account: asking, needs, context }]
  })
}

/** Policies may allow changes to the sessions of runs alone. */
export const AS_RUN = { 'aws:userid': [`AROAEXAMPLE:${RUNNING}`] }

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
