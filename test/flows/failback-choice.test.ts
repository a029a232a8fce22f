import { describe, expect, it } from 'vitest'
import { DrError } from '../../src/engine/errors.ts'
import { chooseFailback } from '../../src/flows/choose-failback.ts'
import type { StatusFacts } from '../../src/flows/status.ts'
import { otherSide, type Side } from '../../src/flows/world.ts'
import {
  arnOf,
  cluster,
  dark,
  global,
  member,
  moving,
  orders,
  record,
  seen,
  standalone,
  well,
  without,
} from './facts.ts'

const chosen = (facts: StatusFacts): string => {
  try {
    const { variant, from, to, mode } = chooseFailback(orders, facts)
    return `${variant} ${from} to ${to}${mode === 'planned' ? '' : `, ${mode}`}`
  } catch (error) {
    if (!(error instanceof DrError)) throw error
    expect(error.code).toBe('FLOW_REFUSED')
    expect(error.remedy.length).toBeGreaterThan(10)
    return error.message
  }
}

/** Every state with `active` as the one that serves: what it asks for with home active, and with dr active. */
const table = (active: Side) => {
  const other = otherSide(active)
  const both = (of: Partial<StatusFacts['clusters']>) => ({ clusters: { ...well(active).clusters, ...of } })
  const sync = (synchronization: string) =>
    seen(global(active, { members: [member(active, true), member(other, false, synchronization)] }))
  const alone = seen(global(active, { members: [member(active, true)] }))
  const row = (what: string, change: Partial<StatusFacts>, home: string, dr: string) =>
    [what, well(active, change), active === 'home' ? home : dr] as const
  const [steady, repair, fast, rebuild] = [
    'the pair is steady',
    'repair home to dr',
    'fast dr to home',
    'rebuild dr to home',
  ]
  return [
    row('all is well', {}, steady, fast),
    row(
      'the standby has no instance',
      both({ [other]: seen(cluster(other, { instances: [] })) }),
      repair,
      fast,
    ),
    row(
      'AWS moves the writer',
      { global: seen(global(active, { operation: moving(arnOf(other)), status: 'failing-over' })) },
      'at this moment',
      'at this moment',
    ),
    row('the standby resynchronises', { global: sync('pending-resync') }, repair, fast),
    row('the standby is not listed while it rejoins', { global: alone }, repair, fast),
    row(
      'no instance of the standby is available',
      both({
        [other]: seen(cluster(other, { instances: [{ id: 'i', status: 'rebooting', isWriter: false }] })),
      }),
      repair,
      fast,
    ),
    row(
      'the standby stands alone, customers are here',
      { global: alone, ...both({ [other]: seen(standalone(other)) }) },
      repair,
      rebuild,
    ),
    row(
      'the standby belongs to another global cluster',
      { global: alone, ...both({ [other]: seen(cluster(other, { globalCluster: 'else-global' })) }) },
      repair,
      rebuild,
    ),
    row(
      'the standby does not exist',
      { global: alone, ...both({ [other]: seen('absent' as const) }) },
      repair,
      rebuild,
    ),
    row(
      'this side was detached and serves',
      {
        global: seen(global(other, { members: [member(other, true)] })),
        ...both({ [active]: seen(standalone(active)) }),
      },
      repair,
      rebuild,
    ),
    row(
      'it is not known which of two writers serves',
      {
        global: alone,
        records: seen([record('home'), record('dr')]),
        ...both({ [other]: seen(standalone(other)) }),
      },
      'not known which of them',
      'not known which of them',
    ),
    row(
      'the global cluster was emptied in the middle of a rebuild',
      {
        global: seen(global(active, { members: [] })),
        ...both({ [active]: seen(standalone(active)), [other]: seen(standalone(other)) }),
      },
      repair,
      rebuild,
    ),
    row(
      'the global cluster is gone, and this side serves by itself',
      {
        global: seen('absent' as const),
        ...both({ [active]: seen(standalone(active)), [other]: seen('absent' as const) }),
      },
      repair,
      rebuild,
    ),
    row(
      'the global cluster is gone, and this side still says it belongs to it',
      { global: seen('absent' as const) },
      'no side clearly serves',
      'no side clearly serves',
    ),
    row('the global cluster cannot be seen', { global: dark('RDS') }, 'nobody can say', 'nobody can say'),
    row(
      'the records cannot be listed',
      { records: dark('Route 53') },
      'could not be listed',
      'could not be listed',
    ),
    row(
      'a record points elsewhere',
      { records: seen([record('foreign')]) },
      'points at neither side',
      'points at neither side',
    ),
  ]
}

describe.each(['home', 'dr'] as const)('with %s active', (active) => {
  it.each(table(active))('%s', (_, facts, verdict) => {
    expect(chosen(facts)).toContain(verdict)
  })

  it('waits for the other region, and leaves a dark active side to a failover', () => {
    const other = otherSide(active)
    expect(chosen(without(other, well(active)))).toContain(
      `${other} (${orders.regions[other]}) gives no answer`,
    )
    expect(chosen(without(active, well(active)))).toContain(
      `${active} (${orders.regions[active]}) holds the writer`,
    )
  })

  it('leaves customers at a side without the writer, and no standby, to a failover', () => {
    const other = otherSide(active)
    const synchronizing = seen(
      global(active, { members: [member(active, true), member(other, false, 'pending-resync')] }),
    )
    const facts = well(active, { global: synchronizing, records: seen([record(other)]) })
    expect(chosen(facts)).toContain(`customers are sent to ${other}, while ${active} holds the writer`)
  })
})

describe('what was begun and not finished', () => {
  const home = well('home')
  it('is finished where the writer is home and customers are not', () => {
    expect(chosen(well('home', { records: seen([record('dr')]) }))).toBe('fast dr to home')
    expect(chosen(well('home', { records: seen([record('dr'), record('home')]) }))).toBe('fast dr to home')
  })
  it('is finished where home is below its capacity', () => {
    const short = home.services.dr
    expect(chosen(well('home', { services: { home: short, dr: short } }))).toBe('fast dr to home')
  })
  it('is finished where dr was not stood down, or stands fenced', () => {
    const full = home.services.home
    expect(chosen(well('home', { services: { home: full, dr: full } }))).toBe('fast dr to home')
    const fenced = full.ok
      ? full.value.map((service) => ({
          ...service,
          desired: 0,
          running: 0,
          scaling: { min: 0, max: 12, suspended: { in: true, out: true, scheduled: true } },
        }))
      : []
    expect(chosen(well('home', { services: { home: full, dr: seen(fenced) } }))).toBe('fast dr to home')
  })
  it('is not called steady while the services cannot be seen', () => {
    const services = { ...home.services, dr: dark('us-west-2', 'denied') }
    expect(chosen(well('home', { services }))).toContain('not everything could be seen')
  })
  it('goes home from dr when customers are sent there already, with a standby that can take over', () => {
    expect(chosen(well('dr', { records: seen([record('home')]) }))).toBe('fast dr to home')
  })
})
