import { describe, expect, it } from 'vitest'
import { type Scene, unsafe } from '../../src/aws/deletion-look.ts'
import type { ClusterFacts, RecordFacts } from '../../src/flows/world.ts'
import { arnOf, home } from './rig.ts'

const [stale, live] = [arnOf('home'), arnOf('dr')]
const third = 'arn:aws:rds:eu-west-1:111122223333:cluster:orders-eu'

const cluster = (arn: string, change: Partial<ClusterFacts> = {}): ClusterFacts => ({
  arn,
  status: 'available',
  engineVersion: '16.4',
  deletionProtection: true,
  encrypted: true,
  instances: [{ id: 'writer', status: 'available', isWriter: true }],
  ...change,
})
const global = (id: string, arns: readonly string[], change = {}) => ({
  id,
  status: 'available',
  engineVersion: '16.4',
  deletionProtection: false,
  members: arns.map((arn, index) => ({
    arn,
    region: arn.split(':')[3] ?? '',
    isWriter: index === 0,
    synchronization: 'connected',
  })),
  ...change,
})
const record = (owner: RecordFacts['owner']): RecordFacts => ({
  name: 'orders.example.test',
  type: 'A',
  owner,
  value: '',
  routing: 'simple',
})
const points = (owner: RecordFacts['owner']): Scene['records'] => ({
  ok: true,
  value: [record(owner)],
  at: 0,
})
const operation = { status: 'pending', fromArn: live, toArn: third, dataLossAllowed: false }

/** The old home cluster stands alone, and dr serves out of the global cluster. */
const orphaned: Scene = {
  side: 'home',
  region: home,
  account: '111122223333',
  stale: cluster(stale),
  live: cluster(live, { globalCluster: 'orders-global' }),
  globals: [global('orders-global', [live]), global('orders-global', [live])],
  records: points('dr'),
}

describe('a stale cluster may be deleted', () => {
  it.each<[string, Partial<Scene>]>([
    ['when it stands alone and the other side serves', {}],
    ['when it is gone already', { stale: 'absent' }],
    ['when it is alone in a global cluster of its own', { globals: [global('old', [stale])] }],
    ['when the other side is detached and serves', { live: cluster(live), globals: [global('g', [stale])] }],
  ])('%s', (_, change) => {
    expect(unsafe({ ...orphaned, ...change })).toBeUndefined()
  })
})

describe('a stale cluster is not deleted', () => {
  it.each<[string, string, Partial<Scene>]>([
    ['the other side has no cluster', 'OtherSideNotServing', { live: 'absent' }],
    ['the other side is stopped', 'OtherSideNotServing', { live: cluster(live, { status: 'stopped' }) }],
    ['the other side has no instance', 'OtherSideNotServing', { live: cluster(live, { instances: [] }) }],
    [
      'the other side’s writer restarts',
      'OtherSideNotServing',
      { live: cluster(live, { instances: [{ id: 'w', status: 'rebooting', isWriter: true }] }) },
    ],
    [
      'the other side has readers only',
      'OtherSideNotServing',
      { live: cluster(live, { instances: [{ id: 'r', status: 'available', isWriter: false }] }) },
    ],
    [
      'the other side follows somebody else',
      'OtherSideNotServing',
      { globals: [global('g', [third, live])] },
    ],
    ['its global cluster changes', 'OtherSideNotServing', { globals: [global('g', [live], { operation })] }],
    [
      'its global cluster is modified',
      'OtherSideNotServing',
      { globals: [global('g', [live], { status: 'modifying' })] },
    ],
    ['customers are sent to it', 'OtherSideNotServing', { records: points('home') }],
    ['customers are sent elsewhere', 'OtherSideNotServing', { records: points('foreign') }],
    ['there is no record', 'OtherSideNotServing', { records: points('absent') }],
    [
      'nobody knows where customers are sent',
      'OtherSideNotServing',
      { records: { ok: false, why: 'throttled', detail: 'Route 53 is busy', waitedMs: 1, at: 0 } },
    ],
    ['it is in another region', 'WrongRegion', { region: 'eu-west-1' }],
    ['it is in another account', 'WrongAccount', { account: '999999999999' }],
    ['it is a secondary of the other side', 'LiveMember', { globals: [global('g', [live, stale])] }],
    ['it has a third region’s secondary', 'HasOtherMembers', { globals: [global('g', [stale, third])] }],
    ['it is a third region’s secondary', 'HasOtherMembers', { globals: [global('g', [third, stale])] }],
    ['its own global cluster is moving', 'InFlight', { globals: [global('g', [stale], { operation })] }],
    [
      'it says it belongs to what does not list it',
      'Unclear',
      { stale: cluster(stale, { globalCluster: 'orders-global' }) },
    ],
  ])('while %s', (_, code, change) => {
    expect(unsafe({ ...orphaned, ...change })).toMatchObject({ code })
  })

  it('when either region still lists it beside the other side’s, whatever the other region says', () => {
    const one = global('orders-global', [live])
    const both = global('orders-global', [live, stale])
    expect(unsafe({ ...orphaned, globals: [one, both] })).toMatchObject({ code: 'LiveMember' })
    expect(unsafe({ ...orphaned, globals: [both, one] })).toMatchObject({ code: 'LiveMember' })
  })

  it('while the other side is a secondary of it, and the reason is that', () => {
    expect(unsafe({ ...orphaned, globals: [global('g', [stale, live])] })).toEqual({
      code: 'OtherSideNotServing',
      words: `${live} is not the writer of g`,
    })
  })
})
