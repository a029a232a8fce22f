import type { StatusFacts } from '../../src/flows/status.ts'
import type {
  ClusterFacts,
  GlobalClusterFacts,
  LagFacts,
  ListenerFacts,
  Look,
  RecordFacts,
  ServiceFacts,
  Side,
} from '../../src/flows/world.ts'
import { shipped } from './shipped.ts'

/** A pair as it should be, and small changes to it: for tables of what the pure functions make of the world. */
export const AT = Date.UTC(2026, 10, 21, 3)
export const orders = shipped('orders')

export const seen = <T>(value: T): Look<T> & { readonly ok: true } => ({ ok: true, value, at: AT })
export const dark = (region: string, why: 'unreachable' | 'denied' = 'unreachable') =>
  ({
    ok: false,
    why,
    detail: why === 'denied' ? 'AccessDenied' : `${region} gave no answer in 1.5 s`,
    waitedMs: 1500,
    at: AT,
  }) as const

export const arnOf = (side: Side) =>
  `arn:aws:rds:${orders.regions[side]}:111122223333:cluster:${orders.database.clusters[side]}`

export const cluster = (side: Side, change: Partial<ClusterFacts> = {}): ClusterFacts => ({
  arn: arnOf(side),
  status: 'available',
  engineVersion: '16.6',
  globalCluster: 'orders-global',
  deletionProtection: true,
  encrypted: true,
  instances: [{ id: `orders-${side}-1`, status: 'available', isWriter: true }],
  ...change,
})
/** In no global cluster: writable by itself. */
export const standalone = (side: Side): ClusterFacts => {
  const { globalCluster: _, ...alone } = cluster(side)
  return alone
}

export const member = (side: Side, isWriter: boolean, synchronization = 'connected') => ({
  arn: arnOf(side),
  region: orders.regions[side],
  isWriter,
  synchronization,
})
export const global = (writer: Side, change: Partial<GlobalClusterFacts> = {}): GlobalClusterFacts => ({
  status: 'available',
  engineVersion: '16.6',
  deletionProtection: false,
  members: [member('home', writer === 'home'), member('dr', writer === 'dr')],
  ...change,
})
export const moving = (toArn: string, status = 'failing-over') => ({
  status,
  fromArn: arnOf('home'),
  toArn,
  dataLossAllowed: true,
})
export const lag = (seconds: number, ageMs = 14_000): LagFacts => ({ seconds, readAt: AT - ageMs })
export const record = (owner: RecordFacts['owner'], change: Partial<RecordFacts> = {}): RecordFacts => ({
  name: 'orders.example.test',
  type: 'A',
  owner,
  value: `${owner}.example.net`,
  routing: 'simple',
  ...change,
})

export const services = (active: boolean): readonly ServiceFacts[] =>
  orders.services.map(({ name, capacity }) => {
    const count = capacity.home[active ? 'active' : 'standby']
    return {
      name,
      desired: count,
      running: count,
      pending: 0,
      scaling: { min: count, max: 12, suspended: { in: false, out: false, scheduled: false } },
      healthyTargets: count,
      controller: 'ECS',
      deployments: [],
      tasksStartedAt: [],
      events: [],
    }
  })

/** Everything well, with this side active. */
export function well(active: Side = 'home', change: Partial<StatusFacts> = {}): StatusFacts {
  const probe = (healthy: boolean) =>
    seen({ healthy, status: healthy ? 200 : 503, ms: 20, detail: healthy ? 'ok' : 'answered 503' })
  const alarm = (side: Side) =>
    seen([{ name: `orders-${side}-5xx`, state: side === active ? 'OK' : 'INSUFFICIENT_DATA' }])
  return {
    plan: orders,
    global: seen(global(active)),
    clusters: { home: seen(cluster('home')), dr: seen(cluster('dr')) },
    lag: {
      home: seen<LagFacts>(active === 'dr' ? lag(0.4) : 'none'),
      dr: seen<LagFacts>(active === 'home' ? lag(0.4) : 'none'),
    },
    records: seen([record(active)]),
    services: { home: seen(services(active === 'home')), dr: seen(services(active === 'dr')) },
    listeners: {
      home: seen<ListenerFacts | 'absent'>('absent'),
      dr: seen<ListenerFacts | 'absent'>('absent'),
    },
    stack: { home: probe(active === 'home'), dr: probe(active === 'dr') },
    public: probe(true),
    alarms: { home: alarm('home'), dr: alarm('dr') },
    domains: { home: seen([]), dr: seen([]) },
    at: AT,
    tookMs: 300,
    ...change,
  }
}

/** One side's region gives no answer to anything. */
export function without(side: Side, facts: StatusFacts): StatusFacts {
  const gone = dark(orders.regions[side])
  const of = <T>(both: Readonly<Record<Side, T>>) => ({ ...both, [side]: gone })
  return {
    ...facts,
    clusters: of(facts.clusters),
    lag: of(facts.lag),
    services: of(facts.services),
    listeners: of(facts.listeners),
    stack: of(facts.stack),
    alarms: of(facts.alarms),
    domains: of(facts.domains),
  }
}
