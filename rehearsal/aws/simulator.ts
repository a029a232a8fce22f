import type { WorldClock } from '../clock.ts'
import { runBuild } from './builds.ts'
import { Calls } from './calls.ts'
import { type Reached, visit } from './customers.ts'
import type { Fault } from './faults.ts'
import { Functions } from './functions.ts'
import { Gate } from './gate.ts'
import { idsOf } from './ids.ts'
import { type Listening, listen } from './listen.ts'
import { type OutageKind, places } from './outages.ts'
import { scenarios } from './scenarios.ts'
import { servicesOf } from './services.ts'
import { type Slo, sloOf } from './slo.ts'
import { stacksOf } from './stacks.ts'
import { enterState, type State } from './states.ts'
import type { Nasty, Variables } from './terraform.ts'
import { Throttles } from './throttles.ts'
import { viewOf, type WorldView } from './view.ts'
import { Dispatcher } from './wire/dispatch.ts'
import { type Build, newBuild } from './world/codebuild.ts'
import { regionBack } from './world/rds-rejoin.ts'
import { seedWorld } from './world/seed.ts'
import { settle } from './world/settle.ts'
import type { App, Side, World } from './world/world.ts'

export type SimulationOptions = {
  readonly clock: WorldClock
  readonly seed: number
  /** What `save()` gave. */
  readonly saved?: unknown
  readonly scenario?: string
  /** People's time, in which credentials expire; the wall's, or a clock that is moved by hand. */
  readonly people?: { now(): number }
}

export function simulate(options: SimulationOptions): Simulation {
  return new Simulation(options)
}

/** A simulated AWS of two regions with two applications and their customers. */
export class Simulation {
  readonly clock: WorldClock
  readonly calls = new Calls()
  /** What is deployed to Lambda; nothing is, at first. */
  readonly functions: Functions
  /** In process: a dark region answers nobody. */
  readonly dispatcher: Dispatcher
  /** For sockets, which show a region's symptoms themselves. */
  readonly #socketDispatcher: Dispatcher
  #world: World
  /** Told of every change of an outage; resolves when it shows. */
  #shown: Set<(place: string, kind: OutageKind | undefined) => Promise<void>> = new Set()
  #throttles = new Throttles()

