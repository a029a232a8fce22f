import type { Finding } from '../../src/doctor/finding.ts'
import { home } from '../aws/rig.ts'
import { allActions } from './actions.ts'
import { PREFIX } from './bot-stack.ts'
import type { Stage } from './stage.ts'

/** One thing that is spoilt, and the one finding that must come of it. */
export type Plant = {
  readonly what: string
  readonly spoil: (stage: Stage) => unknown
  readonly found: Partial<Finding> & Pick<Finding, 'check' | 'level'>
  readonly says: RegExp
}

const operator = 'arn:aws:iam::111122223333:role/understudy-operator'
const deletion = 'arn:aws:iam::111122223333:role/understudy-deletion'
const center = (region: string) =>
  `arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/${region}AWSReservedSSO_Operators_0f1e2d3c4b5a`

/** Maya comes through the Identity Center of that region (`us-east-1/`). */
function through(region: string, stage: Stage): void {
  stage.aws.world.sts.roles.push({ arn: center(region) })
  stage.plan('orders', ({ identities, slack }) => ({
    identities: [
      ...identities.filter(({ user }) => user !== slack.breakGlass[0]),
      {
        user: slack.breakGlass[0] ?? '',
        arn: 'arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Operators_0f1e2d3c4b5a/maya',
      },
    ],
  }))
}

/** The ten that are planted together. */
export const ten: readonly Plant[] = [
  {
    what: 'a change that a step needs and the role may not make',
    spoil: ({ aws }) => aws.allow(operator, allActions({ but: 'rds:FailoverGlobalCluster' })),
    found: { check: 'permission', level: 'fault', about: operator },
    says: /rds:FailoverGlobalCluster is not allowed on .*orders-dr.*promote-standby/,
  },
  {
    what: 'a dr cluster that can be deleted',
    spoil: ({ aws }) => delete aws.world.sts.roles.find(({ arn }) => arn === deletion)?.deny,
    found: { check: 'dr-cluster', level: 'fault', about: deletion },
    says: /may delete orders-dr/,
  },
  {
    what: 'a service whose name has changed',
    spoil: (stage) =>
      stage.plan('billing', ({ services }) => ({
        services: services.map((one) => ({
          ...one,
          ecs: { ...one.ecs, dr: { cluster: 'billing', service: 'billing-old' } },
        })),
      })),
    found: { check: 'drift', level: 'fault', about: 'billing in us-west-2' },
    says: /no service billing-old/,
  },
  {
    what: 'dr state that goes dark with home',
    spoil: (stage) =>
      stage.plan('orders', ({ terraform }) => ({
        terraform: terraform && {
          ...terraform,
          stacks: terraform.stacks.map((stack) =>
            stack.name === 'orders-dr-platform' ? { ...stack, stateRegion: home } : stack,
          ),
        },
      })),
    found: { check: 'state-region', level: 'warn', about: 'orders, stack orders-dr-platform' },
    says: /us-east-1, the home region/,
  },
  {
    what: 'an alias of $LATEST',
    spoil: ({ stack }) => {
      stack.aliasVersion = '$LATEST'
    },
    found: { check: 'durable', level: 'fault', about: `${PREFIX}-run:durable` },
    says: /points to \$LATEST/,
  },
  {
    what: 'a journal that cannot be restored',
    spoil: ({ stack }) => {
      stack.table = { ...stack.table, recovery: 'DISABLED' }
    },
    found: { check: 'table', level: 'warn', about: PREFIX },
    says: /point-in-time recovery is off/,
  },
  {
    what: 'a letter nobody could read',
    spoil: ({ stack }) => {
      stack.letters = 1
    },
    found: { check: 'dead-letters', level: 'warn' },
    says: /one message/,
  },
  {
    what: 'a token that may not post',
    spoil: ({ proxy }) => proxy.scopes.splice(proxy.scopes.indexOf('chat:write'), 1),
    found: { check: 'slack-scopes', level: 'fault', about: 'chat:write' },
    says: /nothing can be posted/,
  },
  {
    what: 'an approver who has left',
    spoil: (stage) =>
      stage.plan('orders', ({ slack }) => ({
        slack: { ...slack, approvers: [...slack.approvers, 'U0HASLEFT'] },
      })),
    found: { check: 'person', level: 'fault', about: 'U0HASLEFT' },
    says: /nobody in Slack/,
  },
  {
    what: 'somebody who breaks the glass and cannot log in without home',
    spoil: (stage) => through('', stage),
    found: { check: 'login', level: 'warn', about: 'U0MAYACHEN (orders)' },
    says: /Identity Center in us-east-1, the home region/,
  },
]

