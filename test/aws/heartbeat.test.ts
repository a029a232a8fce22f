import { describe, expect, it } from 'vitest'
import { outside } from '../../src/aws/outside.ts'
import type { Fetch } from '../../src/aws/probe.ts'
import { rig, seen } from './rig.ts'

const urls = { home: 'https://home.example.test/heartbeat', dr: 'https://dr.example.test/heartbeat' }
const simulated = {
  home: 'http://orders.us-east-1.example.test/heartbeat',
  dr: 'http://orders.us-west-2.example.test/heartbeat',
}

function asking(fetch: Fetch, heartbeat: typeof urls | undefined = urls) {
  const { plan, clients, clock } = rig('orders', { heartbeat })
  return outside({ plan, clients, clock, fetch }).heartbeat
}
const answering = (body: BodyInit | null, status = 200) => asking(async () => new Response(body, { status }))

describe('a heartbeat', () => {
  it('is the newest row of the side that is asked, read through that side', async () => {
    const asked: unknown[] = []
    const heartbeat = asking(async (url, { redirect }) => {
      asked.push([url, redirect])
      return Response.json({ writtenAt: '2026-11-20T10:00:05.250+01:00' })
    })
    expect(await seen(heartbeat.read('dr'))).toEqual({ writtenAt: Date.parse('2026-11-20T09:00:05.250Z') })
    expect(asked).toEqual([[urls.dr, 'manual']])
  })

  it('is none only where the answer says that there is no row', async () => {
    expect(await seen(answering('{"writtenAt":null}').read('home'))).toBe('none')
  })

  it('is absent where the plan names none, and nobody is asked', async () => {
    const { clients, clock, plan: full } = rig()
    const { heartbeat: _, ...plan } = full
    const fetch: Fetch = () => Promise.reject(new Error('somebody was asked'))
    expect(await seen(outside({ plan, clients, clock, fetch }).heartbeat.read('home'))).toBe('absent')
  })

  it.each([
    ['no JSON', 'it works!'],
    ['nothing', ''],
    ['another shape', '{"written_at":"2026-11-20T09:00:00Z"}'],
    ['null itself', 'null'],
    ['a bare time', '"2026-11-20T09:00:00Z"'],
    ['a number', '{"writtenAt":1}'],
    ['a time without a zone', '{"writtenAt":"2026-11-20T09:00:00"}'],
    ['an impossible time', '{"writtenAt":"2026-13-40T09:00:00Z"}'],
  ])('is a failed look when it answers %s', async (_, body) => {
    const look = await answering(body).read('home')
    expect(look).toMatchObject({
      ok: false,
      why: 'failed',
      detail: expect.stringContaining('it answered no'),
    })
  })

  it.each([
    [302, 'failed'],
    [403, 'denied'],
    [404, 'failed'],
    [429, 'throttled'],
    [503, 'failed'],
  ])('is no row when it answers %i', async (status, why) => {
    expect(await answering('{"writtenAt":null}', status).read('home')).toMatchObject({ ok: false, why })
  })

  it('is not read to its end when it has none', async () => {
    let sent = 0
    const endless = new ReadableStream({
      pull(stream) {
        sent += 1
        stream.enqueue(new TextEncoder().encode(' '.repeat(1_000)))
      },
    })
    const look = await answering(endless).read('home')
    expect(look).toMatchObject({ ok: false, detail: expect.stringContaining('more than 4096 bytes') })
    expect(sent).toBeLessThan(10)
  })

  it('does not hold a look when its body stalls', async () => {
    const stalled = new ReadableStream({ pull: () => new Promise(() => {}) })
    expect(await answering(stalled).read('home')).toMatchObject({ ok: false, why: 'unreachable' })
  })

  it('is unreachable when nobody listens, whatever fetch wraps that in', async () => {
    const cause = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })
    const heartbeat = asking(() => Promise.reject(new TypeError('fetch failed', { cause })))
    expect(await heartbeat.read('home')).toMatchObject({ ok: false, why: 'unreachable' })
  })

  it('of the simulated AWS is seconds old on the side that serves, and a little older on the other', async () => {
    const { aws, plan, clients, clock, pass } = rig()
    pass(5 * 60_000)
    const fetch: Fetch = async (url) => {
      const answer = await aws.request(url)
      if (answer === 'no-answer') throw new TypeError('fetch failed')
      return new Response(answer.body, { status: answer.status })
    }
    const { heartbeat } = outside({ plan: { ...plan, heartbeat: simulated }, clients, clock, fetch })
    const [ofHome, ofDr] = await Promise.all([seen(heartbeat.read('home')), seen(heartbeat.read('dr'))])
    if (typeof ofHome === 'string' || typeof ofDr === 'string') throw new Error('there is no row')
    expect(clock.now() - ofHome.writtenAt).toBeLessThan(5_000)
    expect(ofDr.writtenAt).toBeLessThanOrEqual(ofHome.writtenAt)
    expect(ofHome.writtenAt - ofDr.writtenAt).toBeLessThan(60_000)
  })
})
