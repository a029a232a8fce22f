import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseFlags } from '../../rehearsal/flags.ts'
import { workspace as bundled } from '../../rehearsal/slack/cast.ts'
import { startFakeSlack } from '../../rehearsal/slack/fake.ts'
import { openWorkspace, productionApps } from '../../rehearsal/slack/workspace.ts'
import { faultOf } from '../../src/engine/errors.ts'
import { type FakeSocket, startFakeSocket } from '../slack/fake-socket.ts'
import { eventually, type Started, startRehearsal, stateDir, stop } from './start.ts'

const APP_TOKEN = 'xapp-1-A0UNDERSTDY-1-secret'
const BOT_TOKEN = 'xoxb-1-secret'
const APP = 'A0UNDERSTDY'
const [MAYA, JONAS] = ['U0MAYACHEN', 'U0JONASWEB']
const { channel, teamId } = bundled

type Said = Record<string, unknown>
/** What the app called, with what it said. */
const calls: { method: string; said: Said }[] = []
/** What Slack says of the tokens, where a test wants it otherwise. */
let otherwise: Readonly<Record<string, Said>> = {}
let web: Awaited<ReturnType<typeof startFakeSlack>>
let slack: FakeSocket

/** A workspace: Socket Mode by our fake, the Web API by the bundled one, and what it does not know by name. */
beforeAll(async () => {
  web = await startFakeSlack(BOT_TOKEN)
  slack = await startFakeSocket({
    appToken: APP_TOKEN,
    appId: APP,
    async others(method, { token, type, body }) {
      const text = body.toString()
      const said = type.startsWith('application/json')
        ? JSON.parse(text)
        : Object.fromEntries(new URLSearchParams(text))
      calls.push({ method, said })
      const answer =
        method === 'auth.test' && token === APP_TOKEN
          ? { ok: true, app_id: APP }
          : await passOn(method, token, type, body)
      const named =
        method === 'auth.test' ? { user: 'understudy-rehearsal', app_name: 'Understudy rehearsal' } : {}
      const by = method === 'chat.postMessage' ? { message: { ...(answer as Said), app_id: APP } } : {}
      return { ...answer, ...named, ...by, ...otherwise[`${method} ${token === APP_TOKEN ? 'app' : 'bot'}`] }
    },
  })
})
afterAll(async () => {
  await slack.close()
  await web.close()
})

async function passOn(method: string, token: string, type: string, body: Buffer): Promise<object> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': type }
  const response = await fetch(new URL(`/api/${method}`, web.url), {
    method: 'POST',
    headers,
    body: new Uint8Array(body),
  })
  return (await response.json()) as object
}

const command = (slash: string, text: string, user = MAYA) => ({
  token: 'unused',
  command: slash,
  text,
  user_id: user,
  team_id: teamId,
  channel_id: channel,
  api_app_id: APP,
  trigger_id: `${slash} ${text}`,
  is_enterprise_install: 'false',
})

const tokens = { SLACK_APP_TOKEN: APP_TOKEN, SLACK_BOT_TOKEN: BOT_TOKEN }

describe('a rehearsal in a real workspace', () => {
  const { dir, remove } = stateDir()
  let started: Started
  const flags = () => [
    '--slack',
    '--slack-api-url',
    slack.api,
    '--slack-channel',
    channel,
    '--slack-people',
    `${MAYA},${JONAS}`,
  ]

  beforeAll(async () => {
    started = await startRehearsal(['--state-dir', dir, '--time-scale', '60', ...flags()], tokens)
  })
  afterAll(async () => {
    await stop(started)
    remove()
  })

  test('greets the channel, and answers its own command', async () => {
    expect(calls.find(({ method }) => method === 'chat.postMessage')?.said.text).toMatch(
      /^\[SIMULATED\] A rehearsal begins/,
    )
    const answer = await slack.send('slash_commands', command('/dr-rehearsal', 'status orders'))
    expect(answer?.text).toContain('[SIMULATED] Looking at orders')
    const told = await eventually('the status', () =>
      calls.find(({ said }) => String(said.text).includes('STEADY')),
    )
    expect(told).toMatchObject({ method: 'chat.postEphemeral', said: { user: MAYA } })
  })

  test("answers no other command: another copy's would be real", async () => {
    const before = calls.length
    const answer = await slack.send('slash_commands', command('/dr', 'failover orders'))
    expect(answer?.text).toContain('only `/dr-rehearsal` is answered here')
    expect(calls.slice(before).filter(({ method }) => method === 'chat.postMessage')).toEqual([])
  })

  test('stamps everything it says', async () => {
    await slack.send('slash_commands', command('/dr-rehearsal', 'failover orders planned'))
    await eventually('the card', () => calls.find(({ said }) => String(said.text).includes('needs approval')))
    const spoken = calls.filter(({ method }) => method.startsWith('chat.post'))
    expect(spoken.length).toBeGreaterThan(2)
    expect(spoken.filter(({ said }) => !JSON.stringify(said).includes('SIMULATED'))).toEqual([])
  })

  test('tells the tokens nobody, and writes them nowhere', () => {
    const { contract, lines } = started
    expect(contract.slack).toMatchObject({ appId: APP, teamId, channel, requesters: [MAYA, JONAS] })
    const files = readdirSync(dir, { recursive: true, encoding: 'utf8' })
      .map((name) => join(dir, name))
      .filter((file) => statSync(file).isFile())
    expect(files.length).toBeGreaterThan(4)
    const written = files.map((file) => readFileSync(file, 'latin1'))
    expect(
      [...lines, ...written].filter((text) => text.includes(APP_TOKEN) || text.includes(BOT_TOKEN)),
    ).toEqual([])
  })
})

