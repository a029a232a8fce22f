import { describe, expect, it } from 'vitest'
import { resourcesOf } from '../../src/flows/resources.ts'
import { type Line, type StatusFacts, statusOf } from '../../src/flows/status.ts'
import { sideLines } from '../../src/flows/status-sides.ts'
import { cluster, dark, global, lag, orders, record, seen, services, well, without } from './facts.ts'
import { shipped } from './shipped.ts'

const journal = { lastDrill: 'never', usualRto: 'about 5m 10s' }
const status = (facts: StatusFacts, more = {}) => statusOf(orders, facts, { ...journal, ...more })
const line = (lines: readonly Line[], label: string) => lines.find((each) => each.label === label)

it('is all fine when all is', () => {
  const { level, lines, warnings, sides } = status(well())
  expect({ level, warnings }).toEqual({ level: 'ok', warnings: [] })
  expect(lines).toEqual([
    { label: 'Serves', value: 'home (us-east-1)', level: 'ok' },
    { label: 'Replication lag', value: '0.4 s, read 14 s ago', level: 'ok' },
    {
      label: 'RPO now',
      value: 'an estimate: 0.4 s, read 14 s ago; later writes may be lost too (target 60 s)',
      level: 'ok',
    },
    { label: 'RTO expected', value: 'about 5m 10s (target 15 min)', level: 'ok' },
    { label: 'DNS', value: 'home (us-east-1) has orders.example.test A, alias, TTL 60 s', level: 'ok' },
    { label: 'Public probe', value: 'healthy (200 in 20 ms)', level: 'ok' },
    { label: 'Alarms', value: '1 quiet', level: 'ok' },
  ])
  expect([sides.home.role, sides.dr.role]).toEqual(['active', 'standby'])
  expect(line(sides.home.lines, 'orders-api')?.value).toBe('6 running / 6 desired / min 6, 6 healthy')
})

it('is mirrored when dr serves', () => {
  const { level, sides, lines } = status(well('dr'))
  expect(level).toBe('ok')
  expect(line(sides.home.lines, 'Stack probe')?.value).toBe(
    'answers 503, as a standby without the writer may',
  )
  expect(line(lines, 'Serves')?.value).toBe('dr (us-west-2)')
  expect([sides.home.role, sides.dr.role]).toEqual(['standby', 'active'])
})

describe('a dark region', () => {
  const { headline, topology, level, lines, sides, warnings } = status(without('home', well()))
  it('is a list of unknowns that tell how long was waited', () => {
    for (const each of sides.home.lines) {
      expect(each.level, each.label).toBe('unknown')
      expect(each.value).toContain('gave no answer in 1.5 s')
    }
    expect(line(lines, 'Alarms')?.level).toBe('unknown')
  })
  it('is never fine, and leaves the other side known', () => {
    expect(level).not.toBe('ok')
    expect(headline).toBe('home (us-east-1) could not be seen')
    expect(topology.sentence).toContain('Whether us-east-1 (home) is well is unknown')
    expect(line(lines, 'Serves')).toMatchObject({
      value: 'unknown: home (us-east-1) holds the writer, and could not be seen',
      level: 'unknown',
    })
    expect(warnings).toContain('home (us-east-1) could not be seen: it is unknown, not fine.')
    expect(line(sides.dr.lines, 'orders-api')?.level).toBe('ok')
    expect(line(lines, 'Replication lag')?.level).toBe('ok')
  })
})

it.each<[string, Partial<StatusFacts>, string, Line['level']]>([
  ['no lag reading', { lag: { home: seen('none'), dr: seen('none') } }, 'Replication lag', 'unknown'],
  [
    'an old lag reading',
    { lag: { home: seen('none'), dr: seen(lag(0.1, 400_000)) } },
    'Replication lag',
    'unknown',
  ],
  ['high lag', { lag: { home: seen('none'), dr: seen(lag(31)) } }, 'Replication lag', 'warn'],
  ['no lag reading', { lag: { home: seen('none'), dr: seen('none') } }, 'RPO now', 'unknown'],
  ['a lag above the target', { lag: { home: seen('none'), dr: seen(lag(61)) } }, 'RPO now', 'warn'],
  ['no standby', { clusters: { home: seen(cluster('home')), dr: seen('absent') } }, 'RPO now', 'bad'],
  ['no standby', { clusters: { home: seen(cluster('home')), dr: seen('absent') } }, 'Serves', 'bad'],
  ['DNS at the other side', { records: seen([record('dr')]) }, 'DNS', 'bad'],
  ['DNS elsewhere', { records: seen([record('foreign')]) }, 'DNS', 'bad'],
  ['DNS not seen', { records: dark('Route 53') }, 'DNS', 'unknown'],
  [
    'customers down',
    { public: seen({ healthy: false, status: 503, ms: 9, detail: 'answered 503' }) },
    'Public probe',
    'bad',
  ],
  ['customers not reached', { public: dark('x') }, 'Public probe', 'unknown'],
  ['nobody knows the writer', { global: dark('RDS') }, 'Serves', 'unknown'],
])('%s: %s is judged', (_what, change, label, level) => {
  const result = status(well('home', change))
  expect(line(result.lines, label)?.level).toBe(level)
  expect(result.level).not.toBe('ok')
})

