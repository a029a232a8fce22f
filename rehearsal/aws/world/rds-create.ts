import * as rds from '@aws-sdk/client-rds'
import { WireError } from '../wire/failure.ts'
import type { Call } from '../wire/service.ts'
import { clusterArn, clusterByArn, type DbCluster, type GlobalCluster, globalArn, writable } from './rds.ts'
import { describeCluster, describeGlobal, describeInstance } from './rds-describe.ts'
import { findCluster, findGlobal, identifier } from './rds-find.ts'
import { seedingMs } from './rds-rebuild.ts'
import { schedule, type World } from './world.ts'

const about = (message: string) => ({ message, $metadata: {} })
const combination = (message: string) => new WireError('InvalidParameterCombination', message)
const badState = (message: string) => new rds.InvalidDBClusterStateFault(about(message))

/** From a standalone cluster, whose engine and name it takes over. It is answered before the source is its writer. */
export function createGlobal(world: World, input: rds.CreateGlobalClusterCommandInput, { region }: Call) {
  const id = identifier('GlobalClusterIdentifier', input.GlobalClusterIdentifier)
  if (world.rds.globals.some((global) => global.id === id))
    throw new rds.GlobalClusterAlreadyExistsFault(about(`Global cluster ${id} already exists`))
  const wanted = input.SourceDBClusterIdentifier
  if (wanted === undefined)
    throw new WireError('NotImplemented', 'Only global clusters of a source are simulated.', 501)
  if (input.Engine ?? input.EngineVersion ?? input.DatabaseName)
    throw combination(
      'When creating global cluster from existing db cluster, value for engineName should not be specified since it will be inherited from source cluster',
    )
  const source = clusterByArn(world, wanted)
  if (!source || source.region !== region)
    throw new rds.DBClusterNotFoundFault(about(`DBCluster ${wanted} not found.`))
  if (source.global) throw badState(`DB cluster ${source.id} is already a member of a global cluster.`)
  if (!writable(world, source) || source.status !== 'available')
    throw badState(`Source cluster ${source.arn} isn't currently in the available state.`)
  const global: GlobalCluster = {
    app: source.app,
    id,
    arn: globalArn(id),
    engineVersion: source.engineVersion,
    members: [source.arn],
    writer: '',
    adopting: source.arn,
    deletionProtection: input.DeletionProtection ?? false,
  }
  world.rds.globals.push(global)
  source.global = id
  schedule(world, world.draws[source.app].adopt, 'rds-adopted', id)
  return { GlobalCluster: describeGlobal(world, global) }
}

/** A secondary of a global cluster, which has no data for a long while after it is available. */
export function createCluster(world: World, input: rds.CreateDBClusterCommandInput, { region }: Call) {
  const id = identifier('DBClusterIdentifier', input.DBClusterIdentifier)
  if (clusterByArn(world, clusterArn(region, id)))
    throw new rds.DBClusterAlreadyExistsFault(about('DB Cluster already exists'))
  if (input.GlobalClusterIdentifier === undefined)
    throw new WireError('NotImplemented', 'Only secondaries of a global cluster are simulated.', 501)
  const global = findGlobal(world, input.GlobalClusterIdentifier)
  judgeSecondary(world, global, input, region)
  const cluster: DbCluster = {
    app: global.app,
    id,
    arn: clusterArn(region, id),
    region,
    createdAt: world.now,
    status: 'creating',
    engineVersion: input.EngineVersion ?? global.engineVersion,
    global: global.id,
    synchronization: 'pending-resync',
    lagMs: clusterByArn(world, global.writer)?.lagMs ?? 500,
    instances: [],
    deletionProtection: input.DeletionProtection ?? false,
    lostWrites: [],
  }
  world.rds.clusters.push(cluster)
  global.members.push(cluster.arn)
  schedule(world, world.draws[global.app].createCluster, 'rds-created', cluster.arn)
  schedule(world, seedingMs(world, cluster), 'rds-seeded', cluster.arn)
  return { DBCluster: describeCluster(world, cluster) }
}

function judgeSecondary(
  world: World,
  global: GlobalCluster,
  input: rds.CreateDBClusterCommandInput,
  region: string,
): void {
  const refusal = notASecondarys(input)
  if (refusal) throw combination(refusal)
  const source = clusterByArn(world, global.writer || (global.adopting ?? ''))
  if (!source || global.adopting || source.status !== 'available' || global.operation)
    throw badState(
      `Source cluster ${source?.arn ?? global.arn} is in a state which is not valid for physical replication`,
    )
  if (global.members.some((arn) => arn.split(':')[3] === region))
    throw combination(`Global cluster ${global.id} already has a member in Region ${region}.`)
  const version = input.EngineVersion ?? source.engineVersion
  if (version !== source.engineVersion)
    throw combination(
      `The engine version ${version} of the secondary doesn't match the engine version ${source.engineVersion} of global cluster ${global.id}.`,
    )
  if (!input.KmsKeyId)
    throw combination(`KmsKeyId must be specified: source cluster ${source.arn} is encrypted.`)
  if (!input.KmsKeyId.startsWith(`arn:aws:kms:${region}:`))
    throw new rds.KMSKeyNotAccessibleFault(
      about(`The specified KMS key ${input.KmsKeyId} does not exist, is not enabled or cannot be used here.`),
    )
}

/** What a secondary has from its primary, and must not be given. */
function notASecondarys(input: rds.CreateDBClusterCommandInput): string | undefined {
  if (input.MasterUsername !== undefined)
    return 'Cannot specify user name for cross region replication cluster'
  if (input.MasterUserPassword !== undefined)
    return 'Cannot specify password for cross region replication cluster'
  if (input.ManageMasterUserPassword) return "ManageMasterUserPassword isn't supported for read replica"
  if (input.DatabaseName !== undefined)
    return 'Cannot specify database name for cross region replication cluster'
  if (input.ReplicationSourceIdentifier !== undefined)
    return 'ReplicationSourceIdentifier and GlobalClusterIdentifier cannot be specified together'
  return undefined
}

export function createInstance(world: World, input: rds.CreateDBInstanceCommandInput, { region }: Call) {
  const id = identifier('DBInstanceIdentifier', input.DBInstanceIdentifier)
  const here = world.rds.clusters.filter((cluster) => cluster.region === region)
  if (here.some(({ instances }) => instances.some((instance) => instance.id === id)))
    throw new rds.DBInstanceAlreadyExistsFault(about('DB Instance already exists'))
  if (input.MasterUsername !== undefined || input.MasterUserPassword !== undefined)
    throw combination(
      'The requested DB Instance will be a member of a DB Cluster. Set master user password for the DB Cluster.',
    )
  const cluster = findCluster(world, region, input.DBClusterIdentifier)
  if (cluster.status !== 'available')
    throw badState(`DB cluster ${cluster.id} isn't currently in the available state.`)
  const instance = { id, class: input.DBInstanceClass ?? 'db.r6g.xlarge', status: 'creating' }
  cluster.instances.push(instance)
  schedule(world, world.draws[cluster.app].createInstance, 'instance-created', `${cluster.arn} ${id}`)
  return { DBInstance: describeInstance(cluster, instance) }
}
