import { describe, expect, test } from 'vitest'
import { dnsChanges, workloadChanges } from '../../deploy/policies/changes.ts'
import { deletions, protection } from '../../deploy/policies/deletions.ts'
import { roleDocuments } from '../../deploy/policies/documents.ts'
import { dnsExamined, dnsLooks, workloadExamined, workloadLooks } from '../../deploy/policies/looks.ts'
import { allow, condensed, type Statement } from '../../deploy/policies/statement.ts'
import { isForDoctorAlone, permissions } from '../../src/doctor/permissions.ts'
import { resourcesOf } from '../../src/doctor/resources.ts'
import { isLook, mayPass, objections } from './judge.ts'
import { billing, deleting, orders, rescuing, sso, stages } from './plans.ts'
import { actionsUsed } from './used.ts'

const actionsOf = (statements: readonly Statement[]) => [
  ...new Set(statements.flatMap(({ Action }) => Action)),
]
const DR = 'arn:aws:rds:us-west-2:111122223333'
const HOME = 'arn:aws:rds:us-east-1:111122223333'

/** What no policy has to allow: who one is, anybody may ask; roles are assumed by the functions' own roles. */
const NEEDS_NONE = ['sts:GetCallerIdentity', 'sts:AssumeRole']

describe('what the code asks AWS for', () => {
  const used = actionsUsed('src/aws/*.ts').filter(
    (action) => !/^(lambda|dynamodb|ssm|secretsmanager):/.test(action) && !NEEDS_NONE.includes(action),
  )
  const looks = actionsOf([...workloadLooks(rescuing), ...dnsLooks(rescuing)])
  const changes = actionsOf([...workloadChanges(rescuing), ...dnsChanges(rescuing)])
  const deletes = actionsOf(deletions(rescuing))

  test('is found in the adapters', () => {
    expect(used).toContain('rds:FailoverGlobalCluster')
    expect(used).toContain('apigateway:GET')
    expect(used.length).toBeGreaterThan(35)
  })

  test('is allowed, all of it', () => {
    expect(used.filter((action) => ![...looks, ...changes, ...deletes].includes(action))).toEqual([])
  })

  test('is all that is allowed, but for the keys of copied snapshots', () => {
    const surplus = [...looks, ...changes, ...deletes].filter((action) => !used.includes(action))
    expect(surplus.filter((action) => !action.startsWith('kms:'))).toEqual([])
  })

  test('is divided by AWS’s own word into looks and changes', async () => {
    for (const action of looks) expect([action, await isLook(action)]).toEqual([action, true])
    for (const action of [...changes, ...deletes].filter((each) => !/^kms:/.test(each)))
      expect([action, await isLook(action)]).toEqual([action, false])
  })

  test('deletes nowhere but where deletions are', () => {
    expect(changes.filter((action) => /Delete|rds:Modify/.test(action))).toEqual([])
  })
})

describe('what doctor looks for', () => {
  const plan = { ...rescuing, identities: [sso] }
  const documents = roleDocuments([plan], stages)

  test.each(permissions)('$action as $as on $on', ({ as, on, action }) => {
    const role = { workload: 'operator', deletion: 'deletion', dns: 'dns' }[as]
    const found = documents.find((one) => one.role.endsWith(role)) ?? expect.fail()
    const statements = found.permissions.flatMap((part) => part.Statement)
    // Of lists that are of everything, or of a whole region.
    if (on === 'any') return expect(actionsOf(statements)).toContain(action)
    const resources = resourcesOf(plan, on)
    expect(resources).not.toEqual([])
    const refused = resources.filter(
      (resource) => !mayPass(statements, { action, resource, session: 'understudy' }),
    )
    expect(refused).toEqual([])
  })

  test('is all that it is given beside the looks of runs', () => {
    const given = actionsOf([...workloadExamined(plan), ...dnsExamined(plan)])
    expect(given.filter((action) => !isForDoctorAlone(action))).toEqual([])
  })
})

