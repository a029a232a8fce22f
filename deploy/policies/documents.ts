import { LOOKING, RUNNING } from '../../src/aws/session.ts'
import type { Plan } from '../../src/plan/schema.ts'
import { type Copy, copiesOf, roleArn, type Stages } from '../stages.ts'
import { partitionOf } from './arns.ts'
import { dnsChanges, workloadChanges } from './changes.ts'
import { deletions, protection, staysIn } from './deletions.ts'
import { dnsExamined, dnsLooks, workloadExamined, workloadLooks } from './looks.ts'
import { type Condition, condensed, onlyIf, type Statement } from './statement.ts'

/** A role in a plan's accounts: what it may do, and who may become it. */
export type RoleDocuments = {
  readonly role: string
  /** As many documents as it takes for each to be a managed policy. */
  readonly permissions: readonly Document<Statement>[]
  readonly trust: Document<Trust>
}
export type Document<T> = { readonly Version: '2012-10-17'; readonly Statement: readonly T[] }
type Trust = {
  readonly Effect: 'Allow'
  readonly Action: 'sts:AssumeRole'
  readonly Principal: { readonly AWS: string }
  readonly Condition: Condition
}

/** What one role is for in one plan. */
type Use = {
  readonly role: string
  readonly plan: Plan
  readonly externalId?: string
  readonly looks: readonly Statement[]
  readonly changes: readonly Statement[]
  readonly deletes: boolean
}

/** The documents of every role that the plans name, for whoever owns the accounts to attach. */
export function roleDocuments(plans: readonly Plan[], stages: Stages): readonly RoleDocuments[] {
  const byRole = Map.groupBy(plans.flatMap(usesOf), ({ role }) => role)
  return [...byRole].map(([role, uses]) => {
    const used = plans.filter((plan) => uses.some((use) => use.plan === plan))
    const deletes = uses.every((use) => use.deletes)
    const changing = onlyIf(asSession(RUNNING), condensed(uses.flatMap(({ changes }) => changes)))
    return {
      role,
      permissions: managed(
        [...condensed(uses.flatMap(({ looks }) => looks)), ...changing],
        condensed([...protection(used), ...(deletes ? staysIn(used) : [])]),
      ),
      trust: document(trust(uses, deletes, stages)),
    }
  })
}

/** Nothing may be deleted where a plan names no role for it. */
function usesOf(plan: Plan): readonly Use[] {
  const { workload, dns } = plan.accounts
  const use = (
    role: string | undefined,
    { externalId }: { readonly externalId?: string | undefined },
    what: Pick<Use, 'looks' | 'changes' | 'deletes'>,
  ): readonly Use[] => (role ? [{ role, plan, ...(externalId ? { externalId } : {}), ...what }] : [])
  return [
    ...use(workload.role, workload, {
      looks: [...workloadLooks(plan), ...workloadExamined(plan)],
      changes: workloadChanges(plan),
      deletes: false,
    }),
    ...use(dns.role, dns, {
      looks: [...dnsLooks(plan), ...dnsExamined(plan)],
      changes: dnsChanges(plan),
      deletes: false,
    }),
    ...use(workload.deletionRole, workload, { looks: [], changes: deletions(plan), deletes: true }),
  ]
}

/** Only whoever may call a session so can have one of that name: the role's trust sees to it. */
const asSession = (name: string): Condition => ({ StringLike: { 'aws:userid': `*:${name}` } })

/**
 * `run`, and people at a terminal, may act; worker and watch may only look, and may not delete at all. The account is the
 * principal and the role a condition, so that a role can be trusted before it exists and is still when it is made anew.
 */
function trust(uses: readonly Use[], deletes: boolean, stages: Stages): readonly Trust[] {
  const copies = copiesOf(stages)
  const ids = [...new Set(uses.flatMap(({ externalId }) => externalId ?? []))]
  const mayBe = (session: string, principals: readonly string[]): Trust => ({
    Effect: 'Allow',
    Action: 'sts:AssumeRole',
    Principal: { AWS: `arn:${partitionOfAll(copies)}:iam::${stages.account}:root` },
    Condition: {
      StringEquals: {
        'aws:PrincipalArn': principals,
        'sts:RoleSessionName': session,
        ...(ids.length ? { 'sts:ExternalId': ids } : {}),
      },
    },
  })
  const acting = [...copies.map((copy) => roleArn(copy, 'run')), ...stages.operators]
  const looking = copies.flatMap((copy) => [roleArn(copy, 'worker'), roleArn(copy, 'watch')])
  return [mayBe(RUNNING, acting), ...(deletes ? [] : [mayBe(LOOKING, looking)])]
}

/** What IAM takes as one managed policy; spaces do not count. */
const MOST_CHARACTERS = 6_144

/** Each part denies what all of them must, so that none is dangerous without the others. */
function managed(
  statements: readonly Statement[],
  denied: readonly Statement[],
): readonly Document<Statement>[] {
  const parts: Statement[][] = [[...denied]]
  for (const statement of statements) {
    const last = parts.at(-1) as Statement[]
    if (JSON.stringify(document([...last, statement])).length <= MOST_CHARACTERS) last.push(statement)
    else parts.push([...denied, statement])
  }
  return parts.map(document)
}

const partitionOfAll = (copies: readonly Copy[]) => partitionOf(copies[0]?.region ?? '')

const document = <T>(statements: readonly T[]): Document<T> => ({
  Version: '2012-10-17',
  Statement: statements,
})
