import { describe, expect, it } from 'vitest'
import { DrError } from '../../src/engine/errors.ts'
import { chooseFailover } from '../../src/flows/choose.ts'
import { failover } from '../../src/flows/failover.ts'
import { bindingOf, hashOf, propose } from '../../src/flows/propose.ts'
import type { StatusFacts } from '../../src/flows/status.ts'
import type { Mode } from '../../src/flows/world.ts'
import {
  arnOf,
  cluster,
  dark,
  global,
  lag,
  member,
  moving,
  orders,
  record,
  seen,
  services,
  standalone,
  well,
  without,
} from './facts.ts'

const darkHome = () =>
  without('home', well('home', { public: seen({ healthy: false, status: 0, ms: 0, detail: 'no answer' }) }))
const refusal = (facts: StatusFacts, mode?: Mode): string => {
  try {
    chooseFailover(orders, facts, mode)
    return 'not refused'
  } catch (error) {
    expect(error).toBeInstanceOf(DrError)
    return (error as DrError).message
  }
}
const card = (facts: StatusFacts, mode?: Mode, more = {}) => {
  const choice = chooseFailover(orders, facts, mode)
  const asked = {
    plan: orders,
    facts,
    choice,
    flow: failover(choice.mode),
    calls: [],
    requestedBy: 'U1',
    expiresAt: 1,
  }
  return propose({ ...asked, ...more })
}

