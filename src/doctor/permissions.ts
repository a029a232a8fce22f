import type { ResourceKind } from './resources.ts'

/** As whom a call is made: the plan's workload role, its role for deleting, or its role in the dns account. */
export type Actor = 'workload' | 'deletion' | 'dns'

/** One thing that IAM has to allow. */
export type Permission = {
  /** As IAM names it. */
  readonly action: string
  readonly as: Actor
  readonly on: ResourceKind
  /**
   * Ids of the steps that cannot do without it; `status` for what every look of every flow and status needs, `doctor` for
   * what nobody but doctor asks.
   */
  readonly steps: readonly string[]
  /** `asked`: a harmless call of `doctor` shows it. `simulated`: nothing but IAM's simulator can. */
  readonly shown: 'asked' | 'simulated'
}

const looks = (as: Actor, on: ResourceKind, ...actions: readonly string[]): readonly Permission[] =>
  actions.map((action) => ({ action, as, on, steps: ['status'], shown: 'asked' }))

const acts = (
  as: Actor,
  on: ResourceKind,
  steps: readonly string[],
  ...actions: readonly string[]
): readonly Permission[] => actions.map((action) => ({ action, as, on, steps, shown: 'simulated' }))

const rescue = ['rescue-lost-writes', 'keep-lost-writes']
const fence = ['fence-old-side', 'fence-stale', 'hold-fence', 'quiesce-writers']
const capacity = ['ask-for-capacity', 'release-writers', 'stand-down', 'resume-scaling', ...fence]

/**
 * Which step needs which permission, on what: the one table. `doctor` checks it, the generated policies are compared
 * with it, and a test holds it against the calls that `src/aws` makes.
 */
export const permissions: readonly Permission[] = [
  ...looks('workload', 'any', 'rds:DescribeEvents', 'rds:DescribeDBInstances'),
  ...looks('workload', 'global-cluster', 'rds:DescribeGlobalClusters'),
  ...looks('workload', 'clusters', 'rds:DescribeDBClusters', 'rds:DescribeDBClusterSnapshots'),
  ...acts('workload', 'global-cluster', ['promote-standby', 'failover-anyway'], 'rds:FailoverGlobalCluster'),
  ...acts('workload', 'clusters', ['promote-standby', 'failover-anyway'], 'rds:FailoverGlobalCluster'),
  ...acts('workload', 'global-cluster', ['switch-over'], 'rds:SwitchoverGlobalCluster'),
  ...acts('workload', 'clusters', ['switch-over'], 'rds:SwitchoverGlobalCluster'),
  ...acts('workload', 'global-cluster', ['detach-standby', 'detach'], 'rds:RemoveFromGlobalCluster'),
  ...acts('workload', 'clusters', ['detach-standby', 'detach'], 'rds:RemoveFromGlobalCluster'),
  ...acts('workload', 'global-cluster', ['create-global'], 'rds:CreateGlobalCluster'),
  ...acts('workload', 'clusters', ['create-global'], 'rds:CreateGlobalCluster'),
  ...acts('workload', 'clusters', ['snapshot-stale', 'snapshot-serving'], 'rds:CreateDBClusterSnapshot'),
  ...acts('workload', 'snapshots', ['snapshot-stale', 'snapshot-serving'], 'rds:CreateDBClusterSnapshot'),
  ...acts('workload', 'snapshots', rescue, 'rds:CopyDBClusterSnapshot'),
  ...acts('workload', 'rescue-keys', rescue, 'kms:DescribeKey', 'kms:CreateGrant'),

  ...acts('deletion', 'global-cluster', ['free-stale'], 'rds:RemoveFromGlobalCluster'),
  ...acts('deletion', 'home-cluster', ['free-stale'], 'rds:RemoveFromGlobalCluster'),
  ...acts('deletion', 'home-cluster', ['unprotect-stale'], 'rds:ModifyDBCluster'),
  ...acts(
    'deletion',
    'home-instances',
    ['delete-stale-readers', 'delete-stale-writer'],
    'rds:DeleteDBInstance',
  ),
  ...acts('deletion', 'home-cluster', ['delete-stale-cluster'], 'rds:DeleteDBCluster'),
  ...acts('deletion', 'home-snapshots', ['delete-stale-cluster'], 'rds:DeleteDBCluster'),
  ...acts('deletion', 'global-cluster', ['unprotect-empty-global'], 'rds:ModifyGlobalCluster'),
  ...acts('deletion', 'global-cluster', ['delete-empty-global'], 'rds:DeleteGlobalCluster'),

  ...looks('workload', 'ecs-services', 'ecs:DescribeServices'),
  ...looks('workload', 'any', 'ecs:ListTasks'),
  ...looks('workload', 'ecs-tasks', 'ecs:DescribeTasks'),
  ...looks('workload', 'any', 'application-autoscaling:DescribeScalableTargets'),
  ...acts('workload', 'ecs-services', [...capacity, 'refresh-pools'], 'ecs:UpdateService'),
  ...acts('workload', 'ecs-tasks', ['refresh-pools'], 'ecs:StopTask'),
  ...acts('workload', 'scalable-targets', capacity, 'application-autoscaling:RegisterScalableTarget'),

  ...looks(
    'workload',
    'any',
    'elasticloadbalancing:DescribeListeners',
    'elasticloadbalancing:DescribeRules',
    'elasticloadbalancing:DescribeTargetGroups',
    'elasticloadbalancing:DescribeTargetHealth',
  ),
  ...acts('workload', 'listeners', ['serve-listener'], 'elasticloadbalancing:ModifyListener'),
  ...looks(
    'workload',
    'any',
    'cloudwatch:DescribeAlarms',
    'cloudwatch:GetMetricData',
    'cloudwatch:ListMetrics',
  ),
  ...looks('workload', 'domains', 'apigateway:GET'),
  ...looks('workload', 'projects', 'codebuild:BatchGetBuilds'),
  ...acts('workload', 'projects', ['recreate-standby', 'reconcile'], 'codebuild:StartBuild'),

  ...looks('dns', 'zone', 'route53:ListResourceRecordSets'),
  ...acts('dns', 'dns-change', ['take-dns', 'await-dns'], 'route53:GetChange'),
  ...looks('dns', 'any', 'route53:TestDNSAnswer'),
  ...acts('dns', 'zone', ['take-dns'], 'route53:ChangeResourceRecordSets'),

  { action: 'codebuild:BatchGetProjects', as: 'workload', on: 'projects', steps: ['doctor'], shown: 'asked' },
  { action: 'iam:SimulatePrincipalPolicy', as: 'workload', on: 'roles', steps: ['doctor'], shown: 'asked' },
  { action: 'iam:SimulatePrincipalPolicy', as: 'dns', on: 'dns-role', steps: ['doctor'], shown: 'asked' },
  { action: 'iam:GetRole', as: 'workload', on: 'people', steps: ['doctor'], shown: 'asked' },
]

/** Whether no step and no status would miss it. */
export const isForDoctorAlone = (action: string): boolean =>
  permissions.filter((one) => one.action === action).every(({ steps }) => steps.includes('doctor'))
