import { type ChildProcess, fork, type StdioOptions } from 'node:child_process'
import type { ClockState } from './clock.ts'

/** What the world tells the bot. */
export type ToBot = { readonly clock: ClockState }
/** What the bot tells the world: that its front listens there. */
export type FromBot = { readonly frontPort: number }

export type Bot = {
  readonly pid: number | undefined
  /** Undefined while it is down. */
  readonly up: boolean
  readonly front: string
  /** Times it was started. */
  readonly starts: number
  tell(message: ToBot): void
  /** SIGKILL: no goodbye. */
  kill(): void
  /** Ends it for good: SIGTERM, and SIGKILL when that takes more than three seconds. */
  close(): Promise<void>
}

const restartAfterMs = 2_000
/** Standard output belongs to the world's one line: what the bot prints goes to standard error. */
const stdio: StdioOptions = ['ignore', 2, 2, 'ipc']

/**
 * Runs the bot as a child process and starts it again two seconds after it ended, however it ended. Resolves when its
 * front listens for the first time; rejects when its first start ends before that. `environment(frontPort)` is asked
 * at each start: the port stays the one of the first.
 */
export async function superviseBot(
  script: string,
  environment: (frontPort: number) => NodeJS.ProcessEnv,
  clock: () => ClockState,
): Promise<Bot> {
  let child: ChildProcess | undefined
  let frontPort = 0
  let up = false
  let starts = 0
  let closing = false
  let timer: NodeJS.Timeout | undefined
  const first = Promise.withResolvers<void>()

  const start = () => {
    starts++
    child = fork(script, {
      env: environment(frontPort),
      execArgv: ['--disable-warning=ExperimentalWarning'],
      stdio,
    })
    child.send({ clock: clock() } satisfies ToBot, () => {})
    child.on('message', (message: FromBot) => {
      frontPort = message.frontPort
      up = true
      first.resolve()
    })
    child.once('exit', (code, signal) => {
      up = false
      child = undefined
      if (frontPort === 0)
        first.reject(new Error(`The bot ended at its start (${signal ?? `exit code ${code}`}).`))
      else if (!closing) timer = setTimeout(start, restartAfterMs)
    })
  }
  start()
  await first.promise

  return {
    get pid() {
      return child?.pid
    },
    get up() {
      return up
    },
    get front() {
      return `http://127.0.0.1:${frontPort}/`
    },
    get starts() {
      return starts
    },
    tell(message) {
      if (child?.connected) child.send(message, () => {})
    },
    kill() {
      child?.kill('SIGKILL')
    },
    async close() {
      closing = true
      clearTimeout(timer)
      const ending = child
      if (!ending) return
      const ended = new Promise((resolve) => ending.once('exit', resolve))
      ending.kill('SIGTERM')
      const late = setTimeout(() => ending.kill('SIGKILL'), 3_000)
      await ended
      clearTimeout(late)
    },
  }
}
