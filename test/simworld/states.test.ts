import { DescribeDBClustersCommand, DescribeGlobalClustersCommand, type RDSClient } from '@aws-sdk/client-rds'
import { ListResourceRecordSetsCommand } from '@aws-sdk/client-route-53'
import { describe, expect, test } from 'vitest'
import type { Simulation } from '../../rehearsal/aws/simulator.ts'
import { type State, states } from '../../rehearsal/aws/states.ts'
import { clients, DR, HOME, world } from './world.ts'

const regionOf = { home: HOME, dr: DR } as const

/** A side's cluster in a few words: its status, its global cluster, how many instances, whether it writes. */
async function told(rds: RDSClient, DBClusterIdentifier: string): Promise<string> {
  const [found] = await rds
    .send(new DescribeDBClustersCommand({ DBClusterIdentifier }))
    .then(({ DBClusters = [] }) => DBClusters)
    .catch((error: Error) => {
      expect(error.name).toBe('DBClusterNotFoundFault')
      return []
    })
  if (!found) return 'absent'
  const members = found.DBClusterMembers ?? []
  return [
    found.Status,
    found.GlobalClusterIdentifier ? 'member' : 'standalone',
    members.length,
    members.some(({ IsClusterWriter }) => IsClusterWriter) ? 'writes' : 'reads',
  ].join(' ')
}

/** The global cluster: its status, and its members with their roles and synchronization. */
async function globalTold(sim: Simulation, region: string): Promise<string> {
  const { rds } = clients(sim, region)
  const [found] = await rds
    .send(new DescribeGlobalClustersCommand({ GlobalClusterIdentifier: 'orders-global' }))
    .then(({ GlobalClusters = [] }) => GlobalClusters)
    .catch((error: Error) => {
      expect(error.name).toBe('GlobalClusterNotFoundFault')
      return []
    })
  if (!found) return 'absent'
  const members = (found.GlobalClusterMembers ?? []).map(
    ({ DBClusterArn, IsWriter, SynchronizationStatus }) =>
      `${DBClusterArn?.split(':').at(-1)} ${IsWriter ? 'writes' : SynchronizationStatus}`,
  )
  return [found.Status, ...members.toSorted()].join(', ')
}

/** What clients read in each state, with A for the active side and S for the other. */
const expected: Readonly<Record<State, { global: string; A: string; S: string }>> = {
  protected: {
    global: 'available, orders-A writes, orders-S connected',
    A: 'available member 2 writes',
    S: 'available member 1 reads',
  },
  headless: {
    global: 'available, orders-A writes, orders-S connected',
    A: 'available member 2 writes',
    S: 'available member 0 reads',
  },
  'in-flight': {
    global: 'switching-over, orders-A writes, orders-S connected',
    A: 'available member 2 writes',
    S: 'available member 1 reads',
  },
  unprotected: {
    global: 'available, orders-A writes, orders-S pending-resync',
    A: 'available member 2 writes',
    S: 'modifying member 1 reads',
  },
  orphaned: {
    global: 'available, orders-A writes',
    A: 'available member 2 writes',
    S: 'available standalone 1 writes',
  },
  alone: { global: 'available, orders-A writes', A: 'available member 2 writes', S: 'absent' },
  detached: {
    global: 'available, orders-S writes',
    A: 'available standalone 2 writes',
    S: 'available member 1 writes',
  },
  'no-global': { global: 'absent', A: 'available standalone 2 writes', S: 'available standalone 1 writes' },
  unknown: {
    global: 'available, orders-A connected, orders-S connected, orders-spare writes',
    A: 'available member 2 reads',
    S: 'available member 1 reads',
  },
}

const sides = ['home', 'dr'] as const

describe.each(sides)('with %s active', (active) => {
  const standby = active === 'home' ? 'dr' : 'home'
  const mirrored = (text: string) =>
    text
      .replaceAll('orders-A', `orders-${active}`)
      .replaceAll('orders-S', `orders-${standby}`)
      .split(', ')
      .toSorted((a, b) => Number(a.startsWith('orders')) - Number(b.startsWith('orders')) || (a < b ? -1 : 1))
      .join(', ')

  test.each(states)('“%s” can be entered, and is read by real clients', async (state) => {
    const { clock, sim } = world()
    sim.enter('orders', state, active)
    const { global, A, S } = expected[state]
    expect(await globalTold(sim, regionOf[active])).toBe(mirrored(global))
    expect(await told(clients(sim, regionOf[active]).rds, `orders-${active}`)).toBe(A)
    expect(await told(clients(sim, regionOf[standby]).rds, `orders-${standby}`)).toBe(S)
    const { apps } = sim.state()
    expect(apps.orders.dns.record).toBe(active)
    expect(apps.orders.dns.share[active]).toBe(1)
    expect(apps.orders.success).toBe(state === 'unknown' ? 0 : 1)
    clock.advance(600_000)
    if (state !== 'unknown') expect(sim.slo('orders').successNow).toBe(state === 'in-flight' ? 0 : 1)
    expect(sim.state().apps.billing).toMatchObject({ success: 1, dns: { record: 'home' } })
  })

  test.each(states)('in “%s” the record may point at the other side', async (state) => {
    const { sim } = world()
    sim.enter('orders', state, active, standby)
    const { ResourceRecordSets = [] } = await clients(sim, DR).route53.send(
      new ListResourceRecordSetsCommand({ HostedZoneId: 'Z0EXAMPLE0TEST' }),
    )
    const record = ResourceRecordSets.find(({ Name }) => Name === 'orders.example.test.')
    expect(record?.AliasTarget?.DNSName).toMatch(`d-orders-${standby}.`)
    expect(sim.state().apps.orders.dns.share[standby]).toBe(1)
  })
})

test('billing has its states too, with its listener on the side that serves', () => {
  const { sim } = world()
  sim.enter('billing', 'protected', 'dr')
  const { billing } = sim.state().apps
  expect(billing.success).toBe(1)
  expect(billing.sides.dr).toMatchObject({ writer: true, serving: 1 })
  expect(billing.sides.home.services[0]).toMatchObject({ desired: 0, running: 0 })
})

test('nothing of the state before goes on', () => {
  const { clock, sim } = world()
  sim.enter('orders', 'unprotected', 'dr')
  sim.enter('orders', 'protected', 'home')
  clock.advance(24 * 3_600_000)
  const { orders } = sim.state().apps
  expect(orders.sides.dr).toMatchObject({ cluster: 'available', synchronization: 'connected', writer: false })
  expect(orders).toMatchObject({ success: 1, lostWrites: [] })
  expect(orders.snapshots.map(({ cluster, type }) => [cluster, type])).toEqual([
    ['orders-home', 'automated'],
    ['orders-dr', 'automated'],
  ])
})
