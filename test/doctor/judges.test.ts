import { describe, expect, test } from 'vitest'
import { judgeAccount } from '../../src/doctor/accounts.ts'
import { unseen } from '../../src/doctor/ask.ts'
import { judgeClock, skewBy } from '../../src/doctor/clock.ts'
import { judgeDrCluster } from '../../src/doctor/dr-cluster.ts'
import { judgeCluster } from '../../src/doctor/drift-database.ts'
import { judgeRecord } from '../../src/doctor/drift-dns.ts'
import { type Finding, fault, ok, silent, unknown, warn } from '../../src/doctor/finding.ts'
import { gathered } from '../../src/doctor/gathered.ts'
import { judgeIdentities, judgeLogin } from '../../src/doctor/login.ts'
import { judgePerson } from '../../src/doctor/people.ts'
import { answersOf, judgePermissions } from '../../src/doctor/permitted.ts'
import { placements } from '../../src/doctor/placement.ts'
import { judgeChannel, judgeScopes, judgeToken } from '../../src/doctor/slack.ts'
import type { SlackAnswer } from '../../src/doctor/slack-ask.ts'
import { judgeFunction } from '../../src/doctor/stack-functions.ts'
import { judgeAlarm, judgeLetters } from '../../src/doctor/stack-watch.ts'
import { judgeExpiry, judgePlacement, judgeTable } from '../../src/doctor/table.ts'
import { judgeDisk, judgeNode } from '../../src/doctor/terminal.ts'
import { exitOf, findingsText } from '../../src/doctor/told.ts'
import { shipped } from '../aws/rig.ts'

const orders = shipped('orders')
const role = 'arn:aws:iam::111122223333:role/understudy-operator'
const MB = 2 ** 20

/** `fault dr-cluster`, of one finding or several. */
const inShort = (findings: Finding | readonly Finding[]) =>
  [findings].flat().map(({ level, check }) => `${level} ${check}`)

describe('this terminal', () => {
  test.each([
    ['22.18.0', 'fault node'],
    ['24.0.0', 'ok node'],
    ['26.1.0', 'ok node'],
  ])('Node %s: %s', (version, said) => expect(inShort(judgeNode(version))).toEqual([said]))

  test.each([
    [10, 'fault journal-file'],
    [500, 'warn journal-file'],
    [5_000, 'ok journal-file'],
  ])('%i MB free: %s', (free, said) => expect(inShort(judgeDisk('journal.db', free * MB))).toEqual([said]))

  test.each([
    [0, 'ok clock'],
    [-59_000, 'ok clock'],
    [90_000, 'warn clock'],
    [-301_000, 'fault clock'],
  ])('%i ms off: %s', (skew, said) => expect(inShort(judgeClock('Slack', skew))).toEqual([said]))

  test('a Date counts for the middle of the wait for it, and one that is none for nothing', () => {
    const date = 'Sat, 21 Nov 2026 03:00:00 GMT'
    expect(skewBy(date, Date.parse(date) - 400, Date.parse(date) + 600)).toBe(100)
    expect(skewBy(null, 0, 1)).toBeUndefined()
    expect(skewBy('yesterday', 0, 1)).toBeUndefined()
  })
})

