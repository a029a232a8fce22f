import { type Simulation, simulate } from '../../rehearsal/aws/simulator.ts'
import { rdsHandlers } from '../../rehearsal/aws/world/rds-handlers.ts'
import type { Session } from '../../rehearsal/aws/world/sts.ts'
import { manualClock, type WorldClock } from '../../rehearsal/clock.ts'
import { inProcess } from '../../rehearsal/reach.ts'
import { Clients } from '../../src/aws/clients.ts'
import { outside } from '../../src/aws/outside.ts'
import type { Outside, Side } from '../../src/flows/world.ts'
import { shipped } from '../flows/shipped.ts'
import { frugal } from './frugal.ts'

const THREE_IN_THE_MORNING = Date.UTC(2026, 10, 21, 3)
export const APP = 'orders'
export const plan = shipped(APP)

/** Clients are dear to make, so all stages share them: their calls go to the stage that is on. */
let on: Pick<Stage, 'clock' | 'simulation'>
const clock = {
  now: () => on.clock.now(),
  after: (ms: number, wake: () => void) => on.clock.after(ms, wake),
} as WorldClock
const simulation = {
  dispatcher: {
    requestHandler: (options: Parameters<Simulation['dispatcher']['requestHandler']>[0]) => ({
      ...on.simulation.dispatcher.requestHandler(options),
      handle: (...call: Parameters<ReturnType<Simulation['dispatcher']['requestHandler']>['handle']>) =>
        on.simulation.dispatcher.requestHandler(options).handle(...call),
    }),
  },
  request: (url: string) => on.simulation.request(url),
} as unknown as Simulation
/** The roles' credentials do not expire, and every new AWS knows them: STS has its own tests. */
const people = { now: () => THREE_IN_THE_MORNING }
const sessions: Session[] = []
let clients: Clients | undefined
/** The SDK loads parts of itself when they are first needed: until it has, every call is given more time. */
let isWarm = false

/** Faults that say how AWS is, not that it fails calls. */
const NATURE: ReadonlySet<string> = new Set(['no-rejoin', 'no-rescue', 'early-expiry', 'resync', 'seeding'])

/** A simulated AWS, its clock and the bot's adapters; the last one made is the one that is on. */
export class Stage {
  readonly clock = manualClock(THREE_IN_THE_MORNING)
  readonly simulation: Simulation
  readonly outside: Outside
  readonly #real: Outside
  /** When something happens that is neither AWS's nor the bot's own. */
  readonly #expected: number[] = []
  /** Grows with everything that changes the world by itself or by hand: what was seen before is looked at again. */
  #changes = 0

  static async begin(seed: number): Promise<Stage> {
    // On a stage of its own, so that the first one is like all others.
    if (sessions.length === 0) await new Stage(seed).#introduce()
    const stage = new Stage(seed)
    stage.simulation.world.sts.sessions = [...sessions]
    return stage
  }

  private constructor(seed: number) {
    this.simulation = simulate({ clock: this.clock, seed, people })
    on = this
    const reach = inProcess(simulation, clock, 0)
    clients ??= new Clients({ ...reach.clients, people })
    this.#real = outside({ plan, clients, clock, fetch: reach.fetch })
    this.outside = frugal(this.#real, {
      at: () => this.clock.now(),
      now: () => `${this.clock.now()} ${this.#changes}`,
      still: () => this.#still(),
    })
    this.simulation.calls.performed = ({ operation }) => {
      if (!/^(Describe|List|Get|Test)/.test(operation)) this.#changes++
    }
  }

  /** What is to happen next is the same, nobody changes anything, and AWS is not ill: then the world is the same. */
  #still(): string {
    const { due, faults } = this.world
    const isIll = faults.some(({ kind }) => !NATURE.has(kind))
    return `${due[0]?.serial} ${due.length} ${this.#changes} ${isIll ? this.clock.now() : ''}`
  }

  get world() {
    return this.simulation.world
  }

  /** Something that people or AWS do, as a call or not. */
  touch<T>(work: () => T): T {
    this.#changes++
    return work()
  }

  /** Lets something happen in so many milliseconds. */
  later(ms: number, work: () => unknown): void {
    this.#expected.push(this.clock.now() + ms)
    this.clock.after(ms, () => void this.touch(work))
  }

  /** Somebody at the console: RDS as the simulated AWS has it, in the region of a side. Refusals are thrown. */
  rds(side: Side) {
    const handlers = rdsHandlers(this.world) as unknown as Record<
      string,
      (input: object, call: object) => unknown
    >
    const call = { region: plan.regions[side], service: 'RDS' }
    return (operation: string, input: object) => this.touch(() => handlers[operation]?.(input, call))
  }

  /** Lets the world go on until the work is done: the clock jumps from timer to timer. */
  async until<T>(work: Promise<T>): Promise<T> {
    let settled = false
    const watched = work.finally(() => {
      settled = true
    })
    watched.catch(() => {})
    while (!settled) {
      for (let turn = 0; turn < 3 && !settled; turn++) await new Promise((next) => setImmediate(next))
      if (!isWarm && !settled) await new Promise((next) => setTimeout(next, 5))
      const next = this.clock.next()
      if (settled) break
      if (next === undefined) await new Promise((wake) => setTimeout(wake, 1))
      else this.clock.advance(Math.max(0, next - this.clock.now()))
    }
    isWarm = sessions.length > 0
    return watched
  }

  sleep(ms: number): Promise<void> {
    return new Promise((wake) => void this.clock.after(ms, wake))
  }

  /**
   * A bot that is late: four times as late as it was asked to be, and later while nothing happens in the world, up to a
   * quarter of an hour or what `atMost` says (ms).
   */
  async sleepLate(ms: number, atMost = ms <= 5_000 ? 30_000 : 150_000): Promise<void> {
    const { world } = this
    const [soonest, latest] = [world.now + Math.min(4 * ms, atMost), world.now + Math.max(ms, atMost)]
    const next = Math.min(world.due[0]?.at ?? latest, ...this.#expected.filter((at) => at > world.now))
    await this.sleep(Math.min(latest, Math.max(soonest, next)) - world.now)
  }

  /** Every role that the plan names is assumed once, while all is well. */
  async #introduce(): Promise<void> {
    const { database, dns, identity } = this.#real
    const looks = [identity.account('home'), identity.account('dr'), dns.records(), database.global('home')]
    const seen = await this.until(Promise.all(looks))
    if (!seen.every(({ ok }) => ok)) throw new Error('the stage cannot be looked at')
    sessions.push(...this.world.sts.sessions)
  }
}
