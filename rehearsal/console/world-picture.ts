import { isActing } from '../aws/calls.ts'
import type { Simulation } from '../aws/simulator.ts'
import type { Slo } from '../aws/slo.ts'
import { type Stack, stacksOf } from '../aws/stacks.ts'
import { states } from '../aws/states.ts'
import type { AppView } from '../aws/view.ts'
import { type App, apps, regions, type World } from '../aws/world/world.ts'
import { databasePicture, gapsOf } from './database-picture.ts'
import {
  type AppPicture,
  type CallPicture,
  type Menu,
  type Picture,
  type Side,
  type SidePicture,
  switches,
} from './picture.ts'

/** How much of the past the success rates are drawn over: world ms, or more where that passes in no time. People's ms. */
const drawnMs = 15 * 60_000
const drawnPeopleMs = 45_000
const shownCalls = 12
/** How long a build is shown after its end, world ms. */
const shownAfterMs = 30 * 60_000

/** The simulated world as the console draws it. */
export function worldPicture(
  simulation: Simulation,
): Pick<Picture, 'clock' | 'regions' | 'apps' | 'calls' | 'menu'> {
  const { anchorWall, anchorWorld, scale } = simulation.clock.state()
  const view = simulation.state()
  const region = (side: Side) => {
    const outage = view.outages[regions[side]]
    return { name: regions[side], ...(outage ? { outage: outage.kind, since: outage.since } : {}) }
  }
  return {
    clock: { anchorWall, anchorWorld, scale },
    regions: { home: region('home'), dr: region('dr') },
    apps: apps.map((app) => appPicture(simulation, app, view.apps[app])),
    calls: callsOf(simulation),
    menu: menuOf(simulation),
  }
}

function appPicture(simulation: Simulation, name: App, { dns, sides }: AppView): AppPicture {
  const { world, clock } = simulation
  const slo = simulation.slo(name)
  const owner = dns.record
  const arrived = owner === 'home' || owner === 'dr' ? dns.share[owner] : 1
  const side = (which: Side) => ({
    ...databasePicture(world, name, which),
    builds: buildsOf(world, name, which),
    services: sides[which].services.map(({ name, desired, running, healthy }) => ({
      name,
      desired,
      running,
      healthy,
    })),
  })
  return {
    name,
    dns: owner === 'home' || owner === 'dr' ? owner : 'neither',
    moving: arrived < 0.99,
    success: slo.successNow,
    ...(slo.outage ? { outage: slo.outage } : {}),
    history: historyOf(slo, world.now, Math.max(drawnMs, drawnPeopleMs * clock.scale)),
    ...gapsOf(world, name),
    sides: { home: side('home'), dr: side('dr') },
  }
}

const titleOf = ({ side, layer }: Stack) => `${side} ${layer}`

const stacks = Object.fromEntries(
  apps.map((app) => [app, stacksOf(app).map((stack) => ({ name: stack.name, title: titleOf(stack) }))]),
)

const menuOf = ({ world }: Simulation): Menu => ({
  states,
  stacks,
  switches: switches.filter((kind) => world.faults.some((fault) => fault.kind === kind)),
})

function buildsOf(world: World, app: App, side: Side): SidePicture['builds'] {
  return world.builds
    .filter(({ stack }) => stack.app === app && stack.side === side)
    .filter(({ endedAt }) => endedAt === undefined || world.now - endedAt < shownAfterMs)
    .map(({ id, stack, status, startedAt, log }) => ({
      id,
      stack: titleOf(stack),
      status,
      since: startedAt,
      line: log.at(-1) ?? '',
    }))
}

/** Both ends of every stretch of equal success in the drawn past, and now. */
function historyOf({ successSeries, successNow }: Slo, now: number, pastMs: number): AppPicture['history'] {
  const from = now - pastMs
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
    .filter(isActing)
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