/** Others that can be planted together. */
export const more: readonly Plant[] = [
  {
    what: 'a look that the role may not take',
    spoil: ({ aws }) => aws.allow(operator, allActions({ but: 'elasticloadbalancing:DescribeRules' })),
    found: { check: 'permission', level: 'fault', about: operator },
    says: /elasticloadbalancing:DescribeRules is not allowed/,
  },
  {
    what: 'builds that the role may not look for, which only doctor would',
    spoil: ({ aws }) =>
      aws.addFault({ kind: 'denied', service: 'codebuild', operation: 'BatchGetProjects', region: home }),
    found: { check: 'drift', level: 'unknown', about: 'orders in us-east-1' },
    says: /codebuild:BatchGetProjects is not allowed/,
  },
  {
    what: 'a role that cannot be assumed',
    spoil: (stage) =>
      stage.plan('billing', ({ accounts }) => ({
        accounts: { ...accounts, dns: { ...accounts.dns, externalId: 'of-yesterday' } },
      })),
    found: { check: 'account', level: 'fault', about: 'arn:aws:iam::444455556666:role/understudy-dns' },
    says: /cannot be assumed/,
  },
  {
    what: 'a record that is not there',
    spoil: (stage) =>
      stage.plan('orders', ({ dns }) => ({
        dns: { ...dns, records: dns.records.map((record) => ({ ...record, name: 'bills.example.test' })) },
      })),
    found: { check: 'drift', level: 'fault', about: 'orders in Route 53' },
    says: /no record bills.example.test/,
  },
  {
    what: 'an alarm that is not there',
    spoil: (stage) => stage.plan('orders', ({ alarms }) => ({ alarms: { ...alarms, home: ['orders-7xx'] } })),
    found: { check: 'drift', level: 'fault', about: 'orders in us-east-1' },
    says: /no alarm orders-7xx/,
  },
  {
    what: 'a function that is kept still',
    spoil: ({ stack }) => {
      stack.reserved[`${PREFIX}-worker`] = 0
    },
    found: { check: 'functions', level: 'fault', about: `${PREFIX}-worker` },
    says: /concurrency is set to 0/,
  },
  {
    what: 'a function that was never deployed',
    spoil: ({ stack }) => delete stack.functions[`${PREFIX}-watch`],
    found: { check: 'functions', level: 'fault', about: `${PREFIX}-watch` },
    says: /no such function/,
  },
  {
    what: 'a run function that is not durable',
    spoil: ({ stack }) => delete stack.functions[`${PREFIX}-run`]?.DurableConfig,
    found: { check: 'durable', level: 'fault', about: `${PREFIX}-run` },
    says: /no DurableConfig/,
  },
  {
    what: 'an alarm of the stack that has nothing to go by',
    spoil: ({ stack }) => {
      stack.alarms[`${PREFIX}-watch-silent`] = 'INSUFFICIENT_DATA'
    },
    found: { check: 'stack-alarms', level: 'warn', about: `${PREFIX}-watch-silent` },
    says: /nothing to go by/,
  },
  {
    what: 'a table that can be deleted by accident',
    spoil: ({ stack }) => {
      stack.table = { ...stack.table, protection: false }
    },
    found: { check: 'table', level: 'warn' },
    says: /deletion protection is off/,
  },
  {
    what: 'another app of the same workspace',
    spoil: (stage) => stage.set(({ slack }) => (slack ? { slack: { ...slack, appId: 'A0OTHER' } } : {})),
    found: { check: 'slack-token', level: 'fault', about: 'app' },
    says: /A0OTHER is configured/,
  },
  {
    what: 'a channel that the bot is not in',
    spoil: ({ proxy }) =>
      proxy.faults.push({ method: 'conversations.history', kind: 'not_in_channel', times: 1 }),
    found: { check: 'slack-channel', level: 'fault' },
    says: /not in it/,
  },
  {
    what: 'people who may not be looked at',
    spoil: ({ proxy }) => proxy.faults.push({ method: 'users.info', kind: 'missing_scope', times: 99 }),
    found: { check: 'person', level: 'unknown', about: 'everybody' },
    says: /users:read/,
  },
  {
    what: 'a plan whose people have no name in AWS',
    spoil: (stage) => stage.plan('billing', () => ({ identities: [] })),
    found: { check: 'terminal-people', level: 'warn', about: 'billing' },
    says: /nobody can approve/,
  },
  {
    what: 'an environment with a gap',
    spoil: (stage) => stage.set(() => ({ faults: ['SLACK_TEAM_ID is not set'] })),
    found: { check: 'configuration', level: 'fault' },
    says: /SLACK_TEAM_ID/,
  },
  {
    what: 'a broken plan file',
    spoil: (stage) =>
      stage.set(({ plans }) => ({
        plans: { ...plans, broken: [{ name: 'stock', faults: ['stock.yaml:3:1 regions: is missing'] }] },
      })),
    found: { check: 'plans', level: 'fault', about: 'stock' },
    says: /regions: is missing/,
  },
  {
    what: 'an old Node',
    spoil: (stage) => stage.set(() => ({ node: '20.19.0' })),
    found: { check: 'node', level: 'fault' },
    says: /20\.19\.0/,
  },
]

