import { describe, expect, it } from 'vitest'
import { classify, type Facts, type Overlay, type TopologyState } from '../../src/flows/topology.ts'
import { otherSide, type Side } from '../../src/flows/world.ts'
import { arnOf, cluster, dark, global, lag, member, moving, record, seen, standalone, well } from './facts.ts'

type Row = {
  readonly what: string
  readonly facts: Facts
  readonly state: TopologyState
  readonly active: Side | 'unknown'
  readonly word: string
  readonly overlays: readonly Overlay[]
}
const unknownRegion = (side: Side): Overlay => `${side}-unknown`

/** Every state with `active` as the one that serves, under its classic words for home and for dr. */
function table(active: Side): readonly Row[] {
  const other = otherSide(active)
  const word = (home: string, dr: string) => (active === 'home' ? home : dr)
  const row = (
    what: string,
    state: TopologyState,
    name: string,
    change: Partial<Facts>,
    overlays: readonly Overlay[] = [],
    serves: Side | 'unknown' = active,
  ): Row => ({ what, facts: { ...well(active), ...change }, state, active: serves, word: name, overlays })
  const both = (of: Partial<Facts['clusters']>) => ({ clusters: { ...well(active).clusters, ...of } })
  const sync = (synchronization: string) =>
    seen(global(active, { members: [member(active, true), member(other, false, synchronization)] }))
  const alone = seen(global(active, { members: [member(active, true)] }))
  return [
    row('all is well', 'protected', word('STEADY', 'FAILED_OVER_PROTECTED'), {}),
    row(
      'the standby has no instance',
      'headless',
      word('STEADY_HEADLESS', 'FAILED_OVER_HEADLESS'),
      both({ [other]: seen(cluster(other, { instances: [] })) }),
    ),
    row('AWS moves the writer', 'in-flight', 'IN_FLIGHT', {
      global: seen(global(active, { operation: moving(arnOf(other)), status: 'failing-over' })),
    }),
    row('AWS moves the writer under a status nobody has heard of', 'in-flight', 'IN_FLIGHT', {
      global: seen(global(active, { status: 'pondering' })),
    }),
    row('an operation is scheduled while all looks available', 'in-flight', 'IN_FLIGHT', {
      global: seen(global(active, { operation: moving(arnOf(other), 'pending') })),
    }),
    row('the standby resynchronises', 'unprotected', word('STEADY_UNPROTECTED', 'FAILED_OVER_UNPROTECTED'), {
      global: sync('pending-resync'),
    }),
    row(
      'the standby region is dark',
      'unprotected',
      word('STEADY_UNPROTECTED', 'FAILED_OVER_UNPROTECTED'),
      both({ [other]: dark(other) }),
      [unknownRegion(other)],
    ),
    row(
      'the standby cluster is not available',
      'unprotected',
      word('STEADY_UNPROTECTED', 'FAILED_OVER_UNPROTECTED'),
      both({ [other]: seen(cluster(other, { status: 'upgrading' })) }),
    ),
    row(
      'no instance of the standby is available',
      'unprotected',
      word('STEADY_UNPROTECTED', 'FAILED_OVER_UNPROTECTED'),
      both({
        [other]: seen(cluster(other, { instances: [{ id: 'i', status: 'rebooting', isWriter: false }] })),
      }),
    ),
    row(
      'the standby is not listed while it rejoins',
      'unprotected',
      word('STEADY_UNPROTECTED', 'FAILED_OVER_UNPROTECTED'),
      { global: alone },
    ),
    row(
      'the standby stands alone, customers are here',
      'orphaned',
      word('STEADY_ORPHANED', 'FAILED_OVER_ORPHANED'),
      { global: alone, ...both({ [other]: seen(standalone(other)) }) },
      ['split-brain-possible'],
    ),
    row(
      'the standby belongs to another global cluster',
      'orphaned',
      word('STEADY_ORPHANED', 'FAILED_OVER_ORPHANED'),
      { global: alone, ...both({ [other]: seen(cluster(other, { globalCluster: 'else-global' })) }) },
      ['split-brain-possible'],
    ),
    row('the standby does not exist', 'alone', word('STEADY_ALONE', 'FAILED_OVER_ALONE'), {
      global: alone,
      ...both({ [other]: seen('absent') }),
    }),
    row(
      'the other side was detached and serves',
      'detached',
      word('DETACHED', 'DETACHED_HOME'),
      { global: alone, records: seen([record(other)]), ...both({ [other]: seen(standalone(other)) }) },
      ['split-brain-possible'],
      other,
    ),
    row(
      'the other side was detached, and this one is dark',
      'detached',
      word('DETACHED', 'DETACHED_HOME'),
      { global: alone, ...both({ [other]: seen(standalone(other)), [active]: dark(active) }) },
      ['dns-mismatch', unknownRegion(active), 'split-brain-possible'],
      other,
    ),
    row(
      'one was detached, and DNS cannot be seen',
      'detached',
      'DETACHED',
      { global: alone, records: dark('Route 53'), ...both({ [other]: seen(standalone(other)) }) },
      ['split-brain-possible'],
      'unknown',
    ),
    row(
      'this side was detached, and the global cluster cannot be seen',
      'detached',
      word('DETACHED_HOME', 'DETACHED'),
      { global: dark('RDS'), ...both({ [active]: seen(standalone(active)), [other]: dark(other) }) },
      [unknownRegion(other), 'split-brain-possible'],
    ),
    row(
      'both stand alone, and the global cluster cannot be seen',
      'detached',
      word('DETACHED_HOME', 'DETACHED'),
      { global: dark('RDS'), ...both({ home: seen(standalone('home')), dr: seen(standalone('dr')) }) },
      ['split-brain-possible'],
    ),
    row('there is no global cluster', 'no-global', 'NO_GLOBAL', { global: seen('absent') }, [], 'unknown'),
    row(
      'the global cluster cannot be seen',
      'unknown',
      'UNKNOWN',
      { global: dark('RDS') },
      ['lag-unknown'],
      'unknown',
    ),
    row(
      'the writer is none of the plan',
      'unknown',
      'UNKNOWN',
      {
        global: seen(
          global(active, {
            members: [
              {
                arn: 'arn:aws:rds:eu-west-1:1:cluster:x',
                region: 'eu-west-1',
                isWriter: true,
                synchronization: 'connected',
              },
            ],
          }),
        ),
      },
      ['lag-unknown'],
      'unknown',
    ),
  ]
}

