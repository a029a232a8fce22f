import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { faultLines } from '../../src/plan/faults.ts'
import { loadPlans } from '../../src/plan/loader.ts'

const PLANS = join(import.meta.dirname, '../../plans')
const orders = readFileSync(join(PLANS, 'orders.yaml'), 'utf8')
const billing = readFileSync(join(PLANS, 'billing.yaml'), 'utf8')

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'plans-'))
})
afterEach(() => rmSync(dir, { recursive: true }))

const write = (file: string, text: string | Uint8Array) => writeFileSync(join(dir, file), text)
/** The orders plan with one piece of its text replaced; fails when the piece is not there. */
const edited = (from: string | RegExp, to: string) => {
  const text = orders.replace(from, to)
  expect(text).not.toBe(orders)
  return text
}
const faultsOf = (text: string) => {
  write('orders.yaml', text)
  return loadPlans(dir).broken.flatMap(faultLines)
}
const lineOf = (text: string, piece: string) => text.slice(0, text.indexOf(piece)).split('\n').length

describe('the shipped plans', () => {
  test('are without fault', () => {
    const { plans, broken } = loadPlans(PLANS)
    expect(broken.flatMap(faultLines)).toEqual([])
    expect(plans.map(({ name }) => name)).toEqual(['billing', 'orders'])
  })

  test('differ where they teach different things', () => {
    const [billing, orders] = loadPlans(PLANS).plans
    expect(orders?.listener).toBeUndefined()
    expect(billing?.listener?.dr?.serves).toContain('us-west-2')
    expect(orders?.services.map(({ name, writes }) => [name, writes])).toEqual([
      ['orders-api', true],
      ['orders-web', false],
    ])
    expect([orders?.slack.twoPeople, billing?.slack.twoPeople]).toEqual([true, false])
    expect(billing?.slack.breakGlass).toEqual([])
  })
})

describe('one fault: what was written, where it is reported', () => {
  test.each<[name: string, from: string, to: string, at: string, fault: string]>([
    [
      'unknown key',
      '    writes: true',
      '    writes: true\n    writer: true',
      'writer: true',
      'services[0].writer: is not a field of a plan',
    ],
    [
      'unknown key at the top',
      'version: 1',
      'version: 1\nmode: fast',
      'mode: fast',
      'mode: is not a field of a plan',
    ],
    ['wrong version', 'version: 1', 'version: 2', 'version: 2', 'version: Invalid input: expected 1'],
    [
      'account id without quotes',
      '"111122223333"',
      '111122223333',
      'id: 1111',
      'accounts.workload.id: must be a string; put it in quotes',
    ],
    [
      'account id too short',
      '"111122223333"',
      '"1111"',
      'id: "1111"',
      'accounts.workload.id: not an account id: twelve digits, in quotes',
    ],
    [
      'region misspelt',
      'dr: us-west-2',
      'dr: uswest2',
      'dr: uswest2',
      'regions.dr: not a region name, such as us-east-1',
    ],
    [
      'same region twice',
      'home: us-east-1',
      'home: us-west-2',
      'dr: us-west-2',
      'regions.dr: home and dr must be different regions',
    ],
    [
      'negative count',
      'standby: 1',
      'standby: -1',
      'standby: -1',
      'services[0].capacity.home.standby: Too small: expected number to be >=0',
    ],
    [
      'standby above active',
      'standby: 1',
      'standby: 7',
      'standby: 7',
      'services[0].capacity.home.standby: standby (7) is above active (6)',
    ],
    [
      'max below active',
      'max: 12',
      'max: 5',
      'max: 5',
      'services[0].capacity.home.max: max (5) is below active (6)',
    ],
    [
      'role of another account',
      'iam::111122223333',
      'iam::999922223333',
      'role: arn:aws:iam::9999',
      'accounts.workload.role: is a role of account 999922223333, not of 111122223333',
    ],
    [
      'ARN of the wrong region',
      'home: arn:aws:elasticloadbalancing:us-east-1',
      'home: arn:aws:elasticloadbalancing:us-west-2',
      'home: arn:',
      'services[0].targetGroup.home: is in us-west-2, and home is us-east-1',
    ],
    [
      'same DNS target twice',
      'd-orders-dr.execute-api.us-west-2',
      'd-orders-home.execute-api.us-east-1',
      'dr: { dnsName: d-orders-home',
      'dns.records[0].targets.dr.dnsName: is the same target as home',
    ],
    [
      'same service twice',
      'name: orders-web',
      'name: orders-api',
      'name: orders-api\n    writes: false',
      'services[1].name: service “orders-api” is here twice',
    ],
    [
      'stack probe through DNS',
      'home: http://orders.us-east-1.example.test',
      'home: http://orders.example.test',
      'home: http://orders.example.test',
      "probes.stack.home: is the public address, which follows DNS: give the side's own",
    ],
    [
      'not a URL',
      'public: http://orders.example.test/health',
      'public: orders.example.test',
      'public: orders',
      'probes.public: not an http(s) URL',
    ],
    [
      'a name instead of an id',
      'requesters: [U00ALICE',
      'requesters: ["@alice"',
      '"@alice"',
      'slack.requesters[0]: not a Slack user id, such as U0123ABC',
    ],
    [
      'a word for a flag',
      'twoPeople: true',
      'twoPeople: maybe',
      'twoPeople: maybe',
      'slack.twoPeople: must be a boolean',
    ],
    [
      'merge keys',
      'title: Orders API',
      'title: Orders API\n<<: { version: 1 }',
      '<<',
      '<<: is not a field of a plan',
    ],
    [
      'an identity of two people',
      'arn: arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_OnCall_0a1b2c3d4e5f6071/alice@example.test\n  - user: U00BOB\n    arn: arn:aws:iam::111122223333:user/bob',
      'arn: arn:aws:iam::111122223333:user/bob\n  - user: U00BOB\n    arn: arn:aws:iam::111122223333:user/bob # the second',
      'arn: arn:aws:iam::111122223333:user/bob # the second',
      'identity “arn:aws:iam::111122223333:user/bob” is here twice',
    ],
    [
      'an identity of a stranger',
      'user: U00BOB',
      'user: U00MALLORY',
      'user: U00MALLORY',
      'U00MALLORY is in no list of slack',
    ],
    [
      'an identity that is a role',
      'arn: arn:aws:iam::111122223333:user/bob',
      'arn: arn:aws:iam::111122223333:role/bob',
      'arn: arn:aws:iam::111122223333:role/bob',
      'not what `aws sts get-caller-identity` calls a person',
    ],
  ])('%s', (_, from, to, at, fault) => {
    const text = edited(from, to)
    const faults = faultsOf(text)
    expect(faults).toHaveLength(1)
    expect(faults[0]).toMatch(new RegExp(`^orders.yaml:${lineOf(text, at)}:\\d+ `))
    expect(faults[0]).toContain(fault)
  })

  test('a field that is missing is reported at its parent', () => {
    const text = edited('  usesGlobalWriterEndpoint: false\n', '')
    expect(faultsOf(text)).toEqual([
      `orders.yaml:${lineOf(text, 'database:')}:1 database.usesGlobalWriterEndpoint: is missing (a boolean)`,
    ])
  })

  test('the column is where the key stands', () => {
    const text = edited('    writes: false', '    writes: 0')
    expect(faultsOf(text)).toEqual([
      `orders.yaml:${lineOf(text, 'writes: 0')}:5 services[1].writes: must be a boolean`,
    ])
  })
})

