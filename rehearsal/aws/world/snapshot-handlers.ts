import * as rds from '@aws-sdk/client-rds'
import { isDark } from '../outages.ts'
import { WireError } from '../wire/failure.ts'
import type { Call, Handlers } from '../wire/service.ts'
import { clusterArn } from './rds.ts'
import { findCluster, identifier, same } from './rds-find.ts'
import { filterValues, fits, listing } from './rds-list.ts'
import {
  copySnapshot,
  type DbSnapshot,
  dropSnapshots,
  keyOf,
  retentionDays,
  snapshotQuota,
  takeSnapshot,
} from './snapshots.ts'
import { accounts, type World } from './world.ts'

const about = (message: string) => ({ message, $metadata: {} })
const combination = (message: string) => new WireError('InvalidParameterCombination', message)

/** RDS's operations on cluster snapshots. */
export function snapshotHandlers(world: World): Handlers<typeof rds> {
  return {
    DescribeDBClusterSnapshots: (input, call) => describeSnapshots(world, input, call.region),
    CreateDBClusterSnapshot: (input, call) => create(world, input, call),
    CopyDBClusterSnapshot: (input, call) => copy(world, input, call),
    DeleteDBClusterSnapshot: (input, call) => remove(world, input, call),
  }
}

function describeSnapshots(world: World, input: rds.DescribeDBClusterSnapshotsCommandInput, region: string) {
  const { DBClusterSnapshotIdentifier: wanted, DBClusterIdentifier: cluster, SnapshotType: type } = input
  if (type !== undefined && !['automated', 'manual', 'shared', 'public', 'awsbackup'].includes(type))
    throw new WireError('InvalidParameterValue', `Unrecognized snapshot type: ${type}`)
  const here = world.rds.snapshots.filter((snapshot) => snapshot.region === region)
  const named = wanted === undefined ? here : here.filter(({ arn }) => isSnapshot(wanted, arn))
  if (wanted !== undefined && named.length === 0) throw notFound(wanted)
  const known = ['db-cluster-id', 'db-cluster-snapshot-id', 'snapshot-type', 'engine']
  const clusters = filterValues(input.Filters, known)
  const ids = filterValues(input.Filters, known, 'db-cluster-snapshot-id')
  const types = filterValues(input.Filters, known, 'snapshot-type')
  const found = named.filter(
    (snapshot) =>
      (cluster === undefined || same(cluster, clusterArn(region, snapshot.cluster))) &&
      (type === undefined || type === snapshot.type) &&
      fits(clusters, clusterArn(region, snapshot.cluster)) &&
      (ids === undefined || ids.some((id) => isSnapshot(id, snapshot.arn))) &&
      (types === undefined || types.includes(snapshot.type)),
  )
  const { rows, Marker } = listing(found, ({ arn }) => arn, input)
  return { DBClusterSnapshots: rows.map((snapshot) => describe(world, snapshot)), Marker }
}

/** An ARN or the identifier in it, which may have a colon: `rds:…`. */
const isSnapshot = (wanted: string, arn: string): boolean =>
  wanted === arn || wanted.toLowerCase() === arn.split(':').slice(6).join(':')

const notFound = (id: string) =>
  new rds.DBClusterSnapshotNotFoundFault(about(`DBClusterSnapshot ${id} not found.`))

const findSnapshot = (world: World, region: string, id = ''): DbSnapshot | undefined =>
  world.rds.snapshots.find((snapshot) => snapshot.region === region && isSnapshot(id, snapshot.arn))

function create(world: World, input: rds.CreateDBClusterSnapshotCommandInput, call: Call) {
  const id = newId(world, input.DBClusterSnapshotIdentifier, call.region)
  const cluster = findCluster(world, call.region, input.DBClusterIdentifier)
  if (cluster.status !== 'available')
    throw new rds.InvalidDBClusterStateFault(
      about(`DB cluster ${cluster.id} isn't currently in the available state.`),
    )
  return { DBClusterSnapshot: describe(world, takeSnapshot(world, cluster, { id, type: 'manual' })) }
}