/** Those that hide others, so that each is planted for itself. */
export const lonely: readonly Plant[] = [
  {
    what: 'a role of another account',
    spoil: (stage) =>
      stage.plan('billing', ({ accounts }) => ({
        accounts: { ...accounts, dns: { ...accounts.dns, id: '999988887777' } },
      })),
    found: { check: 'account', level: 'fault' },
    says: /is in account 444455556666; the plan “billing” says 999988887777/,
  },
  {
    what: 'a standby that is no member any more',
    spoil: ({ aws }) => aws.enter('orders', 'detached', 'home'),
    found: { check: 'drift', level: 'fault' },
    says: /is no member of the global cluster|no global cluster/,
  },
  {
    what: 'a table that is not there',
    spoil: (stage) =>
      stage.set(() => ({ journal: { kind: 'dynamodb', region: 'us-east-2', table: 'understudy' } })),
    found: { check: 'table', level: 'fault', about: 'understudy' },
    says: /no such table/,
  },
  {
    what: 'a token of another workspace',
    spoil: (stage) => stage.set(({ slack }) => (slack ? { slack: { ...slack, teamId: 'T0OTHER' } } : {})),
    found: { check: 'slack-token', level: 'fault', about: 'Slack' },
    says: /T000000001.*T0OTHER/,
  },
  {
    what: 'a token that Slack does not know',
    spoil: (stage) =>
      stage.set(({ slack }) => (slack ? { slack: { ...slack, token: async () => 'xoxb-none' } } : {})),
    found: { check: 'slack-token', level: 'fault' },
    says: /invalid_auth/,
  },
  {
    what: 'a Slack that gives no answer',
    spoil: ({ proxy }) => proxy.faults.push({ method: 'auth.test', kind: 'hang', times: 1 }),
    found: { check: 'slack-token', level: 'unknown' },
    says: /no answer/,
  },
]
