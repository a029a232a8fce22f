import { defineStep, type Observation, type Receipt, type Step } from '../../engine/step.ts'
import { deletionApproval, objectionsTo } from '../deletion.ts'
import { snapshotName } from '../snapshots.ts'
import { type Standing, standingOf } from '../standing.ts'
import { memberOf } from '../topology.ts'
import type { ClusterFacts, SafeWorld } from '../world.ts'

/** One stage: what it is, whether the cluster shows that it is over, and whether it is on its way there. */
type Stage = {
  readonly id: string
  readonly title: string
  readonly irreversible: false | string
  readonly over: (old: ClusterFacts, standing: Standing, world: SafeWorld) => boolean
  readonly goesOn: (old: ClusterFacts) => boolean
}

const deleting = ({ status }: { readonly status: string }) => /delet/i.test(status)

const STAGES: readonly Stage[] = [
  {
    id: 'free-stale',
    title: 'Take the stale cluster out of the global cluster it is left in',
    irreversible: 'A cluster that has left a global cluster cannot be put back; it can only be built anew.',
    over: ({ globalCluster }, { global }, { plan, to }) =>
      !globalCluster && !(global !== 'absent' && memberOf(plan, global, to)),
    goesOn: ({ status }) => /promot/i.test(status),
  },
  {
    id: 'unprotect-stale',
    title: 'End the deletion protection of the stale cluster',
    irreversible: false,
    over: ({ deletionProtection }) => !deletionProtection,
    goesOn: () => false,
  },
  {
    id: 'delete-stale-readers',
    title: "Delete the stale cluster's readers",
    irreversible: 'The readers are gone for good; the data stays with the cluster.',
    over: ({ instances }) => instances.length <= 1,
    goesOn: ({ instances }) => instances.filter((one) => !deleting(one)).length <= 1,
  },
  {
    id: 'delete-stale-writer',
    title: "Delete the stale cluster's last instance",
    irreversible: 'Nobody can connect to the stale cluster any more; the data stays with the cluster.',
    over: ({ instances }) => instances.length === 0,
    goesOn: ({ instances }) => instances.every(deleting),
  },
  {
    id: 'delete-stale-cluster',
    title: 'Delete the stale cluster, with a final snapshot',
    irreversible: 'The cluster is gone for good; its snapshots and automated backups are kept.',
    over: () => false,
    goesOn: deleting,
  },
]

/**
 * The deletion, one stage a step: each looks at everything that forbids it right before it acts, acts once, and waits
 * until AWS shows it. Whatever of it was done before, by whomever, is passed over.
 */
export const deleteStale: readonly Step<SafeWorld>[] = STAGES.map((stage) =>
  defineStep<SafeWorld>({
    id: stage.id,
    title: stage.title,
    irreversible: stage.irreversible,
    timeoutMinutes: 120,
    pollSeconds: 10,
    heartbeatMinutes: 15,
    unskippable: 'AWS refuses the next stage while this one is not over',
    observe: (world) => lookAtStage(world, stage),
    act: (world) => carryOut(world, stage),
  }),
)

async function lookAtStage(world: SafeWorld, { over, goesOn }: Stage): Promise<Observation> {
  const standing = await standingOf(world)
  if (!standing.seen) return standing
  const { is, old } = standing
  const name = world.plan.database.clusters[world.to]
  if (is === 'absent' || old === 'absent') return { state: 'done', detail: `${name} does not exist` }
  if (is !== 'stale') return { state: 'done', detail: `${name} belongs to the pair: nothing is deleted` }
  const instances = old.instances.length === 1 ? '1 instance' : `${old.instances.length} instances`
  const detail = `${name} is ${old.status}, ${instances}, ${old.globalCluster ? `in ${old.globalCluster}` : 'in no global cluster'}`
  if (over(old, standing, world)) return { state: 'done', detail }
  if (goesOn(old)) return { state: 'pending', detail }
  if (!(await deletionApproval(world)))
    return { state: 'blocked', detail: `nobody has approved that ${name} is deleted` }
  const objections = await objectionsTo(world, standing)
  if (objections.length === 0) return { state: 'ready', detail }
  const why = objections.map((objection) => objection.why).join('; ')
  return { state: objections.every(({ kind }) => kind === 'unknown') ? 'unknown' : 'blocked', detail: why }
}

/** The verb does whatever comes next: of a stage that is over, as after a crash in its act, that would be another one. */
async function carryOut(world: SafeWorld, { over }: Stage): Promise<Receipt> {
  const { database, plan, runId, to } = world
  const standing = await standingOf(world)
  if (standing.seen && standing.old !== 'absent' && over(standing.old, standing, world))
    return { evidence: ['nothing was asked for: it is over already'] }
  return database.deleteStale(to, snapshotName(runId, 'final', plan, to))
}
