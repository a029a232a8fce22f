import type { Observation } from '../engine/step.ts'
import { noteOnce } from './notes.ts'
import { unseen } from './seen.ts'
import { memberOf, sideOfArn, writerOf } from './topology.ts'
import type { GlobalClusterFacts, SafeWorld } from './world.ts'

/** Statuses of a global cluster that is on its way without saying so in FailoverState. */
const MOVING = /over|promot|cancel/i

/** Whether the writer is on the target side, seen from the target's region only: the other one may be dark. */
export async function lookAtPromotion(world: SafeWorld): Promise<Observation> {
  const { database, plan, to } = world
  const global = await database.global(to)
  if (!global.ok) return unseen('the global cluster', global)
  if (global.value === 'absent' || !memberOf(plan, global.value, to)) {
    const detached = await lookAtDetachment(world)
    return detached.state === 'ready' ? { ...detached, state: 'blocked' } : detached
  }
  const { operation, status } = global.value
  if (!operation && writerOf(plan, global.value) === to && status === 'available') return acceptsWrites(world)
  await noteOnce(world, 'promotion-seen', world.now())
  if (operation) return { state: 'pending', detail: underWay(world, operation) }
  if (memberOf(plan, global.value, to)?.isWriter)
    return { state: 'pending', detail: `${to} is the writer; AWS says ${status}` }
  if (MOVING.test(status) || (world.mode === 'planned' && status !== 'available'))
    return { state: 'pending', detail: `AWS says the global cluster is ${status}` }
  return {
    state: 'ready',
    detail: `the writer is not in ${plan.regions[to]} (${to}) yet; AWS says ${status}`,
  }
}

/** Whether the target cluster stands by itself, outside any global cluster, and accepts writes. */
export async function lookAtDetachment(world: SafeWorld): Promise<Observation> {
  const { database, plan, to } = world
  const cluster = await database.cluster(to)
  if (!cluster.ok) return unseen(`the ${to} cluster`, cluster)
  if (cluster.value === 'absent')
    return { state: 'blocked', detail: `there is no cluster in ${plan.regions[to]}` }
  if (!cluster.value.globalCluster && !MOVING.test(cluster.value.status)) return acceptsWrites(world)
  await noteOnce(world, 'promotion-seen', world.now())
  if (!cluster.value.globalCluster)
    return { state: 'pending', detail: `the ${to} cluster is ${cluster.value.status}` }
  return { state: 'ready', detail: `the ${to} cluster still belongs to ${cluster.value.globalCluster}` }
}

/** Being the writer is not enough: the cluster and its writing instance must be available. */
async function acceptsWrites(world: SafeWorld): Promise<Observation> {
  const { database, plan, to } = world
  const cluster = await database.cluster(to)
  if (!cluster.ok) return unseen(`the ${to} cluster`, cluster)
  if (cluster.value === 'absent')
    return { state: 'blocked', detail: `there is no cluster in ${plan.regions[to]}` }
  const { status, instances } = cluster.value
  const writes = instances.some((instance) => instance.isWriter && instance.status === 'available')
  if (status === 'available' && writes) {
    if (await world.notes.get('promotion-seen')) await noteOnce(world, 'promoted-at', world.now())
    return { state: 'done', detail: `the writer is in ${plan.regions[to]} (${to}), and available` }
  }
  await noteOnce(world, 'promotion-seen', world.now())
  return { state: 'pending', detail: `${to} is the writer; its cluster is ${status}` }
}

function underWay(
  { plan }: SafeWorld,
  { status, toArn, dataLossAllowed }: NonNullable<GlobalClusterFacts['operation']>,
) {
  const to = sideOfArn(plan, toArn) ?? toArn
  return `AWS is moving the writer to ${to} (${status}${dataLossAllowed ? ', data loss allowed' : ''})`
}
