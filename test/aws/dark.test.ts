import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { serveRegion } from '../../rehearsal/aws/net.ts'
import { Dispatcher } from '../../rehearsal/aws/wire/dispatch.ts'
import { Clients } from '../../src/aws/clients.ts'
import { outside } from '../../src/aws/outside.ts'
import { type Look, type Outside, otherSide, type Side } from '../../src/flows/world.ts'
import { ownKeys, shipped, stack } from './rig.ts'

/** The deadline of a look, and what a busy machine may add before the timer is noticed. */
const LOOK_MS = 1_500
const JITTER_MS = 250

const looks: Record<string, (outside: Outside, side: Side) => Promise<Look<unknown>>> = {
  'the global cluster': ({ database }, side) => database.global(side),
  'a cluster': ({ database }, side) => database.cluster(side),
  lag: ({ database }, side) => database.lag(side),
  snapshots: ({ database }, side) => database.snapshots(side),
  'copies of the other side’s snapshots': ({ database }, side) => database.snapshotsAcross(otherSide(side)),
  events: ({ database }, side) => database.events(side, 60),
  connections: ({ database }, side) => database.connections(side, 15),
  'a build': ({ builds }, side) => builds.look({ ...stack, side }, 'orders-home:1'),
  heartbeat: ({ heartbeat }, side) => heartbeat.read(side),
  services: ({ services }, side) => services.look(side),
  listener: ({ listener }, side) => listener.look(side),
  records: ({ dns }) => dns.records(),
  'a change': ({ dns }) => dns.inSync('C1'),
  answers: ({ dns }) => dns.answers(),
  domains: ({ dns }, side) => dns.domains(side),
  'the stack probe': ({ probe }, side) => probe.stack(side),
  'the public probe': ({ probe }) => probe.public(),
  alarms: ({ alarms }, side) => alarms.look(side),
  traffic: ({ traffic }, side) => traffic.look(side),
  identity: ({ identity }, side) => identity.account(side),
}

/** Every request to this port meets the symptom; no service behind it is ever reached. */
type Port = Awaited<ReturnType<typeof serveRegion>>
let port: Port
let clients: Clients
/** With a role STS is asked first, and without one the services are. */
let dark: Record<'assumed' | 'own', Outside>

beforeAll(async () => {
  port = await serveRegion({ region: 'us-east-1', port: 0, dispatcher: new Dispatcher([]) })
  clients = new Clients({
    people: Date,
    endpoints: { shared: port.url },
    allowForeignEndpoints: true,
    credentials: ownKeys,
  })
  const orders = shipped('orders')
  const probes = { stack: { home: port.url, dr: port.url }, public: port.url }
  // Billing has what orders has not: a listener.
  const heartbeat = { home: port.url, dr: port.url }
  const plan = { ...orders, listener: shipped('billing').listener, probes, heartbeat }
  const accounts = { workload: { id: '111122223333' }, dns: { id: '444455556666' } }
  dark = {
    assumed: outside({ plan, clients, clock: Date }),
    own: outside({ plan: { ...plan, accounts }, clients, clock: Date }),
  }
})
afterAll(async () => {
  clients.close()
  await port.close()
})

describe.each([
  ['drop', 'unreachable'],
  ['mute', 'unreachable'],
  ['refuse', 'unreachable'],
  ['reset', 'unreachable'],
  ['slow', 'unreachable'],
  ['5xx', 'failed'],
] as const)('a look at a region that shows “%s”', (symptom, why) => {
  it('says so within its deadline, and never throws', async () => {
    await port.symptom(symptom)
    const begun = performance.now()
    const seen = await Promise.all(
      Object.entries(looks).flatMap(([what, look]) =>
        (['assumed', 'own'] as const).map(async (as) => {
          const answer = await look(dark[as], 'home')
          return { name: `${what}, ${as}`, answer, took: performance.now() - begun }
        }),
      ),
    )
    for (const { name, answer, took } of seen) {
      if (answer.ok) {
        // Probes take any answer for an answer, and tell its status.
        expect([symptom, name], JSON.stringify(answer)).toEqual(['5xx', expect.stringContaining('probe')])
        expect(answer.value).toMatchObject({ healthy: false, status: 503 })
        continue
      }
      expect({ name, why: answer.why, detail: answer.detail }).toMatchObject({ name, why })
      expect(took, name).toBeLessThan(LOOK_MS + JITTER_MS)
      expect(answer.waitedMs, name).toBeLessThan(LOOK_MS + JITTER_MS)
    }
    await port.symptom(undefined)
  })
})