describe('what might be production is refused before anything is connected', () => {
  const real = () => ({
    api: slack.api,
    token: BOT_TOKEN,
    appToken: APP_TOKEN,
    channel,
    requesters: [MAYA],
    approvers: [JONAS],
    production: [] as string[],
  })

  test.each<[string, Readonly<Record<string, Said>>, object, string]>([
    [
      'a bot that is not called so',
      { 'auth.test bot': { user: 'understudy' } },
      {},
      'SLACK_BOT_TOKEN belongs to “understudy”',
    ],
    [
      'an app that is not called so',
      { 'auth.test app': { app_name: 'Understudy' } },
      {},
      'SLACK_APP_TOKEN belongs to “Understudy”',
    ],
    ['an app of a deployed bot', {}, { production: [APP] }, 'A0UNDERSTDY is the app of a deployed bot'],
    [
      'two tokens of two apps',
      { 'auth.test app': { app_id: 'A0OTHER' } },
      {},
      'belongs to A0OTHER, and SLACK_BOT_TOKEN to A0UNDERSTDY',
    ],
    [
      'a post by an app that Slack does not name',
      { 'chat.postMessage bot': { message: {} } },
      {},
      'to an app that Slack does not name',
    ],
    ['a token nobody knows', { 'auth.test bot': { ok: false, error: 'invalid_auth' } }, {}, 'invalid_auth'],
    [
      'a channel it is not in',
      { 'chat.postMessage bot': { ok: false, error: 'not_in_channel' } },
      {},
      'not_in_channel',
    ],
  ])('%s', async (_, said, changes, says) => {
    const { opened } = slack.state
    otherwise = said
    await expect(openWorkspace({ ...real(), ...changes })).rejects.toThrow(says)
    otherwise = {}
    expect(slack.state.opened).toBe(opened)
  })

  test('the id in an app token will do where Slack does not name its app', async () => {
    otherwise = { 'auth.test app': { app_id: undefined, app_name: undefined } }
    expect((await openWorkspace(real())).ids.appId).toBe(APP)
    await expect(openWorkspace({ ...real(), appToken: 'xapp-opaque' })).rejects.toThrow()
    otherwise = {}
  })

  test('the deployed apps are those of the environment and of deploy/stages.yml', () => {
    const apps = productionApps({ SLACK_APP_ID: 'A0PROD', UNDERSTUDY_PRODUCTION_APP_IDS: 'A0WEST, A0EAST' })
    expect(apps).toEqual(expect.arrayContaining(['A0PROD', 'A0WEST', 'A0EAST', 'A00EXAMPLE2']))
  })

  test('the command line names everything that is missing', () => {
    const said = faultOf(thrown(() => parseFlags(['--slack'], {}))).message
    for (const part of ['SLACK_BOT_TOKEN is not set', 'SLACK_APP_TOKEN is not set', 'say where and who'])
      expect(said).toContain(part)
    const wrong = ['--slack', '--slack-channel', '#incidents', '--slack-people', 'maya']
    const about = faultOf(thrown(() => parseFlags(wrong, tokens))).message
    for (const part of ['channel: not an id', 'requesters.0: not an id']) expect(about).toContain(part)
    expect(() => parseFlags(['--slack-channel', channel])).toThrow('belong to --slack')
  })
})

function thrown(act: () => unknown): unknown {
  try {
    act()
  } catch (error) {
    return error
  }
  throw new Error('nothing was thrown')
}