  constructor({ clock, seed, saved, scenario = 'healthy', people }: SimulationOptions) {
    this.clock = clock
    this.#world = saved === undefined ? newWorld(seed, scenario, clock.now()) : restored(saved)
    const byHand = people === undefined && clock.manual
    const wallNow = () => (people ?? (byHand ? clock : Date)).now()
    const { calls } = this
    const throttles = { take: (...call: Parameters<Throttles['take']>) => this.#throttles.take(...call) }
    const gate = new Gate({
      world: () => this.#world,
      clock,
      wallNow,
      calls,
      throttles: throttles as Throttles,
    })
    this.functions = new Functions(() => this.world, clock)
    const begun = (build: Build) => this.#run(build)
    const services = servicesOf(this.#world, wallNow, gate.around, begun, this.functions)
    this.dispatcher = new Dispatcher(services, gate.beforeInProcess)
    this.#socketDispatcher = new Dispatcher(services, gate.before)
    for (const build of this.#world.builds) if (build.status === 'IN_PROGRESS') this.#run(build)
  }

  /** The world as of now; what is in it is not to be changed from outside. */
  get world(): World {
    settle(this.#world, this.clock.now())
    return this.#world
  }

  state(): WorldView {
    return viewOf(this.world)
  }

  /** `since` (ms): see `Slo`. */
  slo(app: App, since?: number): Slo {
    return sloOf(this.world, app, since)
  }

  ids(app: App) {
    return idsOf(app)
  }

  /** What a customer or a probe gets for a URL under example.test. */
  async request(url: string): Promise<Reached> {
    return visit(this.world, url)
  }

  /** Breaks one of `places`, or heals it. The world is changed at once; resolves when it shows on the sockets too. */
  async outage(place: string, kind: OutageKind | undefined): Promise<void> {
    if (!places.includes(place)) throw new Error(`${place} is none of ${places.join(', ')}.`)
    const { world } = this
    if (kind) world.outages[place] = { kind, since: world.outages[place]?.since ?? world.now }
    else delete world.outages[place]
    if (!kind) {
      regionBack(world, place)
      this.functions.goOn(place)
    }
    await this.#show(place, kind)
  }

  /** Adds a fault and answers its id. */
  addFault(fault: Omit<Fault, 'id' | 'past'>): string {
    const { world } = this
    const id = `fault-${world.serial++}`
    const past = fault.kind === 'stale' ? JSON.stringify({ ...world, faults: [] }) : undefined
    world.faults.push({ ...fault, id, ...(past === undefined ? {} : { past }) })
    return id
  }

  /** Ends one fault, or all of them. Answers how many. */
  removeFaults(id?: string): number {
    const { world } = this
    const before = world.faults.length
    world.faults = id === undefined ? [] : world.faults.filter((fault) => fault.id !== id)
    return before - world.faults.length
  }

  /**
   * Starts an apply of one of an application's Terraform stacks, as its user would at a terminal, and answers its id:
   * `state().builds` tells how it fares.
   */
  apply(
    app: App,
    stack: string,
    { variables = {}, nasty = [] }: { variables?: Variables; nasty?: readonly Nasty[] } = {},
  ): string {
    const found = stacksOf(app).find(({ name }) => name === stack)
    if (!found) throw new Error(`${app} has no stack ${stack}.`)
    const build = newBuild(this.world, found, { variables, nasty })
    this.#run(build)
    return build.id
  }

  /** Puts an application's part of the world into a state, at rest. `dns`: where customers are sent if not there. */
  enter(app: App, state: State, active: Side, dns: Side = active): void {
    enterState(this.world, app, state, { active, dns })
  }

  /** What a role may do from now on (`rds:Describe*`); undefined = everything. False: there is no such role. */
  allow(role: string, actions: readonly string[] | undefined): boolean {
    const found = this.world.sts.roles.find(({ arn }) => arn === role)
    if (found && actions) found.allow = actions
    else if (found) delete found.allow
    return found !== undefined
  }

  /** A new world in its place, as of now. */
  async reset(scenario = 'healthy', seed = this.#world.seed): Promise<void> {
    const { lambda } = this.#world
    this.#world = { ...newWorld(seed, scenario, this.clock.now()), lambda }
    this.#throttles = new Throttles()
    await Promise.all(places.map((place) => this.#show(place, this.#world.outages[place]?.kind)))
  }

  /** Everything but the journal of calls, as JSON. */
  save(): unknown {
    return structuredClone(this.world)
  }

  /** Serves AWS on `port`, on one port a region (and one for Route 53), and the control port. 0 picks one. */
  async listen(options: { port: number; controlPort?: number }): Promise<Listening> {
    const listening = await listen(this, this.#socketDispatcher, options)
    this.#shown.add(listening.show)
    await Promise.all(places.map((place) => listening.show(place, this.#world.outages[place]?.kind)))
    return {
      ...listening,
      close: async () => {
        this.#shown.delete(listening.show)
        await listening.close()
      },
    }
  }

  #run(build: Build): void {
    const { clock, dispatcher } = this
    void runBuild({ clock, dispatcher, world: () => this.world }, build)
  }

  async #show(place: string, kind: OutageKind | undefined): Promise<void> {
    await Promise.all([...this.#shown].map((show) => show(place, kind)))
  }
}

/** A world of before there were snapshots or builds lacks too much to go on with. */
function restored(saved: unknown): World {
  const world = structuredClone(saved as World)
  if (!world.rds.snapshots || !world.builds) throw new Error('it is of an earlier kind')
  world.lambda ??= { executions: [] }
  return world
}

function newWorld(seed: number, scenario: string, now: number): World {
  const apply = scenarios[scenario]
  if (!apply) throw new Error(`No scenario ${scenario}: there are ${Object.keys(scenarios).join(', ')}.`)
  const world = seedWorld(seed, scenario, now)
  apply(world)
  return world
}
