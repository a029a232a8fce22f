import type { Clock } from '../engine/ports.ts'
import type { Outside, Side } from '../flows/world.ts'
import type { Plan } from '../plan/schema.ts'
import { alarms } from './alarms.ts'
import { builds } from './builds.ts'
import type { Clients } from './clients.ts'
import { connections } from './connections.ts'
import { createGlobal } from './creation.ts'
import { database } from './database.ts'
import { deleteStale } from './deletion.ts'
import { dns } from './dns.ts'
import { events } from './events.ts'
import { heartbeat } from './heartbeat.ts'
import { identity } from './identity.ts'
import { lag } from './lag.ts'
import { listener } from './listener.ts'
import { type Fetch, probe } from './probe.ts'
import { services } from './services.ts'
import { Site } from './site.ts'
import { snapshots } from './snapshots.ts'
import { traffic } from './traffic.ts'

export type OutsideOptions = {
  readonly plan: Plan
  /** Shared by all plans of a process. */
  readonly clients: Clients
  /** World time. */
  readonly clock: Pick<Clock, 'now'>
  /** People's time; absent: the world's. */
  readonly people?: Pick<Clock, 'now'>
  /** What probes ask with; absent: the runtime's own. */
  readonly fetch?: Fetch
  /** The side whose STS gives the dns account's role; absent: whichever side's answers first. */
  readonly dnsThrough?: Side
}

/** The outside of one plan, as AWS has it. */
export function outside(options: OutsideOptions): Outside {
  const { plan, clients, clock: world, people = world, fetch = globalThis.fetch, dnsThrough } = options
  const site = new Site(plan, clients, { world, people, patience: clients.patience }, dnsThrough)
  return {
    database: {
      ...database(site),
      ...snapshots(site),
      lag: lag(site),
      events: events(site),
      connections: connections(site),
      createGlobal: createGlobal(site),
      deleteStale: deleteStale(site),
    },
    builds: builds(site),
    heartbeat: heartbeat(site, fetch),
    services: services(site),
    listener: listener(site),
    dns: dns(site),
    probe: probe(site, fetch),
    alarms: alarms(site),
    traffic: traffic(site),
    identity: identity(site),
    now: () => world.now(),
  }
}
