import { isDark } from './outages.ts'
import { canonical, type Owner, publicName, share, stackName } from './world/dns.ts'
import { isHealthy } from './world/ecs.ts'
import { visibleBeats } from './world/heartbeat.ts'
import { random } from './world/random.ts'
import { clusterOn, hasInstance, writable } from './world/rds.ts'
import { serving } from './world/traffic.ts'
import { type App, apps, regions, type Side, sides, type World } from './world/world.ts'

export type Reached = { readonly status: number; readonly body: string } | 'no-answer'

/**
 * What somebody who asks for this URL gets: 200 or 503 as often as customers do, or no answer. A side's own name
 * (`orders.us-west-2.example.test`) goes past the record that moves.
 */
export function visit(world: World, url: string): Reached {
  const draw = random(`${world.seed}/visit/${world.serial++}`)
  const { hostname, pathname } = new URL(url)
  const [app, owner] = destination(world, canonical(hostname), draw()) ?? []
  if (!app || !owner || owner === 'other' || isDark(world, regions[owner])) return 'no-answer'
  if (pathname === '/heartbeat') return heartbeat(world, app, owner)
  const status = draw() < serving(world, app, owner) ? 200 : 503
  const cluster = clusterOn(world, app, owner)
  const told = {
    app,
    region: regions[owner],
    status: status === 200 ? 'ok' : 'unavailable',
    database: cluster && writable(world, cluster) ? 'read-write' : 'read-only',
  }
  return { status, body: JSON.stringify(told) }
}

/** The newest heartbeat row that a side's readers see, as its application tells it. Null: there is no row. */
function heartbeat(world: World, app: App, side: Side): Reached {
  const cluster = clusterOn(world, app, side)
  const healthy = world.ecs.services.some(
    (service) => service.app === app && service.side === side && service.tasks.some(isHealthy),
  )
  if (!cluster || !hasInstance(cluster) || !healthy)
    return { status: 503, body: JSON.stringify({ error: 'the database cannot be read' }) }
  const last = visibleBeats(world, cluster)?.last
  const writtenAt = last === undefined ? null : new Date(last).toISOString()
  return { status: 200, body: JSON.stringify({ writtenAt }) }
}

function destination(world: World, host: string, draw: number): [App, Owner] | undefined {
  for (const app of apps) {
    if (host === publicName(app)) return [app, resolve(world, app, draw)]
    const side = sides.find((each) => host === stackName(app, each))
    if (side) return [app, side]
  }
  return undefined
}

function resolve(world: World, app: App, draw: number): Owner {
  const mix = share(world, app, world.now)
  if (draw < mix.home) return 'home'
  return draw < mix.home + mix.dr ? 'dr' : 'other'
}
