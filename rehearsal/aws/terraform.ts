import {
  ApplicationAutoScalingClient,
  DescribeScalableTargetsCommand,
  RegisterScalableTargetCommand,
} from '@aws-sdk/client-application-auto-scaling'
import { ECSClient, UpdateServiceCommand } from '@aws-sdk/client-ecs'
import {
  CreateDBClusterCommand,
  CreateDBInstanceCommand,
  type DBCluster,
  DescribeDBClustersCommand,
  DescribeDBInstancesCommand,
  DescribeGlobalClustersCommand,
  RDSClient,
} from '@aws-sdk/client-rds'
import { ChangeResourceRecordSetsCommand, Route53Client } from '@aws-sdk/client-route-53'
import type { Stack } from './stacks.ts'
import { publicName, targets, zoneId } from './world/dns.ts'
import { specs } from './world/ecs.ts'
import { keyOf } from './world/snapshots.ts'
import { regions } from './world/world.ts'

/** Values of Terraform variables, with or without `TF_VAR_`. */
export type Variables = Readonly<Record<string, string>>

/** What a careless apply does besides: takes the public record to its own side, sets its side's old capacity. */
export const nasties = ['record', 'capacity'] as const
export type Nasty = (typeof nasties)[number]

export type Apply = {
  readonly stack: Stack
  readonly variables: Variables
  /** Configuration of the SDK clients that it uses, without the region. */
  readonly connection: Readonly<Record<string, unknown>>
  /** Waits that many milliseconds of the world. */
  readonly wait: (ms: number) => Promise<void>
  readonly nasty?: readonly Nasty[]
  /** Hears each line that Terraform prints. */
  readonly say?: (line: string) => void
}

const pollMs = 15_000
const quiet = () => {}

/** Does what the user's `terraform apply` of a stack would, and is done when that would be. Throws what AWS says. */
export async function applyTerraform(apply: Apply): Promise<void> {
  const { stack, nasty = [], say = quiet } = apply
  await (stack.layer === 'platform' ? applyPlatform(apply) : applyWorkloads(apply))
  if (nasty.includes('record')) await stealRecord(apply)
  say('Apply complete!')
}

const variable = ({ variables }: Apply, name: string): string | undefined =>
  variables[`TF_VAR_${name}`] ?? variables[name]

/** Each application's configuration has its own name for it. */
const isSecondary = (apply: Apply): string | undefined =>
  variable(apply, apply.stack.app === 'orders' ? 'is_aurora_secondary' : 'database_is_secondary')

const clientConfig = ({ stack, connection }: Apply) => ({
  ...connection,
  region: regions[stack.side],
})

/** The cluster of its side, with one instance; what exists is left as it is. */
async function applyPlatform(apply: Apply): Promise<void> {
  const { stack, say = quiet } = apply
  const client = new RDSClient(clientConfig(apply))
  const id = `${stack.app}-${stack.side}`
  const cluster = (await clusterNow(client, id)) ?? (await createCluster(apply, client, id))
  if (isSecondary(apply) === 'true' && !cluster.GlobalClusterIdentifier)
    throw new Error(`Existing RDS Clusters cannot be added to an existing RDS Global Cluster: ${id}`)
  if (cluster.DBClusterMembers?.length)
    return say('No changes. Your infrastructure matches the configuration.')
  const DBInstanceIdentifier = `${id}-1`
  say(`aws_rds_cluster_instance.this[0]: Creating... ${DBInstanceIdentifier}`)
  await client.send(
    new CreateDBInstanceCommand({
      DBInstanceIdentifier,
      DBClusterIdentifier: id,
      DBInstanceClass: 'db.r6g.xlarge',
      Engine: 'aurora-postgresql',
    }),
  )
  await until(apply, async () => {
    const asked = new DescribeDBInstancesCommand({ DBInstanceIdentifier })
    return (await client.send(asked)).DBInstances?.[0]?.DBInstanceStatus === 'available'
  })
  say(`aws_rds_cluster_instance.this[0]: Creation complete ${DBInstanceIdentifier}`)
}

async function clusterNow(client: RDSClient, DBClusterIdentifier: string): Promise<DBCluster | undefined> {
  try {
    return (await client.send(new DescribeDBClustersCommand({ DBClusterIdentifier }))).DBClusters?.[0]
  } catch (thrown) {
    if ((thrown as Error).name === 'DBClusterNotFoundFault') return undefined
    throw thrown
  }
}

