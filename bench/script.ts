import {
  ApplicationAutoScalingClient,
  RegisterScalableTargetCommand,
} from '@aws-sdk/client-application-auto-scaling'
import { DescribeServicesCommand, ECSClient, UpdateServiceCommand } from '@aws-sdk/client-ecs'
import {
  ElasticLoadBalancingV2Client,
  ModifyListenerCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import { DescribeGlobalClustersCommand, FailoverGlobalClusterCommand, RDSClient } from '@aws-sdk/client-rds'
import { ChangeResourceRecordSetsCommand, GetChangeCommand, Route53Client } from '@aws-sdk/client-route-53'
import type { Plan } from '../src/plan/schema.ts'

/** What every client of the script is built with: where AWS is, and how to reach it. */
type Connection = Readonly<Record<string, unknown>>

export type ScriptParts = {
  readonly plan: Plan
  readonly connection: Connection
  /** World time. */
  readonly sleep: (seconds: number) => Promise<void>
  readonly probe: () => Promise<boolean>
}

/**
 * The yardstick: promote-dr as a careful engineer would write it with the SDK, one thing after the other, waiting by
 * looking, at the intervals the SDK's own waiters and AWS's samples use.
 */
export async function promoteDr({ plan, connection, sleep, probe }: ScriptParts): Promise<void> {
  const dr = { ...connection, region: plan.regions.dr }
  await promote(new RDSClient(dr), plan, sleep)
  await scale(new ECSClient(dr), new ApplicationAutoScalingClient(dr), plan, sleep)
  if (plan.listener?.dr) {
    const { arn, serves } = plan.listener.dr
    const DefaultActions = [{ Type: 'forward' as const, TargetGroupArn: serves }]
    await new ElasticLoadBalancingV2Client(dr).send(
      new ModifyListenerCommand({ ListenerArn: arn, DefaultActions }),
    )
  }
  await takeRecords(new Route53Client(dr), plan, sleep)
  while (!(await probe())) await sleep(5)
}

async function promote(rds: RDSClient, { database, accounts, regions }: Plan, sleep: ScriptParts['sleep']) {
  const target = `arn:aws:rds:${regions.dr}:${accounts.workload.id}:cluster:${database.clusters.dr}`
  const GlobalClusterIdentifier = database.globalCluster
  await rds.send(
    new FailoverGlobalClusterCommand({
      GlobalClusterIdentifier,
      TargetDbClusterIdentifier: target,
      AllowDataLoss: true,
    }),
  )
  for (;;) {
    const { GlobalClusters } = await rds.send(new DescribeGlobalClustersCommand({ GlobalClusterIdentifier }))
    const [cluster] = GlobalClusters ?? []
    const writer = cluster?.GlobalClusterMembers?.find(({ IsWriter }) => IsWriter)?.DBClusterArn
    if (writer === target && cluster?.Status === 'available') return
    await sleep(30)
  }
}

async function scale(
  ecs: ECSClient,
  scaling: ApplicationAutoScalingClient,
  { services }: Plan,
  sleep: ScriptParts['sleep'],
) {
  for (const { ecs: names, capacity } of services) {
    const { cluster, service } = names.dr
    const { active, max } = capacity.dr
    await scaling.send(
      new RegisterScalableTargetCommand({
        ServiceNamespace: 'ecs',
        ResourceId: `service/${cluster}/${service}`,
        ScalableDimension: 'ecs:service:DesiredCount',
        MinCapacity: active,
        MaxCapacity: max,
      }),
    )
    await ecs.send(
      new UpdateServiceCommand({ cluster, service, desiredCount: active, forceNewDeployment: true }),
    )
    for (;;) {
      const { services: seen } = await ecs.send(new DescribeServicesCommand({ cluster, services: [service] }))
      const [now] = seen ?? []
      if (now?.deployments?.length === 1 && now.runningCount === now.desiredCount) break
      await sleep(15)
    }
  }
}

async function takeRecords(route53: Route53Client, { dns }: Plan, sleep: ScriptParts['sleep']) {
  const Changes = dns.records.map(({ name, type, targets, evaluateTargetHealth }) => ({
    Action: 'UPSERT' as const,
    ResourceRecordSet: {
      Name: name,
      Type: type,
      AliasTarget: {
        DNSName: targets.dr.dnsName,
        HostedZoneId: targets.dr.hostedZoneId,
        EvaluateTargetHealth: evaluateTargetHealth,
      },
    },
  }))
  const { ChangeInfo } = await route53.send(
    new ChangeResourceRecordSetsCommand({ HostedZoneId: dns.hostedZoneId, ChangeBatch: { Changes } }),
  )
  for (;;) {
    const { ChangeInfo: now } = await route53.send(new GetChangeCommand({ Id: ChangeInfo?.Id }))
    if (now?.Status === 'INSYNC') return
    await sleep(30)
  }
}
