import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { verifySlackRequest } from '@slack/bolt'
import { afterAll, describe, expect, test } from 'vitest'
import { simulate } from '../../rehearsal/aws/simulator.ts'
import { openBackend } from '../../rehearsal/backend.ts'
import { manualClock } from '../../rehearsal/clock.ts'
import { startEdge } from '../../rehearsal/edge.ts'
import { parseFlags } from '../../rehearsal/flags.ts'
import { isolated } from '../../rehearsal/isolation.ts'
import { writePlans } from '../../rehearsal/plans.ts'
import { signed } from '../../rehearsal/slack/deliver.ts'
import { ask, startFakeSlack } from '../../rehearsal/slack/fake.ts'
import { startSlackProxy } from '../../rehearsal/slack/proxy.ts'
import { Room } from '../../rehearsal/slack/room.ts'
import { openState } from '../../rehearsal/state.ts'
import { loadPlans } from '../../src/plan/loader.ts'

const root = mkdtempSync(join(tmpdir(), 'understudy-parts-'))
afterAll(() => rmSync(root, { recursive: true }))
const folder = () => mkdtempSync(join(root, 'folder-'))

describe('flags', () => {
  test('have defaults for everything', () => {
    expect(parseFlags([])).toMatchObject({ headless: false, json: false, consolePort: 0, awsPort: 0 })
  })

  test('take a foreign Slack from its file, under the address of the flag', () => {
    const file = join(folder(), 'slack.json')
    const ids = {
      token: 'x',
      appId: 'A1X',
      teamId: 'T1X',
      channel: 'C1X',
      requesters: ['U1X'],
      approvers: [],
    }
    writeFileSync(file, JSON.stringify({ ...ids, api: 'http://elsewhere.test/' }))
    const flags = parseFlags(['--slack-api-url', 'http://127.0.0.1:1/api/', '--slack-ids', file])
    expect(flags.slack).toEqual({ ...ids, api: 'http://127.0.0.1:1/api/' })
  })

  test('name one of the backends', () => {
    expect(parseFlags(['--backend', 'aws']).backend).toBe('aws')
    expect(() => parseFlags(['--backend', 'gcp'])).toThrow('none of local, aws')
  })

  test('say everything that is wrong with a Slack file', () => {
    const file = join(folder(), 'slack.json')
    writeFileSync(file, '{"token": "", "appId": "nope"}')
    expect(() => parseFlags(['--slack-api-url', 'http://127.0.0.1:1/', '--slack-ids', file])).toThrow(
      /appId(.|\n)*teamId(.|\n)*channel/,
    )
  })
})

describe('the state folder', () => {
  test('keeps to the backend that it began with', async () => {
    const state = openState(folder(), () => {})
    const simulation = simulate({ clock: manualClock(0), seed: 1 })
    const open = (name?: 'local' | 'aws') => openBackend(name, state, simulation, {})
    expect((await open()).settings).toEqual({ UNDERSTUDY_JOURNAL: state.path('journal.db') })
    await open('local')
    await expect(open('aws')).rejects.toThrow('are kept by “local”')
    state.release()
  })

  test('is held by one at a time, and free again after', () => {
    const dir = folder()
    const first = openState(dir, () => {})
    expect(() => openState(dir, () => {})).toThrow(/already uses/)
    first.release()
    openState(dir, () => {}).release()
  })

  test('gives back what was written, and moves aside what cannot be read', () => {
    const dir = folder()
    const warnings: string[] = []
    const state = openState(dir, (sentence) => warnings.push(sentence))
    state.write('a.json', { a: 1 })
    expect(state.read('a.json')).toEqual({ a: 1 })
    writeFileSync(join(dir, 'a.json'), '{')
    expect(state.read('a.json')).toBeUndefined()
    expect(warnings).toEqual([expect.stringContaining('moved to')])
    expect(readdirSync(dir).some((name) => name.startsWith('a.json.unreadable-'))).toBe(true)
    state.release()
  })
})

