import { appendFileSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { manualClock, type WorldClock } from '../../rehearsal/clock.ts'
import { drError } from '../../src/engine/errors.ts'
import type { Answer } from '../../src/engine/run.ts'
import type { Observation, Receipt } from '../../src/engine/step.ts'
import { START } from './rig.ts'

/** Called wherever a process could die; `where` says where. */
export type Boundary = (where: string) => void

/** An outside that can be looked at, acted on, and told what people said, step by step. */
export type SmallWorld = {
  look(step: string): Promise<Observation>
  act(step: string): Promise<Receipt>
  hear(step: string, answer: Answer): Promise<Receipt>
}

type WorldState = {
  now: number
  refusals: number
  acts: Record<string, number>
  looks: Record<string, number>
  heard: Record<string, string>
}

/** Looks after an act (or at all, without one) until a step is done. */
const LOOKS: Record<string, number> = { quiesce: 1, promote: 2, dns: 0, verify: 2, rescue: 1 }
/** What gets there by itself, in its own time, ms. */
const LASTS: Record<string, number> = { rejoin: 150_000, resync: 6 * 3_600_000 }
/** What is refused at first. */
const REFUSED: ReadonlySet<string> = new Set(['promote', 'rescue'])

/** An outside that lives in a folder and outlives every process; `calls.log` has every call, with the process. */
export class FolderWorld implements SmallWorld {
  readonly #folder: string
  readonly #clock: WorldClock
  readonly #boundary: Boundary

  constructor(folder: string, boundary: Boundary) {
    this.#folder = folder
    this.#boundary = boundary
    this.#clock = manualClock(this.#state().now)
  }

  get clock(): WorldClock {
    return this.#clock
  }

  async look(step: string): Promise<Observation> {
    return this.#call('look', step, (state) => {
      if (step === 'settle') return settled(state.heard[step])
      if (LASTS[step]) return lasting(START + LASTS[step] - this.#clock.now())
      if (step !== 'verify' && !state.acts[step]) return { state: 'ready', detail: 'as it was' }
      const looks = state.looks[step] ?? 0
      state.looks[step] = looks + 1
      return looks < (LOOKS[step] ?? 0)
        ? { state: 'pending', detail: `look ${looks}` }
        : { state: 'done', detail: 'as wanted' }
    })
  }

  async act(step: string): Promise<Receipt> {
    const refused = this.#state().refusals > 0 && REFUSED.has(step)
    const receipt = this.#call(refused ? 'refused' : 'act', step, (state) => {
      if (refused) state.refusals--
      else state.acts[step] = (state.acts[step] ?? 0) + 1
      return { evidence: [`request ${step}`] }
    })
    if (refused)
      throw drError('PERMISSION_MISSING', {
        action: 'rds:FailoverGlobalCluster',
        role: 'r',
        region: 'us-west-2',
      })
    return receipt
  }

  async hear(step: string, { option, by, confirmedBy = 'nobody' }: Answer): Promise<Receipt> {
    return this.#call('hear', step, ({ heard }) => {
      heard[step] = `${option} by ${by}, confirmed by ${confirmedBy}`
      return { evidence: [] }
    })
  }

  /** What people said to a step. */
  heard(step: string): string | undefined {
    return this.#state().heard[step]
  }

  /** Every call so far, as `<pid> <look|act|refused|hear> <step>`. */
  calls(): string[] {
    const log = join(this.#folder, 'calls.log')
    return existsSync(log) ? readFileSync(log, 'utf8').trimEnd().split('\n') : []
  }

  #call<T>(kind: string, step: string, change: (state: WorldState) => T): T {
    this.#boundary(`before ${kind} ${step}`)
    const state = this.#state()
    const answer = change(state)
    appendFileSync(join(this.#folder, 'calls.log'), `${process.pid} ${kind} ${step}\n`)
    const file = join(this.#folder, 'world.json')
    writeFileSync(`${file}.new`, JSON.stringify({ ...state, now: this.#clock.now() }))
    renameSync(`${file}.new`, file)
    this.#boundary(`after ${kind} ${step}`)
    return answer
  }

  #state(): WorldState {
    const file = join(this.#folder, 'world.json')
    if (!existsSync(file)) return { now: START, refusals: 1, acts: {}, looks: {}, heard: {} }
    return JSON.parse(readFileSync(file, 'utf8'))
  }
}

const settled = (said: string | undefined): Observation =>
  said ? { state: 'done', detail: said } : { state: 'asking', detail: 'a person has to decide' }

const lasting = (left: number): Observation =>
  left > 0
    ? { state: 'pending', detail: `${Math.ceil(left / 60_000)} min to go` }
    : { state: 'done', detail: 'as wanted' }
