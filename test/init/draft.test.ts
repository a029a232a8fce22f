import { describe, expect, test } from 'vitest'
import { draft } from '../../src/init/draft.ts'
import type { Fact, Thing } from '../../src/init/facts.ts'
import { isAbout, pairingName, sideInName, stemsOf } from '../../src/init/names.ts'
import type { Given } from '../../src/init/place.ts'
import { write } from '../../src/init/write.ts'
import { toFill } from './rig.ts'

const [home, dr] = ['eu-west-1', 'eu-central-1']
const group = (region: string, name: string) =>
  `arn:aws:elasticloadbalancing:${region}:111122223333:targetgroup/${name}/1`
const drafted = (things: readonly Thing[], given: Partial<Given> = {}) => {
  const facts = things.map((thing): Fact => ({ ...thing, from: 'the test' }))
  const made = draft(facts, {
    name: 'shop',
    regions: { home, dr },
    seen: [],
    told: {},
    looked: true,
    ...given,
  })
  return { made, text: write(made, { sources: [], gaps: [] }) }
}
const service = (region: string, name: string, more: object = {}): Thing => ({
  kind: 'service',
  region,
  cluster: 'shop',
  name,
  desired: 2,
  max: 4,
  ...more,
})
const alb = (region: string, name = 'shop'): Thing => ({
  kind: 'balancer',
  region,
  dnsName: `${name}-1.${region}.elb.amazonaws.com`,
  hostedZoneId: `Z${region.replaceAll('-', '').toUpperCase()}`,
})
const record = (name: string, region: string, more: object = {}): Thing => ({
  kind: 'record',
  name,
  zone: 'Z0SHOP',
  type: 'A',
  target: { dnsName: `shop-1.${region}.elb.amazonaws.com`, hostedZoneId: 'Z1' },
  evaluateTargetHealth: true,
  ...more,
})
const writer: Thing = { kind: 'db-cluster', region: home, id: 'shop-eu', writer: true }

describe('names', () => {
  test.each([
    ['orders-api', ['orders'], true],
    ['OrdersApi', ['orders'], true],
    ['reorders', ['orders'], false],
    ['prod_orders_eu', ['prod orders'], true],
    ['orders-prod', ['prod orders'], false],
  ])('%s is about %s: %s', (name, stems, is) => expect(isAbout(name, stems)).toBe(is))

  test('what is generic in a name is no stem', () => {
    expect(stemsOf(['shop', 'shop-global-db', 'aurora'])).toEqual(['shop'])
  })

  test.each([
    ['api-home', 'api-dr'],
    ['shop-eu-west-1-api', 'shop-eu-central-1-api'],
    ['api-euw1', 'api-euc1'],
    ['primary_web', 'secondary_web'],
  ])('%s and %s are one service', (a, b) => expect(pairingName(a)).toBe(pairingName(b)))

  test('a name that speaks of both sides speaks of neither', () => {
    expect([sideInName('home-to-dr'), sideInName('orders'), sideInName('orders_dr_arn')]).toEqual([
      undefined,
      undefined,
      'dr',
    ])
  })
})

describe('services', () => {
  test('are paired by their own name before any that is like it', () => {
    const { made } = drafted([
      service(home, 'api-home'),
      service(home, 'api'),
      service(dr, 'api'),
      service(dr, 'api-dr'),
    ])
    const names = made.services.map(({ ecs }) =>
      [ecs.home.service, ecs.dr.service].map((slot) => 'value' in slot && slot.value),
    )
    expect(names).toEqual([
      ['api-home', 'api-dr'],
      ['api', 'api'],
    ])
  })

  test('one without a counterpart is marked, on whichever side', () => {
    const { text } = drafted([service(home, 'api'), service(dr, 'worker')])
    expect(toFill(text)).toEqual(
      expect.arrayContaining(['services[0].ecs.dr.service', 'services[1].ecs.home.service']),
    )
  })

  test('numbers that contradict each other are asked for, not written', () => {
    const { text } = drafted([
      writer,
      service(home, 'night', { desired: 0 }),
      service(dr, 'night'),
      service(home, 'busy', { desired: 9, max: 4 }),
      service(dr, 'busy', { desired: 20 }),
    ])
    expect(toFill(text)).toEqual(
      expect.arrayContaining([
        'services[0].capacity.home.active',
        'services[0].capacity.dr.standby',
        'services[1].capacity.home.max',
        'services[1].capacity.dr.standby',
      ]),
    )
    expect(toFill(text).filter((field) => !/^[\w.[\]]+$/.test(field))).toEqual([])
  })
})

