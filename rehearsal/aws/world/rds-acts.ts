import * as rds from '@aws-sdk/client-rds'
import { isDark } from '../outages.ts'
import { WireError } from '../wire/failure.ts'
import type { Call } from '../wire/service.ts'
import { clusterByArn, type DbCluster, type GlobalCluster, hasInstance } from './rds.ts'
import { describeGlobal } from './rds-describe.ts'
import { findGlobal, memberOf } from './rds-find.ts'
import { detach, startOperation } from './rds-moves.ts'
import type { World } from './world.ts'

const about = (message: string) => ({ message, $metadata: {} })

export function failover(world: World, input: rds.FailoverGlobalClusterCommandInput, call: Call) {
  if (input.AllowDataLoss && input.Switchover)
    throw new WireError(
      'InvalidParameterCombination',
      'AllowDataLoss and Switchover cannot be specified together.',
    )
  const global = findGlobal(world, input.GlobalClusterIdentifier)
  const kind = input.AllowDataLoss ? 'failover' : 'switchover'
  return start(world, global, input.TargetDbClusterIdentifier, kind, call)
}

export function switchover(world: World, input: rds.SwitchoverGlobalClusterCommandInput, call: Call) {
  const global = findGlobal(world, input.GlobalClusterIdentifier)
  return start(world, global, input.TargetDbClusterIdentifier, 'switchover', call)
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
  if (!hasInstance(to)) return `DB cluster ${to.id} has no available DB instances.`
  if (kind === 'switchover' && from?.status !== 'available')
    return `DB cluster ${from?.id} isn't currently in the available state.`
  if (kind === 'switchover' && from && !hasInstance(from))
    return `DB cluster ${from.id} has no available DB instances.`
  if (from && from.engineVersion !== to.engineVersion)
    return `DB cluster ${to.id} runs engine version ${to.engineVersion}, and the primary ${from.id} runs ${from.engineVersion}.`
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

export function remove(world: World, input: rds.RemoveFromGlobalClusterCommandInput, call: Call) {
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