describe('AWS', () => {
  const question = {
    check: 'drift',
    about: 'orders in us-west-2',
    region: 'us-west-2',
    service: 'RDS',
    role,
  } as const
  const look = (why: 'unreachable' | 'denied' | 'throttled' | 'failed', detail = '') =>
    unseen(question, { ok: false, why, detail, waitedMs: 1, at: 0 })

  test.each([
    ['unreachable', '', 'unknown drift'],
    ['throttled', 'RDS is throttling us', 'unknown drift'],
    ['failed', 'RDS could not be looked at', 'unknown drift'],
    ['denied', 'User: x is not authorized to perform: rds:DescribeEvents', 'fault permission'],
    ['denied', 'User: x is not authorized to perform: codebuild:BatchGetProjects', 'unknown drift'],
    ['denied', `sts:AssumeRole of ${role} in us-west-2: no`, 'fault account'],
    ['denied', `sts:AssumeRole of ${role} in us-west-2: Could not load credentials`, 'fault credentials'],
    ['denied', 'ExpiredToken: the security token has expired', 'fault credentials'],
  ] as const)('what is %s (%s) is a finding: %s', (why, detail, said) =>
    expect(inShort(look(why, detail))).toEqual([said]),
  )

  test('a role is of the account the plan names, or a fault', () => {
    const caller = { account: '1', arn: 'arn' }
    expect(inShort(judgeAccount(role, 'orders', '1', caller))).toEqual(['ok account'])
    expect(inShort(judgeAccount(role, 'orders', '2', caller))).toEqual(['fault account'])
  })

  const needs = [
    {
      action: 'kms:CreateGrant',
      as: 'workload',
      on: 'rescue-keys',
      steps: ['rescue-lost-writes'],
      shown: 'simulated',
    },
    { action: 'ecs:StopTask', as: 'workload', on: 'ecs-tasks', steps: ['refresh-pools'], shown: 'simulated' },
  ] as const
  const judged = (
    kms: 'allowed' | 'denied' | 'depends',
    ecs: 'allowed' | 'denied' | 'explicit' | 'depends',
  ) =>
    inShort(
      judgePermissions(
        answersOf({ role, plan: orders, needs }, [
          { action: 'kms:CreateGrant', resource: 'key', decision: kms },
          { action: 'ecs:StopTask', resource: 'task/1', decision: 'allowed' },
          { action: 'ecs:StopTask', resource: 'task/2', decision: ecs },
        ]),
      ),
    )

  test('one resource that is refused is one too many', () => {
    expect(judged('allowed', 'allowed')).toEqual(['ok permission', 'ok permission'])
    expect(judged('allowed', 'denied')).toEqual(['ok permission', 'fault permission'])
    expect(judged('allowed', 'explicit')).toEqual(['ok permission', 'fault permission'])
  })

  test('what depends on the call, or on a key, is not known', () => {
    expect(judged('allowed', 'depends')).toEqual(['ok permission', 'unknown permission'])
    expect(judged('denied', 'allowed')).toEqual(['unknown permission', 'ok permission'])
    expect(inShort(judgePermissions(answersOf({ role, plan: orders, needs }, [])))).toEqual([
      'unknown permission',
      'unknown permission',
    ])
  })

  test('a role that was not named for deleting, and may not, is told once and as a warning', () => {
    const deletes = ['rds:DeleteDBCluster', 'rds:DeleteDBInstance'].map((action) => ({
      ...{ action, as: 'deletion', on: 'home-cluster', steps: ['delete-stale-cluster'], shown: 'simulated' },
    })) as never
    const verdicts = ['rds:DeleteDBCluster', 'rds:DeleteDBInstance'].map((action) => ({
      ...{ action, resource: 'x', decision: 'denied' as const },
    }))
    const [only, ...more] = judgePermissions(answersOf({ role, plan: orders, needs: deletes }, verdicts))
    expect(more).toEqual([])
    expect(only).toMatchObject({ level: 'warn', says: expect.stringContaining('names no other role') })
  })

  const deletion = 'arn:aws:iam::111122223333:role/understudy-deletion'
  const deleting = {
    ...orders,
    accounts: { ...orders.accounts, workload: { ...orders.accounts.workload, deletionRole: deletion } },
  }
  test.each([
    [role, 'allowed', 'fault dr-cluster'],
    [role, 'denied', 'ok dr-cluster'],
    [deletion, 'denied', 'warn dr-cluster'],
    [deletion, 'explicit', 'ok dr-cluster'],
    [deletion, 'depends', 'unknown dr-cluster'],
  ] as const)('%s: deletion of the dr cluster %s: %s', (who, decision, said) => {
    const verdicts = [{ action: 'rds:DeleteDBCluster', resource: 'x', decision }]
    expect(inShort(judgeDrCluster(deleting, who, verdicts))).toEqual([said])
  })

  const record = {
    name: 'orders.example.test',
    type: 'A',
    owner: 'home',
    value: 'x',
    routing: 'simple',
  } as const
  test.each([
    [{}, 'ok drift'],
    [{ owner: 'absent' }, 'fault drift'],
    [{ owner: 'foreign' }, 'fault drift'],
    [{ routing: 'weighted' }, 'fault drift'],
  ] as const)('a record that is %o: %s', (change, said) =>
    expect(inShort(judgeRecord(orders, { ...record, ...change }))).toEqual([said]),
  )

  test('a cluster without an instance cannot take over', () => {
    const cluster = {
      arn: 'a',
      status: 'available',
      engineVersion: '1',
      deletionProtection: true,
      encrypted: true,
    }
    expect(inShort(judgeCluster(orders, 'dr', { ...cluster, instances: [] }))).toEqual(['fault drift'])
  })

  test('only dr needs its state while home is dark', () => {
    const stack = { name: 's', layer: 'platform', directory: '.' } as const
    const terraform = {
      variables: { isSecondary: 'a', sourceRegion: 'b' },
      stacks: [
        { ...stack, side: 'dr' as const, stateRegion: 'us-east-1' },
        { ...stack, side: 'home' as const, stateRegion: 'us-east-1' },
        { ...stack, side: 'dr' as const },
      ],
    }
    const plans = { plans: [{ ...orders, terraform }], broken: [] }
    expect(inShort(placements({ plans }))).toEqual(['warn state-region', 'ok state-region', 'ok dns-control'])
  })
})

