import { ownerOf, share } from './world/dns.ts'
import { isHealthy } from './world/ecs.ts'
import { forwardsOf, listenerArn } from './world/elb.ts'
import { clusterOn, replicationLag, writable } from './world/rds.ts'
import type { DbSnapshot } from './world/snapshots.ts'
import { serving, success, usable } from './world/traffic.ts'
import { type App, apps, regions, type Side, type World } from './world/world.ts'

/** The world as the console shows it. Times are world ms, lag is ms. */
export function viewOf(world: World) {
  return {
    at: world.now,
    seed: world.seed,
    scenario: world.scenario,
    outages: world.outages,
    faults: world.faults.map(({ past: _past, ...fault }) => fault),
    builds: world.builds.map(({ stack, ...build }) => ({ ...build, app: stack.app, stack: stack.name })),
    apps: Object.fromEntries(apps.map((app) => [app, viewOfApp(world, app)])) as Record<App, AppView>,
  }
}

export type AppView = ReturnType<typeof viewOfApp>
export type WorldView = ReturnType<typeof viewOf>

function viewOfApp(world: World, app: App) {
  const global = world.rds.globals.find((each) => each.app === app)
  return {
    success: success(world, app, world.now),
    dns: {
      record: ownerOf(world.dns.records, app),
      share: share(world, app, world.now),
      pending: world.dns.changes.some(({ status }) => status === 'PENDING'),
    },
    operation: global?.operation ?? null,
    global: global ? { id: global.id, writer: global.writer, members: global.members } : null,
    lostWrites: viewOfLost(world, app),
    snapshots: world.rds.snapshots.filter((snapshot) => snapshot.app === app).map(viewOfSnapshot),
    sides: { home: viewOfSide(world, app, 'home'), dr: viewOfSide(world, app, 'dr') },
  }
}

/** What customers had written and a promotion left behind, with every place that still has it. */
function viewOfLost(world: World, app: App) {
  const holders = [
    ...world.rds.clusters.map((each) => ({ ...each, type: 'cluster' as const })),
    ...world.rds.snapshots,
  ]
  return world.rds.lost
    .filter((lost) => lost.app === app)
    .map((lost) => ({
      ...lost,
      in: holders
        .filter(({ lostWrites }) => lostWrites.includes(lost.id))
        .map(({ type, id, arn, region, status }) => ({ type, id, arn, region, status })),
    }))
}

function viewOfSnapshot(snapshot: DbSnapshot) {
  const { id, region, cluster, type, status, createdAt, expiresAt = null, lostWrites } = snapshot
  const holdsLostWrites = lostWrites.length > 0
  return { id, region, cluster, type, status, createdAt, expiresAt, holdsLostWrites }
}

function viewOfSide(world: World, app: App, side: Side) {
  const cluster = clusterOn(world, app, side)
  const listener = world.elb.listeners.find(({ arn }) => arn === listenerArn(app, side))
  return {
    region: regions[side],
    serving: serving(world, app, side),
    writer: cluster !== undefined && writable(world, cluster),
    cluster: cluster?.status ?? 'absent',
    synchronization: cluster?.synchronization ?? 'absent',
    instances: cluster?.instances.map(({ id, status }) => ({ id, status })) ?? [],
    inGlobal: cluster?.global ?? null,
    deletionProtection: cluster?.deletionProtection ?? false,
    lagMs: (cluster && replicationLag(world, cluster)) ?? null,
    listener: forwardsOf(listener?.actions ?? []),
    services: world.ecs.services
      .filter((service) => service.app === app && service.side === side)
      .map((service) => ({
        name: service.name,
        needed: service.needed,
        desired: service.desired,
        pending: service.tasks.filter(({ startedAt }) => startedAt === undefined).length,
        running: service.tasks.filter(({ startedAt }) => startedAt !== undefined).length,
        healthy: service.tasks.filter(isHealthy).length,
        usable: usable(world, service),
      })),
  }
}
