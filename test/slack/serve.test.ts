import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { simulate } from '../../rehearsal/aws/simulator.ts'
import { realClock } from '../../rehearsal/clock.ts'
import { writePlans } from '../../rehearsal/plans.ts'
import { serve } from '../../src/cli/serve.ts'
import { eventually, stateDir } from '../rehearsal/start.ts'
import { type FakeSocket, startFakeSocket } from './fake-socket.ts'
import { ANNA, APP, BEN, CHANNEL, commandForm, TEAM } from './support.ts'

const TOKENS = { SLACK_APP_TOKEN: 'xapp-1-A0UNDERSTUDY-1-secret', SLACK_BOT_TOKEN: 'xoxb-1-secret' }
const DUMMIES = { AWS_ACCESS_KEY_ID: 'AKIAREHEARSAL0000000', AWS_SECRET_ACCESS_KEY: 'rehearsal' }

const posted: { method: string; token: string; text?: string }[] = []
let aws: Awaited<ReturnType<ReturnType<typeof simulate>['listen']>>
let slack: FakeSocket
const state = stateDir()
const opened: (() => Promise<unknown>)[] = []

beforeAll(async () => {
  const simulation = simulate({ clock: realClock(), seed: 7 })
  aws = await simulation.listen({ port: 0 })
  const people = { channel: CHANNEL, requesters: [ANNA], approvers: [BEN], breakGlass: [] }
  writePlans(join(import.meta.dirname, '../../plans'), join(state.dir, 'plans'), people, (name) =>
    name === 'orders' ? simulation.ids(name) : undefined,
  )
  for (const [name, value] of Object.entries(DUMMIES)) vi.stubEnv(name, value)
})
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close()
  posted.splice(0)
})
afterAll(async () => {
  vi.unstubAllEnvs()
  await aws.close()
  state.remove()
})

async function fake(appId: string = APP): Promise<FakeSocket> {
  slack = await startFakeSocket({
    appToken: TOKENS.SLACK_APP_TOKEN,
    appId,
    others: (method, { token, body }) => {
      const fields = Object.fromEntries(new URLSearchParams(body.toString()))
      posted.push({ method, token, ...fields })
      return { ok: true, ts: '1.1' }
    },
  })
  opened.push(() => slack.close())
  return slack
}

const settings = (changes: Record<string, string | undefined> = {}) => ({
  ...TOKENS,
  SLACK_APP_ID: APP,
  SLACK_TEAM_ID: TEAM,
  SLACK_API_URL: slack.api,
  UNDERSTUDY_PLANS: join(state.dir, 'plans'),
  UNDERSTUDY_JOURNAL: join(state.dir, 'journal.db'),
  UNDERSTUDY_STAMP: 'SIMULATED',
  UNDERSTUDY_AWS_ENDPOINTS: JSON.stringify({ ...aws.regions, route53: aws.url, shared: aws.url }),
  ...changes,
})

type Said = { state: string; plans?: string[]; appId?: string; error?: { code: string; message: string } }

function serving(changes: Record<string, string | undefined> = {}) {
  const said: Said[] = []
  const logged: string[] = []
  const { promise: ended, resolve: end } = Promise.withResolvers<void>()
  const exit = serve(['--json'], (line) => said.push(JSON.parse(line)), {
    env: settings(changes),
    log: (line) => logged.push(line),
    ended,
  })
  const stop = () => {
    end()
    return exit
  }
  opened.push(stop)
  const until = (state: string, times = 1) =>
    eventually(state, () => said.filter((line) => line.state === state)[times - 1])
  return { said, logged, exit, stop, until }
}

const command = (text: string) => Object.fromEntries(new URLSearchParams(commandForm(text)))

test('answers a command over Socket Mode, stays through a renewal, says how it is, and ends as it is told', async () => {
  await fake()
  const { said, logged, stop, until } = serving()
  await until('connected')
  expect(said).toMatchObject([
    { state: 'serving', plans: ['orders'] },
    { state: 'connected', appId: APP },
  ])
  const answer = await slack.send('slash_commands', command('status orders'))
  expect(answer?.text).toContain('[SIMULATED] Looking at orders')
  const told = await eventually('the status', () => posted.find(({ text }) => text?.includes('STEADY')))
  expect(told).toMatchObject({ method: 'chat.postEphemeral', token: TOKENS.SLACK_BOT_TOKEN })
  slack.refresh()
  await until('connected', 2)
  expect(await stop()).toBe(0)
  expect(said.map((line) => line.state)).toEqual([
    ...['serving', 'connected', 'disconnected', 'connected', 'disconnected', 'ended'],
  ])
  expect(`${logged}${JSON.stringify(said)}`).not.toMatch(/xapp-|xoxb-/)
})

test('a second process on the same files is refused, and leaves the first alone', async () => {
  await fake()
  const first = serving()
  await first.until('connected')
  const second = serving()
  expect(await second.exit).toBe(1)
  expect(second.said).toMatchObject([{ state: 'failed', error: { code: 'STORE_IN_USE' } }])
  expect(slack.state.opened).toBe(1)
  expect(await slack.send('slash_commands', command('help'))).toMatchObject({ response_type: 'ephemeral' })
})

test('begins while Slack is away: runs go on, and it connects when it can', async () => {
  await fake()
  slack.state.status = 503
  const { until, said } = serving()
  await until('serving')
  expect(said).toHaveLength(1)
  slack.state.status = 200
  await until('connected')
})

test.each<[string, Record<string, string | undefined>, string, string[]]>([
  ['a wrong app token', { SLACK_APP_TOKEN: 'xapp-guessed' }, APP, ['Slack does not take it']],
  ["another app's token", {}, 'A0OTHER', ['belongs to the app A0OTHER, and SLACK_APP_ID names A0UNDERSTUDY']],
  [
    'what only AWS can serve, and no token',
    {
      UNDERSTUDY_JOURNAL: 'dynamodb:us-west-2/understudy-prod',
      SLACK_APP_TOKEN: undefined,
      SLACK_SIGNING_SECRET: 's',
    },
    APP,
    ['keeps its journal in a SQLite file', 'SLACK_APP_TOKEN is not set'],
  ],
  [
    'no settings',
    { SLACK_APP_ID: undefined, UNDERSTUDY_PLANS: undefined },
    APP,
    ['SLACK_APP_ID', 'UNDERSTUDY_PLANS'],
  ],
])('%s: ends with 2 and says what to change', async (_, changes, app, says) => {
  await fake(app)
  const { exit, said } = serving(changes)
  expect(await exit).toBe(2)
  for (const part of says) expect(said.at(-1)?.error?.message).toContain(part)
})

test('the command ends on SIGTERM with 0, and lets go of its files', async () => {
  await fake()
  const child = spawn(process.execPath, ['src/cli/main.ts', 'serve'], {
    env: { PATH: process.env.PATH, ...DUMMIES, ...settings() },
  })
  let said = ''
  child.stdout.setEncoding('utf8').on('data', (text) => {
    said += text
  })
  const exited = once(child, 'exit')
  await eventually('a connection', () => said.includes('Connected to Slack as A0UNDERSTUDY') || undefined)
  child.kill('SIGTERM')
  expect(await exited).toEqual([0, null])
  expect(said).toContain('what was under way goes on at the next start')
  await serving().until('connected')
})