describe("the bot's own stack", () => {
  test.each([
    [{ State: 'Active' }, undefined, 'ok functions'],
    [{ State: 'Inactive' }, undefined, 'ok functions'],
    [{ State: 'Failed' }, undefined, 'fault functions'],
    [{ State: 'Active', LastUpdateStatus: 'Failed' }, undefined, 'fault functions'],
    [{ State: 'Active' }, 0, 'fault functions'],
    [{ State: 'Active' }, 5, 'ok functions'],
  ] as const)('a function %o with concurrency %s: %s', (configuration, reserved, said) =>
    expect(inShort(judgeFunction('run', configuration, reserved))).toEqual([said]),
  )

  test('everything that is wrong with a table is told', () => {
    expect(judgeTable('t', { TableStatus: 'DELETING' }).map(({ level }) => level)).toEqual([
      'fault',
      'fault',
      'fault',
      'warn',
    ])
    expect(inShort(judgeExpiry('t', 'ENABLED', 'ttl'))).toEqual(['warn table'])
    expect(inShort(judgeExpiry('t', 'ENABLING', 'expires'))).toEqual(['ok table'])
  })

  test('it lives in one region, which is the home of no plan', () => {
    const plans = { plans: [orders], broken: [] }
    const at = (region: string) => ({ plans, journal: { kind: 'dynamodb', region, table: 't' } as const })
    expect(inShort(judgePlacement(at('us-west-2'), 'us-west-2'))).toEqual(['ok placement'])
    expect(inShort(judgePlacement(at('us-east-1'), 'us-east-1'))).toEqual(['warn placement'])
    expect(inShort(judgePlacement(at('us-west-2'), 'eu-west-1'))).toEqual(['fault placement', 'ok placement'])
    expect(judgePlacement({ plans, journal: { kind: 'sqlite', file: 'x' } })).toEqual([])
  })

  test('alarms that ring, know nothing or are missing are no quiet ones; letters are no empty queue', () => {
    expect(
      inShort(['OK', 'ALARM', 'INSUFFICIENT_DATA', undefined].map((state) => judgeAlarm('a', state))),
    ).toEqual(['ok stack-alarms', 'warn stack-alarms', 'warn stack-alarms', 'fault stack-alarms'])
    expect(inShort([0, 1, 3].map((letters) => judgeLetters('q', letters)))).toEqual([
      'ok dead-letters',
      'warn dead-letters',
      'warn dead-letters',
    ])
  })
})