describe('records', () => {
  const both = [alb(home), alb(dr)]

  test('every name that leads to a side and is not its own moves, and is to be confirmed', () => {
    const { text } = drafted([
      ...both,
      record('shop.test', home),
      record('www.shop.test', home),
      record('dr.shop.test', dr),
    ])
    expect(text.match(/name: (www\.)?shop\.test {2}# CONFIRM: one of 2/g)).toHaveLength(2)
    expect(text).toContain('# These names always lead to dr: dr.shop.test.')
  })

  test('--record says which', () => {
    const { made } = drafted([...both, record('shop.test', home), record('www.shop.test', home)], {
      record: 'WWW.shop.test.',
    })
    expect(made.dns.records.map(({ name }) => name)).toEqual([{ value: 'www.shop.test', from: 'the test' }])
  })

  test('so does an output', () => {
    const { made } = drafted([
      ...both,
      record('shop.test', home),
      record('www.shop.test', home),
      { kind: 'record', name: 'shop.test' },
    ])
    expect(made.dns.records).toHaveLength(1)
  })

  test('both types move, and keep to dual stack', () => {
    const target = { dnsName: `dualstack.shop-1.${home}.elb.amazonaws.com`, hostedZoneId: 'Z1' }
    const { text } = drafted([
      ...both,
      record('shop.test', home, { target }),
      record('shop.test', home, { target, type: 'AAAA' }),
    ])
    expect(text).toMatch(/type: A\n[\s\S]*type: AAAA\n/)
    expect(text.match(/dnsName: dualstack\.shop-1\.eu-central-1\.elb/g)).toHaveLength(2)
  })

  test('a weighted record is left out with its reason', () => {
    const { text } = drafted([...both, record('shop.test', home, { shared: true })])
    expect(text).toContain('# Left out: shop.test, which is one of several records of its name.')
    expect(toFill(text)).toContain('dns.records[0].name')
  })

  test('a custom domain that is missing in dr is marked', () => {
    const domain: Thing = {
      kind: 'domain',
      region: home,
      name: 'shop.test',
      dnsName: `d-1.execute-api.${home}.amazonaws.com`,
      hostedZoneId: 'Z2',
    }
    const target = { dnsName: domain.dnsName, hostedZoneId: 'Z2' }
    const { text } = drafted([domain, alb(dr), record('shop.test', home, { target })])
    expect(toFill(text)).toEqual(
      expect.arrayContaining(['dns.records[0].targets.dr.dnsName', 'dns.records[0].targets.dr.hostedZoneId']),
    )
    expect(text).toContain('apiGatewayDomain: shop.test')
  })
})

test('a listener that cannot switch is left out; of those that can, the customers’ port comes first', () => {
  const listener = (port: number, groups: Record<string, number>): Thing => ({
    kind: 'listener',
    region: home,
    arn: `arn:aws:elasticloadbalancing:${home}:111122223333:listener/app/shop/1/${port}`,
    port,
    forwards: groups,
  })
  const pair = { [group(home, 'blue')]: 0, [group(home, 'green')]: 100 }
  const { text } = drafted([
    listener(8443, pair),
    listener(443, pair),
    listener(80, { [group(home, 'blue')]: 1 }),
  ])
  expect(text).toMatch(/CONFIRM: of 2 that can switch[^\n]*\n\s+arn: \S+\/443\n/)
  expect(text).toMatch(
    /CONFIRM: the target group that has the most weight now[^\n]*\n\s+serves: \S+\/green\/1/,
  )
})

test('of three members dr is for people to choose', () => {
  const member = (region: string, id: string): Thing => ({
    kind: 'db-cluster',
    region,
    id,
    writer: region === home,
  })
  const { text } = drafted([member(home, 'a'), member(dr, 'b'), member('us-east-1', 'c')], {
    regions: { home },
  })
  expect(text).toContain('dr: FILL-IN  # the region that takes over, one of: eu-central-1, us-east-1')
})
