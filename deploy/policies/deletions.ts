import type { Plan } from '../../src/plan/schema.ts'
import { arnsOf } from './arns.ts'
import { OWN_SNAPSHOTS } from './changes.ts'
import { allow, deny, type Statement } from './statement.ts'

/** What an approved rebuild may delete: home's cluster with a last snapshot, and the global cluster it leaves empty. */
export function deletions(plan: Plan): readonly Statement[] {
  const arns = arnsOf(plan)
  const cluster = arns.cluster('home')
  const global = arns.global(plan.database.globalCluster)
  const final = arns.snapshots('home', OWN_SNAPSHOTS)
  return [
    ...allow(['rds:RemoveFromGlobalCluster'], [cluster, global]),
    ...allow(['rds:ModifyDBCluster'], [cluster]),
    ...allow(['rds:DeleteDBInstance'], arns.instances('home')),
    ...allow(['rds:DeleteDBCluster', 'rds:CreateDBClusterSnapshot'], [cluster, final]),
    ...allow(['rds:ModifyGlobalCluster', 'rds:DeleteGlobalCluster'], [global]),
  ]
}

/** Nobody of ours deletes, changes or stops a plan's dr cluster, whatever else is allowed, now or by a later mistake. */
export function protection(plans: readonly Plan[]): readonly Statement[] {
  return plans.flatMap((plan) => {
    const arns = arnsOf(plan)
    const homes = plans.filter((other) => other.accounts.workload.id === plan.accounts.workload.id)
    // Instances with names of their own are covered where the whole region is nobody's home.
    const every = homes.some(({ regions }) => regions.home === plan.regions.dr)
      ? []
      : [arns.everyInstance('dr')]
    return deny(
      ['rds:Delete*', 'rds:Modify*', 'rds:Stop*'],
      [arns.cluster('dr'), ...arns.instances('dr'), ...every],
    )
  })
}

/** Taking dr's cluster out of its global cluster is part of a failover, and never of a deletion. */
export function staysIn(plans: readonly Plan[]): readonly Statement[] {
  return plans.flatMap((plan) => deny(['rds:RemoveFromGlobalCluster'], [arnsOf(plan).cluster('dr')]))
}
