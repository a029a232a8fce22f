import type { Plan } from '../plan/schema.ts'
import { type Finding, fault, ok, unknown, warn } from './finding.ts'
import type { Patient } from './place.ts'
import { clusterArn } from './resources.ts'
import { simulate, unsimulated, type Verdict } from './simulate.ts'
import { AS_RUN, accountOf } from './wishes.ts'

/** Whether anybody who acts for a plan may delete its dr cluster. `own`: who acts where the plan names no role. */
export async function drClusters(
  patient: Patient,
  plan: Plan,
  own: string | undefined,
): Promise<readonly Finding[]> {
  const actors = ['workload', 'deletion'] as const
  const roles = new Set(actors.flatMap((actor) => accountOf(plan, actor).role ?? own ?? []))
  return Promise.all([...roles].map((role) => drCluster(patient, plan, role)))
}

async function drCluster(patient: Patient, plan: Plan, role: string): Promise<Finding> {
  const wish = {
    role,
    actions: ['rds:DeleteDBCluster'],
    resources: [clusterArn(plan, 'dr')],
    context: AS_RUN,
  }
  const seen = await simulate(patient, plan.regions.dr, accountOf(plan, 'workload'), wish)
  return seen.ok
    ? judgeDrCluster(plan, role, seen.value)
    : unsimulated('dr-cluster', role, plan.regions.dr, seen)
}

/** Whoever may delete the dr cluster may delete the last copy there is. */
export function judgeDrCluster(plan: Plan, role: string, verdicts: readonly Verdict[]): Finding {
  const cluster = `${plan.database.clusters.dr} (${plan.name})`
  const decisions = verdicts.map(({ decision }) => decision)
  if (!decisions.length || decisions.includes('depends'))
    return unknown(
      'dr-cluster',
      role,
      `whether it may delete ${cluster} depends on conditions of its policies`,
    )
  if (decisions.includes('allowed')) return fault('dr-cluster', role, `it may delete ${cluster}`)
  const deletes = role === accountOf(plan, 'deletion').role
  if (deletes && decisions.includes('denied'))
    return warn('dr-cluster', role, `nothing allows it to delete ${cluster}, and nothing forbids it either`)
  return ok('dr-cluster', role, `it may not delete ${cluster}`)
}
