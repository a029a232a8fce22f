import { GetCallerIdentityCommand } from '@aws-sdk/client-sts'
import { describe, expect, it } from 'vitest'
import { type Account, type ClientOptions, Clients, type Place } from '../../src/aws/clients.ts'
import { outside } from '../../src/aws/outside.ts'
import { dr, home, ownKeys, rig, seen, shipped, thrown } from './rig.ts'

const account: Account = { id: '111122223333' }
const at = (region: string, profile: Place['profile'] = 'probe'): Place => ({
  region,
  profile,
  account,
  stsRegions: [region],
})
const given = (options: Partial<ClientOptions> = {}) =>
  new Clients({ people: Date, credentials: ownKeys, ...options })

describe('the clients', () => {
  it('are one for each service, region, profile and identity, and never one for two', async () => {
    const clients = given()
    const one = clients.of('rds', at(home))
    expect(clients.of('rds', at(home))).toBe(one)
    const other = { ...at(home), account: { id: '1', role: 'arn:aws:iam::111122223333:role/other' } }
    const others = [at(dr), at(home, 'act'), at(home, 'once'), other].map((place) => clients.of('rds', place))
    expect(new Set([one, ...others]).size).toBe(5)
    expect(await one.config.region()).toBe(home)
    expect(await clients.of('rds', at(dr)).config.region()).toBe(dr)
    clients.close()
  })

  it.each([
    ['probe', 1],
    ['act', 5],
    ['once', 1],
  ] as const)('of the profile %s try %i times', async (profile, attempts) => {
    const clients = given()
    expect(await clients.of('rds', at(home, profile)).config.maxAttempts()).toBe(attempts)
    clients.close()
  })

  it('refuse endpoints that are not AWS, unless they are allowed to', () => {
    const endpoints = { [home]: 'http://127.0.0.1:1' }
    expect(() => given({ endpoints })).toThrow(/which is not AWS/)
    expect(() => given({ endpoints, allowForeignEndpoints: true })).not.toThrow()
    expect(() => given({ endpoints: { [home]: `https://rds.${home}.api.aws` } })).not.toThrow()
    expect(() => given({ endpoints: { [home]: 'https://rds.amazonaws.com.evil.test' } })).toThrow()
  })

  it('refuse an endpoint from the environment at the first request', async () => {
    process.env.AWS_ENDPOINT_URL = 'http://127.0.0.1:1'
    try {
      const clients = given()
      const away = outside({
        plan: { ...shipped('orders'), accounts: { workload: account, dns: account } },
        clients,
        clock: Date,
      })
      expect(await away.database.global('home')).toMatchObject({
        ok: false,
        why: 'failed',
        detail: expect.stringContaining('127.0.0.1, which is not AWS'),
      })
      expect(await thrown(away.database.failoverTo('dr'))).toMatchObject({ code: 'CONFIG_INVALID' })
      clients.close()
    } finally {
      delete process.env.AWS_ENDPOINT_URL
    }
  })

  it('never fall back to AWS where an endpoint is missing', () => {
    const clients = given({ endpoints: { [home]: 'http://127.0.0.1:1' }, allowForeignEndpoints: true })
    expect(() => clients.of('rds', at(dr))).toThrow(/none is for rds in us-west-2/)
    expect(() => clients.of('route53', at(home))).toThrow(/none is for route53/)
    clients.close()
  })

  it('find Route 53 under its own name or the shared one', async () => {
    const urls = {
      route53: 'http://127.0.0.1:2',
      'aws-global': 'http://127.0.0.1:3',
      shared: 'http://127.0.0.1:4',
    }
    for (const [name, url] of Object.entries(urls)) {
      const clients = given({ endpoints: { [name]: url }, allowForeignEndpoints: true })
      const endpoint = await clients.of('route53', at(home)).config.endpoint?.()
      expect(endpoint).toMatchObject({ port: Number(url.slice(-1)) })
      clients.close()
    }
  })
})

describe('credentials of a role', () => {
  it("come from the region's own STS, once, until five minutes before they expire", async () => {
    const { outside, aws, count, clock } = rig()
    await Promise.all([outside.database.global('dr'), outside.services.look('dr'), outside.alarms.look('dr')])
    expect(count('AssumeRole')).toBe(1)
    expect(aws.calls.list().every(({ region }) => region === dr)).toBe(true)
    clock.advance(54 * 60_000)
    await seen(outside.database.global('dr'))
    expect(count('AssumeRole')).toBe(1)
    clock.advance(60_000)
    await seen(outside.database.global('dr'))
    expect(count('AssumeRole')).toBe(2)
  })

  it.each([
    [undefined, 'understudy'],
    ['understudy-look', 'understudy-look'],
  ] as const)('are taken under the name that policies go by: %s', async (session, name) => {
    const { aws, clock, plan } = rig()
    const requestHandler = aws.dispatcher.requestHandler({ requestTimeout: 1_000 })
    const clients = given({
      people: clock,
      requestHandler: () => requestHandler,
      ...(session ? { session } : {}),
    })
    const sts = clients.of('sts', { ...at(dr), account: plan.accounts.workload })
    const { Arn } = await sts.send(new GetCallerIdentityCommand({}))
    expect(Arn).toBe(`arn:aws:sts::111122223333:assumed-role/understudy-operator/${name}`)
  })

  it('of the dns account do not depend on the dark region', async () => {
    for (const dark of [home, dr]) {
      const { outside, aws } = rig()
      await aws.outage(dark, 'mute')
      expect(await seen(outside.dns.records())).toMatchObject([{ owner: 'home' }])
    }
  })

  it('of the dns account come through one side only where the caller says so', async () => {
    const { aws, clients, clock, plan } = rig()
    const through = outside({ plan, clients, clock, dnsThrough: 'dr' })
    await seen(through.dns.records())
    const assumed = aws.calls.list().filter(({ operation }) => operation === 'AssumeRole')
    expect(assumed.map(({ region }) => region)).toEqual([dr])
  })

  it('are asked for again after a failure', async () => {
    const { outside, aws } = rig()
    aws.addFault({ kind: 'denied', operation: 'AssumeRole', times: 1 })
    expect(await outside.database.global('dr')).toMatchObject({ ok: false, why: 'denied' })
    await seen(outside.database.global('dr'))
  })

  it('that are refused are told as a missing permission of the bot, and nothing was sent', async () => {
    const { outside, aws, plan, changes } = rig()
    aws.addFault({ kind: 'denied', operation: 'AssumeRole' })
    expect(await thrown(outside.database.failoverTo('dr'))).toMatchObject({
      code: 'PERMISSION_MISSING',
      message: expect.stringContaining(`sts:AssumeRole of ${plan.accounts.workload.role}`),
    })
    expect(changes()).toEqual([])
  })

  it('name the account they belong to', async () => {
    const { outside, plan } = rig()
    expect(await seen(outside.identity.account('dr'))).toBe(plan.accounts.workload.id)
  })
})
