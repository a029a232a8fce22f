import type { Plan } from '../../src/plan/schema.ts'
import { arnsOf, SIDES } from './arns.ts'
import { allow, type Statement } from './statement.ts'

/** What only looks at a plan's workload account. Where a list cannot be narrowed to names, it is to type and region. */
export function workloadLooks(plan: Plan): readonly Statement[] {
  const arns = arnsOf(plan)
  const clusters = SIDES.map(arns.cluster)
  return [
    // Of all names: a cluster may have been put into a global cluster that no plan knows.
    ...allow(['rds:DescribeGlobalClusters'], [arns.global('*')]),
    ...allow(['rds:DescribeDBClusters'], clusters),
    ...allow(['rds:DescribeDBInstances'], SIDES.map(arns.everyInstance)),
    ...allow(
      ['rds:DescribeDBClusterSnapshots'],
      [...clusters, ...SIDES.map((side) => arns.snapshots(side, '*'))],
    ),
    ...allow(['ecs:DescribeServices'], arns.ecsServices),
    ...allow(['ecs:DescribeTasks'], arns.ecsTasks),
    // The type in AWS's reference, container-instance, is not what a service's tasks are listed by.
    ...allow(['ecs:ListTasks'], ['*'], { ArnEquals: { 'ecs:cluster': [...new Set(arns.ecsClusters)] } }),
    ...allow(['codebuild:BatchGetBuilds'], arns.builds),
    ...allow(['apigateway:GET'], arns.domains),
    ...allow(UNSCOPED, ['*'], { StringEquals: { 'aws:RequestedRegion': arns.regions } }),
  ]
}

/** Looks that AWS gives for everything in a region or not at all. */
const UNSCOPED = [
  'rds:DescribeEvents',
  'application-autoscaling:DescribeScalableTargets',
  'elasticloadbalancing:DescribeListeners',
  'elasticloadbalancing:DescribeRules',
  'elasticloadbalancing:DescribeTargetGroups',
  'elasticloadbalancing:DescribeTargetHealth',
  'cloudwatch:GetMetricData',
  'cloudwatch:ListMetrics',
  // Narrower than this, it leaves composite alarms out of its answer, and one left out looks missing.
  'cloudwatch:DescribeAlarms',
]

/** What only `understudy doctor` looks at in the workload account: what runs would need and status does not show. */
export function workloadExamined(plan: Plan): readonly Statement[] {
  const { role, deletionRole, id } = plan.accounts.workload
  const own = [role, deletionRole].filter((each) => each !== undefined)
  return [
    ...allow(['codebuild:BatchGetProjects'], arnsOf(plan).builds),
    ...allow(['iam:SimulatePrincipalPolicy'], own),
    // Whether people could log in without home: only roles of Identity Center, and only where IAM can be asked.
    ...allow(
      ['iam:GetRole'],
      plan.identities.flatMap(({ arn }) => {
        const [, partition, role] =
          new RegExp(`^arn:([\\w-]+):sts::${id}:assumed-role/(AWSReservedSSO_[^/]+)/`).exec(arn) ?? []
        return role ? [`arn:${partition}:iam::${id}:role/aws-reserved/sso.amazonaws.com/*/${role}`] : []
      }),
    ),
  ]
}

/** The same for the dns account. */
export const dnsExamined = ({ accounts: { dns } }: Plan): readonly Statement[] =>
  allow(['iam:SimulatePrincipalPolicy'], dns.role ? [dns.role] : [])

/** What only looks at a plan's dns account. */
export function dnsLooks(plan: Plan): readonly Statement[] {
  const { zone, changes } = arnsOf(plan)
  return [
    ...allow(['route53:ListResourceRecordSets'], [zone]),
    ...allow(['route53:GetChange'], [changes]),
    ...allow(['route53:TestDNSAnswer'], ['*']),
  ]
}
