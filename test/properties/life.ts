import type { Host } from '../../src/engine/host.ts'
import type { Answer, Question } from '../../src/engine/run.ts'
import { type FlowEnd, runFlow } from '../../src/engine/run-flow.ts'
import type { Flow } from '../../src/engine/step.ts'
import { type Mode, otherSide, type SafeWorld, type Side } from '../../src/flows/world.ts'
import { Crash, fakeHost, Memory } from '../engine/fake-host.ts'
import { plan, type Stage } from './stage.ts'

export const [ASKS, APPROVES] = ['U1', 'U2']
/** How long the bot's process is away after it died. */
const AWAY_MS = 90_000
const HOUR = 3_600_000

class Ended extends Error {}

export type LifeOptions = {
  readonly id: string
  readonly flow: Flow<SafeWorld>
  readonly mode: Mode
  readonly from: Side
  /** After how many boundaries the bot dies, for the first time, then for the second, … */
  readonly crashes?: readonly number[]
  readonly answer?: (question: Question) => Answer
  /** How long people think, ms. */
  readonly thinking?: () => number
  readonly atMost?: () => number | undefined
  /** Told before every operation of the run, and before every look: now the world may change. */
  readonly before?: (operation: string) => void
  readonly noted?: (name: string, value: string) => void
}

/** One run, through all deaths of the bot's process, until it ends or is ended. */
export class Life {
  readonly memory = new Memory()
  readonly notes = new Map<string, string>()
  readonly options: LifeOptions
  readonly #stage: Stage
  /** How it ended by itself. */
  end: FlowEnd | undefined
  /** The question it waits on. */
  open: Question | undefined
  readonly begunAt: number
  #isEnded = false

  constructor(stage: Stage, options: LifeOptions) {
    this.begunAt = stage.clock.now()
    this.#stage = stage
    this.options = options
  }

  get isOver(): boolean {
    return this.#isEnded || this.end !== undefined
  }

  /** Its execution is stopped: it does nothing more. */
  stop(): void {
    this.#isEnded = true
  }

  /**
   * Lives; resolves with how it ended, undefined where it was stopped. After so many hours somebody asks for its end.
   * Rejects for bugs.
   */
  async live(hours: number): Promise<FlowEnd | undefined> {
    const { crashes = [], flow } = this.options
    this.#stage.clock.after(hours * HOUR, () => {
      this.memory.signal = 'abort'
    })
    this.#stage.clock.after((hours + 6) * HOUR, () => this.stop())
    for (let life = 0; ; life++) {
      try {
        this.end = await runFlow(flow, this.world, this.#host(crashes[life]))
        return this.end
      } catch (error) {
        if (error instanceof Ended) return undefined
        if (!(error instanceof Crash)) throw error
        await this.#stage.sleep(AWAY_MS)
      }
    }
  }

  get world(): SafeWorld {
    const { id, mode, from, noted } = this.options
    const { notes } = this
    return {
      ...this.#stage.outside,
      plan,
      runId: id,
      mode,
      from,
      to: otherSide(from),
      notes: {
        get: async (name) => notes.get(name),
        async set(name, value) {
          notes.set(name, value)
          noted?.(name, value)
        },
      },
      people: async () => ({ requestedBy: ASKS, approvedBy: APPROVES, twoPeople: true }),
      terraform: { gate: async (kind) => ({ title: `Terraform: ${kind}`, detail: 'as in the runbook' }) },
    }
  }

  #host(dieAt = Number.POSITIVE_INFINITY): Host {
    const stage = this.#stage
    const { answer, thinking, atMost, before } = this.options
    const alive = () => {
      if (this.#isEnded) throw new Ended()
    }
    const sleep = async (ms: number) => {
      await stage.sleepLate(ms, atMost?.())
      alive()
    }
    const { host } = fakeHost(this.memory, answer, dieAt, { now: () => stage.clock.now(), sleep })
    const known = (name: string) => this.memory.answers.has(name)
    const anew = (name: string) => {
      alive()
      if (!known(name)) before?.(name)
    }
    return {
      execution: host.execution,
      inside: host.inside,
      async checkpoint(name, work) {
        anew(name)
        return host.checkpoint(name, work)
      },
      async attempt(name, work) {
        anew(name)
        return host.attempt(name, work)
      },
      watch: (name, look) =>
        host.watch(name, async (last) => {
          anew(name)
          return look(last)
        }),
      ask: async (question, seconds) => {
        if (!known(`ask ${question.id}`)) {
          this.open = question
          const most = seconds === undefined ? Number.POSITIVE_INFINITY : seconds * 1000 - 1
          await stage.sleep(Math.min(thinking?.() ?? 30_000, most))
          alive()
        }
        const given = await host.ask(question, seconds)
        this.open = undefined
        return given
      },
    }
  }
}