describe('Slack and its people', () => {
  const app = { token: async () => '', appId: 'A1', teamId: 'T1' }
  const answer = (body: object, error?: string): SlackAnswer => ({
    ...{ ok: error === undefined, date: null, body: body as SlackAnswer['body'] },
    ...(error ? { error } : {}),
  })

  test.each([
    [answer({ team_id: 'T1', bot_id: 'B1' }), app, 'ok slack-token'],
    [answer({ team_id: 'T1' }), app, 'fault slack-token'],
    [answer({ team_id: 'T2', bot_id: 'B1' }), app, 'fault slack-token'],
    [
      answer({ team_id: 'T2', bot_id: 'B1', enterprise_id: 'E1' }),
      { ...app, enterpriseId: 'E1' },
      'ok slack-token',
    ],
    [answer({}, 'token_revoked'), app, 'fault slack-token'],
  ])('a token of %o', (self, configured, said) =>
    expect(inShort(judgeToken(configured, self))).toEqual([said]),
  )

  test('scopes: needed, wanted, or not told', () => {
    expect(inShort(judgeScopes(['commands', 'chat:write', 'files:read']))).toEqual(['ok slack-scopes'])
    expect(inShort(judgeScopes(['chat:write']))).toEqual(['fault slack-scopes', 'warn slack-scopes'])
    expect(inShort(judgeScopes(undefined))).toEqual(['unknown slack-scopes'])
  })

  const member = answer({ channel: { is_member: true } })
  const blind = answer({}, 'missing_scope')
  test.each([
    ['all is well', answer({}), member, ['ok slack-channel']],
    [
      'the bot has no scope to look at channels, and its own call works',
      answer({}),
      blind,
      ['ok slack-channel'],
    ],
    ['it is no member', answer({}), answer({ channel: { is_member: false } }), ['fault slack-channel']],
    ['it is no member, by its own call', answer({}, 'not_in_channel'), blind, ['fault slack-channel']],
    ['it is archived', answer({}), answer({ channel: { is_archived: true } }), ['fault slack-channel']],
    ['there is none', answer({}, 'channel_not_found'), blind, ['fault slack-channel']],
    ['history may not be read', blind, member, ['warn slack-scopes']],
    ['nothing may be read', blind, blind, ['warn slack-scopes', 'unknown slack-channel']],
    ['Slack is silent', undefined, undefined, ['unknown slack-channel']],
    ['Slack is ill', answer({}, 'internal_error'), member, ['unknown slack-channel']],
  ])('a channel where %s', (_what, history, info, said) =>
    expect(inShort(judgeChannel('orders', history, info))).toEqual(said),
  )

  test.each([
    ['a member', answer({ user: { team_id: 'T1' } }), 'ok person'],
    ['somebody who has left', answer({ user: { team_id: 'T1', deleted: true } }), 'fault person'],
    ['a guest', answer({ user: { team_id: 'T1', is_restricted: true } }), 'fault person'],
    [
      'a guest of one channel',
      answer({ user: { team_id: 'T1', is_ultra_restricted: true } }),
      'fault person',
    ],
    ['an outsider', answer({ user: { team_id: 'T2' } }), 'fault person'],
    ['nobody', answer({}, 'user_not_found'), 'fault person'],
    ['who could not be seen', answer({}, 'ratelimited'), 'unknown person'],
    ['who was not answered about', undefined, 'unknown person'],
  ])('%s', (_who, told, said) => expect(inShort(judgePerson(app, 'U1', told))).toEqual([said]))

  test.each([
    ['/aws-reserved/sso.amazonaws.com/eu-west-1/', 'ok login'],
    ['/aws-reserved/sso.amazonaws.com/us-east-1/', 'warn login'],
    ['/aws-reserved/sso.amazonaws.com/', 'warn login'],
    ['/', 'warn login'],
    [undefined, 'warn login'],
  ])('a role of the path %s, with home in us-east-1: %s', (path, said) =>
    expect(inShort(judgeLogin('U1', 'us-east-1', 'Operators', path))).toEqual([said]),
  )

  test('those who approve and those who break the glass have names in AWS', () => {
    const user = (id: string) => ({ user: id, arn: `arn:aws:iam::111122223333:user/${id.toLowerCase()}` })
    const slack = { ...orders.slack, approvers: ['U1', 'U2'], breakGlass: ['U3'] }
    const judged = (...ids: string[]) =>
      inShort(judgeIdentities({ ...orders, slack, identities: ids.map(user) }))
    expect(judged()).toEqual(['warn terminal-people'])
    expect(judged('U1')).toEqual(['warn terminal-people'])
    expect(judged('U3')).toEqual(['warn terminal-people'])
    expect(judged('U1', 'U3')).toEqual(['ok terminal-people'])
  })
})

describe('what is told', () => {
  const dark = [silent('drift', 'orders in us-east-1', 'us-east-1'), silent('account', role, 'us-east-1')]

  test('a silent region once, with what it hides; and nothing twice', () => {
    const twice = ok('account', role, 'it is well')
    expect(gathered([...dark, twice, twice]).map(({ says }) => says)).toEqual([
      'us-east-1 gives no answer: 2 looks could not be made',
      'it is well',
    ])
  })

  test('in groups, with marks and remedies; what is well is counted, or listed', () => {
    const findings = [
      fault('node', 'Node', 'this is Node 20', 'Run it with Node 24.'),
      ok('plans', 'orders', 'it can be used'),
      unknown('drift', 'orders', 'not seen', 'Look again.'),
      warn('person', 'U1', 'a guest', 'Name another.'),
    ]
    expect(findingsText(findings)).toMatchInlineSnapshot(`
      "This terminal: 1 of 2 well
      ✗ Node: this is Node 20
          Run it with Node 24.

      AWS, for each plan and region: 0 of 1 well
      ? orders: not seen
          Look again.

      People: 0 of 1 well
      ! U1: a guest
          Name another.

      1 fault, 1 unknown, 1 warning."
    `)
    expect(findingsText(findings, true)).toContain('  orders: it can be used')
    expect(findingsText([ok('plans', 'orders', 'it can be used')])).toContain('All well.')
  })

  test('the exit code is the worst of it, and unknown is never fine', () => {
    const well = ok('node', 'Node', '24')
    const guest = warn('person', 'U1', 'a guest')
    const unseen = unknown('drift', 'orders', 'not seen')
    const bad = fault('drift', 'orders', 'gone')
    expect(exitOf([well])).toBe(0)
    expect(exitOf([well, guest])).toBe(0)
    expect(exitOf([well, guest, unseen])).toBe(4)
    expect(exitOf([unseen, bad])).toBe(1)
  })
})
