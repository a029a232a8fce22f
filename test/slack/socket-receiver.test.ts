import type { WebClient } from '@slack/web-api'
import { afterEach, describe, expect, test } from 'vitest'
import { ACTIONS, VIEWS } from '../../src/slack/actions.ts'
import { slackApp } from '../../src/slack/app.ts'
import { type Ask, askOf } from '../../src/slack/asks.ts'
import { logTo } from '../../src/slack/log.ts'
import { SocketReceiver } from '../../src/slack/socket-receiver.ts'
import { eventually } from '../rehearsal/start.ts'
import { type FakeSocketOptions, startFakeSocket } from './fake-socket.ts'
import {
  ANNA,
  APP,
  BEN,
  clickForm,
  clockAt,
  commandForm,
  journalAt,
  PINS,
  PLANS,
  proposal,
  submitForm,
} from './support.ts'

const TOKEN = 'xapp-1-A0UNDERSTUDY-1-secret'
const opened: { close(): Promise<void> }[] = []
afterEach(async () => {
  for (const { close } of opened.splice(0)) await close()
})

/** A front behind Socket Mode, with a real journal; Slack's Web API is a list of what was called. */
async function socketFront(slack: Partial<FakeSocketOptions> = {}, appToken = TOKEN) {
  const fake = await startFakeSocket({ appToken: TOKEN, appId: APP, ...slack })
  opened.push(fake)
  const clock = clockAt()
  const journal = journalAt(clock)
  const lines: string[] = []
  const calls: { method: string; text?: string }[] = []
  const states: string[] = []
  const log = logTo((line) => lines.push(line))
  const called = (method: string) => async (given: object) => {
    calls.push({ method, ...given })
    return { ok: true }
  }
  const client = {
    views: { open: called('views.open') },
    chat: { postEphemeral: called('chat.postEphemeral') },
  } as unknown as WebClient
  const receiver = new SocketReceiver({
    appToken: async () => appToken,
    appId: APP,
    apiUrl: fake.api,
    people: clock,
    log,
    onState: (state) => states.push(state),
  })
  const now = () => clock.now()
  slackApp({ receiver, pins: PINS, plans: PLANS, journal, client, now, wake() {}, log, stamp: 'SIMULATED' })
  opened.push({ close: () => receiver.stop() })
  const asks = async (): Promise<Ask[]> => {
    const found: Ask[] = []
    for (let item = await journal.claim('test', 1e6); item; item = await journal.claim('test', 1e6))
      found.push(askOf(item))
    return found
  }
  return { fake, receiver, clock, journal, lines, calls, states, asks }
}

async function started(slack: Partial<FakeSocketOptions> = {}) {
  const front = await socketFront(slack)
  await front.receiver.start()
  return front
}

/** The same bodies as the HTTP receiver's tests, as Socket Mode carries them. */
const command = (text: string, changes: Record<string, string> = {}) =>
  Object.fromEntries(new URLSearchParams(commandForm(text, changes)))
const payload = (form: string) => JSON.parse(new URLSearchParams(form).get('payload') ?? '')

const value = { runId: 'run-1', hash: 'hash-1', version: 1 }
const proposed = { type: 'proposed', proposal: proposal() } as const

