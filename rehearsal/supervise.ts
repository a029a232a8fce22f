import { type ChildProcess, fork, type StdioOptions } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import type { ClockState } from './clock.ts'

/** What the world tells the bot. */
export type ToBot = { readonly clock: ClockState }
/** What the bot tells the world: that its front listens there. */
export type FromBot = { readonly frontPort: number }

const RESTART_MS = 2_000
/** A bot that has not ended by then on SIGTERM is killed. */
const PATIENCE_MS = 3_000

export type BotOptions = {
  readonly script: string
  /** Asked at each start; the port is 0 at the first, and that of the first at every later one. */
  readonly environment: (frontPort: number) => NodeJS.ProcessEnv
  readonly clock: () => ClockState
  /** Takes all it prints. */
  readonly logFile: string
  /** Told each time it has ended. */
  readonly ended?: () => void
}

/** Starts the bot and resolves when its front listens; rejects with its last words when it ends before that. */
export async function superviseBot(options: BotOptions): Promise<Bot> {
  const bot = new Bot(options)
  await bot.begin()
  return bot
}

/** The bot as a child process, started again two seconds after it ended, however it ended. */
export class Bot {
  readonly #options: BotOptions
  #child: ChildProcess | undefined
  #frontPort = 0
  #restart: NodeJS.Timeout | undefined
  #closing = false
  #held = false
  /** Whether its front listens. */
  up = false
  /** Times it was started. */
  starts = 0

  constructor(options: BotOptions) {
    this.#options = options
  }

  get pid(): number | undefined {
    return this.#child?.pid
  }

  /** Stays the same however often it is killed. */
  get front(): string {
    return `http://127.0.0.1:${this.#frontPort}/`
  }

  begin(): Promise<void> {
    return new Promise((resolve, reject) => this.#start(resolve, reject))
  }

  tell(message: ToBot): void {
    if (this.#child?.connected) this.#child.send(message, () => {})
  }

  /** SIGKILL: no goodbye. */
  kill(): void {
    this.#child?.kill('SIGKILL')
  }

  /** SIGKILL, and it stays away until it is let back. */
  hold(): void {
    this.#held = true
    clearTimeout(this.#restart)
    this.kill()
  }

  /** Starts one that was held. */
  release(): void {
    const wasHeld = this.#held
    this.#held = false
    if (wasHeld && !this.#child)
      this.#start(
        () => {},
        () => {},
      )
  }

  /** Ends it for good. */
  async close(): Promise<void> {
    this.#closing = true
    clearTimeout(this.#restart)
    const child = this.#child
    if (!child) return
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGTERM')
    const late = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS)
    await ended
    clearTimeout(late)
  }

  #start(ready: () => void, stillborn: (error: Error) => void): void {
    this.starts++
    const child = this.#spawn()
    this.#child = child
    child.send({ clock: this.#options.clock() } satisfies ToBot, () => {})
    child.on('message', (message: FromBot) => {
      this.#frontPort = message.frontPort
      this.up = true
      ready()
    })
    child.once('exit', (code, signal) => {
      this.up = false
      this.#child = undefined
      this.#options.ended?.()
      if (this.#frontPort === 0) stillborn(this.#lastWords(signal ?? `exit code ${code}`))
      else if (!this.#closing && !this.#held)
        this.#restart = setTimeout(() => this.#start(ready, stillborn), RESTART_MS)
    })
  }

  #spawn(): ChildProcess {
    const { script, environment, logFile } = this.#options
    const log = openSync(logFile, 'a')
    const stdio: StdioOptions = ['ignore', log, log, 'ipc']
    try {
      return fork(script, { env: environment(this.#frontPort), stdio })
    } finally {
      closeSync(log)
    }
  }

  #lastWords(how: string): Error {
    const { logFile } = this.#options
    const words = readFileSync(logFile, 'utf8').trim().split('\n').slice(-12).join('\n')
    return new Error(`The bot ended at its start (${how}). Its last words, in ${logFile}:\n${words}`)
  }
}
