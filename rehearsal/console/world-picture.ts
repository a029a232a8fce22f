import { isChange } from '../aws/calls.ts'
import type { Simulation } from '../aws/simulator.ts'
import type { Slo } from '../aws/slo.ts'
import type { AppView } from '../aws/view.ts'
import { type App, apps, regions } from '../aws/world/world.ts'
import type { AppPicture, CallPicture, Picture, Side, SidePicture } from './picture.ts'

/** How much of the past the success rates are drawn over, world ms. */
const drawnMs = 15 * 60_000
const shownCalls = 12

/** The simulated world as the console draws it. */
export function worldPicture(simulation: Simulation): Pick<Picture, 'clock' | 'regions' | 'apps' | 'calls'> {
  const { anchorWall, anchorWorld, scale } = simulation.clock.state()
  const view = simulation.state()
  const region = (side: Side) => {
    const outage = view.outages[regions[side]]
    return { name: regions[side], ...(outage ? { outage: outage.kind, since: outage.since } : {}) }
  }
  return {
    clock: { anchorWall, anchorWorld, scale },
    regions: { home: region('home'), dr: region('dr') },
    apps: apps.map((app) => appPicture(app, view.apps[app], simulation.slo(app), view.at)),
    calls: callsOf(simulation),
  }
}

function appPicture(name: App, { dns, sides }: AppView, slo: Slo, now: number): AppPicture {
  const owner = dns.record
  const arrived = owner === 'home' || owner === 'dr' ? dns.share[owner] : 1
  return {
    name,
    dns: owner === 'home' || owner === 'dr' ? owner : 'neither',
    moving: arrived < 0.99,
    success: slo.successNow,
    ...(slo.outage ? { outage: slo.outage } : {}),
    history: historyOf(slo, now),
    sides: { home: sidePicture(sides.home), dr: sidePicture(sides.dr) },
  }
}

function sidePicture({ writer, cluster, lagMs, services }: AppView['sides'][Side]): SidePicture {
  return {
    writer,
    database: cluster,
    ...(lagMs === null || writer ? {} : { lagSeconds: lagMs / 1000 }),
    services: services.map(({ name, desired, running, healthy }) => ({ name, desired, running, healthy })),
  }
}

/** Both ends of every stretch of equal success in the drawn past, and now. */
function historyOf({ successSeries, successNow }: Slo, now: number): AppPicture['history'] {
  const from = now - drawnMs
  const stretches = successSeries
    .map(({ at, success, seconds }) => ({ success, begin: Math.max(at, from), end: at + seconds * 1000 }))
    .filter(({ begin, end }) => end > begin)
  const ends = stretches.flatMap(({ begin, end, success }) => [
    { at: begin, success },
    { at: end, success },
  ])
  return [{ at: from, success: ends[0]?.success ?? successNow }, ...ends, { at: now, success: successNow }]
}

/** What was asked of AWS that changes something, newest last. */
function callsOf({ calls }: Simulation): readonly CallPicture[] {
  return calls
    .list()
    .filter(({ operation }) => isChange(operation))
    .slice(-shownCalls)
    .map(({ number, at, region, service, operation, outcome }) => ({
      number,
      at,
      region,
      service,
      operation,
      outcome,
    }))
}
