import { isDark, isGrey } from '../outages.ts'
import type { Beats } from './heartbeat.ts'
import type { DbSnapshot } from './snapshots.ts'
import { type App, accounts, apps, regions, type Side, sideOf, sides, type World } from './world.ts'

export type DbInstance = { readonly id: string; readonly class: string; status: string }

export type DbCluster = {
  readonly app: App
  readonly id: string
  readonly arn: string
  readonly region: string
  readonly createdAt: number
  status: string
  engineVersion: string
  /** Its global cluster's identifier; absent once it stands alone. */
  global?: string
  synchronization: 'connected' | 'pending-resync'
  /** Its volume went another way than the new primary's, and has not been replaced yet. */
  stale?: true
  /** When it last became a writer; only connections opened later can write. Absent: never was one. */
  writerSince?: number
  /** Of a healthy secondary. */
  lagMs: number
  instances: DbInstance[]
  deletionProtection: boolean
  /** Of a cluster that is being deleted: whether its automated snapshots stay until they expire. */
  keepsBackups?: boolean
  /** Ids of the lost writes that its volume still holds. */
  lostWrites: string[]
  /** Heartbeat rows in its volume; a connected secondary shows its primary's, late by its lag. */
  beats?: Beats
}

export type Operation = {
  readonly kind: 'failover' | 'switchover'
  readonly from: string
  readonly to: string
  readonly startedAt: number
  /** The old writer takes no more writes. */
  fenced: boolean
  fencedAt?: number
  status: 'pending' | 'failing-over' | 'cancelling'
}

export type GlobalCluster = {
  readonly app: App
  readonly id: string
  readonly arn: string
  engineVersion: string
  members: string[]
  /** ARN of the one member that writes; empty when there are no members, or its source is still being `adopted`. */
  writer: string
  /** Its source, which is its only member but not yet told as the writer. */
  adopting?: string
  /** When its last member left: AWS takes a while to notice. */
  emptiedAt?: number
  deletionProtection: boolean
  operation?: Operation
}

export type RdsEvent = {
  readonly at: number
  readonly region: string
  readonly type: 'db-cluster' | 'db-instance' | 'db-cluster-snapshot'
  readonly source: string
  readonly categories: readonly string[]
  readonly message: string
}

/** What the customers had written and the new primary has not. Where it still is: `lostWrites` of clusters and snapshots. */
export type LostWrites = {
  readonly id: string
  readonly app: App
  readonly at: number
  readonly seconds: number
  /** ARN of the cluster that had taken them. */
  readonly from: string
}

export type RdsState = {
  globals: GlobalCluster[]
  clusters: DbCluster[]
  snapshots: DbSnapshot[]
  events: RdsEvent[]
  /** Replication lag at the last promotion of an application, where writes were lost. */
  loss: Partial<Record<App, number>>
  lost: LostWrites[]
}

export const clusterArn = (region: string, id: string): string =>
  `arn:aws:rds:${region}:${accounts.workload}:cluster:${id}`

export const globalArn = (id: string): string => `arn:aws:rds::${accounts.workload}:global-cluster:${id}`

export const engineVersion = '16.6'

/** A database that home writes and dr reads. */
export const seedRds = (at: number): RdsState => ({
  globals: apps.map((app) => seedGlobal(app, 'home')),
  clusters: apps.flatMap((app) => sides.map((side) => seedCluster(app, side, at, 'home'))),
  snapshots: [],
  events: [],
  loss: {},
  lost: [],
})

export const seedGlobal = (app: App, active: Side): GlobalCluster => ({
  app,
  id: `${app}-global`,
  arn: globalArn(`${app}-global`),
  engineVersion,
  members: sides.map((side) => clusterArn(regions[side], `${app}-${side}`)),
  writer: clusterArn(regions[active], `${app}-${active}`),
  deletionProtection: false,
})

/** Of the `active` side: a writer with a reader; else one reader. It took that role at `since`. */
export function seedCluster(
  app: App,
  side: Side,
  at: number,
  active: Side,
  since = at - 90 * 86_400_000,
): DbCluster {
  const id = `${app}-${side}`
  const instance = (number: number) => ({
    id: `${id}-${number}`,
    class: 'db.r6g.xlarge',
    status: 'available',
  })
  const beat = Math.floor(at / 1000) * 1000
  return {
    app,
    id,
    arn: clusterArn(regions[side], id),
    region: regions[side],
    createdAt: at - 90 * 86_400_000,
    status: 'available',
    engineVersion,
    global: `${app}-global`,
    synchronization: 'connected',
    ...(side === active ? { writerSince: since, beats: { from: since, last: beat } } : {}),
    lagMs: app === 'orders' ? 420 : 180,
    instances: side === active ? [instance(1), instance(2)] : [instance(1)],
    deletionProtection: true,
    lostWrites: [],
  }
}

export const clusterByArn = (world: World, arn: string): DbCluster | undefined =>
  world.rds.clusters.find((cluster) => cluster.arn === arn)

export const globalOf = (world: World, cluster: DbCluster): GlobalCluster | undefined =>
  world.rds.globals.find((global) => global.id === cluster.global)

/** Whether there is an instance to connect to. */
export const hasInstance = ({ instances }: DbCluster): boolean =>
  instances.some(({ status }) => status === 'available')

/** Whether the cluster takes writes now from those that reach it. */
export function writable(world: World, cluster: DbCluster): boolean {
  if (!hasInstance(cluster)) return false
  const global = globalOf(world, cluster)
  if (!global) return cluster.writerSince !== undefined && cluster.status === 'available'
  return (global.writer || global.adopting) === cluster.arn && !global.operation?.fenced
}

/** How far a connected secondary is behind, in ms; undefined where AWS has no such series. */
export function replicationLag(world: World, cluster: DbCluster, at = world.now): number | undefined {
  const global = globalOf(world, cluster)
  if (!global || global.writer === cluster.arn || cluster.synchronization !== 'connected') return undefined
  if (global.adopting === cluster.arn) return undefined
  const source = clusterByArn(world, global.writer)?.region ?? ''
  const cut = isDark(world, source) ? Math.max(0, at - (world.outages[source]?.since ?? at)) : 0
  return baseLag(world, cluster, source) + cut
}

/** Without what a cut adds. */
export const baseLag = (world: World, cluster: DbCluster, source: string): number =>
  isGrey(world, source) ? Math.max(8_000, cluster.lagMs) : cluster.lagMs

/** The cluster that an application's stack on a side connects to. */
export const clusterOn = (world: World, app: App, side: Side): DbCluster | undefined =>
  world.rds.clusters.find(
    (cluster) => cluster.app === app && sideOf(cluster.region) === side && cluster.id === `${app}-${side}`,
  )