describe('the choice', () => {
  it.each<[string, StatusFacts, object]>([
    [
      'home healthy',
      well(),
      { flow: 'failover', variant: 'planned', mode: 'planned', from: 'home', to: 'dr' },
    ],
    [
      'home dark',
      darkHome(),
      { flow: 'failover', variant: 'emergency', mode: 'emergency', from: 'home', to: 'dr' },
    ],
    [
      'dr healthy and active',
      well('dr'),
      { flow: 'failover', variant: 'planned', mode: 'planned', from: 'dr', to: 'home' },
    ],
    [
      'dr dark and active',
      without('dr', well('dr')),
      { flow: 'failover', variant: 'emergency', mode: 'emergency', from: 'dr', to: 'home' },
    ],
    [
      'the writer has moved to dr, DNS has not, and home is dark: what was begun is finished',
      without('home', well('dr', { records: seen([record('home')]) })),
      { flow: 'failover', variant: 'emergency', mode: 'emergency', from: 'home', to: 'dr' },
    ],
    [
      'the same while the stack of dr is not well yet',
      without(
        'home',
        well('dr', {
          records: seen([record('home')]),
          stack: {
            home: dark('home'),
            dr: seen({ healthy: false, status: 503, ms: 9, detail: 'answered 503' }),
          },
        }),
      ),
      { flow: 'failover', variant: 'emergency', mode: 'emergency', from: 'home', to: 'dr' },
    ],
    [
      'the writer is at home, which is dark, and DNS at dr: away from the dark side',
      without('home', well('home', { records: seen([record('dr')]) })),
      { flow: 'failover', variant: 'emergency', mode: 'emergency', from: 'home', to: 'dr' },
    ],
    [
      'nobody knows the writer, DNS at home',
      { ...darkHome(), global: dark('RDS') },
      { flow: 'failover', variant: 'emergency', mode: 'emergency', from: 'home', to: 'dr' },
    ],
    [
      'nobody knows the writer, DNS at dr',
      { ...well(), records: seen([record('dr')]), global: dark('RDS') },
      { flow: 'failover', variant: 'emergency', mode: 'emergency', from: 'dr', to: 'home' },
    ],
    [
      'AWS moves it already',
      { ...darkHome(), global: seen(global('home', { operation: moving(arnOf('dr')) })) },
      { flow: 'failover', variant: 'emergency', mode: 'emergency', from: 'home', to: 'dr' },
    ],
  ])('%s', (_what, facts, choice) => {
    expect(chooseFailover(orders, facts)).toEqual(choice)
  })

  const noInstance = { clusters: { ...well().clusters, dr: seen(cluster('dr', { instances: [] })) } }
  const notMember = { global: seen(global('home', { members: [member('home', true)] })) }
  it.each<[string, StatusFacts, Mode, RegExp]>([
    ['no instance', { ...well(), ...noInstance }, 'emergency', /orders-dr has no instance/],
    ['not a member', { ...well(), ...notMember }, 'emergency', /not a member of orders-global/],
    [
      'a refused role',
      { ...well(), clusters: { ...well().clusters, dr: dark('dr', 'denied') } },
      'emergency',
      /role is refused in us-west-2/,
    ],
    ['no global cluster', { ...well(), global: seen('absent') }, 'emergency', /does not exist/],
    [
      'detached already',
      {
        ...well(),
        ...notMember,
        clusters: { ...well().clusters, dr: seen(standalone('dr')) },
        records: seen([record('dr')]),
      },
      'emergency',
      /detached/,
    ],
    [
      'failed over already, home resynchronising',
      well('dr', {
        global: seen(
          global('dr', { members: [member('dr', true), member('home', false, 'pending-resync')] }),
        ),
      }),
      'emergency',
      /already failed over to dr/,
    ],
    ['planned, home dark', darkHome(), 'planned', /a switchover needs it/],
    [
      'planned, in flight',
      { ...well(), global: seen(global('home', { operation: moving(arnOf('dr')) })) },
      'planned',
      /Somebody is moving/,
    ],
    [
      'planned, versions differ',
      { ...well(), global: seen(global('home', { engineVersion: '17.1' })) },
      'planned',
      /versions differ/,
    ],
    [
      'planned, lag high',
      { ...well(), lag: { home: seen('none'), dr: seen(lag(99)) } },
      'planned',
      /lags behind/,
    ],
    ['detach, home answers', well(), 'detach', /there would be two writers/],
  ])('is refused: %s', (_what, facts, mode, why) => {
    expect(refusal(facts, mode)).toMatch(why)
  })

  it.each<[string, Partial<StatusFacts>]>([
    ['lag unknown', { lag: { home: dark('x'), dr: dark('x') } }],
    ['lag high', { lag: { home: seen('none'), dr: seen(lag(9_000)) } }],
    ['versions differ', { global: seen(global('home', { engineVersion: '17.1' })) }],
    ['DNS unknown', { records: dark('Route 53') }],
    ['the target cannot be seen', { clusters: { home: dark('x'), dr: dark('x') } }],
    ['the global cluster cannot be seen', { global: dark('x') }],
    ['a weighted record', { records: seen([record('home', { routing: 'weighted' })]) }],
  ])('of an emergency is not stopped by: %s', (_what, change) => {
    expect(chooseFailover(orders, { ...darkHome(), ...change }, 'emergency').to).toBe('dr')
  })

  it('allows a detach where home is dark, or its writers are stopped', () => {
    expect(chooseFailover(orders, darkHome(), 'detach').mode).toBe('detach')
    const stopped = services(true).map((service) => ({ ...service, desired: 0, running: 0 }))
    const facts = well('home', { services: { ...well().services, home: seen(stopped) } })
    expect(chooseFailover(orders, facts, 'detach').mode).toBe('detach')
    const endpoint = { ...orders, database: { ...orders.database, usesGlobalWriterEndpoint: true } }
    expect(() => chooseFailover(endpoint, darkHome(), 'detach')).toThrow(/global writer endpoint/)
  })
})

