import { pointAt } from './world/dns.ts'
import { seedEcs } from './world/ecs.ts'
import { listenerActions, listenerArn, targetGroupOf } from './world/elb.ts'
import { type DbCluster, type GlobalCluster, replicationLag, seedCluster, seedGlobal } from './world/rds.ts'
import { loseWrites, startOperation } from './world/rds-moves.ts'
import { forgetRejoin, loseSync, rejoin } from './world/rds-rejoin.ts'
import { seedScaling } from './world/scaling.ts'
import { dropSnapshots, seedBackups } from './world/snapshots.ts'
import { healthyPast } from './world/traffic.ts'
import { type App, type Side, schedule, sides, type World } from './world/world.ts'

/** What an application's pair of databases can be in; the names are those of the bot's classifier. */
export const states = [
  'protected',
  'headless',
  'in-flight',
  'unprotected',
  'orphaned',
  'alone',
  'detached',
  'no-global',
  'unknown',
] as const
export type State = (typeof states)[number]

/** When the active side took over. */
const sinceMs = 2 * 3_600_000
/** Written by customers, and then not in what took over. */
const lostMs = 700

type Pair = { readonly active: DbCluster; readonly standby: DbCluster; readonly global: GlobalCluster }

/**
 * Puts an application's database, services, load balancers, record and past into a state as if it had been in it for
 * two hours. Outages and faults stay. `active` serves; `dns`: where the record points.
 */
export function enterState(
  world: World,
  app: App,
  state: State,
  { active, dns }: { active: Side; dns: Side },
): void {
  forget(world, app)
  const since = world.now - sinceMs
  const cluster = (side: Side) => seedCluster(app, side, world.now, active, since)
  const pair: Pair = {
    active: cluster(active),
    standby: cluster(active === 'home' ? 'dr' : 'home'),
    global: seedGlobal(app, active),
  }
  world.rds.clusters.push(pair.active, pair.standby)
  world.rds.globals.push(pair.global)
  arrangeStacks(world, app, active, since)
  pointAt(world, app, dns)
  arrangements[state](world, pair)
  const { clusters } = world.rds
  backUp(
    world,
    [pair.active, pair.standby].filter((each) => clusters.includes(each)),
  )
  const at = Math.ceil(world.now / 1000) * 1000
  const minutes = healthyPast(app, world.now, active, replicationLag(world, pair.standby))
  world.traffic[app] = { sampledTo: at, from: at, runs: [], minutes }
}

/** They had their last night. */
function backUp(world: World, clusters: readonly DbCluster[]): void {
  const { snapshots } = seedBackups(clusters, world.now)
  world.rds.snapshots.unshift(...snapshots)
  for (const { arn, expiresAt = 0 } of snapshots)
    schedule(world, expiresAt - world.now, 'snapshot-expired', arn)
}

/** Nothing of before goes on. */
function forget(world: World, app: App): void {
  const mine = <T extends { readonly app: App }>(each: T) => each.app === app
  dropSnapshots(world, mine)
  const names = [
    ...world.rds.clusters.filter(mine).map(({ arn }) => arn),
    ...world.rds.globals.filter(mine).map(({ id }) => id),
    ...world.ecs.services.filter(mine).map(({ id }) => id),
  ]
  world.due = world.due.filter(({ id }) => !names.some((name) => id === name || id.startsWith(`${name} `)))
  const { rds } = world
  rds.clusters = rds.clusters.filter((each) => !mine(each))
  rds.globals = rds.globals.filter((each) => !mine(each))
  rds.lost = rds.lost.filter((each) => !mine(each))
  delete rds.loss[app]
}

/** The active side's services and listener as they serve, the other's as they wait. */
function arrangeStacks(world: World, app: App, active: Side, since: number): void {
  const started = since + 60_000
  const services = seedEcs(started, targetGroupOf, active).services.filter((each) => each.app === app)
  world.ecs.services = [...world.ecs.services.filter((each) => each.app !== app), ...services]
  const targets = seedScaling(services, world.now, active).targets
  const theirs = world.scaling.targets.filter(({ resourceId }) => !resourceId.startsWith(`service/${app}/`))
  world.scaling.targets = [...theirs, ...targets]
  for (const side of sides) {
    const listener = world.elb.listeners.find(({ arn }) => arn === listenerArn(app, side))
    if (listener) listener.actions = [listenerActions(app, side, active)]
  }
}

const arrangements: Readonly<Record<State, (world: World, pair: Pair) => void>> = {
  protected: () => {},
  headless: (_world, { standby }) => {
    standby.instances = []
  },
  'in-flight': (world, { global, standby }) => startOperation(world, global, standby, 'switchover'),
  unprotected: (world, { standby }) => {
    leaveBehind(world, standby)
    loseSync(world, standby)
    forgetRejoin(world, standby)
    rejoin(world, standby.arn)
  },
  orphaned: (world, pair) => {
    standAlone(world, pair.standby, pair.global)
    leaveBehind(world, pair.standby)
  },
  alone: (world, { standby, global }) => {
    standAlone(world, standby, global)
    world.rds.clusters = world.rds.clusters.filter((each) => each !== standby)
  },
  detached: (world, { active, standby, global }) => {
    standAlone(world, active, global)
    global.writer = standby.arn
    leaveBehind(world, standby)
  },
  'no-global': (world, { active, standby, global }) => {
    for (const cluster of [active, standby]) standAlone(world, cluster, global)
    world.rds.globals = world.rds.globals.filter((each) => each !== global)
  },
  unknown: elsewhere,
}

/** It was the writer, and what it took last went nowhere. */
function leaveBehind(world: World, old: DbCluster): void {
  const last = Math.floor((world.now - sinceMs) / 1000) * 1000
  old.writerSince = old.createdAt
  old.beats = { from: old.createdAt, last }
  loseWrites(world, old, lostMs)
}

/** Out of the global cluster, and a writer of its own. */
function standAlone(world: World, cluster: DbCluster, global: GlobalCluster): void {
  global.members = global.members.filter((arn) => arn !== cluster.arn)
  delete cluster.global
  cluster.writerSince ??= world.now - sinceMs
}

/** The writer is a third member, in a region that the plan does not know. */
function elsewhere(world: World, { active, global }: Pair): void {
  const region = 'us-east-2'
  const id = `${active.app}-spare`
  const arn = active.arn.replace(`${active.region}:`, `${region}:`).replace(active.id, id)
  const instances = [{ id: `${id}-1`, class: 'db.r6g.xlarge', status: 'available' }]
  world.rds.clusters.push({ ...active, id, arn, region, instances, lostWrites: [] })
  delete active.writerSince
  delete active.beats
  global.members.push(arn)
  global.writer = arn
}