test('the shipped plans keep their comments, get the simulated ids, and are valid', () => {
  const dir = folder()
  const simulation = simulate({ clock: manualClock(0), seed: 1 })
  const slack = { channel: 'C0HERE', requesters: ['U0A'], approvers: ['U0B'], breakGlass: ['U0A'] }
  const shipped = join(import.meta.dirname, '../../plans')
  writePlans(shipped, dir, slack, (name) =>
    name === 'orders' || name === 'billing' ? simulation.ids(name) : undefined,
  )
  const { plans, broken } = loadPlans(dir)
  expect(broken).toEqual([])
  expect(plans.map(({ name }) => name)).toEqual(['billing', 'orders'])
  for (const plan of plans) {
    expect(plan.slack).toMatchObject(slack)
    expect(plan).toMatchObject(simulation.ids(plan.name as 'orders'))
  }
  expect(readFileSync(join(dir, 'orders.yaml'), 'utf8')).toContain('# home and dr are fixed roles')
})

describe('the edge', () => {
  test('answers names of the simulated world and no others, and lets the dark wait', async () => {
    const edge = await startEdge(async (url) =>
      url.includes('dark') ? 'no-answer' : { status: 200, body: `served ${url}` },
    )
    const get = (target: string) => throughProxy(edge.port, target)
    expect(await get('http://orders.example.test/health')).toContain(
      'served http://orders.example.test/health',
    )
    expect(await get('http://example.com/')).toMatch(/^HTTP\/1.1 502/)
    expect(await get('http://dark.example.test/')).toBe('')
    await edge.close()
  })

  test('keeps the starter’s proxies and credentials out of its processes', () => {
    const env = { PATH: '/bin', AWS_PROFILE: 'production', https_proxy: 'http://p', SLACK_BOT_TOKEN: 'real' }
    const kept = isolated(env, 'http://127.0.0.1:1', ['slack.test'])
    expect(kept).toMatchObject({
      PATH: '/bin',
      HTTP_PROXY: 'http://127.0.0.1:1',
      AWS_CONFIG_FILE: '/dev/null',
    })
    for (const name of ['AWS_PROFILE', 'https_proxy', 'SLACK_BOT_TOKEN'])
      expect(kept).not.toHaveProperty(name)
  })
})

describe('the bundled Slack', () => {
  test('signs what it delivers as Slack does', () => {
    const body = 'command=%2Fdr&text=status'
    const headers = signed(body, 'secret')
    expect(() =>
      verifySlackRequest({
        signingSecret: 'secret',
        body,
        headers: {
          'x-slack-signature': headers['x-slack-signature'],
          'x-slack-request-timestamp': Number(headers['x-slack-request-timestamp']),
        },
      }),
    ).not.toThrow()
  })

  test('shows whispers to their reader, injects faults as often as told, and serves nobody without its token', async () => {
    const fake = await startFakeSlack('xoxb-test')
    const room = new Room()
    const proxy = await startSlackProxy(fake.url, 'xoxb-test', room)
    const post = (text: string) =>
      ask(proxy.url, 'xoxb-test', 'chat.postMessage', { channel: 'C000000001', text })

    await ask(proxy.url, 'xoxb-test', 'chat.postEphemeral', {
      channel: 'C000000001',
      user: 'U0SAMSTONE',
      text: 'psst',
    })
    await post('hello')
    expect(room.messages.map(({ text, to }) => [text, to])).toEqual([
      ['psst', 'U0SAMSTONE'],
      ['hello', undefined],
    ])

    proxy.faults.push({ method: 'chat.postMessage', kind: 'is_archived', times: 1 })
    await expect(post('refused')).rejects.toThrow('is_archived')
    proxy.faults.push({ method: 'chat.postMessage', kind: 'cut', times: 1 })
    await expect(post('cut after it was taken')).rejects.toThrow('fetch failed')
    await post('after')
    expect(room.messages.map(({ text }) => text)).toEqual([
      'psst',
      'hello',
      'cut after it was taken',
      'after',
    ])

    await expect(ask(proxy.url, 'xoxb-other', 'auth.test', {})).rejects.toThrow('invalid_auth')
    await proxy.close()
    await fake.close()
  })
})

/** One request for a whole URL; what came back before the connection ended or half a second passed. */
function throughProxy(port: number, target: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    let got = ''
    socket.on('data', (data) => {
      got += data
    })
    socket.on('close', () => resolve(got))
    socket.write(`GET ${target} HTTP/1.1\r\nHost: ${new URL(target).host}\r\nConnection: close\r\n\r\n`)
    setTimeout(() => socket.destroy(), 500)
  })
}
