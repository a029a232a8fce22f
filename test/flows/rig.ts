import type { OutageKind } from '../../rehearsal/aws/outages.ts'
import { type Simulation, simulate } from '../../rehearsal/aws/simulator.ts'
import { manualClock, type WorldClock } from '../../rehearsal/clock.ts'
import { quiet } from '../../rehearsal/quiet.ts'
import { inProcess } from '../../rehearsal/reach.ts'
import { Clients } from '../../src/aws/clients.ts'
import { outside } from '../../src/aws/outside.ts'
import { type FlowEnd, runFlow } from '../../src/engine/run-flow.ts'
import { failover } from '../../src/flows/failover.ts'
import { type Mode, type Outside, otherSide, type Side, type World } from '../../src/flows/world.ts'
import type { Plan } from '../../src/plan/schema.ts'
import { type Answering, fakeHost, Memory, type Time } from '../engine/fake-host.ts'
import { shipped } from './shipped.ts'

const THREE_IN_THE_MORNING = Date.UTC(2026, 10, 21, 3)
const LATENCY_MS = 50

/** The real flows, adapters and SDK clients over the simulated AWS, on a clock moved by hand; only the host is fake. */
export class Rig {
  readonly clock: WorldClock
  readonly simulation: Simulation
  readonly plan: Plan
  readonly outside: Outside
  readonly notes = new Map<string, string>()
  memory = new Memory()
  #seen = 0

  /** `left`: a world to go on with, as `simulation.save()` gave it, and its time. */
  constructor(
    app: 'orders' | 'billing' = 'orders',
    seed = 1,
    left?: { readonly world: unknown; readonly now: number },
  ) {
    const clock = manualClock(left?.now ?? THREE_IN_THE_MORNING)
    this.clock = clock
    this.plan = shipped(app)
    this.simulation = simulate({ clock, seed, saved: left?.world })
    const reach = inProcess(this.simulation, clock, LATENCY_MS)
    const clients = new Clients({ ...reach.clients, people: clock })
    this.outside = outside({ plan: this.plan, clients, clock, fetch: reach.fetch })
  }

  /** Time passes, and a region of a side may have gone dark before. */
  async after(seconds: number, side?: Side, kind?: OutageKind): Promise<void> {
    if (side) await this.simulation.outage(this.plan.regions[side], kind)
    await this.until(this.sleep(seconds * 1000))
  }

  world(mode: Mode, from: Side = 'home'): World {
    const { plan, notes } = this
    return {
      ...this.outside,
      plan,
      runId: 'r1',
      mode,
      from,
      to: otherSide(from),
      notes: {
        get: async (name) => notes.get(name),
        async set(name, value) {
          notes.set(name, value)
        },
      },
      people: async () => ({ requestedBy: 'U1', approvedBy: 'U2', twoPeople: plan.slack.twoPeople }),
      terraform: { gate: async (kind) => ({ title: `Terraform: ${kind}`, detail: 'as in the runbook' }) },
    }
  }

  /** One run; rejects with Crash where it was to die, and goes on when it is called again. */
  async run(
    mode: Mode,
    { from = 'home' as Side, answer = unexpected as Answering, dieAt = Number.POSITIVE_INFINITY } = {},
  ): Promise<FlowEnd & { passed: readonly string[] }> {
    const { host, passed } = fakeHost(this.memory, answer, dieAt, this.#time)
    const end = await this.until(runFlow(failover(mode), this.world(mode, from), host))
    return { ...end, passed }
  }

  /** The next run is another one: nothing of the last one's memory or calls. */
  forget(): void {
    this.memory = new Memory()
    this.notes.clear()
    this.#seen = this.simulation.calls.list().at(-1)?.number ?? 0
  }

  /** The changing calls AWS was sent since the last `forget`, with their regions, in order. */
  changes(): string[] {
    return this.simulation.calls
      .list(this.#seen)
      .filter(({ operation }) => !/^(Describe|List|Get|Test|Assume)/.test(operation))
      .map(({ operation, region }) => `${operation} ${region}`)
  }

  /** Lets the world go on until the work is done: the clock jumps from timer to timer. */
  async until<T>(work: Promise<T>): Promise<T> {
    let settled = false
    const watched = work.finally(() => {
      settled = true
    })
    watched.catch(() => {})
    while (!settled) {
      await quiet(6)
      const next = this.clock.next()
      if (settled) break
      if (next === undefined) await new Promise((next) => setTimeout(next, 1))
      else this.clock.advance(Math.max(0, next - this.clock.now()))
    }
    return watched
  }

  sleep(ms: number): Promise<void> {
    return new Promise((wake) => void this.clock.after(ms, wake))
  }

  get #time(): Time {
    return { now: () => this.clock.now(), sleep: (ms) => this.sleep(ms) }
  }
}

const unexpected: Answering = ({ title, detail }) => {
  throw new Error(`nobody expected a question: ${title} ${detail}`)
}
