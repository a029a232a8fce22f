import { readFileSync } from 'node:fs'
import { setGlobalProxyFromEnv } from 'node:http'
import { join } from 'node:path'
import type { TerminalPlace } from '../app/terminal.ts'
import { drError } from '../engine/errors.ts'
import type { Clock } from '../engine/ports.ts'

/** What a running rehearsal says about itself in its state folder. */
type Description = {
  readonly pid: number
  readonly endpoints: Readonly<Record<string, string>>
  readonly edge: string
  readonly clock: { readonly anchorWall: number; readonly anchorWorld: number; readonly scale: number }
  readonly slack: { readonly requesters: readonly string[] }
}

/** Where to work, and in whose name things are asked when nobody is named. */
export type Place = TerminalPlace & { readonly asks?: string }

/** The place that the environment names, on AWS itself. Throws CONFIG_INVALID with everything that is missing. */
export function placeOnAws(env: NodeJS.ProcessEnv): Place {
  const { UNDERSTUDY_PLANS: plans, UNDERSTUDY_JOURNAL: journal, UNDERSTUDY_USER: asks } = env
  if (plans && journal) return { plans, journal, clock: wall, people: wall, ...(asks ? { asks } : {}) }
  const faults = [
    ...(plans ? [] : ['UNDERSTUDY_PLANS is not set: the folder of the plans']),
    ...(journal ? [] : ["UNDERSTUDY_JOURNAL is not set: the bot's journal file"]),
    'or name a running rehearsal with --rehearsal DIR',
  ]
  throw drError('CONFIG_INVALID', { faults })
}

/** The place of a rehearsal that runs on that state folder. From now on this process reaches nothing else. */
export function placeInRehearsal(dir: string): Place {
  const { endpoints, edge, clock, slack } = describedIn(dir)
  for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) delete process.env[name]
  setGlobalProxyFromEnv({ http_proxy: edge, https_proxy: edge, no_proxy: '127.0.0.1' })
  const [asks] = slack.requesters
  return {
    plans: join(dir, 'plans'),
    journal: join(dir, 'journal.db'),
    clock: clockAt(clock),
    people: wall,
    simulated: {
      endpoints,
      credentials: { accessKeyId: 'AKIAREHEARSAL0000000', secretAccessKey: 'rehearsal' },
    },
    ...(asks ? { asks } : {}),
  }
}

function describedIn(dir: string): Description {
  try {
    const described = JSON.parse(readFileSync(join(dir, 'rehearsal.json'), 'utf8')) as Description
    process.kill(described.pid, 0)
    return described
  } catch (error) {
    const faults = [`no rehearsal runs on ${dir}: start one with \`npm start -- --state-dir ${dir}\``]
    throw drError('CONFIG_INVALID', { faults }, error)
  }
}

const wall: Clock = clockAt({ anchorWall: 0, anchorWorld: 0, scale: 1 })

/** A clock that shows the same time as the rehearsal's: at `anchorWall` on the wall it was `anchorWorld` there. */
function clockAt({ anchorWall, anchorWorld, scale }: Description['clock']): Clock {
  return {
    now: () => anchorWorld + (Date.now() - anchorWall) * scale,
    after(ms, wake) {
      const timer = setTimeout(wake, scale === 0 ? 2 ** 31 - 1 : Math.max(0, ms) / scale)
      return () => clearTimeout(timer)
    },
  }
}
