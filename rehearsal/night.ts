import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Parts } from '../src/app/parts.ts'
import { carryOut } from '../src/app/runs/carrying.ts'
import { runOf } from '../src/app/runs/runs.ts'
import type { FlowInput } from '../src/app/runs/worlds.ts'
import { askCaller } from '../src/aws/caller.ts'
import { Clients } from '../src/aws/clients.ts'
import { outside } from '../src/aws/outside.ts'
import { recordCalls } from '../src/aws/recorder.ts'
import { durableHandler } from '../src/durable/host.ts'
import { LocalEngine } from '../src/durable/local-engine.ts'
import { SqliteJournal } from '../src/durable/sqlite-journal.ts'
import { drError } from '../src/engine/errors.ts'
import type { Run } from '../src/engine/run.ts'
import type { Plans } from '../src/plan/plans.ts'
import { type Simulation, simulate } from './aws/simulator.ts'
import { manualClock, type WorldClock } from './clock.ts'
import { quiet } from './quiet.ts'
import { inProcess, type Reach } from './reach.ts'

export type NightOptions = {
  readonly seed: number
  readonly plans: (simulation: Simulation) => Plans
  /** Moved by hand unless given: then hours pass in seconds, and the same seed gives the same night. */
  readonly clock?: WorldClock
  readonly reach?: (simulation: Simulation, clock: WorldClock) => Reach | Promise<Reach>
  /** A world to go on with: what `simulation.save()` gave. Its clock must not be behind it. */
  readonly saved?: unknown
  /** Where the bot keeps its journal and its engine: then they outlive it. */
  readonly dir?: string
  /** What the bot works with, wrapped: to watch it, or to break it. */
  readonly parts?: (own: Parts) => Parts
  /** Called whenever the bot waits for nothing but a clock moved by hand, right before that is moved. */
  readonly onPause?: () => void
}

/** A folder for a night's files. In memory where the machine has such a place: nights write much and keep nothing. */
export const nightFolder = (prefix: string): string =>
  mkdtempSync(join(existsSync(MEMORY) ? MEMORY : tmpdir(), prefix))
const MEMORY = '/dev/shm'

const LATENCY_MS = 50
const THREE_IN_THE_MORNING = Date.UTC(2026, 10, 21, 3, 0, 0)

/**
 * The bot without Slack and the world, in one process: the real desk, flows, SDK clients and durable engine over the
 * simulated AWS. For tests and benches; people's part is played by whoever holds it.
 */
export class Night {
  readonly clock: WorldClock
  readonly simulation: Simulation
  readonly reach: Reach
  readonly journal: SqliteJournal
  readonly engine: LocalEngine
  readonly parts: Parts
  readonly #ownDir: string | undefined
  readonly #onPause: () => void

  static async begin(options: NightOptions): Promise<Night> {
    const { seed, saved, clock = manualClock(THREE_IN_THE_MORNING), reach = usualReach } = options
    const simulation = simulate({ clock, seed, saved })
    return new Night(simulation, clock, await reach(simulation, clock), options)
  }

  private constructor(simulation: Simulation, clock: WorldClock, reach: Reach, options: NightOptions) {
    this.simulation = simulation
    this.clock = clock
    this.reach = reach
    this.#onPause = options.onPause ?? (() => {})
    if (!options.dir) this.#ownDir = nightFolder('understudy-night-')
    const dir = options.dir ?? this.#ownDir ?? ''
    this.journal = new SqliteJournal({ file: join(dir, 'journal.db'), clock, people: clock })
    const clients = new Clients({ ...reach.clients, people: clock })
    this.engine = new LocalEngine({
      file: join(dir, 'engine.db'),
      clock,
      handler: (client) =>
        durableHandler<FlowInput>((input, hostFor) => carryOut(this.parts, input, hostFor), { client }),
    })
    const own: Parts = {
      plans: options.plans(simulation),
      journal: this.journal,
      engine: this.engine,
      clock,
      people: clock,
      outside: async (plan) => outside({ plan, clients, clock, fetch: reach.fetch }),
      readFile: async ({ name }) => {
        throw drError('FILE_UNUSABLE', { name, why: 'there is no Slack on such a night' })
      },
      caller: (signed) => askCaller(clients, signed),
      record: recordCalls,
    }
    this.parts = options.parts?.(own) ?? own
  }

  /** Waits in world time. */
  sleep(ms: number): Promise<void> {
    return this.until(new Promise<void>((wake) => void this.clock.after(ms, wake)))
  }

  /** The run as it stands once it `is` so; looked at every second of the world. */
  async runWhen(runId: string, is: (run: Run) => boolean): Promise<Run> {
    for (;;) {
      const run = await runOf(this.journal, runId)
      if (is(run)) return run
      await this.sleep(1_000)
    }
  }

  /** Lets the world go on until `work` has settled: a clock moved by hand jumps from timer to timer. */
  async until<T>(work: Promise<T>): Promise<T> {
    if (!this.clock.manual) return work
    let settled = false
    const watched = work.finally(() => {
      settled = true
    })
    watched.catch(() => {})
    for (let idle = 0; !settled; ) {
      await quiet()
      if (settled) break
      const next = this.clock.next()
      if (next === undefined && ++idle > 5_000)
        throw new Error('the world has nothing left to do, and the work is not done')
      if (next === undefined || (await this.#atWork())) await new Promise((turn) => setTimeout(turn))
      else this.#jump(next)
    }
    return watched
  }

  #jump(next: number): void {
    if (!this.reach.underWay?.()) this.#onPause()
    this.clock.advance(Math.max(0, next - this.clock.now()))
  }

  /** Whether a run is doing something that takes none of the world's time: the clock must not jump over it. */
  async #atWork(): Promise<boolean> {
    if (this.reach.underWay?.()) return false
    const soon = new Promise<boolean>((later) => setImmediate(() => later(true)))
    return Promise.race([this.engine.idle().then(() => false), soon])
  }

  async end(): Promise<void> {
    await this.until(this.engine.close())
    this.journal.close()
    await this.reach.close()
    if (this.#ownDir) rmSync(this.#ownDir, { recursive: true, force: true })
  }
}

const usualReach = (simulation: Simulation, clock: WorldClock) => inProcess(simulation, clock, LATENCY_MS)
