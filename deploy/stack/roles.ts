import { LOOKING, RUNNING, type Session } from '../../src/aws/session.ts'
import { partition } from '../../src/durable/dynamo-table.ts'
import type { Plan } from '../../src/plan/schema.ts'
import { dnsChanges, workloadChanges } from '../policies/changes.ts'
import { protection } from '../policies/deletions.ts'
import { dnsLooks, workloadLooks } from '../policies/looks.ts'
import { allow, condensed } from '../policies/statement.ts'
import { type Copy, FUNCTIONS, type FunctionName, roleName } from '../stages.ts'
import {
  beingDurable,
  givingUp,
  invoking,
  journal,
  listening,
  logging,
  type OwnStatement,
  partitions,
  readingSecrets,
  steering,
} from './own.ts'

/** Logical id of a function's role. */
export const roleId = (name: FunctionName): string => `${name[0]?.toUpperCase()}${name.slice(1)}Role`

/** What IAM takes of a role's own policies together; spaces do not count. */
const MOST_CHARACTERS = 10_240

/** One role per function, as CloudFormation resources. Throws when there are more plans than one role can be for. */
export function roles(copy: Copy, plans: readonly Plan[]) {
  return Object.fromEntries(
    FUNCTIONS.map((name) => {
      const own = [logging(copy, name), ...OWN[name](copy)]
      const outside = OUTSIDE[name](plans)
      if (JSON.stringify([own, outside]).length > MOST_CHARACTERS)
        throw new Error(`the role of ${name} is for too much: let the plans name roles of their own`)
      return [
        roleId(name),
        {
          Type: 'AWS::IAM::Role',
          Properties: {
            RoleName: roleName(copy, name),
            Description: `Understudy (${copy.stage}): ${PURPOSE[name]}`,
            AssumeRolePolicyDocument: BY_LAMBDA,
            Policies: [policy('own', own), ...(outside.length ? [policy('plans', outside)] : [])],
          },
        },
      ]
    }),
  )
}

const PURPOSE: Readonly<Record<FunctionName, string>> = {
  front: 'takes requests from Slack down, and changes nothing',
  worker: 'looks and answers, and changes nothing of any plan',
  run: 'carries out approved runs',
  watch: 'puts right what was left lying, and changes nothing of any plan',
}

const BY_LAMBDA = document([
  { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' },
])

/** What each function needs of the bot itself. */
const OWN: Readonly<Record<FunctionName, (copy: Copy) => readonly OwnStatement[]>> = {
  // It can take a request down, and can neither write events (an approval is one) nor steer a run.
  front: (copy) => [
    invoking(copy, 'worker'),
    ...readingSecrets(copy),
    partitions(
      ['dynamodb:PutItem', 'dynamodb:GetItem', 'dynamodb:DeleteItem'],
      [partition.inbox, `${partition.pointer}slack-told:*`],
    ),
    partitions(['dynamodb:GetItem'], [`${partition.dealt}*`]),
    partitions(['dynamodb:Query'], [`${partition.run}*`]),
  ],
  worker: (copy) => [
    ...journal,
    ...listening,
    invoking(copy, 'worker'),
    ...steering(copy),
    ...readingSecrets(copy),
    givingUp,
  ],
  // No secrets: it tells Slack nothing, the worker does.
  run: (copy) => [...journal, beingDurable(copy), ...steering(copy), givingUp],
  watch: (copy) => [
    ...journal,
    invoking(copy, 'worker'),
    ...steering(copy),
    ...readingSecrets(copy),
    givingUp,
  ],
}

/** What each function may do outside, through the plans' roles or, where a plan names none, itself. */
const OUTSIDE: Readonly<Record<FunctionName, (plans: readonly Plan[]) => readonly OwnStatement[]>> = {
  front: () => [],
  worker: (plans) => lookingAt(plans),
  run: (plans) => [
    ...becoming(
      plans.flatMap(({ accounts: { workload, dns } }) => [workload.role, dns.role, workload.deletionRole]),
      RUNNING,
    ),
    ...condensed([...looks(plans), ...changes(plans)]),
    ...condensed(protection(plans)),
  ],
  watch: (plans) => lookingAt(plans),
}

const lookingAt = (plans: readonly Plan[]): readonly OwnStatement[] => [
  ...becoming(
    plans.flatMap(({ accounts: { workload, dns } }) => [workload.role, dns.role]),
    LOOKING,
  ),
  ...condensed(looks(plans)),
  ...condensed(protection(plans)),
]

const becoming = (all: readonly (string | undefined)[], session: Session) =>
  allow(
    ['sts:AssumeRole'],
    all.filter((role) => role !== undefined),
    { StringEquals: { 'sts:RoleSessionName': session } },
  )

const looks = (plans: readonly Plan[]) =>
  plans.flatMap((plan) => [
    ...(plan.accounts.workload.role ? [] : workloadLooks(plan)),
    ...(plan.accounts.dns.role ? [] : dnsLooks(plan)),
  ])

const changes = (plans: readonly Plan[]) =>
  plans.flatMap((plan) => [
    ...(plan.accounts.workload.role ? [] : workloadChanges(plan)),
    ...(plan.accounts.dns.role ? [] : dnsChanges(plan)),
  ])

const policy = (PolicyName: string, statements: readonly OwnStatement[]) => ({
  PolicyName,
  PolicyDocument: document(statements),
})

function document<T>(Statement: readonly T[]) {
  return { Version: '2012-10-17', Statement } as const
}