describe.each(['home', 'dr'] as const)('with %s active', (active) => {
  it.each(table(active))('$what: $word', ({ facts, state, active: serves, word, overlays }) => {
    const topology = classify(facts)
    expect(topology).toMatchObject({ state, active: serves, word })
    expect(topology.overlays).toEqual(overlays)
    expect(topology.sentence).toMatch(/^[A-Za-z].*\.$/)
    expect(topology.sentence).not.toMatch(/undefined|object/)
  })

  it('says that the standby is fine where only the active region is dark, and that the active one is unknown', () => {
    const facts = well(active)
    const clusters = { ...facts.clusters, [active]: dark(active) }
    expect(classify({ ...facts, clusters })).toMatchObject({
      state: 'protected',
      active,
      overlays: [unknownRegion(active)],
    })
  })

  const standby = otherSide(active)
  it.each<[string, Partial<Facts>, Overlay]>([
    ['DNS is at the other side', { records: seen([record(standby)]) }, 'dns-mismatch'],
    ['DNS is split', { records: seen([record('home'), record('dr')]) }, 'dns-mismatch'],
    ['DNS is elsewhere', { records: seen([record('foreign')]) }, 'dns-foreign'],
    ['a record is missing', { records: seen([record(active), record('absent')]) }, 'dns-foreign'],
    ['lag is over the limit', { lag: { ...well(active).lag, [standby]: seen(lag(31)) } }, 'lag-high'],
    ['lag has no reading', { lag: { ...well(active).lag, [standby]: seen('none' as const) } }, 'lag-unknown'],
    [
      'the reading is old',
      { lag: { ...well(active).lag, [standby]: seen(lag(0.1, 6 * 60_000)) } },
      'lag-unknown',
    ],
    ['lag could not be looked at', { lag: { ...well(active).lag, [standby]: dark(standby) } }, 'lag-unknown'],
    [
      'versions differ',
      {
        clusters: { ...well(active).clusters, [standby]: seen(cluster(standby, { engineVersion: '16.8' })) },
      },
      'versions-differ',
    ],
    [
      'the global version differs',
      { global: seen(global(active, { engineVersion: '16.8' })) },
      'versions-differ',
    ],
  ])('overlay: %s', (_what, change, overlay) => {
    expect(classify({ ...well(active), ...change }).overlays).toEqual([overlay])
  })
})

it('has no overlay of lag where nothing replicates', () => {
  const gone = { global: seen(global('home', { members: [member('home', true)] })) }
  const facts = { ...well(), ...gone, clusters: { home: seen(cluster('home')), dr: seen('absent' as const) } }
  expect(classify({ ...facts, lag: { home: seen('none'), dr: dark('dr') } }).overlays).toEqual([])
})

it('is pure', () => {
  const facts = well()
  const before = JSON.stringify(facts)
  expect(classify(facts)).toEqual(classify(facts))
  expect(JSON.stringify(facts)).toBe(before)
})