describe('over Socket Mode', () => {
  test('a command is answered in its acknowledgement, and becomes one work item', async () => {
    const { fake, asks } = await started()
    const answer = await fake.send('slash_commands', command('failover orders'))
    expect(answer).toMatchObject({
      response_type: 'ephemeral',
      text: expect.stringMatching(/^\[SIMULATED\] Looking at/),
    })
    expect(await asks()).toMatchObject([{ kind: 'failover', plan: 'orders', by: ANNA }])
  })

  test('a click opens the form; what is wrong with a form comes back beside its fields; a good one is taken', async () => {
    const { fake, journal, calls, asks } = await started()
    await journal.append('run-1', 'k1', proposed)
    expect(await fake.send('interactive', payload(clickForm(BEN, ACTIONS.review, value)))).toEqual({})
    expect(calls).toMatchObject([{ method: 'views.open' }])
    const metadata = { ...value, channel: 'C0ORDERS', breakGlass: false }
    const submitted = (input: Record<string, string>, trigger_id: string) =>
      fake.send('interactive', payload(submitForm(BEN, VIEWS.approve, metadata, input, { trigger_id })))
    expect(await submitted({ phrase: 'ordres', reason: 'dark' }, 't1')).toMatchObject({
      response_action: 'errors',
      errors: { phrase: expect.stringContaining('Type exactly') },
    })
    expect(await submitted({ phrase: 'orders', reason: 'dark' }, 't2')).toEqual({})
    expect(await asks()).toMatchObject([{ kind: 'approve', by: BEN }])
  })

  test('an event that cannot be taken is not acknowledged, so that Slack sends it again', async () => {
    const { fake, journal } = await started()
    const file = { id: 'F1', name: 'plan.json', size: 10, url_private: 'https://files.slack.com/f' }
    const event = {
      type: 'message',
      user: ANNA,
      channel: 'C0ORDERS',
      thread_ts: '1.1',
      ts: '2.2',
      files: [file],
    }
    const sent = { type: 'event_callback', team_id: 'T0HOME', api_app_id: APP, event }
    expect(await fake.send('events_api', sent)).toEqual({})
    journal.close()
    expect(await fake.send('events_api', sent, { ms: 300, retry_attempt: 1 })).toBeUndefined()
  })

  test.each([
    ['the same envelope', { id: 'E1' }, { id: 'E1' }],
    ['the same command in another envelope', { id: 'E1' }, { id: 'E2' }],
  ])('%s, twice: one work item, and the second is told so', async (_, first, second) => {
    const { fake, asks } = await started()
    await fake.send('slash_commands', command('failover orders'), first)
    const again = await fake.send('slash_commands', command('failover orders'), second)
    expect(again?.text).toContain('already arrived')
    expect(await asks()).toHaveLength(1)
  })

  test.each<[string, Record<string, string>, string]>([
    ['another app', { api_app_id: 'A0OTHER' }, 'it was sent to another app'],
    ['another workspace', { team_id: 'T0OTHER' }, 'another workspace'],
    ['an organisation', { is_enterprise_install: 'true' }, 'a whole organisation'],
    ['an enterprise', { enterprise_id: 'E0' }, 'an organisation that is not configured'],
  ])('from %s: refused in words, as over HTTP', async (_, changes, says) => {
    const { fake, asks } = await started()
    const answer = await fake.send('slash_commands', command('failover orders', changes))
    expect(answer?.text).toContain(says)
    expect(await asks()).toEqual([])
  })

  test('an organisation that is told as a boolean is one too', async () => {
    const { fake } = await started()
    const answer = await fake.send('slash_commands', { ...command('help'), is_enterprise_install: true })
    expect(answer?.text).toContain('a whole organisation')
  })

  test('rubbish ends nothing', async () => {
    const { fake } = await started()
    for (const text of [
      '{oops',
      '[]',
      '"hello"',
      '{"type":"slash_commands","envelope_id":"E9","payload":[]}',
    ])
      fake.say(text)
    expect(await fake.send('slash_commands', command('help'))).toMatchObject({
      text: expect.stringContaining('What /dr can do'),
    })
  })

  test('secrets are not logged', async () => {
    const { fake, journal, lines, receiver } = await started()
    journal.close()
    await fake.send('slash_commands', command('status'))
    fake.cut()
    await receiver.stop()
    expect(lines.length).toBeGreaterThan(0)
    expect(lines.join('\n')).not.toMatch(/xapp-|xoxb|secretpath|triggersecret|verification-token|ticket=\w/)
  })
})

