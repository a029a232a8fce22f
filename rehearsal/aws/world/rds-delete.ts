import * as rds from '@aws-sdk/client-rds'
import { WireError } from '../wire/failure.ts'
import type { Call } from '../wire/service.ts'
import { type DbCluster, globalOf } from './rds.ts'
import { describeCluster, describeGlobal, describeInstance } from './rds-describe.ts'
import { findCluster, findGlobal, same } from './rds-find.ts'
import { forgetRejoin } from './rds-rejoin.ts'
import { newId } from './snapshot-handlers.ts'
import { takeSnapshot } from './snapshots.ts'
import { accounts, schedule, unschedule, type World } from './world.ts'

const about = (message: string) => ({ message, $metadata: {} })
const combination = (message: string) => new WireError('InvalidParameterCombination', message)
const badState = (message: string) => new rds.InvalidDBClusterStateFault(about(message))

/** Deletion protection is the cluster's: it keeps no instance from going. */
export function deleteInstance(world: World, input: rds.DeleteDBInstanceCommandInput, { region }: Call) {
  const wanted = input.DBInstanceIdentifier ?? ''
  const arn = (id: string) => `arn:aws:rds:${region}:${accounts.workload}:db:${id}`
  const here = world.rds.clusters.filter((cluster) => cluster.region === region)
  const cluster = here.find(({ instances }) => instances.some(({ id }) => same(wanted, arn(id))))
  const instance = cluster?.instances.find(({ id }) => same(wanted, arn(id)))
  if (!cluster || !instance) throw new rds.DBInstanceNotFoundFault(about(`DBInstance ${wanted} not found.`))
  if (input.FinalDBSnapshotIdentifier !== undefined)
    throw combination('FinalDBSnapshotIdentifier can not be specified when deleting a cluster instance')
  if (instance.status === 'deleting')
    throw new rds.InvalidDBInstanceStateFault(about(`Instance ${instance.id} is already being deleted.`))
  const refusal = lastRefusal(world, cluster)
  if (refusal) throw badState(refusal)
  instance.status = 'deleting'
  unschedule(world, 'instance-created', `${cluster.arn} ${instance.id}`)
  const { deleteInstance: lasts } = world.draws[cluster.app]
  schedule(world, lasts, 'instance-deleted', `${cluster.arn} ${instance.id}`)
  return { DBInstance: describeInstance(cluster, instance) }
}

/** Of a cluster in a global cluster the last instance does not go. */
function lastRefusal(world: World, cluster: DbCluster): string | undefined {
  if (cluster.instances.filter(({ status }) => status !== 'deleting').length > 1) return undefined
  const global = globalOf(world, cluster)
  const follows = global && (global.writer || global.adopting) !== cluster.arn
  if (follows || cluster.status === 'promoting')
    return 'Cannot delete the last instance of the read replica DB cluster. Promote the DB cluster to a standalone DB cluster in order to delete it.'
  if (global && global.members.length > 1)
    return 'Cannot delete the last instance of the master cluster. Delete the replica cluster before deleting the last master cluster instance.'
  return undefined
}

export function deleteCluster(world: World, input: rds.DeleteDBClusterCommandInput, { region }: Call) {
  const cluster = findCluster(world, region, input.DBClusterIdentifier)
  judgeDeletion(world, cluster, input)
  const finalId = input.SkipFinalSnapshot ? undefined : newId(world, input.FinalDBSnapshotIdentifier, region)
  if (finalId !== undefined) takeSnapshot(world, cluster, { id: finalId, type: 'manual' })
  cluster.status = 'deleting'
  cluster.keepsBackups = input.DeleteAutomatedBackups === false
  forgetRejoin(world, cluster)
  schedule(world, world.draws[cluster.app].deleteCluster, 'rds-deleted', cluster.arn)
  return { DBCluster: describeCluster(world, cluster) }
}

