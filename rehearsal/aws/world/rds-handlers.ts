import * as rds from '@aws-sdk/client-rds'
import { isDark } from '../outages.ts'
import { WireError } from '../wire/failure.ts'
import type { Call, Handlers } from '../wire/service.ts'
import { page, records, withTokens } from './page.ts'
import { clusterByArn, type DbCluster, detach, type GlobalCluster, startOperation } from './rds.ts'
import { describeCluster, describeGlobal, describeInstance } from './rds-describe.ts'
import { accounts, type World } from './world.ts'

type Listing = { readonly Marker?: string | undefined; readonly MaxRecords?: number | undefined }
type Filter = { readonly Name?: string | undefined; readonly Values?: string[] | undefined }

const about = (message: string) => ({ message, $metadata: {} })

export function rdsHandlers(world: World): Handlers<typeof rds> {
  return {
    DescribeGlobalClusters: (input) => describeGlobals(world, input),
    DescribeDBClusters: (input, call) => describeClusters(world, input, call.region),
    DescribeDBInstances: (input, call) => describeInstances(world, input, call.region),
    DescribeEvents: (input, call) => describeEvents(world, input, call.region),
    DescribePendingMaintenanceActions: () => ({ PendingMaintenanceActions: [] }),
    FailoverGlobalCluster: (input, call) => failover(world, input, call),
    SwitchoverGlobalCluster: (input, call) => {
      const global = findGlobal(world, input.GlobalClusterIdentifier)
      return start(world, global, input.TargetDbClusterIdentifier, 'switchover', call)
    },
    RemoveFromGlobalCluster: (input, call) => remove(world, input, call),
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
      (input.SourceType === undefined || input.SourceType === 'db-cluster') &&
      (input.SourceIdentifier === undefined || input.SourceIdentifier.toLowerCase() === event.source) &&
      (!input.EventCategories?.length ||
        input.EventCategories.some((name) => event.categories.includes(name))),
  )
  const { rows, Marker } = listing(found, ({ key }) => key, input)
  const Events = rows.map(({ event }) => ({
    SourceIdentifier: event.source,
    SourceType: 'db-cluster' as const,
    Message: event.message,
    EventCategories: [...event.categories],
    Date: new Date(event.at),
    SourceArn: `arn:aws:rds:${region}:${accounts.workload}:cluster:${event.source}`,
  }))
  return { Events, Marker }
}

function failover(world: World, input: rds.FailoverGlobalClusterCommandInput, call: Call) {
  if (input.AllowDataLoss && input.Switchover)
    throw new WireError(
      'InvalidParameterCombination',
      'AllowDataLoss and Switchover cannot be specified together.',
    )
  const global = findGlobal(world, input.GlobalClusterIdentifier)
  const kind = input.AllowDataLoss ? 'failover' : 'switchover'
  return start(world, global, input.TargetDbClusterIdentifier, kind, call)
}

/** A failover is asked for in the target's region, a switchover in the current primary's. */
function start(
  world: World,
  global: GlobalCluster,
  target: string | undefined,
  kind: 'failover' | 'switchover',
  call: Call,
) {
  const to = memberOf(world, global, target)
  if (global.operation)
    throw new rds.InvalidGlobalClusterStateFault(
      about(`Global cluster ${global.id} is in ${describeGlobal(world, global).Status} state.`),
    )
  const from = clusterByArn(world, global.writer)
  const through = kind === 'failover' ? to.region : from?.region
  const refusal = startRefusal(global, to, from, kind)
  if (refusal) throw new rds.InvalidDBClusterStateFault(about(refusal))
  if (call.region !== through)
    throw new rds.InvalidDBClusterStateFault(
      about(`A global ${kind} to ${to.id} must be requested in Region ${through}, not in ${call.region}.`),
    )
  if (kind === 'switchover') requireReachable(world, to, from)
  startOperation(world, global, to, kind)
  return { GlobalCluster: describeGlobal(world, global) }
}