describe('a connection', () => {
  test('that Slack wants to renew after an hour is followed by the next at once', async () => {
    const { fake, clock, states } = await started()
    clock.advance(3_600_000)
    fake.refresh()
    await eventually('its greeting', () => states.length === 3 || undefined, 500)
    expect(fake.state.opened).toBe(2)
    expect(states).toEqual(['connected', 'disconnected', 'connected'])
    expect(await fake.send('slash_commands', command('help'))).toMatchObject({ response_type: 'ephemeral' })
    clock.advance(1_000)
    await eventually('the old one is gone', () => fake.connected() === 1 || undefined, 500)
  })

  test('that breaks again and again is opened less and less often, and for ever', async () => {
    const { fake, clock, states } = await started()
    for (const pause of [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]) {
      const { opened } = fake.state
      fake.cut()
      await eventually('the end was seen', () => states.at(-1) === 'disconnected' || undefined)
      await new Promise(setImmediate)
      clock.advance(pause - 1)
      await new Promise((wake) => setTimeout(wake, 20))
      expect(fake.state.opened).toBe(opened)
      clock.advance(1)
      await eventually('the next one', () => states.at(-1) === 'connected' || undefined)
    }
  })

  test('that Slack does not give for a while is asked for until it does', async () => {
    const { fake, receiver, clock, lines } = await socketFront()
    fake.state.status = 503
    const connected = receiver.start()
    const refusals = () => lines.filter((line) => line.includes('no connection')).length
    await eventually('a first refusal', () => refusals() === 1 || undefined)
    fake.state.status = 200
    fake.state.refusing = 'internal_error'
    clock.advance(1_000)
    await eventually('a second one', () => refusals() === 2 || undefined)
    fake.state.refusing = undefined
    clock.advance(2_000)
    await connected
    expect(fake.connected()).toBe(1)
  })

  test('that is never greeted is given up', async () => {
    const { fake, receiver, clock, lines } = await socketFront()
    fake.state.silent = true
    const connected = receiver.start()
    await eventually('a connection', () => fake.connected() === 1 || undefined)
    fake.state.silent = false
    clock.advance(20_000)
    await new Promise((wake) => setTimeout(wake, 20))
    clock.advance(1_000)
    await eventually(
      'it was given up',
      () => lines.some((line) => line.includes('no connection')) || undefined,
    )
    clock.advance(1_000)
    await connected
    expect(fake.state.opened).toBe(2)
  })

  test.each<[string, Partial<FakeSocketOptions>, string, string]>([
    ['a wrong token', {}, 'xapp-guessed', 'Slack does not take it for Socket Mode (invalid_auth)'],
    ["another app's token", { appId: 'A0OTHER' }, TOKEN, 'belongs to the app A0OTHER'],
  ])('with %s: refused at the start, and not tried again', async (_, slack, token, says) => {
    const { fake, receiver, clock } = await socketFront(slack, token)
    await expect(receiver.start()).rejects.toThrow(says)
    const { opened } = fake.state
    clock.advance(60_000)
    await new Promise((wake) => setTimeout(wake, 50))
    expect([fake.state.opened, fake.connected()]).toEqual([opened, 0])
  })

  test('whose token is taken away later is an error that is told, and mended by giving it back', async () => {
    const { fake, clock, lines, states } = await started()
    fake.state.refusing = 'token_revoked'
    fake.cut()
    await eventually('the end was seen', () => states.at(-1) === 'disconnected' || undefined)
    await new Promise(setImmediate)
    clock.advance(1_000)
    await eventually('it is told', () => lines.some((line) => line.includes('token_revoked')) || undefined)
    fake.state.refusing = undefined
    clock.advance(2_000)
    await eventually('it is back', () => states.at(-1) === 'connected' || undefined)
  })

  test('is ended by a stop, after what was under way was answered', async () => {
    const { fake, receiver, clock } = await started()
    const answer = fake.send('slash_commands', command('status'))
    await new Promise((wake) => setTimeout(wake, 5))
    const stopped = receiver.stop()
    expect((await answer)?.text).toContain('Looking at all plans')
    await new Promise((wake) => setTimeout(wake, 20))
    clock.advance(1_000)
    await stopped
    await eventually('it is gone', () => fake.connected() === 0 || undefined, 500)
    expect(fake.state.opened).toBe(1)
  })
})
