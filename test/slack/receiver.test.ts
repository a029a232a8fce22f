import { createHmac } from 'node:crypto'
import { verifySlackSignature } from '@chat-adapter/slack/webhook'
import { isValidSlackRequest } from '@slack/bolt'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { HttpEvent } from '../../src/slack/receiver.ts'
import { BODY_LIMIT_BYTES, verify } from '../../src/slack/verify.ts'
import { frontAt, textOf } from './front-support.ts'
import { clickForm, commandForm, SECRET, START, signed } from './support.ts'

const seconds = Math.floor(START / 1000)
const hmac = (text: string) => createHmac('sha256', SECRET).update(text).digest('hex')

describe('what is refused before it is parsed', () => {
  const body = commandForm('failover orders')
  const good = signed(body)
  const withSignature = (signature: string, timestamp = String(seconds)): HttpEvent => ({
    ...good,
    headers: { ...good.headers, 'X-Slack-Signature': signature, 'X-Slack-Request-Timestamp': timestamp },
  })
  const confused = (() => {
    const future = String(seconds + 1_000_000)
    const inner = 'command=%2Fdr&text=failover+orders&user_id=U0ANNA'
    const json = JSON.stringify({ type: 'event_callback', event: { text: `:${future}:${inner}` } })
    const base = `v0:1600000000:${json}`
    const at = base.indexOf(`:${future}:`)
    return {
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        'x-slack-request-timestamp': future,
        'x-slack-signature': `${base.slice(0, at)}=${hmac(base)}`,
      },
      body: base.slice(at + future.length + 2),
    }
  })()

  test.each<[string, HttpEvent, number]>([
    ['unsigned', { headers: { 'content-type': 'application/x-www-form-urlencoded' }, body }, 401],
    ['another secret', signed(body, { secret: 'guessed' }), 401],
    ['signature version v1', withSignature(`v1=${hmac(`v1:${seconds}:${body}`)}`), 401],
    ['a base string cut elsewhere', confused, 401],
    ['301 s old', signed(body, { at: START - 301_000 }), 401],
    ['301 s ahead', signed(body, { at: START + 301_000 }), 401],
    ['ten years ahead', signed(body, { at: START + 3e11 }), 401],
    ['no headers', { body }, 401],
    ['null headers and body', { headers: null, body: null }, 401],
    ['nothing at all', {}, 401],
    ['an empty signature', withSignature(''), 401],
    [
      'a doubled signature',
      withSignature(`${good.headers['X-Slack-Signature']},${good.headers['X-Slack-Signature']}`),
      401,
    ],
    [
      'the same header twice in two spellings',
      { ...good, headers: { ...good.headers, 'x-slack-signature': 'v0=00' } },
      401,
    ],
    ['a huge header', withSignature(`v0=${'a'.repeat(100_000)}`), 401],
    [
      'upper-case hex',
      withSignature(String(good.headers['X-Slack-Signature']).toUpperCase().replace('V0', 'v0')),
      401,
    ],
    ['no equals sign', withSignature(String(good.headers['X-Slack-Signature']).replace('=', '')), 401],
    ['multibyte signature', withSignature(`v0=${'é'.repeat(32)}`), 401],
    ['a timestamp with a sign', withSignature(good.headers['X-Slack-Signature'] ?? '', `+${seconds}`), 401],
    ['one byte changed', { ...good, body: body.replace('orders', 'order5') }, 401],
    ['+ for %20', { ...good, body: body.replaceAll('+', '%20') }, 401],
    ['base64 flag set on plain text', { ...good, isBase64Encoded: true }, 401],
    ['base64 without the flag', { ...good, body: Buffer.from(body).toString('base64') }, 401],
    ['malformed JSON, unsigned', { headers: { 'content-type': 'application/json' }, body: '{oops' }, 401],
    ['malformed JSON, signed', signed('{oops', { type: 'application/json' }), 400],
    ['JSON that is no object', signed('[1]', { type: 'application/json' }), 400],
    ['a malformed payload, signed', signed('payload=%7Bbad'), 400],
    ['an empty body, signed', signed(''), 400],
    ['1 MB', signed('x'.repeat(1024 * 1024)), 413],
    ['just over the limit', signed('x'.repeat(BODY_LIMIT_BYTES + 1)), 413],
    ['the same field twice', signed(`${body}&text=help`), 400],
    ['a payload beside a command', signed(`${body}&payload=%7B%7D`), 400],
    ['ssl_check, unsigned', { headers: {}, body: 'ssl_check=1' }, 401],
    ['GET', { ...good, requestContext: { http: { method: 'GET' } } }, 405],
  ])('%s', async (_, event, status) => {
    const front = frontAt()
    expect(await front.send(event)).toEqual({ statusCode: status, body: '' })
    expect(await front.asks()).toEqual([])
  })
})

