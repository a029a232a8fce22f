import { connect } from 'node:net'
import * as rds from '@aws-sdk/client-rds'
import * as route53 from '@aws-sdk/client-route-53'
import { afterEach, describe, expect, test } from 'vitest'
import { type Endpoint, type Symptom, serveRegion } from '../../rehearsal/aws/net.ts'
import { Dispatcher } from '../../rehearsal/aws/wire/dispatch.ts'
import { type Handlers, Service } from '../../rehearsal/aws/wire/service.ts'
import { credentials, probe } from './eight.ts'

const rdsHandlers: Handlers<typeof rds> = {
  DescribeGlobalClusters: (_, call) => ({ GlobalClusters: [{ GlobalClusterIdentifier: call.region }] }),
}
const route53Handlers: Handlers<typeof route53> = {
  GetChange: ({ Id }) => ({ ChangeInfo: { Id, Status: 'INSYNC', SubmittedAt: new Date(0) } }),
}
const services = [
  new Service('rds', rds, rds.RDSClient, rdsHandlers),
  new Service('route53', route53, route53.Route53Client, route53Handlers),
]

const open: Endpoint[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((endpoint) => endpoint.close()))
})
async function serve(region?: string, dispatcher = new Dispatcher(services)): Promise<Endpoint> {
  const endpoint = await serveRegion({ ...(region ? { region } : {}), port: 0, dispatcher })
  open.push(endpoint)
  return endpoint
}

/** A client that looks when called, on the connection it has from before if it has one. */
function looker({ url }: Endpoint, region = 'us-east-1') {
  const client = new rds.RDSClient({ region, endpoint: url, credentials, ...probe })
  return async () => {
    const begun = performance.now()
    const outcome = await client
      .send(new rds.DescribeGlobalClustersCommand({}), { abortSignal: AbortSignal.timeout(1_500) })
      .then(
        ({ GlobalClusters }) => GlobalClusters?.[0]?.GlobalClusterIdentifier,
        (error: Error & { code?: string }) => error.code ?? error.name,
      )
    return { outcome, ms: performance.now() - begun }
  }
}

/** How the SDK tells that a connection did not come about, and that an answer did not: both are TimeoutErrors. */
const [noConnection, noAnswer] = ['TimeoutError', 'ETIMEDOUT']
const unheard = new Set([noConnection, noAnswer])
const shown: [Symptom, string][] = [
  ['drop', noConnection],
  ['mute', noAnswer],
  ['refuse', 'ECONNREFUSED'],
  ['reset', 'ECONNRESET'],
  ['5xx', 'ServiceUnavailable'],
  ['slow', noAnswer],
]

