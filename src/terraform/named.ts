import type { Plan } from '../plan/schema.ts'
import { ecsService } from './capacity.ts'
import { destroys, forgets, verb } from './change.ts'
import type { Judgement } from './finding.ts'
import { type Change, textOf, type Values } from './plan-file.ts'
import { dnsName } from './scope.ts'

type Named = { readonly what: string; readonly why: string }
type Naming = (values: Values, plan: Plan, change: Change) => Named | undefined

const sides = ['home', 'dr'] as const
const lastPart = (name: string): string => name.slice(name.lastIndexOf('/') + 1)

/** Where there is a reason to name it, a thing and what its loss would mean; else undefined. */
const named = (is: boolean | undefined, what: string, why: string): Named | undefined =>
  is ? { what, why } : undefined

const service: Naming = (_, plan, change) => {
  const found = ecsService(change, plan)?.service.name
  return named(
    found !== undefined,
    `the service ${found}`,
    'Its tasks stop, and a failover finds nothing to scale.',
  )
}
const ecsCluster: Naming = ({ name }, { services }) =>
  named(
    services.some(({ ecs }) => sides.some((side) => ecs[side].cluster === textOf(name))),
    `the ECS cluster ${textOf(name)}`,
    'All its services go with it.',
  )
const listener: Naming = ({ arn }, plan) =>
  named(
    sides.some((side) => plan.listener?.[side]?.arn === arn),
    'a listener of the plan',
    'Nothing reaches the tasks behind it, and a new one has another ARN.',
  )
const targetGroup: Naming = ({ arn }, { services, listener: listeners }) =>
  named(
    services.some(({ targetGroup: groups }) => sides.some((side) => groups?.[side] === arn)) ||
      sides.some((side) => listeners?.[side]?.serves === arn),
    'a target group of the plan',
    'Its tasks get no traffic, and a new one has another ARN.',
  )
const loadBalancer: Naming = ({ dns_name: name }, { dns }) =>
  named(
    dns.records.some(({ targets }) => sides.some((side) => same(targets[side].dnsName, name))),
    'the load balancer a record points at',
    'Customers who are sent there reach nothing, and a new one has another name.',
  )
const domain: Naming = ({ domain_name: name }, { dns }) =>
  named(
    dns.records.some(
      ({ apiGatewayDomain }) => apiGatewayDomain !== undefined && same(apiGatewayDomain, name),
    ),
    `the API Gateway domain ${textOf(name)}`,
    'A record that points to a region without it answers 403 to every customer.',
  )
const zone: Naming = ({ zone_id: id }, { dns }) =>
  named(id === dns.hostedZoneId, 'the hosted zone', 'Every name in it goes with it.')
const alarm: Naming = ({ alarm_name: name }, { alarms }) =>
  named(
    sides.some((side) => alarms[side].includes(textOf(name) ?? '')),
    `the alarm ${textOf(name)}`,
    'Without it a side cannot be called green.',
  )
const role: Naming = ({ arn }, { accounts }) =>
  named(
    [accounts.workload.role, accounts.workload.deletionRole, accounts.dns.role].some(
      (used) => used !== undefined && used === arn,
    ),
    'a role Understudy works with',
    'It could no longer do anything in that account.',
  )
const key: Naming = ({ arn }, { database }) =>
  named(
    sides.some((side) => database.rescueKeys?.[side] === arn) && arn !== undefined,
    'the KMS key of rescued snapshots',
    'What is encrypted with it cannot be read any more.',
  )
const snapshot: Naming = ({ db_cluster_snapshot_identifier: id }) =>
  named(
    /^dr-.+-(rescue|stale|final)-/.test(textOf(id) ?? ''),
    `the snapshot ${textOf(id)}`,
    'It may be the only copy of writes that were lost.',
  )

const same = (name: string, other: unknown): boolean => dnsName(name) === dnsName(textOf(other) ?? '')

const NAMINGS: Readonly<Record<string, Naming>> = {
  aws_ecs_service: service,
  aws_ecs_cluster: (values, plan) =>
    ecsCluster({ name: lastPart(textOf(values.name) ?? '') }, plan, {} as Change),
  aws_lb_listener: listener,
  aws_alb_listener: listener,
  aws_lb_target_group: targetGroup,
  aws_alb_target_group: targetGroup,
  aws_lb: loadBalancer,
  aws_alb: loadBalancer,
  aws_apigatewayv2_domain_name: domain,
  aws_api_gateway_domain_name: domain,
  aws_route53_zone: zone,
  aws_cloudwatch_metric_alarm: alarm,
  aws_cloudwatch_composite_alarm: alarm,
  aws_iam_role: role,
  aws_kms_key: key,
  aws_db_cluster_snapshot: snapshot,
}

/** Replaced in everyday deployments; nothing that lasts is in them. */
const ROUTINE = new Set([
  'aws_ecs_task_definition',
  'aws_api_gateway_deployment',
  'aws_lambda_permission',
  'null_resource',
  'terraform_data',
  'local_file',
])

/** Whatever is destroyed: a blocker where the plan names it, else something to weigh. */
export function judgeRemoval(change: Change, plan: Plan): Judgement[] {
  if (!destroys(change) && !forgets(change)) return []
  const found = NAMINGS[change.type]?.(change.before, plan, change)
  if (found)
    return [
      {
        level: destroys(change) ? 'blocker' : 'warning',
        what: `${found.what} ${verb(change)}`,
        why: destroys(change) ? found.why : 'It stays in AWS, but no configuration describes it any more.',
      },
    ]
  if (!destroys(change) || ROUTINE.has(change.type)) return []
  return [
    {
      level: 'warning',
      what: `${change.type} ${verb(change)}`,
      why: 'The plan does not name it, but reconciling after a failover has no reason to remove anything.',
    },
  ]
}
