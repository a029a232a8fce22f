import type { DbCluster, RdsEvent } from './rds.ts'
import type { DbSnapshot } from './snapshots.ts'
import type { World } from './world.ts'

const longest = 500

function add(world: World, event: Omit<RdsEvent, 'at'>): void {
  world.rds.events.push({ at: world.now, ...event })
  if (world.rds.events.length > longest) world.rds.events.shift()
}

/** An event of a cluster, told in its own region, in AWS's words. */
export function note(world: World, cluster: DbCluster, message: string, category = 'global failover'): void {
  const { region, id: source } = cluster
  add(world, { region, type: 'db-cluster', source, categories: [category], message })
}

export function noteInstance(
  world: World,
  { region }: Pick<DbCluster, 'region'>,
  source: string,
  message: string,
  ...categories: string[]
): void {
  add(world, { region, type: 'db-instance', source, categories, message })
}

export function noteSnapshot(world: World, { region, id }: DbSnapshot, message: string): void {
  add(world, { region, type: 'db-cluster-snapshot', source: id, categories: ['backup'], message })
}
