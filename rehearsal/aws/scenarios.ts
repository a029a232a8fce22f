import { routeSwitch } from './outages.ts'
import { regions, type World } from './world/world.ts'

/** What is wrong with a world from its start. */
export const scenarios: Readonly<Record<string, (world: World) => void>> = {
  healthy: () => {},
  'home-dark': (world) => {
    world.outages[regions.home] = { kind: 'drop', since: world.now }
  },
  'home-gray': (world) => {
    world.outages[regions.home] = { kind: 'slow', since: world.now }
  },
  'r53-down': (world) => {
    world.outages[routeSwitch] = { kind: 'mute', since: world.now }
  },
  'lag-high': (world) => {
    for (const cluster of world.rds.clusters) if (cluster.region === regions.dr) cluster.lagMs = 75_000
  },
  'capacity-short': (world) => {
    world.faults.push({ id: 'capacity-short', kind: 'capacity', region: regions.dr, share: 0.5 })
  },
}