it('lets a standby say that it cannot write, and nobody else', () => {
  const down = well('home', { stack: { home: well('dr').stack.home, dr: dark('us-west-2') } })
  expect(line(status(down).sides.home.lines, 'Stack probe')?.level).toBe('bad')
  expect(line(status(down).sides.dr.lines, 'Stack probe')?.level).toBe('unknown')
})

describe('ECS', () => {
  const api = (change: object) => {
    const [first, ...rest] = services(true)
    const facts = well('home', {
      services: { ...well().services, home: seen([{ ...first, ...change } as never, ...rest]) },
    })
    return line(status(facts).sides.home.lines, 'orders-api')
  }
  it('is judged by what runs, is desired, and the plan wants', () => {
    expect(api({ running: 4 })).toMatchObject({ level: 'warn' })
    expect(api({ running: 0 })).toMatchObject({ level: 'bad' })
    expect(api({ desired: 2, running: 2 })).toMatchObject({
      level: 'warn',
      value: expect.stringContaining('the plan wants 6'),
    })
    const suspended = (out: boolean) => ({ min: 0, max: 1, suspended: { in: true, out, scheduled: true } })
    expect(api({ scaling: suspended(false) })?.value).toMatch(/, is not scaled in$/)
    expect(api({ scaling: suspended(true) })?.value).toMatch(/, does not scale out$/)
  })
  it('misses a service that is not there', () => {
    const facts = well('home', { services: { ...well().services, home: seen([]) } })
    expect(line(status(facts).sides.home.lines, 'orders-api')?.level).toBe('bad')
  })
})

it('tells where a listener forwards', () => {
  const billing = shipped('billing')
  const serves = billing.listener?.dr?.serves ?? ''
  const of = (forwards: Record<string, number>, role: 'active' | 'standby') => {
    const look = seen({ arn: 'l', forwards, hasRules: false, healthy: { [serves]: 4 } })
    const facts = { ...well(), plan: billing, listeners: { home: dark('x'), dr: look } }
    return line(sideLines(billing, facts, 'dr', role), 'Listener')
  }
  expect(of({ [serves]: 100 }, 'active')).toEqual({
    label: 'Listener',
    value: 'billing-blue 100 (4 healthy)',
    level: 'ok',
  })
  expect(of({ other: 100 }, 'standby')).toMatchObject({
    level: 'ok',
    value: expect.stringContaining('a failover switches it'),
  })
  expect(of({ other: 100 }, 'active')?.level).toBe('warn')
})

it('tells of an API Gateway domain that the other side lacks, before a record needs it', () => {
  const domain = (available: boolean) => seen([{ name: 'orders.example.test', available }])
  const result = status(well('home', { domains: { home: domain(true), dr: domain(false) } }))
  expect(line(result.sides.home.lines, 'API Gateway')?.level).toBe('ok')
  expect(line(result.sides.dr.lines, 'API Gateway')?.level).toBe('bad')
  expect(result.warnings).toEqual([expect.stringContaining('could not take the record')])
})

it('warns of the worst first', () => {
  const facts = well('home', {
    global: seen(global('home', { engineVersion: '16.8' })),
    clusters: { home: seen(cluster('home')), dr: seen(cluster('dr', { instances: [] })) },
    lag: { home: seen('none'), dr: seen(lag(40)) },
    records: seen([record('home', { routing: 'weighted' })]),
  })
  expect(status(facts, { notFenced: 'home is dark' }).warnings).toEqual([
    'OLD SIDE NOT FENCED: home is dark',
    expect.stringContaining('Add an instance'),
    expect.stringContaining('engine versions differ'),
    'Lag of dr is over the limit of 30 s: 40 s, read 14 s ago.',
    'orders.example.test is a weighted record, which a failover cannot move.',
  ])
})

it('locks everything that a run may change, once, on both sides', () => {
  const resources = resourcesOf(shipped('billing'))
  expect(resources).toContain('global-cluster:billing-global')
  expect(resources).toContain('service:us-east-1/billing/billing-api')
  expect(resources).toContain('service:us-west-2/billing/billing-api')
  expect(resources.filter((name) => name.startsWith('listener:'))).toHaveLength(2)
  expect(resources).toContain('record:Z0EXAMPLE0TEST/billing.example.test/A')
  expect(new Set(resources).size).toBe(resources.length)
})