describe('the card', () => {
  it('says that a half-done move is finished, and not that one begins', () => {
    const half = without('home', well('dr', { records: seen([record('home')]) }))
    expect(card(half).warnings).toContain(
      'The writer is in us-west-2 (dr) already: this finishes what was begun there.',
    )
    expect(card(darkHome()).warnings.join()).not.toContain('already')
  })

  it('says what is known, how old it is, and what cannot be undone', () => {
    const proposal = card(darkHome())
    expect(proposal.facts).toContainEqual({
      label: 'Last lag known',
      value: '0.4 s, read 14 s ago; later writes may be lost too',
      known: true,
    })
    expect(proposal.facts.find(({ label }) => label === 'From')).toMatchObject({
      known: false,
      value: 'us-east-1 (home): us-east-1 gave no answer in 1.5 s',
    })
    expect(proposal.steps.filter(({ irreversible }) => irreversible).map(({ id }) => id)).toEqual([
      'promote-standby',
    ])
    expect(proposal).toMatchObject({
      plan: 'orders',
      flow: 'failover',
      phrase: 'orders',
      twoPeople: true,
      breakGlass: ['U00ALICE'],
    })
    expect(proposal.input).toEqual({
      plan: 'orders',
      flow: 'failover',
      variant: 'emergency',
      mode: 'emergency',
      from: 'home',
      to: 'dr',
    })
    expect(proposal.warnings.length).toBeGreaterThan(0)
  })

  it('asks again when customers are served although home looks dark', () => {
    const proposal = card(without('home', well()), 'emergency')
    expect(proposal.phrase).toBe('orders anyway')
    expect(proposal.warnings[0]).toContain('Customers are being served')
  })

  it('warns of choosing data loss while home is healthy, and of leaving dr', () => {
    expect(card(well(), 'emergency').warnings[0]).toContain('you are choosing to lose writes')
    expect(card(well('dr'), 'planned').warnings.join()).toContain('from dr to home')
  })

  it('lets nobody break the glass but for an emergency', () => {
    expect(card(well(), 'planned').breakGlass).toEqual([])
    expect(card(darkHome(), 'detach').breakGlass).toEqual([])
  })

  it('names the run that it stops', () => {
    const proposal = card(darkHome(), 'emergency', { supersedes: { id: 'r7', title: 'Planned failover' } })
    expect(proposal).toMatchObject({
      supersedes: 'r7',
      input: { supersedes: 'r7' },
      binding: { supersedes: 'r7' },
    })
    expect(proposal.warnings.join()).toContain('It stops run r7')
  })
})

describe('the hash', () => {
  const { binding, hash, steps } = card(darkHome())
  const choice = {
    flow: 'failover',
    variant: 'emergency',
    mode: 'emergency',
    from: 'home',
    to: 'dr',
  } as const
  const again = (facts: StatusFacts, supersedes?: string) =>
    hashOf(bindingOf(orders, facts, choice, supersedes), steps)

  it('stays the same while everything else wobbles', () => {
    expect(hash).toMatch(/^[0-9a-f]{64}$/)
    const wobbling = well('home', { lag: { home: dark('x'), dr: seen(lag(7)) }, tookMs: 1 })
    expect(again(wobbling)).toBe(hash)
    expect(hashOf(Object.fromEntries(Object.entries(binding).reverse()), steps)).toBe(hash)
  })

  it.each<[string, StatusFacts, string?]>([
    ['the writer', { ...darkHome(), global: seen(global('dr')) }],
    ['FailoverState', { ...darkHome(), global: seen(global('home', { operation: moving(arnOf('dr')) })) }],
    ['the DNS owner', { ...darkHome(), records: seen([record('dr')]) }],
    ['the superseded run', darkHome(), 'r7'],
  ])('changes with %s', (_what, facts, supersedes) => {
    expect(again(facts, supersedes)).not.toBe(hash)
  })

  it('changes with the mode, the direction and the steps', () => {
    expect(
      hashOf(bindingOf(orders, darkHome(), { ...choice, variant: 'detach', mode: 'detach' }), steps),
    ).not.toBe(hash)
    expect(hashOf(bindingOf(orders, darkHome(), { ...choice, from: 'dr', to: 'home' }), steps)).not.toBe(hash)
    expect(hashOf(binding, steps.slice(1))).not.toBe(hash)
  })
})