test('all faults of a file are told at once, in the order of the file', () => {
  const text = orders
    .replace('dr: us-west-2', 'dr: mars')
    .replace('lagLimitSeconds: 30', 'lagLimitSeconds: soon')
    .replace('twoPeople: true', 'twoPersons: true')
  const faults = faultsOf(text)
  expect(faults.map((fault) => fault.replace(/^.*?\d+:\d+ /, ''))).toEqual([
    'regions.dr: not a region name, such as us-east-1',
    'database.lagLimitSeconds: must be a number',
    'slack.twoPeople: is missing (a boolean)',
    'slack.twoPersons: is not a field of a plan',
  ])
})

describe('files that are no plans', () => {
  const bomb = [
    'a: &a [x,x,x,x,x,x,x,x,x]',
    ...'bcdefghi'
      .split('')
      .map((key, i) => `${key}: &${key} [${Array(9).fill(`*${'abcdefgh'[i]}`).join(',')}]`),
  ].join('\n')
  test.each<[name: string, content: string | Uint8Array, fault: string]>([
    ['empty', '', 'is empty'],
    ['only comments', '# nothing yet\n', 'is empty'],
    ['a list', '- a\n- b\n', 'is not a map of fields'],
    ['a sentence', 'to be written', 'is not a map of fields'],
    ['broken YAML', 'version: 1\nname: [orders\n', 'is not valid YAML'],
    ['a tab as indentation', 'regions:\n\thome: us-east-1\n', 'is not valid YAML'],
    [
      'the same key twice',
      orders.replace('name: orders', 'name: orders\nname: orders'),
      'Map keys must be unique',
    ],
    ['two documents', `${orders}\n---\n${orders}`, 'multiple documents'],
    [
      'an unknown tag',
      orders.replace('title: Orders API', 'title: !!js/function Orders'),
      'is not valid YAML',
    ],
    ['Latin-1', new Uint8Array([...Buffer.from('title: Caf'), 0xe9, 0x0a]), 'is not UTF-8 text'],
    ['UTF-16', Buffer.from(`\ufeff${orders}`, 'utf16le'), 'is not UTF-8 text'],
    ['a PNG', new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]), 'is not UTF-8 text'],
    ['huge', `title: ${'x'.repeat(300_000)}`, 'is 293 KB; a plan has at most 256 KB'],
    ['an alias bomb', bomb, 'Excessive alias count'],
    ['nested a hundred thousand deep', '['.repeat(100_000), 'is not'],
    ['a prototype', `${orders}\n__proto__: { admin: true }\n`, '__proto__: is not a field of a plan'],
  ])('%s', (_, content, fault) => {
    write('orders.yaml', content)
    write('billing.yaml', billing)
    const { plans, broken } = loadPlans(dir)
    expect(plans.map(({ name }) => name)).toEqual(['billing'])
    expect(broken).toHaveLength(1)
    expect(broken[0]?.name).toBe('orders')
    expect(broken.flatMap(faultLines).join('\n')).toContain(fault)
  })

  test('a broken YAML file says the line', () => {
    expect(faultsOf('version: 1\nname: orders\n  title: oops\n')[0]).toMatch(
      /^orders.yaml:[23]:\d+ is not valid YAML/,
    )
  })

  test('a byte order mark and Windows line ends are fine', () => {
    expect(faultsOf(`\ufeff${orders.replaceAll('\n', '\r\n')}`)).toEqual([])
  })

  test('a folder with the name of a plan is reported, not thrown', () => {
    mkdirSync(join(dir, 'orders.yaml'))
    expect(loadPlans(dir).broken.flatMap(faultLines)[0]).toContain('orders.yaml:1:1 cannot be read')
  })

  test('a folder that is not there cannot be loaded at all', () => {
    expect(() => loadPlans(join(dir, 'nowhere'))).toThrow(/the plans' folder cannot be read: ENOENT/)
  })

  test('hidden files, schemas and notes are not plans', () => {
    write('.orders.yaml.swp', 'x')
    write('.draft.yaml', 'x')
    write('plan.schema.json', '{}')
    write('notes.md', 'x')
    expect(loadPlans(dir)).toEqual({ plans: [], broken: [] })
  })
})

