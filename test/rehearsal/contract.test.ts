import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ask, startFakeSlack } from '../../rehearsal/slack/fake.ts'
import {
  doAct,
  eventually,
  isAlive,
  pictureOf,
  type Started,
  slash,
  startRehearsal,
  stateDir,
  stop,
} from './start.ts'

describe('a rehearsal that runs', () => {
  const { dir, remove } = stateDir()
  let started: Started

  beforeAll(async () => {
    started = await startRehearsal(['--state-dir', dir, '--time-scale', '60', '--seed', '7'], {
      AWS_PROFILE: 'production',
      AWS_ENDPOINT_URL: 'http://203.0.113.1:9',
      AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'true',
      HTTP_PROXY: 'http://203.0.113.1:9',
      NODE_USE_ENV_PROXY: '0',
    })
  })
  afterAll(async () => {
    await stop(started)
    remove()
  })

  test('prints one line of JSON with the keys of the contract', () => {
    const { contract, lines } = started
    expect(lines).toHaveLength(1)
    expect(Object.keys(contract)).toEqual([
      ...[
        'console',
        'front',
        'aws',
        'regions',
        'control',
        'signingSecret',
        'slack',
        'stateDir',
        'pid',
        'botPid',
      ],
    ])
    expect(Object.keys(contract.regions)).toEqual(['us-east-1', 'us-west-2'])
    expect(Object.keys(contract.slack)).toEqual([
      ...['api', 'token', 'appId', 'teamId', 'channel', 'requesters', 'approvers'],
    ])
    expect(contract.stateDir).toBe(dir)
    const addresses = [contract.console, contract.front, contract.aws, contract.control, contract.slack.api]
    for (const address of [...addresses, ...Object.values(contract.regions)])
      expect(new URL(address).hostname).toBe('127.0.0.1')
    expect(isAlive(contract.pid) && isAlive(contract.botPid)).toBe(true)
  })

  test("answers a signed command with what the simulated AWS shows, whatever the starter's environment says", async () => {
    const { contract } = started
    expect((await slash(contract, 'U0MAYACHEN', 'status orders')).status).toBe(200)
    const whisper = await eventually('a status for Maya only', async () =>
      (await pictureOf(contract)).channel?.messages.find(({ to, text }) => to && text.includes('STEADY')),
    )
    expect(whisper.to).toBe('U0MAYACHEN')
    expect(JSON.stringify(whisper.blocks)).toContain('SIMULATED')
  })

  test('starts a killed worker again behind the same address', async () => {
    const { contract } = started
    await doAct(contract, 'kill', {})
    await eventually('the bot is down', async () => (await pictureOf(contract)).bot.up === false || undefined)
    await eventually('the bot is back', async () => (await pictureOf(contract)).bot.up || undefined)
    expect(isAlive(contract.botPid)).toBe(false)
    expect((await slash(contract, 'U0MAYACHEN', 'help')).status).toBe(200)
  })

  test.each([
    ['a request from another page', { origin: 'http://evil.example' }],
    ['a name that was rebound', { host: 'evil.example' }],
    ["another page's form", { 'sec-fetch-site': 'cross-site' }],
  ])('lets %s use neither console nor control port', async (_what, headers) => {
    const { console, control } = started.contract
    expect(await statusOf(`${console}/api/kill`, 'POST', headers)).toBe(403)
    expect(await statusOf(`${console}/api/picture`, 'GET', headers)).toBe(403)
    if (!('sec-fetch-site' in headers))
      expect(await statusOf(`${control}/_sim/state`, 'GET', headers)).toBe(403)
  })

  test('takes acts only as JSON, which no form of another page can send', async () => {
    const { console } = started.contract
    expect(await statusOf(`${console}/api/kill`, 'POST', { 'content-type': 'text/plain' })).toBe(415)
  })

  test('refuses a second process on the same folder, and says so', () => {
    const { status, stderr } = spawnSync('npm', ['start', '--silent', '--', '--state-dir', dir], {
      encoding: 'utf8',
    })
    expect(status).toBe(1)
    expect(stderr).toContain(`Another process already uses ${dir}.`)
  })
})

