import type { DBCluster, DBInstance, GlobalCluster as Global } from '@aws-sdk/client-rds'
import { hex } from './random.ts'
import {
  clusterByArn,
  type DbCluster,
  type DbInstance,
  type GlobalCluster,
  globalOf,
  writable,
} from './rds.ts'
import { keyOf, retentionDays } from './snapshots.ts'
import { accounts, type World } from './world.ts'

const operationStatus = { failover: 'failing-over', switchover: 'switching-over' } as const

/** A global cluster as RDS tells it, the same from every region. */
export function describeGlobal(world: World, global: GlobalCluster): Global {
  const { operation } = global
  return {
    GlobalClusterIdentifier: global.id,
    GlobalClusterResourceId: `cluster-${hex(global.arn, 16)}`,
    GlobalClusterArn: global.arn,
    Status: operation ? operationStatus[operation.kind] : 'available',
    Engine: 'aurora-postgresql',
    EngineVersion: global.engineVersion,
    DatabaseName: global.app,
    StorageEncrypted: true,
    DeletionProtection: global.deletionProtection,
    Endpoint: `${global.id}.global-${hex(global.arn, 12)}.global.rds.amazonaws.com`,
    GlobalClusterMembers: global.members.map((arn) => {
      const isWriter = arn === global.writer
      return {
        DBClusterArn: arn,
        IsWriter: isWriter,
        Readers: isWriter ? global.members.filter((other) => other !== arn) : [],
        GlobalWriteForwardingStatus: isWriter ? 'unknown' : 'disabled',
        SynchronizationStatus: clusterByArn(world, arn)?.synchronization ?? 'connected',
      }
    }),
    ...(operation
      ? {
          FailoverState: {
            Status: operation.status,
            FromDbClusterArn: operation.from,
            ToDbClusterArn: operation.to,
            IsDataLossAllowed: operation.kind === 'failover',
          },
        }
      : {}),
    TagList: [],
  }
}

export function describeCluster(world: World, cluster: DbCluster): DBCluster {
  const global = globalOf(world, cluster)
  const role = global?.writer && global.writer !== cluster.arn ? global.writer : undefined
  const host = `${hex(cluster.arn, 12)}.${cluster.region}.rds.amazonaws.com`
  const resource = hex(`resource/${cluster.arn}`, 26).toUpperCase()
  return {
    DBClusterIdentifier: cluster.id,
    DBClusterArn: cluster.arn,
    DbClusterResourceId: `cluster-${resource}`,
    Status: cluster.status,
    Engine: 'aurora-postgresql',
    EngineMode: 'provisioned',
    EngineVersion: cluster.engineVersion,
    DatabaseName: cluster.app,
    Endpoint: `${cluster.id}.cluster-${host}`,
    ReaderEndpoint: `${cluster.id}.cluster-ro-${host}`,
    Port: 5432,
    MultiAZ: cluster.instances.length > 1,
    AvailabilityZones: ['a', 'b', 'c'].map((zone) => `${cluster.region}${zone}`),
    AllocatedStorage: 1,
    BackupRetentionPeriod: retentionDays,
    ClusterCreateTime: new Date(cluster.createdAt),
    MasterUsername: cluster.app,
    StorageEncrypted: true,
    KmsKeyId: keyOf(cluster.region),
    DeletionProtection: cluster.deletionProtection,
    DBClusterMembers: cluster.instances.map(({ id }, index) => ({
      DBInstanceIdentifier: id,
      IsClusterWriter: index === 0 && writable(world, cluster),
      DBClusterParameterGroupStatus: 'in-sync',
      PromotionTier: 1,
    })),
    ...(global ? { GlobalClusterIdentifier: global.id } : {}),
    ...(role ? { ReplicationSourceIdentifier: role, GlobalWriteForwardingStatus: 'disabled' } : {}),
    ReadReplicaIdentifiers: [],
    TagList: [],
  }
}

export function describeInstance(cluster: DbCluster, instance: DbInstance): DBInstance {
  const { region, arn } = cluster
  return {
    DBInstanceIdentifier: instance.id,
    DBInstanceArn: `arn:aws:rds:${region}:${accounts.workload}:db:${instance.id}`,
    DbiResourceId: `db-${hex(`${arn}/${instance.id}`, 26).toUpperCase()}`,
    DBInstanceClass: instance.class,
    DBInstanceStatus: instance.status,
    DBClusterIdentifier: cluster.id,
    Engine: 'aurora-postgresql',
    EngineVersion: cluster.engineVersion,
    AvailabilityZone: `${region}a`,
    Endpoint: { Address: `${instance.id}.${hex(arn, 12)}.${region}.rds.amazonaws.com`, Port: 5432 },
    MultiAZ: false,
    StorageEncrypted: true,
    PromotionTier: 1,
    TagList: [],
  }
}
