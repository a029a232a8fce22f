import { isDark, isGrey } from '../outages.ts'
import { type App, accounts, apps, regions, type Side, sideOf, sides, type World } from './world.ts'

export type DbInstance = { readonly id: string; readonly class: string; status: string }

export type DbCluster = {
  readonly app: App
  readonly id: string
  readonly arn: string
  readonly region: string
  status: string
  readonly engineVersion: string
  /** Its global cluster's identifier; absent once it stands alone. */
  global?: string
  synchronization: 'connected' | 'pending-resync'
  /** When it last became a writer; only connections opened later can write. Absent: never was one. */
  writerSince?: number
  /** Of a healthy secondary. */
  lagMs: number
  instances: DbInstance[]
  deletionProtection: boolean
}

export type Operation = {
  readonly kind: 'failover' | 'switchover'
  readonly from: string
  readonly to: string
  readonly startedAt: number
  /** The old writer takes no more writes. */
  fenced: boolean
  status: 'pending' | 'failing-over' | 'cancelling'
}

export type GlobalCluster = {
  readonly app: App
  readonly id: string
  readonly arn: string
  readonly engineVersion: string
  members: string[]
  /** ARN of the one member that writes; empty when there are no members. */
  writer: string
  operation?: Operation
}

export type RdsEvent = {
  readonly at: number
  readonly region: string
  readonly source: string
  readonly categories: readonly string[]
  readonly message: string
}

export type RdsState = {
  globals: GlobalCluster[]
  clusters: DbCluster[]
  events: RdsEvent[]
  /** Replication lag at the last promotion of an application, where writes were lost. */
  loss: Partial<Record<App, number>>
}

export const clusterArn = (region: string, id: string): string =>
  `arn:aws:rds:${region}:${accounts.workload}:cluster:${id}`

const engineVersion = '16.6'

/** Each application's database: a writer with a reader at home, one reader in dr. */
export function seedRds(at: number): RdsState {
  const clusters = apps.flatMap((app) => sides.map((side) => seedCluster(app, side, at)))
  const globals = apps.map((app) => ({
    app,
    id: `${app}-global`,
    arn: `arn:aws:rds::${accounts.workload}:global-cluster:${app}-global`,
    engineVersion,
    members: sides.map((side) => clusterArn(regions[side], `${app}-${side}`)),
    writer: clusterArn(regions.home, `${app}-home`),
  }))
  return { globals, clusters, events: [], loss: {} }
}

function seedCluster(app: App, side: Side, at: number): DbCluster {
  const id = `${app}-${side}`
  const instance = (number: number) => ({
    id: `${id}-${number}`,
    class: 'db.r6g.xlarge',
    status: 'available',
  })
  return {
    app,
    id,
    arn: clusterArn(regions[side], id),
    region: regions[side],
    status: 'available',
    engineVersion,
    global: `${app}-global`,
    synchronization: 'connected',
    ...(side === 'home' ? { writerSince: at - 90 * 86_400_000 } : {}),
    lagMs: app === 'orders' ? 420 : 180,
    instances: side === 'home' ? [instance(1), instance(2)] : [instance(1)],
    deletionProtection: true,
  }
}

export const clusterByArn = (world: World, arn: string): DbCluster | undefined =>
  world.rds.clusters.find((cluster) => cluster.arn === arn)

export const globalOf = (world: World, cluster: DbCluster): GlobalCluster | undefined =>
  world.rds.globals.find((global) => global.id === cluster.global)

/** Whether the cluster takes writes now from those that reach it. */
export function writable(world: World, cluster: DbCluster): boolean {
  const global = globalOf(world, cluster)
  if (!global) return cluster.writerSince !== undefined && cluster.status === 'available'
  return global.writer === cluster.arn && !global.operation?.fenced
}

/** How far a connected secondary is behind, in ms; undefined where AWS has no such series. */
export function replicationLag(world: World, cluster: DbCluster, at = world.now): number | undefined {
  const global = globalOf(world, cluster)
  if (!global || global.writer === cluster.arn || cluster.synchronization !== 'connected') return undefined
  const source = clusterByArn(world, global.writer)?.region ?? ''
  const cut = isDark(world, source) ? Math.max(0, at - (world.outages[source]?.since ?? at)) : 0
  return baseLag(world, cluster, source) + cut
}

/** Without what a cut adds. */
export const baseLag = (world: World, cluster: DbCluster, source: string): number =>
  isGrey(world, source) ? Math.max(8_000, cluster.lagMs) : cluster.lagMs

export function note(world: World, cluster: DbCluster, message: string, category = 'global failover'): void {
  const { region, id } = cluster
  world.rds.events.push({ at: world.now, region, source: id, categories: [category], message })
  if (world.rds.events.length > 500) world.rds.events.shift()
}

/** The cluster of an application on a side. */
export const clusterOn = (world: World, app: App, side: Side): DbCluster | undefined =>
  world.rds.clusters.find((cluster) => cluster.app === app && sideOf(cluster.region) === side)
