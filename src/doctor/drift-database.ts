import type { ClusterFacts, GlobalClusterFacts, OrAbsent, Side } from '../flows/world.ts'
import type { Plan } from '../plan/schema.ts'
import type { Asking } from './asking.ts'
import { type Finding, fault, ok } from './finding.ts'
import { clusterArn } from './resources.ts'

/** Global cluster and cluster of a side; snapshots, events and lag only for the right to see them. */
export async function driftOfDatabase(asked: Asking, side: Side): Promise<readonly Finding[]> {
  const { plan, outside, judge } = asked
  const rds = asked.question('drift', side, 'RDS')
  const metrics = asked.question('drift', side, 'CloudWatch')
  const { database, alarms } = outside
  const nothing = () => []
  const all = [
    judge(
      rds,
      () => database.global(side),
      (seen) => [judgeGlobal(plan, side, seen)],
    ),
    judge(
      rds,
      () => database.cluster(side),
      (seen) => [judgeCluster(plan, side, seen)],
    ),
    judge(rds, () => database.snapshots(side), nothing),
    judge(rds, () => database.events(side, 60), nothing),
    judge(metrics, () => database.lag(side), nothing),
    judge(
      metrics,
      () => alarms.look(side),
      (seen) => judgeAlarms(plan, side, seen),
    ),
  ]
  return (await Promise.all(all)).flat()
}

/** The global cluster, as a side's region knows it, and whether that side belongs to it. */
export function judgeGlobal(plan: Plan, side: Side, seen: OrAbsent<GlobalClusterFacts>): Finding {
  const { globalCluster: name } = plan.database
  const about = `${plan.name} in ${plan.regions[side]}`
  if (seen === 'absent') return fault('drift', about, `there is no global cluster ${name}`)
  const own = clusterArn(plan, side)
  if (seen.members.some(({ arn }) => arn === own)) return ok('drift', about, `global cluster ${name}`)
  return fault(
    'drift',
    about,
    `${plan.database.clusters[side]} is no member of the global cluster ${name}`,
    'Where a failover is over, go home with `/dr failback`, which puts it back; otherwise correct the names in the plan.',
  )
}

export function judgeCluster(plan: Plan, side: Side, seen: OrAbsent<ClusterFacts>): Finding {
  const name = plan.database.clusters[side]
  const about = `${plan.name} in ${plan.regions[side]}`
  if (seen === 'absent') return fault('drift', about, `there is no cluster ${name}`)
  if (!seen.instances.length)
    return fault('drift', about, `cluster ${name} has no instance`, `Add an instance to ${name}.`)
  return ok('drift', about, `cluster ${name}`)
}

/** An alarm that rings is none of doctor's; one that does not exist can never be quiet, so nothing would turn green. */
export const judgeAlarms = (
  plan: Plan,
  side: Side,
  seen: readonly { readonly name: string; readonly state: string }[],
): readonly Finding[] =>
  seen.map(({ name, state }) => {
    const about = `${plan.name} in ${plan.regions[side]}`
    return state === 'MISSING'
      ? fault('drift', about, `there is no alarm ${name}`)
      : ok('drift', about, `alarm ${name}`)
  })
