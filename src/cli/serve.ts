import { parseArgs } from 'node:util'
import { parseConfig } from '../app/config.ts'
import { serveOverSocket } from '../app/serving/socket-serving.ts'
import { wall } from '../app/wall.ts'
import { DrError, faultOf } from '../engine/errors.ts'
import { understoodBy } from './command-line.ts'

/** What serving needs of its process; given by tests. */
export type ServeHelp = {
  readonly env?: Readonly<Record<string, string | undefined>>
  /** Lines of the log. */
  readonly log?: (line: string) => void
  /** Resolves when it is to end; SIGTERM and SIGINT when absent. */
  readonly ended?: Promise<void>
}

/**
 * `understudy serve`: the bot in this process, over Socket Mode, until SIGTERM. `out` gets a line whenever the connection
 * to Slack changes, with `--json` one object each; the log goes to standard error. Answers the exit code: 0 ended as it
 * was told, 1 failed, 2 wrong settings.
 */
export async function serve(
  args: readonly string[],
  out: (text: string) => void,
  { env = process.env, log = toStandardError, ended = signalled() }: ServeHelp = {},
): Promise<number> {
  const json = args.includes('--json')
  const say = (state: string, facts: object, text: string) =>
    out(json ? JSON.stringify({ state, at: new Date(wall.now()).toISOString(), ...facts }) : text)
  try {
    understood(args)
    const config = parseConfig(env)
    const { appId, teamId } = config.slack
    const connection = {
      connected: () => say('connected', { appId, teamId }, `Connected to Slack as ${appId}.`),
      disconnected: () =>
        say('disconnected', {}, 'The connection to Slack ended; the next one is on its way.'),
    }
    const served = await serveOverSocket(config, {
      clock: wall,
      write: log,
      onState: (state) => connection[state](),
    })
    const { plans, broken } = served
    const unusable = broken.length ? `; not usable: ${broken.join(', ')}` : ''
    say(
      'serving',
      { plans, broken, pid: process.pid },
      `Serving ${plans.join(', ') || 'no plan'}${unusable}.`,
    )
    try {
      // Slack may be away for long: runs go on meanwhile.
      await Promise.race([ended, served.connected.then(() => ended)])
    } finally {
      await served.close()
    }
    say('ended', {}, 'Ended; what was under way goes on at the next start.')
    return 0
  } catch (error) {
    const fault = faultOf(error)
    say('failed', { error: fault }, `${fault.message}\n${fault.changed} ${fault.remedy}`)
    return error instanceof DrError && error.code === 'CONFIG_INVALID' ? 2 : 1
  }
}

function understood(args: readonly string[]): void {
  understoodBy('understudy serve [--json]', () =>
    parseArgs({ args: [...args], options: { json: { type: 'boolean' } } }),
  )
}

const toStandardError = (line: string) => void process.stderr.write(`${line}\n`)

const signalled = () =>
  new Promise<void>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve())
  })
