import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { NAMED_OPERATIONS, resourceOf } from '../../src/cli/identifiers.ts'

const call = (operation: string, input: Record<string, unknown>, region = 'us-west-2') =>
  resourceOf({ step: 's', service: 'S', operation, region, input }, '111122223333')

test('every changing call that an adapter makes can be shown with the ARN of what it changes', () => {
  const adapters = globSync('src/aws/*.ts', { cwd: join(import.meta.dirname, '../..') })
  const made = adapters.flatMap((file) =>
    [...readFileSync(join(import.meta.dirname, '../..', file), 'utf8').matchAll(/new (\w+)Command\(/g)].map(
      ([, operation]) => String(operation),
    ),
  )
  const changing = new Set(
    made.filter((name) => !/^(Describe|List|Get|BatchGet|Test|Assume|Invoke|Simulate)/.test(name)),
  )
  expect(changing.size).toBeGreaterThan(10)
  expect([...changing].filter((operation) => !NAMED_OPERATIONS.includes(operation))).toEqual([])
})

test.each<[string, Record<string, unknown>, string]>([
  [
    'FailoverGlobalCluster',
    {
      GlobalClusterIdentifier: 'orders-global',
      TargetDbClusterIdentifier: 'arn:aws:rds:us-west-2:111122223333:cluster:orders-dr',
    },
    'arn:aws:rds:us-west-2:111122223333:cluster:orders-dr',
  ],
  ['DeleteGlobalCluster', { GlobalClusterIdentifier: 'g' }, 'arn:aws:rds::111122223333:global-cluster:g'],
  ['DeleteDBInstance', { DBInstanceIdentifier: 'i' }, 'arn:aws:rds:us-west-2:111122223333:db:i'],
  [
    'UpdateService',
    { cluster: 'orders', service: 'orders-api', desiredCount: 6 },
    'arn:aws:ecs:us-west-2:111122223333:service/orders/orders-api',
  ],
  [
    'RegisterScalableTarget',
    { ResourceId: 'service/orders/orders-api' },
    'arn:aws:ecs:us-west-2:111122223333:service/orders/orders-api',
  ],
  ['ChangeResourceRecordSets', { HostedZoneId: '/hostedzone/Z1' }, 'arn:aws:route53:::hostedzone/Z1'],
  ['StartBuild', { projectName: 'p' }, 'arn:aws:codebuild:us-west-2:111122223333:project/p'],
  ['SomethingNew', { Name: 'n' }, '{"Name":"n"}'],
])('%s', (operation, input, resource) => {
  expect(call(operation, input)).toBe(resource)
})

test('other partitions are named as they are', () => {
  expect(call('DeleteDBCluster', { DBClusterIdentifier: 'c' }, 'cn-north-1')).toBe(
    'arn:aws-cn:rds:cn-north-1:111122223333:cluster:c',
  )
})
