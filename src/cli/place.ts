import { readFileSync } from 'node:fs'
import { setGlobalProxyFromEnv } from 'node:http'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { placesOf } from '../app/config.ts'
import type { TerminalPlace } from '../app/terminal/terminal.ts'
import { drError } from '../engine/errors.ts'
import type { Clock } from '../engine/ports.ts'

type Keys = { readonly accessKeyId: string; readonly secretAccessKey: string }

/** What a running rehearsal says about itself in its state folder. */
type Description = {
  readonly pid: number
  readonly endpoints: Readonly<Record<string, string>>
  readonly edge: string
  readonly clock: { readonly anchorWall: number; readonly anchorWorld: number; readonly scale: number }
  readonly slack: { readonly requesters: readonly string[] }
  readonly people: Readonly<Record<string, Keys>>
  /** As `UNDERSTUDY_JOURNAL` and `UNDERSTUDY_ENGINE` would have it. */
  readonly journal: string
  readonly engine?: string
}

/** Where to work, and in whose name things are asked when nobody is named. */
export type Place = TerminalPlace & { readonly asks?: string }

/** What the command line says of the place. */
export type PlaceWish = { readonly stateDir?: string; readonly alone?: boolean }

const aloneOf = ({ alone }: PlaceWish) => (alone ? { alone: true as const } : {})

/** The place that the environment names, on AWS itself. Throws CONFIG_INVALID with everything that is missing. */
export function placeOnAws(env: NodeJS.ProcessEnv, wish: PlaceWish = {}): Place {
  const { UNDERSTUDY_PLANS: plans, UNDERSTUDY_USER: asks, XDG_STATE_HOME: state } = env
  const wrong: string[] = []
  const { journal, engine } = placesOf(env, wrong)
  const faults = [
    ...(plans ? [] : ['UNDERSTUDY_PLANS is not set: the folder of the plans']),
    ...(env.UNDERSTUDY_JOURNAL
      ? []
      : ["UNDERSTUDY_JOURNAL is not set: the bot's journal, a file or dynamodb:REGION/TABLE"]),
    ...wrong.filter((fault) => /^UNDERSTUDY_(JOURNAL|ENGINE)/.test(fault)),
  ]
  if (!plans || !journal || faults.length)
    throw drError('CONFIG_INVALID', {
      faults: [...faults, 'or name a running rehearsal with --rehearsal DIR'],
    })
  const stateDir = wish.stateDir ?? join(state || join(homedir(), '.local/state'), 'understudy')
  return {
    ...{ plans, journal, stateDir, clock: wall, people: wall, ...aloneOf(wish) },
    ...(engine ? { engine } : {}),
    ...(env.UNDERSTUDY_SESSION === LOOKING ? { session: LOOKING } : {}),
    ...(asks ? { asks } : {}),
  }
}

/** Who may only look says so when roles are assumed; without it, as one who may act. */
const LOOKING = 'understudy-look'

/** The place of a rehearsal that runs on that state folder. From now on this process reaches nothing else. */
export function placeInRehearsal(dir: string, wish: PlaceWish = {}): Place {
  const described = describedIn(dir)
  const { endpoints, edge, slack, people } = described
  const faults: string[] = []
  const { journal, engine } = placesOf(
    {
      UNDERSTUDY_JOURNAL: described.journal,
      ...(described.engine ? { UNDERSTUDY_ENGINE: described.engine } : {}),
    },
    faults,
  )
  if (!journal) throw drError('CONFIG_INVALID', { faults })
  for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) delete process.env[name]
  Object.assign(process.env, NOBODY)
  setGlobalProxyFromEnv({ http_proxy: edge, https_proxy: edge, no_proxy: '127.0.0.1' })
  const [asks] = slack.requesters
  return {
    plans: join(dir, 'plans'),
    journal,
    ...(engine ? { engine } : {}),
    stateDir: wish.stateDir ?? join(dir, 'terminal'),
    clock: clockOf(() => describedIn(dir).clock),
    people: wall,
    ...aloneOf(wish),
    simulated: {
      endpoints,
      credentials: { accessKeyId: 'AKIAREHEARSAL0000000', secretAccessKey: 'rehearsal' },
      people,
    },
    ...(asks ? { asks } : {}),
  }
}

/** Credentials that open nothing, and nowhere to look for better ones. */
const NOBODY = {
  AWS_ACCESS_KEY_ID: 'AKIAREHEARSAL0000000',
  AWS_SECRET_ACCESS_KEY: 'rehearsal',
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_CONFIG_FILE: '/dev/null',
  AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
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

const wall: Clock = clockOf(() => ({ anchorWall: 0, anchorWorld: 0, scale: 1 }))

/** Somebody may have moved the rehearsal's clock; looked at this often, in ms of the wall. */
const RESET_MS = 500

/** A clock that shows the same time as the rehearsal's: at `anchorWall` on the wall it was `anchorWorld` there. */
function clockOf(read: () => Description['clock']): Clock {
  let [known, readAt] = [read(), Date.now()]
  const current = () => {
    if (Date.now() - readAt < RESET_MS) return known
    readAt = Date.now()
    try {
      known = read()
    } catch {
      // The rehearsal has ended; what is left to do here goes by its last time.
    }
    return known
  }
  const now = () => {
    const { anchorWall, anchorWorld, scale } = current()
    return anchorWorld + (Date.now() - anchorWall) * scale
  }
  return {
    now,
    after(ms, wake) {
      const due = now() + Math.max(0, ms)
      let timer: NodeJS.Timeout
      const wait = () => {
        const left = due - now()
        const { scale } = current()
        timer = setTimeout(() => (due <= now() ? wake() : wait()), Math.min(RESET_MS, left / (scale || 1e-9)))
      }
      wait()
      return () => clearTimeout(timer)
    },
  }
}
