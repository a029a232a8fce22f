import { describe, expect, it } from 'vitest'
import { outside } from '../../src/aws/outside.ts'
import type { Fetch } from '../../src/aws/probe.ts'
import { home, rig, seen } from './rig.ts'

describe('alarms', () => {
  it('are told in plan order; one that does not exist is missing, and not quiet', async () => {
    const alarms = { home: ['gone', 'orders-home-5xx'], dr: [] }
    const { outside, pass } = rig('orders', { alarms })
    pass(120_000)
    expect(await seen(outside.alarms.look('home'))).toEqual([
      { name: 'gone', state: 'MISSING' },
      { name: 'orders-home-5xx', state: 'OK' },
    ])
    expect(await seen(outside.alarms.look('dr'))).toEqual([])
  })
})

describe('traffic', () => {
  it('has one point for every minute that is over, newest last, with errors apart', async () => {
    const { outside, pass, clock } = rig()
    pass(300_000)
    const { points } = await seen(outside.traffic.look('home'))
    expect(points.length).toBeGreaterThanOrEqual(5)
    expect(points.map(({ at }) => at)).toEqual(points.map(({ at }) => at).toSorted((a, b) => a - b))
    expect(points.at(-1)?.at).toBeLessThanOrEqual(clock.now() - 60_000)
    for (const { requests, errors } of points) {
      expect(requests).toBeGreaterThan(100)
      expect(errors).toBe(0)
    }
  })

  it('shows failed requests once nobody is there to answer', async () => {
    const { outside, pass } = rig('billing')
    await outside.services.fence('home', ['billing-api'])
    pass(300_000)
    const { points } = await seen(outside.traffic.look('home'))
    expect(points.at(-1)?.errors).toBeGreaterThan(100)
  })
})

describe('connections', () => {
  it('are the most a cluster had in the minutes asked about', async () => {
    const { outside, pass } = rig('billing')
    const connections = () => seen(outside.database.connections('home', 15))
    expect(await connections()).toBeGreaterThan(0)
    await outside.services.fence('home', ['billing-api'])
    pass(10 * 60_000)
    expect(await connections()).toBeGreaterThan(0)
    pass(20 * 60_000)
    expect(await connections()).toBe(0)
  })

  it('are none, and not zero, where nothing was measured', async () => {
    const { plan } = rig()
    const database = { ...plan.database, clusters: { home: 'no', dr: 'none' } }
    const { outside } = rig('orders', { database })
    expect(await seen(outside.database.connections('home', 15))).toBe('none')
  })
})

describe('a probe', () => {
  const asking = (fetch: Fetch) => {
    const { plan, clients, clock } = rig()
    return outside({ plan, clients, clock, fetch }).probe
  }

  it('asks the address of each side, and the public one', async () => {
    const { aws, plan, clients, clock } = rig()
    const fetch: Fetch = async (url) => {
      const answer = await aws.request(url)
      if (answer === 'no-answer')
        throw new TypeError('fetch failed', {
          cause: Object.assign(new Error('reset'), { code: 'ECONNRESET' }),
        })
      return new Response(answer.body, { status: answer.status })
    }
    const { probe } = outside({ plan, clients, clock, fetch })
    expect(await seen(probe.stack('home'))).toMatchObject({ healthy: true, status: 200 })
    expect(await seen(probe.public())).toMatchObject({ healthy: true })
    await aws.outage(home, 'mute')
    expect(await probe.public()).toMatchObject({ ok: false, why: 'unreachable' })
  })

  it('takes an error for an answer', async () => {
    const probe = asking(async () => new Response('no', { status: 503 }))
    expect(await seen(probe.public())).toMatchObject({ healthy: false, status: 503 })
  })

  it('says refused connections are unreachable, whatever fetch wraps them in', async () => {
    const cause = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })
    const probe = asking(() => Promise.reject(new TypeError('fetch failed', { cause })))
    expect(await probe.public()).toMatchObject({
      ok: false,
      why: 'unreachable',
      detail: expect.stringMatching(/gave no answer in 0\.\d s: the connection was refused$/),
    })
  })
})