test('SIGTERM to the npm process ends all of it', async () => {
  const { dir, remove } = stateDir()
  const started = await startRehearsal(['--state-dir', dir])
  const { pid, botPid, console } = started.contract
  expect(await stop(started)).toBe(0)
  expect([isAlive(pid), isAlive(botPid)]).toEqual([false, false])
  await expect(fetch(console)).rejects.toThrow()
  remove()
})

test('names all wrong flags at once and ends with 2', () => {
  const args = [
    '--time-scale',
    'fast',
    '--seed',
    '1.5',
    '--console-port',
    '70000',
    '--bogus',
    'x',
    '--slack-ids',
    'f',
  ]
  const { status, stderr, stdout } = spawnSync('npm', ['start', '--silent', '--', ...args], {
    encoding: 'utf8',
  })
  expect(status).toBe(2)
  expect(stdout).toBe('')
  for (const part of ['--time-scale', '--seed', '--console-port', '--bogus', '“x”', 'belong together'])
    expect(stderr).toContain(part)
})

test('moves an unreadable world aside and says so', async () => {
  const { dir, remove } = stateDir()
  writeFileSync(join(dir, 'world.json'), '{"now": 17')
  mkdirSync(join(dir, 'plans'))
  writeFileSync(join(dir, 'plans', 'broken.yaml'), 'version: 1\nname: broken\n')
  const started = await startRehearsal(['--state-dir', dir])
  expect(readdirSync(dir).filter((name) => name.startsWith('world.json.unreadable'))).toHaveLength(1)
  const { contract } = started
  await slash(contract, 'U0MAYACHEN', 'status')
  const whisper = await eventually('a status of all plans', async () =>
    (await pictureOf(contract)).channel?.messages.find(({ text }) => text.includes('3 plans')),
  )
  expect(JSON.stringify(whisper.blocks)).toContain('its file is broken')
  await stop(started)
  remove()
})

test('works with a foreign Slack: its plans, people and channel', async () => {
  const { dir, remove } = stateDir()
  const token = 'xoxb-foreign'
  const slack = await startFakeSlack(token)
  const people = { requesters: ['U0SAMSTONE'], approvers: ['U0PRIYARAO'] }
  const ids = { token, appId: 'A0FOREIGN', teamId: 'T000000001', channel: 'C000000001', ...people }
  writeFileSync(join(dir, 'ids.json'), JSON.stringify(ids))
  const api = `${slack.url}/api/`
  const foreign = ['--slack-api-url', api, '--slack-ids', join(dir, 'ids.json')]
  const started = await startRehearsal(['--state-dir', join(dir, 'state'), ...foreign])
  const { contract } = started
  expect(contract.slack).toMatchObject({ ...ids, api })
  expect(await pictureOf(contract)).toMatchObject({ foreignSlack: api })
  await slash(contract, 'U0SAMSTONE', 'failover orders')
  const card = await eventually('the card in the foreign channel', async () => {
    const { messages } = await ask(slack.url, token, 'conversations.history', { channel: 'C000000001' })
    return (messages as { text: string }[]).find(({ text }) => text.includes('needs approval'))
  })
  expect(card.text).toContain('<@U0PRIYARAO>')
  await stop(started)
  await slack.close()
  remove()
})

/** With headers that `fetch` does not let anybody set. */
function statusOf(url: string, method: string, headers: Record<string, string>): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const type = method === 'POST' ? { 'content-type': 'application/json' } : {}
    request(url, { method, headers: { ...type, ...headers } }, (response) => {
      response.resume()
      resolve(response.statusCode)
    })
      .on('error', reject)
      .end(method === 'POST' ? '{}' : undefined)
  })
}