describe('the port of one region', () => {
  test.each(shown)(
    'shows %s to a probe within 1.5 s, and is well again on the same port',
    async (kind, outcome) => {
      const endpoint = await serve('us-east-1')
      const { port } = endpoint
      const acquainted = looker(endpoint)
      expect((await acquainted()).outcome).toBe('us-east-1')

      await endpoint.symptom(kind)
      const stranger = await looker(endpoint)()
      expect(stranger.outcome).toBe(outcome)
      expect(stranger.ms).toBeLessThan(1_500)
      // Who has a connection from before meets a peer that is as dead, and nobody waits longer.
      const old = await acquainted()
      expect(unheard.has(outcome) ? unheard : [outcome]).toContain(old.outcome)
      expect(old.ms).toBeLessThan(1_500)

      await endpoint.symptom(undefined)
      expect(endpoint.port).toBe(port)
      expect((await looker(endpoint)()).outcome).toBe('us-east-1')
      expect((await acquainted()).outcome).toBe('us-east-1')
    },
  )

  test('drops SYNs: a connection neither comes about nor is refused', async () => {
    const endpoint = await serve('us-east-1')
    await endpoint.symptom('drop')
    const socket = connect(endpoint.port, '127.0.0.1')
    const seen = await Promise.race([
      new Promise((resolve) => socket.once('connect', () => resolve('connected'))),
      new Promise((resolve) => socket.once('error', resolve)),
      new Promise((resolve) => setTimeout(() => resolve('nothing'), 500)),
    ])
    socket.destroy()
    expect(seen).toBe('nothing')
  })

  test('goes from every symptom to every other', async () => {
    const endpoint = await serve('us-east-1')
    const kinds: (Symptom | undefined)[] = [
      'drop',
      'refuse',
      'drop',
      'mute',
      '5xx',
      'drop',
      'slow',
      'refuse',
      'reset',
      undefined,
    ]
    for (const kind of kinds) await endpoint.symptom(kind, { ms: 20 })
    expect((await looker(endpoint)()).outcome).toBe('us-east-1')
    await Promise.all([endpoint.symptom('drop'), endpoint.symptom('refuse'), endpoint.symptom('5xx')])
    expect((await looker(endpoint)()).outcome).toBe('ServiceUnavailable')
  })

  test('is slow by as much as asked', async () => {
    const endpoint = await serve('us-east-1')
    await endpoint.symptom('slow', { ms: 300 })
    const { outcome, ms } = await looker(endpoint)()
    expect(outcome).toBe('us-east-1')
    expect(ms).toBeGreaterThanOrEqual(299)
  })

  test('does what it was asked before it went dark, but says nothing any more', async () => {
    const performed = Promise.withResolvers<void>()
    const answer = Promise.withResolvers<void>()
    const services = [new Service('rds', rds, rds.RDSClient, rdsHandlers)]
    const dispatcher = new Dispatcher(services, () => {
      performed.resolve()
      return answer.promise
    })
    const endpoint = await serve('us-east-1', dispatcher)
    const asked = looker(endpoint)()
    await performed.promise
    await endpoint.symptom('drop')
    answer.resolve()
    expect((await asked).outcome).toBe(noAnswer)
  })

  test('hangs up on those who still wait when it is well again', async () => {
    const endpoint = await serve('us-east-1')
    await endpoint.symptom('mute')
    const asked = looker(endpoint)()
    await new Promise((resolve) => setTimeout(resolve, 100))
    await endpoint.symptom(undefined)
    expect((await asked).outcome).toBe('ECONNRESET')
  })

  test.each(['drop', 'mute', 'refuse', undefined] as const)(
    'frees its port when closed (%s)',
    async (kind) => {
      const endpoint = await serve('us-east-1')
      await endpoint.symptom(kind)
      await endpoint.close()
      const again = await serveRegion({ port: endpoint.port, dispatcher: new Dispatcher(services) })
      open.push(again)
      expect((await looker(again)()).outcome).toBe('us-east-1')
    },
  )

  test('says so when its port is taken', async () => {
    const { port } = await serve('us-east-1')
    await expect(serveRegion({ port, dispatcher: new Dispatcher(services) })).rejects.toThrow('EADDRINUSE')
  })
})

describe('the shared port', () => {
  test.each(['drop', 'refuse', 'mute'] as const)(
    'tells regions apart by the signature, and shows %s as mute',
    async (kind) => {
      const endpoint = await serve()
      await endpoint.symptom(kind, { place: 'us-east-1' })
      const [home, dr] = await Promise.all([looker(endpoint)(), looker(endpoint, 'us-west-2')()])
      expect([home.outcome, dr.outcome]).toEqual([noAnswer, 'us-west-2'])
      await endpoint.symptom('5xx', { place: 'us-west-2' })
      await endpoint.symptom(undefined, { place: 'us-east-1' })
      expect((await looker(endpoint)()).outcome).toBe('us-east-1')
      expect((await looker(endpoint, 'us-west-2')()).outcome).toBe('ServiceUnavailable')
    },
  )

  test('leaves Route 53 up when us-east-1 is dark: its control plane is a place of its own', async () => {
    const endpoint = await serve()
    const client = new route53.Route53Client({
      region: 'us-east-1',
      endpoint: endpoint.url,
      credentials,
      ...probe,
    })
    const look = () => client.send(new route53.GetChangeCommand({ Id: 'C1' }))
    await endpoint.symptom('drop', { place: 'us-east-1' })
    expect((await look()).ChangeInfo?.Status).toBe('INSYNC')
    await endpoint.symptom('5xx', { place: 'aws-global' })
    await expect(look()).rejects.toThrow('Service is unable to handle request.')
  })
})

test("a place cannot be told apart on a region's own port", async () => {
  const endpoint = await serve('us-east-1')
  await expect(endpoint.symptom('mute', { place: 'us-west-2' })).rejects.toThrow('us-west-2')
})
