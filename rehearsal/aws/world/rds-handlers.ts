import * as rds from '@aws-sdk/client-rds'
import { WireError } from '../wire/failure.ts'
import type { Handlers } from '../wire/service.ts'
import { failover, remove, switchover } from './rds-acts.ts'
import { createCluster, createGlobal, createInstance } from './rds-create.ts'
import { deleteCluster, deleteGlobal, deleteInstance, modifyCluster, modifyGlobal } from './rds-delete.ts'
import { describeCluster, describeGlobal, describeInstance } from './rds-describe.ts'
import { findGlobal, same } from './rds-find.ts'
import { filterValues, fits, listing } from './rds-list.ts'
import { snapshotHandlers } from './snapshot-handlers.ts'
import { accounts, type World } from './world.ts'

const about = (message: string) => ({ message, $metadata: {} })

export function rdsHandlers(world: World): Handlers<typeof rds> {
  return {
    DescribeGlobalClusters: (input) => describeGlobals(world, input),
    DescribeDBClusters: (input, call) => describeClusters(world, input, call.region),
    DescribeDBInstances: (input, call) => describeInstances(world, input, call.region),
    DescribeEvents: (input, call) => describeEvents(world, input, call.region),
    DescribePendingMaintenanceActions: () => ({ PendingMaintenanceActions: [] }),
    FailoverGlobalCluster: (input, call) => failover(world, input, call),
    SwitchoverGlobalCluster: (input, call) => switchover(world, input, call),
    RemoveFromGlobalCluster: (input, call) => remove(world, input, call),
    CreateGlobalCluster: (input, call) => createGlobal(world, input, call),
    CreateDBCluster: (input, call) => createCluster(world, input, call),
    CreateDBInstance: (input, call) => createInstance(world, input, call),
    ModifyDBCluster: (input, call) => modifyCluster(world, input, call),
    ModifyGlobalCluster: (input) => modifyGlobal(world, input),
    DeleteDBInstance: (input, call) => deleteInstance(world, input, call),
    DeleteDBCluster: (input, call) => deleteCluster(world, input, call),
    DeleteGlobalCluster: (input) => deleteGlobal(world, input),
    ...snapshotHandlers(world),
  }
}

function describeGlobals(world: World, input: rds.DescribeGlobalClustersCommandInput) {
  const wanted = input.GlobalClusterIdentifier
  const named = wanted === undefined ? world.rds.globals : [findGlobal(world, wanted)]
  const members = filterValues(input.Filters, ['db-cluster-id'])
  const found = named.filter((global) => fits(members, ...global.members))
  const { rows, Marker } = listing(found, ({ arn }) => arn, input)
  return { GlobalClusters: rows.map((global) => describeGlobal(world, global)), Marker }
}

function describeClusters(world: World, input: rds.DescribeDBClustersCommandInput, region: string) {
  const here = world.rds.clusters.filter((cluster) => cluster.region === region)
  const wanted = input.DBClusterIdentifier
  const named = wanted === undefined ? here : here.filter((cluster) => same(wanted, cluster.arn))
  if (wanted !== undefined && named.length === 0)
    throw new rds.DBClusterNotFoundFault(about(`DBCluster ${wanted} not found.`))
  const ids = filterValues(input.Filters, ['db-cluster-id'])
  const { rows, Marker } = listing(
    named.filter(({ arn }) => fits(ids, arn)),
    ({ arn }) => arn,
    input,
  )
  return { DBClusters: rows.map((cluster) => describeCluster(world, cluster)), Marker }
}

function describeInstances(world: World, input: rds.DescribeDBInstancesCommandInput, region: string) {
  const here = world.rds.clusters
    .filter((cluster) => cluster.region === region)
    .flatMap((cluster) => cluster.instances.map((instance) => ({ cluster, instance })))
  const arn = (id: string) => `arn:aws:rds:${region}:${accounts.workload}:db:${id}`
  const wanted = input.DBInstanceIdentifier
  const named = wanted === undefined ? here : here.filter(({ instance }) => same(wanted, arn(instance.id)))
  if (wanted !== undefined && named.length === 0)
    throw new rds.DBInstanceNotFoundFault(about(`DBInstance ${wanted} not found.`))
  const known = ['db-cluster-id', 'db-instance-id']
  const clusters = filterValues(input.Filters, known, 'db-cluster-id')
  const instances = filterValues(input.Filters, known, 'db-instance-id')
  const found = named.filter(
    ({ cluster, instance }) => fits(clusters, cluster.arn) && fits(instances, arn(instance.id)),
  )
  const { rows, Marker } = listing(found, ({ instance }) => instance.id, input)
  return { DBInstances: rows.map(({ cluster, instance }) => describeInstance(cluster, instance)), Marker }
}

const arnTypes = { 'db-cluster': 'cluster', 'db-instance': 'db', 'db-cluster-snapshot': 'cluster-snapshot' }

function describeEvents(world: World, input: rds.DescribeEventsCommandInput, region: string) {
  if (input.SourceIdentifier !== undefined && input.SourceType === undefined)
    throw new WireError('InvalidParameterCombination', 'SourceType must be provided with SourceIdentifier.')
  const end = input.EndTime?.getTime() ?? world.now
  const oldest = world.now - 14 * 86_400_000
  const start = Math.max(oldest, input.StartTime?.getTime() ?? end - (input.Duration ?? 60) * 60_000)
  const known = world.rds.events.map((event, index) => ({ event, key: `${index} ${event.at}` }))
  const found = known.filter(
    ({ event }) =>
      event.region === region &&
      event.at >= start &&
      event.at <= end &&
      (input.SourceType === undefined || input.SourceType === event.type) &&
      (input.SourceIdentifier === undefined || input.SourceIdentifier.toLowerCase() === event.source) &&
      (!input.EventCategories?.length ||
        input.EventCategories.some((name) => event.categories.includes(name))),
  )
  const { rows, Marker } = listing(found, ({ key }) => key, input)
  const Events = rows.map(({ event }) => ({
    SourceIdentifier: event.source,
    SourceType: event.type,
    Message: event.message,
    EventCategories: [...event.categories],
    Date: new Date(event.at),
    SourceArn: `arn:aws:rds:${region}:${accounts.workload}:${arnTypes[event.type]}:${event.source}`,
  }))
  return { Events, Marker }
}