async function createCluster(apply: Apply, client: RDSClient, id: string): Promise<DBCluster> {
  const { stack, say = quiet } = apply
  if (isSecondary(apply) !== 'true')
    throw new Error(`${id} does not exist, and as a primary it would be created empty: nothing was applied.`)
  const GlobalClusterIdentifier = `${stack.app}-global`
  const { GlobalClusters } = await client.send(new DescribeGlobalClustersCommand({ GlobalClusterIdentifier }))
  say(`aws_rds_cluster.this: Creating... ${id}`)
  await client.send(
    new CreateDBClusterCommand({
      DBClusterIdentifier: id,
      GlobalClusterIdentifier,
      Engine: 'aurora-postgresql',
      EngineVersion: variable(apply, 'engine_version') ?? GlobalClusters?.[0]?.EngineVersion,
      StorageEncrypted: true,
      KmsKeyId: keyOf(regions[stack.side]),
      DeletionProtection: true,
    }),
  )
  await until(apply, async () => (await clusterNow(client, id))?.Status === 'available')
  say(`aws_rds_cluster.this: Creation complete ${id}`)
  const made = await clusterNow(client, id)
  if (!made) throw new Error(`${id} is gone again.`)
  return made
}

/** Counts are the user's own to ignore, so that they are set only where a role is named, or by a careless apply. */
async function applyWorkloads(apply: Apply): Promise<void> {
  const { stack, nasty = [], say = quiet } = apply
  const told = variable(apply, 'role') ?? { true: 'standby', false: 'active' }[isSecondary(apply) ?? '']
  const role =
    told ?? (nasty.includes('capacity') ? (stack.side === 'home' ? 'active' : 'standby') : undefined)
  if (role !== 'active' && role !== 'standby')
    return say('No changes. Your infrastructure matches the configuration.')
  const config = clientConfig(apply)
  const [scaling, ecs] = [new ApplicationAutoScalingClient(config), new ECSClient(config)]
  for (const spec of specs.filter(({ app }) => app === stack.app)) {
    const desired = spec[role]
    const target = {
      ServiceNamespace: 'ecs',
      ResourceId: `service/${spec.app}/${spec.name}`,
      ScalableDimension: 'ecs:service:DesiredCount',
    } as const
    const { ServiceNamespace, ResourceId } = target
    const known = await scaling.send(
      new DescribeScalableTargetsCommand({ ServiceNamespace, ResourceIds: [ResourceId] }),
    )
    const MaxCapacity = Math.max(desired, known.ScalableTargets?.[0]?.MaxCapacity ?? spec.max)
    await scaling.send(new RegisterScalableTargetCommand({ ...target, MinCapacity: desired, MaxCapacity }))
    await ecs.send(new UpdateServiceCommand({ cluster: spec.app, service: spec.name, desiredCount: desired }))
    say(`aws_ecs_service.${spec.name}: Modifications complete, desired_count ${desired}`)
  }
}

/** The record as the configuration of its side has it. */
async function stealRecord(apply: Apply): Promise<void> {
  const { stack, connection, say = quiet } = apply
  const { dnsName, hostedZoneId } = targets[stack.app][stack.side]
  const Name = publicName(stack.app)
  await new Route53Client({ ...connection, region: 'us-east-1' }).send(
    new ChangeResourceRecordSetsCommand({
      HostedZoneId: zoneId,
      ChangeBatch: {
        Comment: 'Managed by Terraform',
        Changes: [
          {
            Action: 'UPSERT',
            ResourceRecordSet: {
              Name,
              Type: 'A',
              AliasTarget: {
                DNSName: dnsName,
                HostedZoneId: hostedZoneId,
                EvaluateTargetHealth: stack.app === 'billing',
              },
            },
          },
        ],
      },
    }),
  )
  say(`aws_route53_record.public: Modifications complete ${Name}`)
}

/** Looks until it is so. A region that answers nothing is asked again, for an hour at most. */
async function until({ wait }: Apply, isSo: () => Promise<boolean>): Promise<void> {
  let last: unknown
  for (let tries = 0; tries < 240; tries++) {
    await wait(pollMs)
    try {
      if (await isSo()) return
    } catch (thrown) {
      if (!['TimeoutError', 'ServiceUnavailable'].includes((thrown as Error).name)) throw thrown
      last = thrown
    }
  }
  throw last ?? new Error('timeout while waiting for it to become available')
}
