import {
  type DBCluster,
  DBClusterNotFoundFault,
  type DBInstance,
  DescribeDBClustersCommand,
  DescribeDBInstancesCommand,
  type GlobalCluster,
  type RDSClient,
} from '@aws-sdk/client-rds'
import type { ClusterFacts, GlobalClusterFacts, OrAbsent } from '../flows/world.ts'
import { regionOf } from './act.ts'

/** A cluster of the client's region with its instances. Rejects with what RDS answers, but for its absence. */
export async function readCluster(
  rds: RDSClient,
  name: string,
  options: { readonly abortSignal: AbortSignal },
): Promise<OrAbsent<ClusterFacts>> {
  const filter = { Filters: [{ Name: 'db-cluster-id', Values: [name] }] }
  try {
    const [clusters, instances] = await Promise.all([
      rds.send(new DescribeDBClustersCommand({ DBClusterIdentifier: name }), options),
      rds.send(new DescribeDBInstancesCommand(filter), options),
    ])
    const [cluster] = clusters.DBClusters ?? []
    return cluster ? clusterFacts(cluster, instances.DBInstances ?? []) : 'absent'
  } catch (error) {
    if (error instanceof DBClusterNotFoundFault) return 'absent'
    throw error
  }
}

/** A global cluster as RDS describes it. */
export function globalFacts(cluster: GlobalCluster): GlobalClusterFacts {
  const { FailoverState: state } = cluster
  const moving = state?.Status || state?.ToDbClusterArn
  return {
    status: cluster.Status ?? 'unknown',
    engineVersion: cluster.EngineVersion ?? 'unknown',
    deletionProtection: cluster.DeletionProtection ?? false,
    members: (cluster.GlobalClusterMembers ?? []).map((member) => ({
      arn: member.DBClusterArn ?? '',
      region: regionOf(member.DBClusterArn ?? ''),
      isWriter: member.IsWriter ?? false,
      synchronization: member.SynchronizationStatus ?? 'unknown',
    })),
    ...(moving
      ? {
          operation: {
            status: state.Status ?? 'unknown',
            fromArn: state.FromDbClusterArn ?? '',
            toArn: state.ToDbClusterArn ?? '',
            dataLossAllowed: state.IsDataLossAllowed ?? false,
          },
        }
      : {}),
  }
}

function clusterFacts(cluster: DBCluster, described: readonly DBInstance[]): ClusterFacts {
  const statuses = new Map(
    described.map(({ DBInstanceIdentifier: id = '', DBInstanceStatus }) => [
      id,
      DBInstanceStatus ?? 'unknown',
    ]),
  )
  const members = (cluster.DBClusterMembers ?? []).map((member) => {
    const id = member.DBInstanceIdentifier ?? ''
    return { id, status: statuses.get(id) ?? 'unknown', isWriter: member.IsClusterWriter ?? false }
  })
  // An instance that is being made or deleted may be known, and no member.
  const others = [...statuses].filter(([id]) => !members.some((member) => member.id === id))
  const days = cluster.BackupRetentionPeriod
  return {
    arn: cluster.DBClusterArn ?? '',
    status: cluster.Status ?? 'unknown',
    engineVersion: cluster.EngineVersion ?? 'unknown',
    ...(cluster.GlobalClusterIdentifier ? { globalCluster: cluster.GlobalClusterIdentifier } : {}),
    deletionProtection: cluster.DeletionProtection ?? false,
    encrypted: cluster.StorageEncrypted ?? false,
    ...(days === undefined ? {} : { backupRetentionDays: days }),
    instances: [...members, ...others.map(([id, status]) => ({ id, status, isWriter: false }))],
  }
}