describe('statements', () => {
  test.each([
    ['looks', [...workloadLooks(rescuing), ...dnsLooks(rescuing)]],
    ['looks of doctor', [...workloadExamined({ ...rescuing, identities: [sso] }), ...dnsExamined(rescuing)]],
    ['changes', [...workloadChanges(rescuing), ...dnsChanges(rescuing)]],
    ['changes of a plan with a listener', workloadChanges(billing)],
    ['deletions', deletions(orders)],
  ])('AWS has nothing against %s', async (_, statements) => {
    for (const statement of statements) expect(await objections(statement)).toEqual([])
  })

  test('the judge objects to what is planted', async () => {
    const planted = [
      ...allow(['rds:FailoverGlobalCluster'], ['*']),
      ...allow(['rds:DescribeEvents'], [`${HOME}:db:x`]),
      ...allow(['rds:DeleteCluster'], [`${HOME}:cluster:x`]),
      ...allow(['ecs:UpdateService'], [`${HOME}:cluster:x`]),
      ...allow(['route53:GetChange'], ['arn:aws:route53:::change/*'], {
        StringEquals: { 'route53:Colour': 'red' },
      }),
    ]
    expect((await Promise.all(planted.map(objections))).flat()).toEqual([
      'rds:FailoverGlobalCluster: is for everything, and could be for cluster,global-cluster',
      'rds:DescribeEvents: AWS gives it for everything only',
      'rds:DeleteCluster: AWS has no such action',
      `ecs:UpdateService: ${HOME}:cluster:x is none of its resources`,
      'route53:GetChange: does not know the condition route53:Colour',
    ])
  })

  test('only the plan’s own records may be changed, by their names as Route 53 writes them', () => {
    const [record = expect.fail()] = orders.dns.records
    const starred = {
      ...orders,
      dns: { ...orders.dns, records: [{ ...record, name: '*.Orders.example.test.' }] },
    }
    expect(dnsChanges(starred)[0]?.Condition).toEqual({
      'ForAllValues:StringEquals': {
        'route53:ChangeResourceRecordSetsNormalizedRecordNames': ['\\052.orders.example.test'],
        'route53:ChangeResourceRecordSetsRecordTypes': ['A'],
        'route53:ChangeResourceRecordSetsActions': ['CREATE', 'DELETE'],
      },
    })
  })

  test('only snapshots of our own making are made, and only AWS’s rescue snapshots copied beside them', () => {
    const changes = workloadChanges(orders)
    const copy = (name: string) =>
      mayPass(changes, { action: 'rds:CopyDBClusterSnapshot', resource: `${HOME}:cluster-snapshot:${name}` })
    expect(copy('dr-r1-rescue-orders-home')).toBe(true)
    expect(copy('rds:unplanned-global-failover-orders-home-2026')).toBe(true)
    expect(copy('rds:orders-home-2026-11-21-03-04')).toBe(false)
    expect(copy('customers-of-somebody-else')).toBe(false)
  })

  test('condensed, they allow the same in fewer words', () => {
    const all = [...workloadLooks(orders), ...workloadLooks(billing)]
    const few = condensed(all)
    expect(few.length).toBeLessThan(all.length)
    const asked = all.flatMap(({ Action, Resource }) =>
      Action.flatMap((action) =>
        Resource.map((resource) => ({ action, resource: resource.replaceAll('*', 'x') })),
      ),
    )
    const others = [`${HOME}:cluster:other`, `${DR}:db:orders-dr-1`]
    const more = actionsOf(all).flatMap((action) => others.map((resource) => ({ action, resource })))
    for (const request of [...asked, ...more]) expect(mayPass(few, request)).toBe(mayPass(all, request))
  })
})

describe('a dr cluster', () => {
  const documents = roleDocuments([deleting, billing], stages)

  test('is protected by a deny in every document, in every part of it', () => {
    const parts = documents.flatMap(({ permissions }) => permissions)
    expect(parts.length).toBeGreaterThan(3)
    const everything = allow(['rds:DeleteDBCluster', 'rds:DeleteDBInstance', 'rds:ModifyDBCluster'], ['*'])
    for (const { Statement: part } of parts)
      for (const [action, resource] of [
        ['rds:DeleteDBCluster', `${DR}:cluster:orders-dr`],
        ['rds:ModifyDBCluster', `${DR}:cluster:orders-dr`],
        ['rds:DeleteDBInstance', `${DR}:db:orders-dr-instance-1`],
        ['rds:DeleteDBInstance', `${DR}:db:of-any-name`],
      ] as const)
        expect(mayPass([...part, ...everything], { action, resource })).toBe(false)
  })

  test('keeps its place in the global cluster when home is deleted', () => {
    const found = documents.find(({ role }) => role.endsWith('deletion')) ?? expect.fail()
    const statements = found.permissions.flatMap((part) => part.Statement)
    const remove = (cluster: string) =>
      mayPass(statements, { action: 'rds:RemoveFromGlobalCluster', resource: cluster, session: 'understudy' })
    expect(remove(`${HOME}:cluster:orders-home`)).toBe(true)
    expect(remove(`${DR}:cluster:orders-dr`)).toBe(false)
  })

  test('that another plan calls home is protected by name, and its neighbours are not', () => {
    const turned = { ...billing, regions: { home: 'us-west-2', dr: 'us-east-1' } }
    const denied = protection([orders, turned])
    const open = [...denied, ...allow(['rds:DeleteDBInstance'], ['*'])]
    const remove = (resource: string) => mayPass(open, { action: 'rds:DeleteDBInstance', resource })
    expect(remove(`${DR}:db:billing-home-1`)).toBe(true)
    expect(remove(`${DR}:db:orders-dr-1`)).toBe(false)
  })
})