describe('what is accepted', () => {
  const body = commandForm('failover orders')
  test.each<[string, HttpEvent]>([
    ['HTTP API v2', signed(body)],
    ['base64', { ...signed(body), body: Buffer.from(body).toString('base64'), isBase64Encoded: true }],
    ['REST API v1', (({ headers, body }) => ({ headers, body, httpMethod: 'POST' }))(signed(body))],
    ['a charset', signed(body, { type: 'application/x-www-form-urlencoded; charset=utf-8' })],
    ['300 s old', signed(body, { at: START - 300_000 })],
    ['ssl_check on a real command is a command', signed(`ssl_check=1&${body}`)],
    [
      'a retry',
      signed(body, { headers: { 'X-Slack-Retry-Num': '1', 'X-Slack-Retry-Reason': 'http_timeout' } }),
    ],
  ])('%s', async (_, event) => {
    const front = frontAt()
    const answer = await front.send(event)
    expect(answer.statusCode).toBe(200)
    expect(textOf(answer)).toContain('Looking at *orders*')
    expect(await front.asks()).toMatchObject([{ kind: 'failover', plan: 'orders' }])
    expect(front.woken()).toBe(1)
  })

  test.each([
    ['ssl_check', signed('ssl_check=1&token=x'), ''],
    [
      'url verification',
      signed('{"type":"url_verification","challenge":"c"}', { type: 'application/json' }),
      '{"challenge":"c"}',
    ],
    [
      'an event nobody subscribed to',
      signed('{"type":"event_callback","event":{"type":"é✅"}}', { type: 'application/json; charset=utf-8' }),
      '',
    ],
  ])('%s', async (_, event, expected) => {
    const front = frontAt()
    expect(await front.send(event)).toMatchObject({ statusCode: 200, body: expected })
    expect(await front.asks()).toEqual([])
  })

  test('two secrets while one is rotated, and only the new one afterwards, in a warm process', async () => {
    let secrets: readonly string[] = [SECRET]
    const front = frontAt({ secrets: () => secrets })
    const by = (secret: string, text: string) => front.send(signed(commandForm(text), { secret }))
    expect((await by('next-secret', 'help')).statusCode).toBe(401)
    secrets = ['next-secret', SECRET]
    expect((await by('next-secret', 'help')).statusCode).toBe(200)
    expect((await by(SECRET, 'help')).statusCode).toBe(200)
    secrets = ['next-secret']
    expect((await by(SECRET, 'help')).statusCode).toBe(401)
  })

  test('an empty secret opens nothing', async () => {
    const front = frontAt({ secrets: () => [''] })
    expect((await front.send(signed(commandForm('help'), { secret: '' }))).statusCode).toBe(401)
  })
})

describe('replays', () => {
  test('the same request again, at once, twice at the same time, or after the window', async () => {
    const front = frontAt()
    const event = signed(commandForm('failover orders'))
    const answers = await Promise.all([front.send(event), front.send(event)])
    expect(answers.map(textOf).filter((text) => text.includes('already arrived'))).toHaveLength(1)
    expect(textOf(await front.send(event))).toContain('It was not carried out a second time.')
    front.clock.advance(301_000)
    expect((await front.send(event)).statusCode).toBe(401)
    expect(await front.asks()).toHaveLength(1)
  })
})

test('a journal that cannot be written is told, and nothing is said to have started', async () => {
  const front = frontAt()
  front.journal.close()
  const answer = await front.post(commandForm('failover orders'))
  expect(answer.statusCode).toBe(200)
  expect(textOf(answer)).not.toContain('card follows')
  expect(answer.body).not.toMatch(/at .*\.ts:\d/)
})

test('a click is acknowledged although everything after it fails', async () => {
  const front = frontAt()
  front.journal.close()
  front.slack.refusing = new Error('Slack is down')
  const value = { runId: 'run-1', hash: 'hash-1', version: 1 }
  expect(await front.post(clickForm('U0BEN', 'dr_review', value))).toEqual({ statusCode: 200, body: '' })
})

describe('against verifiers nobody here wrote', () => {
  const theirs = async (headers: Record<string, string>, body: string, now: number) => {
    const bolt = isValidSlackRequest({
      signingSecret: SECRET,
      body,
      headers: {
        'x-slack-signature': headers['x-slack-signature'] ?? '',
        'x-slack-request-timestamp': Number(headers['x-slack-request-timestamp']),
      },
      nowMilliseconds: now,
    })
    const chat = await verifySlackSignature(body, headers, { signingSecret: SECRET, now: () => now }).then(
      () => true,
      () => false,
    )
    return { bolt, chat }
  }

  test('what we accept, both accept; what both accept within the window, we accept', async () => {
    const skew = fc.oneof(fc.integer({ min: -299, max: 299 }), fc.constantFrom(-302, -1000, 302, 100_000))
    const spoil = fc.constantFrom('none', 'byte', 'version', 'short', 'secret')
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme' }), skew, spoil, async (body, offset, how) => {
        const timestamp = String(seconds + offset)
        const version = how === 'version' ? 'v1' : 'v0'
        const key = how === 'secret' ? 'other' : SECRET
        const mac = createHmac('sha256', key).update(`${version}:${timestamp}:${body}`).digest('hex')
        const headers = {
          'x-slack-request-timestamp': timestamp,
          'x-slack-signature': `${version}=${how === 'short' ? mac.slice(0, 40) : mac}`,
        }
        const sent = how === 'byte' ? `${body}x` : body
        const ours = verify(Buffer.from(sent), headers, [SECRET], START) === 'ok'
        const { bolt, chat } = await theirs(headers, sent, START)
        expect(ours).toBe(how === 'none' && Math.abs(offset) <= 300)
        expect(chat).toBe(ours)
        // Bolt does not look at timestamps from the future: there we are stricter, nowhere else.
        expect(bolt).toBe(ours || (how === 'none' && offset > 300))
      }),
      { numRuns: 200 },
    )
  })
})
