import type { PlannedCall } from '../engine/run.ts'

type Where = { readonly region: string; readonly account: string; readonly partition: string }
type Input = Readonly<Record<string, string>>

const rds = (kind: string, name: keyof Input) => (input: Input, at: Where) => {
  const id = input[name] ?? ''
  return id.startsWith('arn:') ? id : `arn:${at.partition}:rds:${at.region}:${at.account}:${kind}:${id}`
}
/** A global cluster is in no region. */
const global = (input: Input, { partition, account }: Where) =>
  `arn:${partition}:rds::${account}:global-cluster:${input.GlobalClusterIdentifier}`
const ecs = (path: string, { partition, region, account }: Where) =>
  `arn:${partition}:ecs:${region}:${account}:${path}`

/** What a changing call is about, by its operation: every one that a step can ask for. */
const RESOURCES: Readonly<Record<string, (input: Input, at: Where) => string>> = {
  FailoverGlobalCluster: rds('cluster', 'TargetDbClusterIdentifier'),
  SwitchoverGlobalCluster: rds('cluster', 'TargetDbClusterIdentifier'),
  RemoveFromGlobalCluster: rds('cluster', 'DbClusterIdentifier'),
  CreateGlobalCluster: global,
  ModifyGlobalCluster: global,
  DeleteGlobalCluster: global,
  ModifyDBCluster: rds('cluster', 'DBClusterIdentifier'),
  DeleteDBCluster: rds('cluster', 'DBClusterIdentifier'),
  DeleteDBInstance: rds('db', 'DBInstanceIdentifier'),
  CreateDBClusterSnapshot: rds('cluster', 'DBClusterIdentifier'),
  CopyDBClusterSnapshot: rds('cluster-snapshot', 'SourceDBClusterSnapshotIdentifier'),
  UpdateService: ({ cluster, service }, at) => ecs(`service/${cluster}/${service}`, at),
  StopTask: ({ cluster, task = '' }, at) =>
    task.startsWith('arn:') ? task : ecs(`task/${cluster}/${task}`, at),
  RegisterScalableTarget: ({ ResourceId }, at) => ecs(String(ResourceId), at),
  ModifyListener: ({ ListenerArn = '' }) => ListenerArn,
  ChangeResourceRecordSets: ({ HostedZoneId = '' }, { partition }) =>
    `arn:${partition}:route53:::hostedzone/${HostedZoneId.replace(/^\/hostedzone\//, '')}`,
  StartBuild: ({ projectName }, { partition, region, account }) =>
    `arn:${partition}:codebuild:${region}:${account}:project/${projectName}`,
}

/** The operations whose resource can be named. */
export const NAMED_OPERATIONS: readonly string[] = Object.keys(RESOURCES)

/** The ARN of what a call would change, from its parameters; its input where the operation is not known here. */
export function resourceOf({ operation, region, input }: PlannedCall, account: string): string {
  const name = RESOURCES[operation]
  if (!name) return JSON.stringify(input)
  const partition = region.startsWith('cn-') ? 'aws-cn' : region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws'
  return name(input as Input, { region, account, partition })
}
