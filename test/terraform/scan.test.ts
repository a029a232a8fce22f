import { readdirSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { scanPlan } from '../../src/terraform/scan.ts'
import type { ScanContext } from '../../src/terraform/scope.ts'
import { billing, fixture, lines, orders, scanned } from './rig.ts'

type Case = readonly [fixture: string, context: Partial<ScanContext>, ...findings: string[]]
const dr = { active: 'dr' } as const
const bill = { plan: billing } as const
const db = 'module.database.aws_rds_cluster.this[0]'
const api = 'module.service["orders-api"]'

/** Every fixture that is not clean, with everything the scanner has to find in it. */
const NASTY: readonly Case[] = [
  [
    'global-cluster-replaced',
    {},
    'blocker aws_rds_global_cluster.this: the global cluster orders-global is replaced (forced by database_name)',
  ],
  [
    'global-cluster-destroyed',
    {},
    'blocker aws_rds_global_cluster.this: the global cluster orders-global is destroyed',
  ],
  ['global-identifier-null', {}, `blocker ${db}: global_cluster_identifier orders-global → none`],
  [
    'global-identifier-changed',
    {},
    'blocker aws_rds_cluster.secondary: global_cluster_identifier orders-global → orders-global-2',
  ],
  [
    'global-identifier-unknown',
    {},
    'blocker aws_rds_cluster.secondary: global_cluster_identifier orders-global → (known after apply)',
  ],
  [
    'replication-source-changed',
    {},
    'blocker aws_rds_cluster.secondary: replication_source_identifier arn:aws:rds:us-east-1:111122223333:cluster:orders-home → none',
  ],
  [
    'database-replaced',
    {},
    'blocker aws_rds_cluster.secondary: the database cluster of dr is replaced (forced by availability_zones)',
  ],
  [
    'database-destroyed',
    {},
    `blocker ${db}: the database cluster of home is destroyed`,
    'blocker module.database.aws_rds_cluster_instance.this["one"]: a database instance of home is destroyed',
  ],
  [
    'instance-destroyed',
    {},
    'blocker aws_rds_cluster_instance.this["two"]: a database instance of dr is destroyed',
  ],
  ['foreign-database-destroyed', {}, 'blocker aws_db_instance.reports: a database is destroyed'],
  [
    'record-moved',
    dr,
    'blocker aws_route53_record.public[0]: the record orders.example.test A is pointed at home',
  ],
  [
    'record-unknown',
    {},
    'blocker aws_route53_record.public: the record orders.example.test A gets a target that is known only after the apply',
  ],
  [
    'record-destroyed',
    {},
    'blocker aws_route53_record.public[0]: the record orders.example.test A is destroyed',
  ],
  [
    'record-deposed',
    {},
    'blocker aws_route53_record.public (deposed a1b2c3d4): the record orders.example.test A is destroyed, the object a1b2c3d4 left from an earlier replacement',
  ],
  [
    'record-weighted',
    {},
    'blocker aws_route53_record.public: the record orders.example.test A is replaced (forced by set_identifier)',
  ],
  [
    'capacity-lowered',
    dr,
    `blocker ${api}.aws_appautoscaling_target.this: orders-api on dr: min_capacity 6 → 1`,
    `blocker ${api}.aws_ecs_service.this: orders-api on dr: desired_count 6 → 1`,
  ],
  [
    'capacity-unknown',
    {},
    'blocker aws_ecs_service.api: orders-api on home: desired_count 6 → (known after apply)',
  ],
  [
    'fenced-raised',
    { ...dr, fenced: ['home'] },
    `blocker ${api}.aws_appautoscaling_target.this: orders-api on home: dynamic_scaling_out_suspended and scheduled_scaling_suspended true → false`,
    `blocker ${api}.aws_appautoscaling_target.this: orders-api on home: min_capacity 0 → 6`,
    `blocker ${api}.aws_ecs_service.this: orders-api on home: desired_count 0 → 6`,
  ],
  [
    'service-destroyed',
    {},
    'blocker aws_apigatewayv2_domain_name.public: the API Gateway domain orders.example.test is destroyed',
    'blocker aws_cloudwatch_metric_alarm.e5xx: the alarm orders-dr-5xx is destroyed',
    'blocker aws_db_cluster_snapshot.kept: the snapshot dr-orders-7f3a-rescue-orders-home is destroyed',
    'blocker aws_lb_target_group.api: a target group of the plan is replaced (forced by port)',
    'blocker module.service["orders-web"].aws_ecs_service.this: the service orders-web is destroyed',
  ],
  [
    'billing-listener-flipped',
    bill,
    'blocker aws_lb_listener.https: the listener of home sends to billing-green',
  ],
  [
    'billing-listener-unknown',
    bill,
    'blocker aws_lb_listener.https: the listener of home sends to what is known only after the apply',
  ],
  [
    'secondary-wrong',
    { ...dr, engineVersion: '16.4' },
    `blocker ${db}: database_name is set on a secondary`,
    `blocker ${db}: engine_version is 16.3`,
    `blocker ${db}: global_cluster_identifier is not set`,
    `blocker ${db}: it gets no instance`,
    `blocker ${db}: kms_key_id is a key in us-west-2`,
    `blocker ${db}: manage_master_user_password is set on a secondary`,
    `blocker ${db}: master_password is set on a secondary`,
    `blocker ${db}: master_username is set on a secondary`,
    `blocker ${db}: replication_source_identifier is set on a secondary`,
    `blocker ${db}: snapshot_identifier is set on a secondary`,
    `blocker ${db}: source_region is us-east-1`,
    `warning ${db}: availability_zones names 2 of three`,
    'warning var.aurora_source_region: is "" on home',
    'warning var.is_aurora_secondary: is false on home',
  ],
  [
    'secondary-created',
    {},
    `blocker ${db}: the database cluster of home, which serves now, is created`,
    'warning var.is_aurora_secondary: is true on home',
  ],
  [
    'stale-destroyed',
    dr,
    'blocker aws_rds_cluster.primary: the database cluster of home is destroyed',
    'blocker aws_rds_cluster_instance.primary[0]: a database instance of home is destroyed',
  ],
  ['upgrade', {}, 'blocker aws_rds_cluster.primary: engine_version 16.4 → 16.6'],
  ['sensitive', {}, 'blocker aws_rds_cluster.primary: global_cluster_identifier (sensitive) → (sensitive)'],
  [
    'forgotten',
    {},
    'warning aws_rds_cluster.primary: the database cluster is no longer managed',
    'warning aws_route53_record.public: the record orders.example.test A is no longer managed',
  ],
]

const CLEAN: readonly Case[] = [
  ['no-op', {}],
  ['no-op', { fenced: ['dr'] }],
  [
    'expected-drift',
    { engineVersion: '16.4' },
    'expected aws_route53_record.public[0]: the record orders.example.test A is pointed at home',
    `expected ${db}: engine_version 16.4 → 16.3`,
    'expected module.database.aws_rds_cluster_instance.this["one"]: engine_version 16.4 → 16.3',
    `expected ${api}.aws_appautoscaling_target.this: orders-api on dr: min_capacity 6 → 1`,
    `expected ${api}.aws_ecs_service.this: orders-api on dr: desired_count 6 → 1`,
    'expected module.service["orders-web"].aws_appautoscaling_target.this: orders-web on dr: min_capacity 4 → 1',
    'expected module.service["orders-web"].aws_ecs_service.this: orders-web on dr: desired_count 4 → 1',
  ],
  [
    'billing-listener-back',
    bill,
    'expected aws_lb_listener.https: the listener of home sends everything to billing-blue',
  ],
  ['secondary-created', { ...dr, engineVersion: '16.4', fenced: ['home'] }],
]

describe('the nasty plans: everything in them is found', () => {
  test.each(NASTY.map((row) => [row[0], row] as const))('%s', (_, [name, context, ...findings]) => {
    const result = scanned(name, context)
    expect(lines(result)).toEqual(findings)
    const blocked = findings.some((line) => line.startsWith('blocker'))
    expect(result.verdict).toBe(blocked ? 'blocked' : 'warnings')
    for (const { why } of result.findings) expect(why).toMatch(/^[A-Z“\w].{15,}\.$/s)
  })

  test('every fixture is in one of the tables, or refused', () => {
    const refused = ['errored', 'incomplete', 'old-format', 'state']
    const named = new Set([...NASTY, ...CLEAN].map(([name]) => name).concat(refused))
    const files = readdirSync(new URL('fixtures', import.meta.url)).map((file) => file.replace('.json', ''))
    expect(files.filter((file) => !named.has(file))).toEqual([])
  })
})

test.each(CLEAN.map((row) => [row[0], row] as const))(
  '%s has nothing against it',
  (_, [name, context, ...findings]) => {
    const result = scanned(name, context)
    expect(lines(result)).toEqual(findings)
    expect(result.verdict).toBe('clean')
  },
)

test('blockers name the public issue where others met them', () => {
  const issueOf = (name: string, context: Partial<ScanContext> = {}) =>
    scanned(name, context).findings[0]?.issue
  expect(issueOf('global-cluster-replaced')).toBe('hashicorp/terraform-provider-aws#34203')
  expect(issueOf('global-identifier-null')).toBe('cloudposse/terraform-aws-rds-cluster#281')
  expect(issueOf('replication-source-changed')).toBe('hashicorp/terraform-provider-aws#43214')
  expect(issueOf('database-replaced')).toBe('hashicorp/terraform-provider-aws#29149')
  expect(issueOf('record-moved', dr)).toBe('hashicorp/terraform-provider-aws#4493')
  expect(issueOf('capacity-lowered', dr)).toBe('hashicorp/terraform#10308')
  expect(issueOf('billing-listener-flipped', bill)).toBe('terraform-aws-modules/terraform-aws-alb#322')
})

describe('who serves decides', () => {
  test('what is harmless on the side that waits is a blocker on the side that serves', () => {
    expect(scanned('capacity-lowered').verdict).toBe('clean')
    expect(scanned('capacity-lowered', dr).verdict).toBe('blocked')
    expect(scanned('record-moved').verdict).toBe('clean')
    expect(scanned('billing-listener-flipped', { ...bill, ...dr }).verdict).toBe('warnings')
  })

  test('a warm standby that shows no task is taken as fenced, although nobody said so', () => {
    expect(scanned('fenced-raised', dr).verdict).toBe('blocked')
    expect(scanned('fenced-raised').verdict).toBe('clean')
  })

  test('the stale cluster may go once that was approved, but not without a last copy', () => {
    const approved = { ...dr, stale: 'home' } as const
    expect(scanned('stale-destroyed', approved).verdict).toBe('warnings')
    const text = JSON.stringify(fixture('stale-destroyed')).replaceAll(
      '"skip_final_snapshot":false',
      '"skip_final_snapshot":true',
    )
    const bare = scanPlan(JSON.parse(text), { plan: orders, active: 'dr', stale: 'home' })
    expect(bare.verdict).toBe('blocked')
    expect(bare.findings[0]?.what).toContain('without a final snapshot')
  })

  test('an approval for one side does not reach the side that serves', () => {
    expect(scanned('stale-destroyed', { active: 'home', stale: 'home' }).verdict).toBe('blocked')
  })

  test('where the file does not tell the side, the worse is taken and said', () => {
    const text = JSON.stringify(fixture('capacity-lowered'))
      .replaceAll(/arn:aws:[\w-]+:us-west-2:\d+:[\w/-]+/g, '')
      .replace('"us-west-2"', '"nowhere"')
    const result = scanPlan({ ...JSON.parse(text), configuration: {} }, { plan: orders, active: 'dr' })
    expect(result.verdict).toBe('blocked')
    expect(result.findings[0]?.why).toContain('Which side this is cannot be told')
    const stack = orders.terraform?.stacks.find(({ name }) => name === 'orders-home-workloads')
    const known = scanPlan(
      { ...JSON.parse(text), configuration: {} },
      { plan: orders, active: 'dr', ...(stack ? { stack } : {}) },
    )
    expect(known.findings.every(({ why }) => !why.includes('cannot be told'))).toBe(true)
  })
})

test('no secret is repeated', () => {
  expect(JSON.stringify(scanned('secondary-wrong', dr))).not.toContain('hunter2')
  expect(JSON.stringify(scanned('sensitive'))).not.toContain('secret-name')
})

test('the counts are those of Terraform, and the hash is passed on', () => {
  const result = scanned('global-cluster-replaced', { sha256: 'abc' })
  expect(result.counts).toEqual({ create: 0, update: 0, replace: 1, destroy: 0, forget: 0, untouched: 6 })
  expect(result).toMatchObject({ sha256: 'abc', terraformVersion: '1.13.4', active: 'home' })
})

describe('what is no whole plan is refused, saying why', () => {
  test.each([
    ['errored', /planning failed/],
    ['incomplete', /not complete.*-target/],
    ['old-format', /format 0.2 is too old/],
    ['state', /shows a state, not a plan/],
  ])('%s', (name, why) => {
    expect(() => scanned(name)).toThrow(why)
  })

  test.each<[string, unknown, RegExp]>([
    ['null', null, /not an object/],
    ['a list', [], /not an object/],
    ['an empty object', {}, /no format_version/],
    [
      'a line of a log',
      { '@level': 'info', '@message': 'Terraform 1.13.4' },
      /the log of `terraform plan -json`/,
    ],
    ['a format of the future', { format_version: '2.0' }, /format 2.0 is not known/],
    ['a plan without a plan', { format_version: '1.2' }, /no plan is in it/],
    [
      'changes that are none',
      { format_version: '1.2', resource_changes: [null] },
      /no address, type or actions/,
    ],
    ['changes that are no list', { format_version: '1.2', resource_changes: {} }, /no list/],
    [
      'deferred changes',
      { format_version: '1.2', resource_changes: [], deferred_changes: [{}] },
      /not complete/,
    ],
  ])('%s', (_, json, why) => {
    expect(() => scanPlan(json, { plan: orders, active: 'home' })).toThrow(why)
  })
})