function judgeDeletion(world: World, cluster: DbCluster, input: rds.DeleteDBClusterCommandInput): void {
  if (cluster.status === 'deleting') throw badState(`DB cluster ${cluster.id} is already being deleted.`)
  if (cluster.deletionProtection)
    throw combination('Cannot delete protected Cluster, please disable deletion protection and try again.')
  if (input.SkipFinalSnapshot && input.FinalDBSnapshotIdentifier !== undefined)
    throw combination('FinalDBSnapshotIdentifier can not be specified when SkipFinalSnapshot is true')
  if (!input.SkipFinalSnapshot && input.FinalDBSnapshotIdentifier === undefined)
    throw combination('FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified.')
  const global = globalOf(world, cluster)
  if (global && (global.writer || global.adopting) === cluster.arn && global.members.length > 1)
    throw new rds.InvalidGlobalClusterStateFault(
      about(
        'Unable to delete cluster that is a primary member of global cluster while there are other global cluster members',
      ),
    )
  if (global)
    throw badState('This cluster is a part of a global cluster, please remove it from globalcluster first')
  if (cluster.instances.some(({ status }) => status !== 'deleting'))
    throw badState('Cluster cannot be deleted, it still contains DB instances in non-deleting state.')
  if (cluster.status !== 'available')
    throw badState(`DB cluster ${cluster.id} isn't currently in the available state.`)
}

/** How long AWS takes to see that the last member has gone. A guess. */
const noticeMs = 15_000

export function deleteGlobal(world: World, input: rds.DeleteGlobalClusterCommandInput) {
  const global = findGlobal(world, input.GlobalClusterIdentifier)
  if (global.deletionProtection)
    throw combination(
      'Cannot delete protected global cluster, please disable deletion protection and try again.',
    )
  if (global.members.length > 0 || world.now - (global.emptiedAt ?? 0) < noticeMs)
    throw new rds.InvalidGlobalClusterStateFault(about(`Global Cluster ${global.arn} is not empty`))
  const told = { ...describeGlobal(world, global), Status: 'deleting' }
  world.rds.globals = world.rds.globals.filter((each) => each !== global)
  return { GlobalCluster: told }
}

const modifiable = ['DBClusterIdentifier', 'ApplyImmediately', 'DeletionProtection', 'EngineVersion']

export function modifyCluster(world: World, input: rds.ModifyDBClusterCommandInput, { region }: Call) {
  const cluster = findCluster(world, region, input.DBClusterIdentifier)
  const strange = Object.entries(input).find(
    ([name, value]) => value !== undefined && !modifiable.includes(name),
  )
  if (strange) throw new WireError('NotImplemented', `${strange[0]} is not simulated.`, 501)
  const { DeletionProtection: wanted, EngineVersion: version } = input
  if (cluster.status === 'deleting' || cluster.status === 'creating')
    throw badState(`DB cluster ${cluster.id} isn't currently in the available state.`)
  if (version !== undefined && version !== cluster.engineVersion) {
    if (cluster.status !== 'available')
      throw badState(`DB cluster ${cluster.id} isn't currently in the available state.`)
    cluster.status = 'upgrading'
    schedule(world, world.draws[cluster.app].upgrade, 'rds-upgraded', `${cluster.arn} ${version}`)
  }
  if (wanted !== undefined) cluster.deletionProtection = wanted
  return { DBCluster: describeCluster(world, cluster) }
}

const globalModifiable = ['GlobalClusterIdentifier', 'DeletionProtection']

export function modifyGlobal(world: World, input: rds.ModifyGlobalClusterCommandInput) {
  const global = findGlobal(world, input.GlobalClusterIdentifier)
  const strange = Object.entries(input).find(
    ([name, value]) => value !== undefined && !globalModifiable.includes(name),
  )
  if (strange) throw new WireError('NotImplemented', `${strange[0]} is not simulated.`, 501)
  global.deletionProtection = input.DeletionProtection ?? global.deletionProtection
  return { GlobalCluster: describeGlobal(world, global) }
}