describe('names', () => {
  test('a plan is called like its file', () => {
    write('shop.yaml', orders)
    const { plans, broken } = loadPlans(dir)
    expect(plans).toEqual([])
    expect(broken[0]?.name).toBe('shop')
    expect(broken.flatMap(faultLines)).toEqual([
      `shop.yaml:${lineOf(orders, 'name: orders')}:1 name: “orders” is not the name of the file, “shop”`,
    ])
  })

  test('a copy under another name is broken; the original is not', () => {
    write('orders.yaml', orders)
    write('copy.yaml', orders)
    const { plans, broken } = loadPlans(dir)
    expect(plans.map(({ name }) => name)).toEqual(['orders'])
    expect(broken.flatMap(faultLines).join('\n')).toMatch(/copy.yaml.*also the name in orders.yaml/)
  })

  test('two files that are equally right are both broken', () => {
    write('orders.yaml', orders)
    write('orders.yml', orders)
    const { plans, broken } = loadPlans(dir)
    expect(plans).toEqual([])
    expect(broken.map(({ file }) => file)).toEqual(['orders.yaml', 'orders.yml'])
  })
})

test('left out, what has a default is filled in', () => {
  write('orders.yaml', orders.replace(/^ {2}greenDatapoints.*\n/m, '').replace(/^alarms:(\n .*)+\n/m, ''))
  const [plan] = loadPlans(dir).plans
  expect(plan?.objectives.greenDatapoints).toBe(2)
  expect(plan?.alarms).toEqual({ home: [], dr: [] })
})

describe('what is to be filled in', () => {
  test('is told in those words, with what is wanted, and nothing else is said of it', () => {
    const text = orders
      .replace('channel: C00INCIDENT', 'channel: FILL-IN')
      .replace('rtoMinutes: 15', 'rtoMinutes: FILL-IN')
      .replace('cluster: orders, service: orders-api }', 'cluster: FILL-IN, service: orders-api }')
      .replace(/stack:\n {4}home: .*\n {4}dr: .*\n {2}public: .*\n/, (probes) =>
        probes.replaceAll(/http\S+/g, 'FILL-IN'),
      )
    expect(faultsOf(text).map((fault) => fault.replace(/^.*?\d+:\d+ /, ''))).toEqual([
      'services[0].ecs.home.cluster: is to be filled in',
      'probes.stack.home: is to be filled in: an http(s) URL',
      'probes.stack.dr: is to be filled in: an http(s) URL',
      'probes.public: is to be filled in: an http(s) URL',
      'objectives.rtoMinutes: is to be filled in: a number',
      'slack.channel: is to be filled in: a Slack channel id, such as C0123ABC',
    ])
  })

  test('never loads, even where any text would do', () => {
    expect(faultsOf(edited('globalCluster: orders-global', 'globalCluster: FILL-IN'))).toEqual([
      expect.stringContaining('database.globalCluster: is to be filled in'),
    ])
  })
})