function startRefusal(
  global: GlobalCluster,
  to: DbCluster,
  from: DbCluster | undefined,
  kind: 'failover' | 'switchover',
): string | undefined {
  if (to.arn === global.writer) return `DB cluster ${to.id} is already the primary of ${global.id}.`
  if (to.synchronization !== 'connected') return `DB cluster ${to.id} is resynchronizing with the primary.`
  if (to.status !== 'available') return `DB cluster ${to.id} isn't currently in the available state.`
  if (!to.instances.some(({ status }) => status === 'available'))
    return `DB cluster ${to.id} has no available DB instances.`
  if (kind === 'switchover' && from?.status !== 'available')
    return `DB cluster ${from?.id} isn't currently in the available state.`
  return undefined
}

function requireReachable(world: World, to: DbCluster, from: DbCluster | undefined): void {
  const lost = [to, from].find((cluster) => cluster && isDark(world, cluster.region))
  if (lost)
    throw new rds.InvalidGlobalClusterStateFault(
      about(`DB cluster ${lost.id} cannot be reached, so that a switchover is not possible.`),
    )
}

/** How long an operation must have stood still before AWS lets go of one of its clusters. A guess. */
const patienceMs = 5 * 60_000

function remove(world: World, input: rds.RemoveFromGlobalClusterCommandInput, call: Call) {
  const global = findGlobal(world, input.GlobalClusterIdentifier)
  const arn = input.DbClusterIdentifier ?? ''
  const cluster = clusterByArn(world, arn)
  if (!cluster || cluster.region !== call.region)
    throw new rds.DBClusterNotFoundFault(about(`DBCluster ${arn} not found.`))
  if (!global.members.includes(arn))
    throw new WireError('InvalidParameterValue', `${arn} is not found in global cluster ${global.id}.`)
  const under = global.operation
  if (under && world.now - under.startedAt < patienceMs)
    throw new rds.InvalidGlobalClusterStateFault(
      about(`Global cluster ${global.id} is in ${describeGlobal(world, global).Status} state.`),
    )
  if (global.writer === arn && global.members.length > 1)
    throw new rds.InvalidGlobalClusterStateFault(
      about(
        `Unable to remove ${arn}, the primary member of global cluster ${global.id}, while it has others.`,
      ),
    )
  detach(world, global, cluster)
  return { GlobalCluster: describeGlobal(world, global) }
}

function findGlobal(world: World, id: string | undefined): GlobalCluster {
  const found = world.rds.globals.find((global) => id !== undefined && same(id, global.arn))
  if (!found) throw new rds.GlobalClusterNotFoundFault(about(`Global cluster ${id} not found`))
  return found
}

/** Only the ARN names a cluster of another region. */
function memberOf(world: World, global: GlobalCluster, arn: string | undefined): DbCluster {
  const cluster = arn === undefined ? undefined : clusterByArn(world, arn)
  if (!cluster || !global.members.includes(cluster.arn))
    throw new rds.DBClusterNotFoundFault(about(`DBCluster ${arn} not found.`))
  return cluster
}

/** An ARN, or the identifier in it; identifiers are case-insensitive. */
const same = (wanted: string, arn: string): boolean =>
  wanted === arn || wanted.toLowerCase() === arn.split(':').at(-1)

/** The values of a filter; undefined when it is not given. A filter that is not `known` is refused. */
function filterValues(filters: readonly Filter[] | undefined, known: string[], name = known[0]) {
  const strange = filters?.find((filter) => !known.includes(filter.Name ?? ''))
  if (strange) throw new WireError('InvalidParameterValue', `Unrecognized filter name: ${strange.Name}`)
  return filters?.find((filter) => filter.Name === name)?.Values
}

const fits = (values: readonly string[] | undefined, ...arns: readonly string[]): boolean =>
  values === undefined || values.some((value) => arns.some((arn) => same(value, arn)))

function listing<T>(items: readonly T[], key: (item: T) => string, { Marker, MaxRecords }: Listing) {
  const size = records(MaxRecords)
  const { items: rows, next } = withTokens('InvalidParameterValue', `Invalid marker: ${Marker}`, () =>
    page(items, key, { token: Marker || undefined, size }),
  )
  return { rows, Marker: next }
}