/** The name of a new manual snapshot, judged and in lower case. */
export function newId(world: World, wanted: string | undefined, region: string): string {
  const id = identifier('DBClusterSnapshotIdentifier', wanted)
  const here = world.rds.snapshots.filter((snapshot) => snapshot.region === region)
  if (here.some((snapshot) => snapshot.id === id))
    throw new rds.DBClusterSnapshotAlreadyExistsFault(
      about(`Cannot create the cluster snapshot because one with the identifier ${id} already exists.`),
    )
  if (here.filter(({ type }) => type === 'manual').length >= snapshotQuota)
    throw new rds.SnapshotQuotaExceededFault(
      about(`Cannot create more than ${snapshotQuota} manual cluster snapshots.`),
    )
  return id
}

/** Asked for in the region of the copy. Another region's snapshot is named by its ARN, and needs a key of here. */
function copy(world: World, input: rds.CopyDBClusterSnapshotCommandInput, { region }: Call) {
  const wanted = input.SourceDBClusterSnapshotIdentifier ?? ''
  const from = wanted.startsWith('arn:') ? (wanted.split(':')[3] ?? '') : region
  const source = findSnapshot(world, from, wanted)
  if (!source) throw notFound(wanted)
  const id = newId(world, input.TargetDBClusterSnapshotIdentifier, region)
  const kmsKeyId = input.KmsKeyId ?? (from === region ? source.kmsKeyId : undefined)
  if (kmsKeyId === undefined)
    throw combination('KmsKeyId must be specified to copy an encrypted snapshot to another Region.')
  if (!kmsKeyId.startsWith(`arn:aws:kms:${region}:`) && kmsKeyId !== keyOf(region).split('/')[1])
    throw new rds.KMSKeyNotAccessibleFault(
      about(`The specified KMS key ${kmsKeyId} does not exist, is not enabled or cannot be used here.`),
    )
  if (source.status !== 'available' || isDark(world, from))
    throw new rds.InvalidDBClusterSnapshotStateFault(
      about(`The source snapshot ${source.id} must be in the available state.`),
    )
  return { DBClusterSnapshot: describe(world, copySnapshot(world, source, { id, region, kmsKeyId })) }
}

function remove(world: World, input: rds.DeleteDBClusterSnapshotCommandInput, { region }: Call) {
  const snapshot = findSnapshot(world, region, input.DBClusterSnapshotIdentifier)
  if (!snapshot) throw notFound(input.DBClusterSnapshotIdentifier ?? '')
  if (snapshot.type !== 'manual')
    throw new rds.InvalidDBClusterSnapshotStateFault(about('Only manual snapshots may be deleted.'))
  if (snapshot.status !== 'available')
    throw new rds.InvalidDBClusterSnapshotStateFault(
      about(`Cannot delete the snapshot ${snapshot.id} because it is ${snapshot.status}.`),
    )
  dropSnapshots(world, (each) => each === snapshot)
  return { DBClusterSnapshot: { ...describe(world, snapshot), Status: 'deleted' } }
}

function describe(world: World, snapshot: DbSnapshot): rds.DBClusterSnapshot {
  const { createdAt, readyAt, status, region } = snapshot
  const part = (world.now - createdAt) / Math.max(1, readyAt - createdAt)
  return {
    DBClusterSnapshotIdentifier: snapshot.id,
    DBClusterSnapshotArn: snapshot.arn,
    DBClusterIdentifier: snapshot.cluster,
    SnapshotCreateTime: new Date(createdAt),
    ClusterCreateTime: new Date(snapshot.clusterCreatedAt),
    SnapshotType: snapshot.type,
    Status: status,
    PercentProgress: status === 'available' ? 100 : Math.min(99, Math.floor(part * 100)),
    Engine: 'aurora-postgresql',
    EngineMode: 'provisioned',
    EngineVersion: snapshot.engineVersion,
    AllocatedStorage: 1,
    Port: 0,
    AvailabilityZones: ['a', 'b', 'c'].map((zone) => `${region}${zone}`),
    VpcId: `vpc-${accounts.workload}`,
    MasterUsername: snapshot.app,
    LicenseModel: 'postgresql-license',
    StorageEncrypted: true,
    KmsKeyId: snapshot.kmsKeyId,
    BackupRetentionPeriod: retentionDays,
    IAMDatabaseAuthenticationEnabled: false,
    ...(snapshot.sourceArn ? { SourceDBClusterSnapshotArn: snapshot.sourceArn } : {}),
    TagList: [],
  }
}
