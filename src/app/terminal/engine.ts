import { randomUUID } from 'node:crypto'
import { existsSync, mkdirSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { LocalEngine, type LocalEngineOptions } from '../../durable/local-engine.ts'
import type { Clock, Execution, ExecutionStatus, FlowEngine } from '../../engine/ports.ts'
import type { Answer } from '../../engine/run.ts'

export type TerminalEngineOptions = Pick<LocalEngineOptions, 'handler'> & {
  readonly clock: Clock
  /** Where each run's file is kept. */
  readonly dir: string
}

/**
 * The engine of a terminal: a file of its own for each run, opened when it is needed, so that several people at one
 * machine carry out several runs. What a file holds goes on as soon as it is open. Opening one that another terminal
 * has open throws STORE_IN_USE: then that one carries the run out.
 */
export class TerminalEngine implements FlowEngine {
  readonly #options: TerminalEngineOptions
  readonly #open = new Map<string, LocalEngine>()
  /** No other engine's executions are called so, on whatever machine. */
  readonly #host = `terminal-${hostname()}-${randomUUID().slice(0, 8)}`

  constructor(options: TerminalEngineOptions) {
    this.#options = options
  }

  start(name: string, input: Readonly<Record<string, unknown>>): Promise<Execution> {
    return this.#opened(name).start(name, input)
  }

  async get(name: string): Promise<Execution | undefined> {
    return this.#known(name)?.get(name)
  }

  async list(status?: ExecutionStatus): Promise<readonly Execution[]> {
    return (await Promise.all([...this.#open.values()].map((engine) => engine.list(status)))).flat()
  }

  async stop(name: string, why: string): Promise<void> {
    await this.#known(name)?.stop(name, why)
  }

  async answer(callbackId: string, answer: Answer): Promise<boolean> {
    const taken = await Promise.all(
      [...this.#open.values()].map((engine) => engine.answer(callbackId, answer)),
    )
    return taken.includes(true)
  }

  /** The execution of a run that this process carries out now. */
  async carried(name: string): Promise<Execution | undefined> {
    return this.#open.get(name)?.get(name)
  }

  /** Resolves when nothing is under way: everything waits for the clock or for people. */
  async idle(): Promise<void> {
    await Promise.all([...this.#open.values()].map((engine) => engine.idle()))
  }

  /** Lets the operations under way finish and be kept, and begins no others. */
  async close(): Promise<void> {
    const open = [...this.#open.values()]
    this.#open.clear()
    await Promise.all(open.map((engine) => engine.close()))
  }

  #known(name: string): LocalEngine | undefined {
    return this.#open.get(name) ?? (existsSync(this.#file(name)) ? this.#opened(name) : undefined)
  }

  #opened(name: string): LocalEngine {
    const known = this.#open.get(name)
    if (known) return known
    mkdirSync(this.#options.dir, { recursive: true, mode: 0o700 })
    const { clock, handler } = this.#options
    const engine = new LocalEngine({ file: this.#file(name), host: this.#host, clock, handler })
    this.#open.set(name, engine)
    engine.recover()
    return engine
  }

  #file(name: string): string {
    return join(this.#options.dir, `run-${name}.db`)
  }
}
