import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { simulate } from '../../rehearsal/aws/simulator.ts'
import { realClock } from '../../rehearsal/clock.ts'
import { Clients } from '../../src/aws/clients.ts'
import { outside } from '../../src/aws/outside.ts'
import type { Outside } from '../../src/flows/world.ts'
import { home, ownKeys, seen, shipped, thrown } from './rig.ts'

const aws = simulate({ clock: realClock(), seed: 3 })
const plan = shipped('orders')
let listening: Awaited<ReturnType<typeof aws.listen>>
let clients: Clients
let world: Outside

beforeAll(async () => {
  listening = await aws.listen({ port: 0 })
  clients = new Clients({
    people: Date,
    endpoints: listening.regions,
    allowForeignEndpoints: true,
    credentials: ownKeys,
  })
  world = outside({ plan, clients, clock: Date })
})
afterAll(async () => {
  clients.close()
  await listening.close()
})

/** Every call takes so long that a few in a row would pass the deadline. */
describe('a region that is slow, but answers', () => {
  it('has one deadline for all calls of a look', async () => {
    await seen(world.services.look('home'))
    aws.addFault({ kind: 'slow', region: home, ms: 900 })
    const begun = performance.now()
    expect(await world.services.look('home')).toMatchObject({ ok: false, why: 'unreachable' })
    expect(performance.now() - begun).toBeLessThan(1_750)
    const one = await world.database.global('home')
    expect(one.ok).toBe(true)
    aws.removeFaults()
  })
})

describe('with the home region dark', () => {
  it.each(['drop', 'mute'] as const)('(%s) the other is seen as quickly as ever', async (kind) => {
    await aws.outage(home, kind)
    const begun = performance.now()
    await Promise.all([
      seen(world.database.global('dr')),
      seen(world.services.look('dr')),
      seen(world.dns.records()),
      seen(world.alarms.look('dr')),
    ])
    expect(performance.now() - begun).toBeLessThan(1_000)
    await aws.outage(home, undefined)
  })

  it('a change that could not be sent is told as that', { timeout: 40_000 }, async () => {
    await aws.outage(home, 'refuse')
    expect(await thrown(world.services.fence('home', ['orders-api']))).toMatchObject({ code: 'ACT_REJECTED' })
    await aws.outage(home, undefined)
  })
})

describe('an answer that stalls after its headers', () => {
  it('does not hold a look', async () => {
    const server = createServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/xml' }).flushHeaders()
    })
    await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const stalled = new Clients({
      people: Date,
      endpoints: { shared: url },
      allowForeignEndpoints: true,
      credentials: ownKeys,
    })
    const accounts = { workload: { id: '111122223333' }, dns: { id: '444455556666' } }
    const { database, dns } = outside({ plan: { ...plan, accounts }, clients: stalled, clock: Date })
    const begun = performance.now()
    expect(await Promise.all([database.global('home'), dns.records()])).toMatchObject([
      { ok: false, why: 'unreachable' },
      { ok: false, why: 'unreachable' },
    ])
    expect(performance.now() - begun).toBeLessThan(1_750)
    stalled.close()
    server.closeAllConnections()
    server.close()
  })
})
