import { randomBytes, randomInt } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { faultOf } from '../src/engine/errors.ts'
import type { Listening } from './aws/listen.ts'
import { type Simulation, simulate } from './aws/simulator.ts'
import { keysOf } from './aws/world/sts.ts'
import { type Backend, openBackend } from './backend.ts'
import { scaledClock } from './clock.ts'
import { openConsole } from './console/open.ts'
import { startEdge } from './edge.ts'
import type { Flags } from './flags.ts'
import { isolated, slackHosts } from './isolation.ts'
import { keep, readSaved } from './keep.ts'
import { type PlanSlack, writePlans } from './plans.ts'
import { cast } from './slack/cast.ts'
import { openSlack, type Secret, type SlackSide } from './slack/open.ts'
import { COMMAND, SLACKS_OWN } from './slack/workspace.ts'
import { openState, type StateFolder } from './state.ts'
import { type Bot, superviseBot } from './supervise.ts'

const DEFAULT_SCALE = 20
const at = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** What `npm start -- --json` prints, in one line. */
export type Contract = {
  readonly console: string
  readonly front: string
  readonly aws: string
  readonly regions: Readonly<Record<string, string>>
  readonly control: string
  readonly signingSecret: string
  readonly slack: SlackSide['ids']
  readonly stateDir: string
  readonly pid: number
  readonly botPid: number | undefined
}

export type Rehearsal = { readonly contract: Contract; readonly scale: number; close(): Promise<void> }

/**
 * Starts a rehearsal on its state folder, or goes on with the one that lies there. `warn` hears of what was put right on
 * the way. Throws STORE_IN_USE when another process has the folder; whatever was opened by then is closed again.
 */
export async function rehearse(flags: Flags, warn: (sentence: string) => void): Promise<Rehearsal> {
  await using opening = new AsyncDisposableStack()
  const closing = <T extends { close(): Promise<void> }>(opened: T): T => {
    opening.defer(() => opened.close())
    return opened
  }
  const state = openState(flags.stateDir, warn)
  opening.defer(() => state.release())
  const simulation = openWorld(flags, state, warn)
  const secret = secretOf(state)
  const running: { bot?: Bot } = {}
  const slack = closing(await openSlack(flags, secret, () => running.bot?.front ?? ''))
  const aws = closing(await simulation.listen({ port: flags.awsPort }))
  const edge = closing(await startEdge((url) => simulation.request(url)))
  const people = peopleOf(slack)
  writePlans(at('../plans'), state.path('plans'), people, (name) =>
    name === 'orders' || name === 'billing' ? simulation.ids(name) : undefined,
  )
  const backend = closing(await openBackend(flags.backend, state, simulation, aws.regions))
  const endpoints = endpointsOf(aws, backend)
  const environment = (frontPort: number) => ({
    ...isolated(process.env, edge.url, slackHosts(slackAddress(slack))),
    ...settings(state, slack, secret, endpoints),
    ...backend.settings,
    UNDERSTUDY_FRONT_PORT: String(frontPort),
  })
  const bot = closing(
    await superviseBot({
      script: at('./bot.ts'),
      environment,
      clock: () => simulation.clock.state(),
      logFile: state.path('bot.log'),
      ended: () => backend.botEnded(),
    }),
  )
  running.bot = bot
  const page = closing(await openConsole(flags.consolePort, { simulation, bot, slack }))
  const contract = (): Contract => ({
    console: page.url,
    front: bot.front,
    aws: aws.url,
    regions: regionsOf(aws),
    control: aws.control,
    signingSecret: secret.signing,
    slack: slack.ids,
    stateDir: state.dir,
    pid: process.pid,
    botPid: bot.pid,
  })
  const own = { endpoints, edge: edge.url, people: keysOfAll(people), ...backend.places }
  const describe = () => ({ ...contract(), ...own })
  const kept = keep(state, simulation, describe, (clock) => bot.tell({ clock }))
  opening.defer(() => kept.stop())
  const opened = opening.move()
  return { contract: contract(), scale: simulation.clock.scale, close: () => opened.disposeAsync() }
}

const peopleOf = ({ ids, breakGlass }: SlackSide): PlanSlack => {
  const { channel, requesters, approvers } = ids
  return { channel, requesters, approvers, breakGlass }
}

/** What each of the plan's people, and of the cast, proves with who they are. */
function keysOfAll({ requesters, approvers, breakGlass }: PlanSlack) {
  const ids = new Set([...cast.map(({ id }) => id), ...requesters, ...approvers, ...breakGlass])
  return Object.fromEntries([...ids].map((id) => [id, keysOf(id)]))
}

/** The world that lies in the folder, going on where it stood; or a new one. */
function openWorld(flags: Flags, state: StateFolder, warn: (sentence: string) => void): Simulation {
  const saved = readSaved(state)
  if (saved)
    try {
      return simulate({
        clock: scaledClock({ scale: flags.timeScale ?? saved.scale, now: saved.now }),
        seed: 0,
        saved: saved.world,
      })
    } catch (error) {
      warn(`The saved world cannot be gone on with (${faultOf(error).message}); a new one begins.`)
    }
  return simulate({
    clock: scaledClock({ scale: flags.timeScale ?? DEFAULT_SCALE }),
    seed: flags.seed ?? randomInt(2 ** 31),
  })
}

/** The same at every start on a folder, so that whoever signs for it can go on. */
function secretOf(state: StateFolder): Secret {
  const known = state.read<Secret>('secret.json')
  if (known) return known
  const random = () => randomBytes(16).toString('hex')
  const secret = { signing: random(), token: `xoxb-rehearsal-${random()}` }
  state.write('secret.json', secret)
  return secret
}

/** Route 53 has a port of its own too, but is no region. */
const regionsOf = ({ regions }: Listening) =>
  Object.fromEntries(Object.entries(regions).filter(([name]) => name !== 'aws-global'))

const endpointsOf = (aws: Listening, backend: Backend): Readonly<Record<string, string>> => ({
  ...regionsOf(aws),
  route53: aws.regions['aws-global'] ?? aws.url,
  shared: aws.url,
  ...backend.endpoints,
})

/** Where the bot finds its Slack; undefined for Slack's own, which keeps files elsewhere than its Web API. */
const slackAddress = ({ ids }: SlackSide) => (ids.api === SLACKS_OWN ? undefined : ids.api)

/** The bot's configuration, as it would have it on AWS. */
function settings(state: StateFolder, slack: SlackSide, secret: Secret, endpoints: object) {
  const { ids, workspace } = slack
  const address = slackAddress(slack)
  return {
    SLACK_SIGNING_SECRET: secret.signing,
    SLACK_BOT_TOKEN: workspace?.token ?? ids.token,
    ...(workspace ? { SLACK_APP_TOKEN: workspace.appToken, SLACK_COMMAND: COMMAND } : {}),
    SLACK_APP_ID: ids.appId,
    SLACK_TEAM_ID: ids.teamId,
    ...(address ? { SLACK_API_URL: address } : {}),
    UNDERSTUDY_PLANS: state.path('plans'),
    UNDERSTUDY_STAMP: 'SIMULATED',
    UNDERSTUDY_AWS_ENDPOINTS: JSON.stringify(endpoints),
  }
}
