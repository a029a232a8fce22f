import type { Observation } from '../engine/step.ts'
import { unseen } from './seen.ts'
import { memberOf, writerOf } from './topology.ts'
import type { ClusterFacts, GlobalClusterFacts, OrAbsent, SafeWorld } from './world.ts'

/**
 * What the cluster of `to` is to the one of `from`: it follows it · it is the writer of their pair already · it belongs
 * to no pair of theirs (`stale`) · it does not exist. Only what is stale may ever be deleted.
 */
export type Standing = {
  readonly seen: true
  readonly is: 'follower' | 'writer' | 'stale' | 'absent'
  /** The cluster of `from`, of `to`, and the global cluster of the plan's name as the region of `from` has it. */
  readonly active: ClusterFacts
  readonly old: OrAbsent<ClusterFacts>
  readonly global: OrAbsent<GlobalClusterFacts>
}
export type Unseen = { readonly seen: false } & Observation

/** Looks at both clusters and their global cluster at the same time; nothing is concluded from half of it. */
export async function standingOf({ database, plan, from, to }: SafeWorld): Promise<Standing | Unseen> {
  const [global, active, old] = await Promise.all([
    database.global(from),
    database.cluster(from),
    database.cluster(to),
  ])
  if (!active.ok) return { seen: false, ...unseen(`the ${from} cluster`, active) }
  if (!old.ok) return { seen: false, ...unseen(`the ${to} cluster`, old) }
  if (!global.ok) return { seen: false, ...unseen('the global cluster', global) }
  if (active.value === 'absent')
    return { seen: false, state: 'unknown', detail: `there is no cluster in ${plan.regions[from]} (${from})` }
  const clusters = { active: active.value, old: old.value, global: global.value }
  return { seen: true, ...clusters, is: relation({ plan, from, to }, clusters) }
}

function relation(
  { plan, from, to }: Pick<SafeWorld, 'plan' | 'from' | 'to'>,
  { active, old, global }: Pick<Standing, 'active' | 'old' | 'global'>,
): Standing['is'] {
  if (old === 'absent') return 'absent'
  const paired = global !== 'absent' && memberOf(plan, global, from) !== undefined
  if (paired && writerOf(plan, global) === to) return 'writer'
  // A cluster that names the same global cluster is on its way back into it, listed or not.
  const sameGlobal = old.globalCluster !== undefined && old.globalCluster === active.globalCluster
  return sameGlobal || (paired && memberOf(plan, global, to)) ? 'follower' : 'stale'
}

/** Whether the cluster serves writes: available, with an available writing instance, and nobody above it. */
export function serves({ plan, from }: SafeWorld, { active, global }: Standing): boolean {
  const follows = global !== 'absent' && memberOf(plan, global, from)?.isWriter === false
  const writes = active.instances.some(({ isWriter, status }) => isWriter && status === 'available')
  return active.status === 'available' && writes && !follows
}