describe('the roles of a plan’s accounts', () => {
  const documents = roleDocuments([deleting, billing], stages)
  const named = (name: string) => documents.find(({ role }) => role.endsWith(name)) ?? expect.fail()
  const statementsOf = (name: string) => named(name).permissions.flatMap((part) => part.Statement)

  test('are the ones the plans name, each once', () => {
    expect(documents.map(({ role }) => role)).toEqual([
      'arn:aws:iam::111122223333:role/understudy-operator',
      'arn:aws:iam::444455556666:role/understudy-dns',
      'arn:aws:iam::111122223333:role/understudy-deletion',
    ])
  })

  test('let only a session change anything that is called so', async () => {
    const open = documents
      .flatMap(({ permissions }) => permissions.flatMap((part) => part.Statement))
      .filter(({ Effect, Condition }) => Effect === 'Allow' && !Condition?.StringLike?.['aws:userid'])
    for (const action of actionsOf(open)) expect([action, await isLook(action)]).toEqual([action, true])
    const failover = { action: 'rds:FailoverGlobalCluster', resource: `${DR}:cluster:orders-dr` }
    expect(mayPass(statementsOf('operator'), { ...failover, session: 'understudy' })).toBe(true)
    expect(mayPass(statementsOf('operator'), { ...failover, session: 'understudy-look' })).toBe(false)
  })

  test('trust run to act, worker and watch to look, and the front in nothing', () => {
    expect(JSON.stringify(documents)).not.toContain('-front')
    expect(named('dns').trust.Statement).toMatchInlineSnapshot(`
      [
        {
          "Action": "sts:AssumeRole",
          "Condition": {
            "StringEquals": {
              "aws:PrincipalArn": [
                "arn:aws:iam::999900001111:role/understudy-prod-us-west-2-run",
                "arn:aws:iam::999900001111:role/understudy-prod-us-east-1-run",
              ],
              "sts:ExternalId": [
                "understudy",
              ],
              "sts:RoleSessionName": "understudy",
            },
          },
          "Effect": "Allow",
          "Principal": {
            "AWS": "arn:aws:iam::999900001111:root",
          },
        },
        {
          "Action": "sts:AssumeRole",
          "Condition": {
            "StringEquals": {
              "aws:PrincipalArn": [
                "arn:aws:iam::999900001111:role/understudy-prod-us-west-2-worker",
                "arn:aws:iam::999900001111:role/understudy-prod-us-west-2-watch",
                "arn:aws:iam::999900001111:role/understudy-prod-us-east-1-worker",
                "arn:aws:iam::999900001111:role/understudy-prod-us-east-1-watch",
              ],
              "sts:ExternalId": [
                "understudy",
              ],
              "sts:RoleSessionName": "understudy-look",
            },
          },
          "Effect": "Allow",
          "Principal": {
            "AWS": "arn:aws:iam::999900001111:root",
          },
        },
      ]
    `)
  })

  test('trust nobody but run with deletions', () => {
    expect(
      named('deletion').trust.Statement.map(({ Condition }) => Condition.StringEquals),
    ).toMatchInlineSnapshot(`
      [
        {
          "aws:PrincipalArn": [
            "arn:aws:iam::999900001111:role/understudy-prod-us-west-2-run",
            "arn:aws:iam::999900001111:role/understudy-prod-us-east-1-run",
          ],
          "sts:RoleSessionName": "understudy",
        },
      ]
    `)
  })

  test('let nobody delete where a plan names no role for it', () => {
    const without = roleDocuments([orders], stages)
    expect(
      without.flatMap(({ permissions }) => permissions.flatMap((part) => actionsOf(part.Statement))),
    ).not.toContain('rds:DeleteDBCluster')
  })

  test('trust people at a terminal as they trust run, where there are any', () => {
    const maya = 'arn:aws:iam::999900001111:role/maya'
    const trusting = roleDocuments([orders], { ...stages, operators: [maya] })
    expect(trusting[0]?.trust.Statement[0]?.Condition.StringEquals?.['aws:PrincipalArn']).toContain(maya)
    expect(trusting[0]?.trust.Statement[1]?.Condition.StringEquals?.['aws:PrincipalArn']).not.toContain(maya)
  })

  test('fit into what IAM takes', () => {
    const many = Array.from({ length: 12 }, (_, index) => ({ ...rescuing, name: `orders-${index}` }))
    const clusters = many.map((plan, index) => ({
      ...plan,
      database: { ...plan.database, clusters: { home: `h${index}`, dr: `d${index}` } },
    }))
    for (const { permissions, trust } of roleDocuments(clusters, stages)) {
      for (const part of permissions) expect(JSON.stringify(part).length).toBeLessThanOrEqual(6_144)
      expect(JSON.stringify(trust).length).toBeLessThanOrEqual(2_048)
    }
  })
})
