import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { NotOutputs, readOutputs } from '../../src/init/outputs.ts'
import { planText } from '../../src/init/plan-text.ts'
import { parsePlan } from '../../src/plan/parse.ts'
import { dnsRole, from, offline, onAws, rig, toFill } from './rig.ts'

const output = (value: unknown, more: object = {}) => ({ sensitive: false, type: 'string', value, ...more })
const file = (name: string, values: Readonly<Record<string, unknown>>) => ({
  name,
  text: JSON.stringify(
    Object.fromEntries(Object.entries(values).map(([key, value]) => [key, output(value)])),
  ),
})
const elb = (region: string, rest: string) => `arn:aws:elasticloadbalancing:${region}:111122223333:${rest}`

/** One stack a side, as people write their outputs. */
const stack = (side: 'home' | 'dr', region: string) =>
  file(`${side}.json`, {
    global_cluster_arn: 'arn:aws:rds::111122223333:global-cluster:orders-global',
    aurora_cluster_arn: `arn:aws:rds:${region}:111122223333:cluster:orders-${side}`,
    aurora_endpoint: `orders-${side}.cluster-abc123.${region}.rds.amazonaws.com`,
    ecs_services: {
      api: { arn: `arn:aws:ecs:${region}:111122223333:service/orders/orders-api` },
      web: { arn: `arn:aws:ecs:${region}:111122223333:service/orders/orders-web` },
    },
    target_group_arns: [
      elb(region, 'targetgroup/orders-api/0a1b2c3d4e5f6071'),
      elb(region, 'targetgroup/orders-web/2c3d4e5f60718293'),
    ],
    alb_dns_name: `orders-${side}-1.${region}.elb.amazonaws.com`,
    alb_zone_id: side === 'home' ? 'Z35SXDOTRQ7X7K' : 'Z1H1FL5HABSF5',
    alarms: [`orders ${side} 5xx`, `orders-${side}-latency`],
    health_url: `https://orders.${region}.example.test/health`,
    db_password: 'hunter2',
  })
const both = [stack('home', 'us-east-1'), stack('dr', 'us-west-2')]
const shared = file('dns.json', {
  hosted_zone_id: 'Z0EXAMPLE0TEST',
  record_name: 'orders.example.test',
  dns_account_id: '444455556666',
})

describe("a draft from Terraform's outputs", () => {
  test('knows what the outputs know, and which output said so', async () => {
    const { text, gaps } = await offline({ files: [...both, shared] })
    expect(gaps).toEqual([])
    expect(toFill(text)).toEqual([
      'database.usesGlobalWriterEndpoint',
      ...[0, 1].flatMap((service) =>
        ['home', 'dr'].flatMap((side) =>
          ['active', 'standby', 'max'].map((key) => `services[${service}].capacity.${side}.${key}`),
        ),
      ),
      'probes.public',
      'objectives.rtoMinutes',
      'objectives.rpoSeconds',
      'objectives.trafficFloorPerMinute',
      'slack.channel',
      'slack.requesters[0]',
      'slack.approvers[0]',
    ])
    for (const line of [
      "home: us-east-1  # the names of Terraform's outputs",
      'id: "444455556666"  # output dns_account_id of dns.json',
      'home: orders-home  # output aurora_cluster_arn of home.json; output aurora_endpoint of home.json',
      'cluster: orders  # output ecs_services.web.arn of dr.json',
      'hostedZoneId: Z0EXAMPLE0TEST  # output hosted_zone_id of dns.json',
      '- name: orders.example.test  # output record_name of dns.json',
      'dnsName: orders-dr-1.us-west-2.elb.amazonaws.com  # output alb_dns_name of dr.json',
      'hostedZoneId: Z1H1FL5HABSF5  # output alb_zone_id of dr.json',
      '- "orders home 5xx"  # output alarms[0] of home.json',
      'dr: https://orders.us-west-2.example.test/health  # output health_url of dr.json',
    ])
      expect(text).toContain(line)
    expect(text).not.toContain('hunter2')
  })

  test('what AWS says comes first, and an output that says the same is named beside it', async () => {
    const { look } = rig()
    const sources = onAws('orders', { files: both, regions: {}, dns: dnsRole })
    const { text, gaps } = await planText(sources, look)
    expect(gaps).toEqual([])
    expect(text).toContain('RDS in us-east-1; output global_cluster_arn of home.json')
    expect(toFill(text)).not.toContain('services[0].capacity.home.active')
  })

  test('the same regions by --home and --dr, where no name says which is which', async () => {
    const files = both.map(({ text }, index) => ({
      name: `stack-${index}.json`,
      text: text.replace(/orders-(home|dr)/g, 'orders'),
    }))
    const guessed = await offline({ files })
    expect(guessed.text).toContain('home: us-east-1  # CONFIRM: is this the region that normally serves?')
    const told = await offline({ files, regions: { home: 'us-west-2' } })
    expect(told.text).toMatch(
      /home: us-west-2 {2}# the command line\n {2}dr: us-east-1 {2}# the other region/,
    )
  })

  test('a side that is not there yet is marked', async () => {
    const { text } = await offline({ files: [stack('home', 'us-east-1')] })
    expect(toFill(text)).toEqual(
      expect.arrayContaining(['regions.dr', 'database.clusters.dr', 'services[0].ecs.dr.service']),
    )
    expect(parsePlan(text).faults.every(({ message }) => message.startsWith('is to be filled in'))).toBe(true)
  })

  test('of two clusters the one that is called like the application; of two strangers, neither', async () => {
    const cluster = (id: string) => `arn:aws:rds:us-east-1:111122223333:cluster:${id}`
    const named = await offline({
      files: [file('home.json', { a: cluster('reports'), b: cluster('orders-main') })],
    })
    expect(named.text).toContain('home: orders-main  # output b of home.json')
    const strange = await offline({ files: [file('home.json', { a: cluster('left'), b: cluster('right') })] })
    expect(strange.text).toContain('one of: left (output a of home.json), right (output b of home.json)')
    expect(toFill(strange.text)).toContain('database.clusters.home')
  })

  test('a sensitive output is not looked at, only named', async () => {
    const secret = {
      cluster: output('arn:aws:rds:us-east-1:111122223333:cluster:secret-one', { sensitive: true }),
    }
    const { text, gaps } = await offline({ files: [{ name: 'home.json', text: JSON.stringify(secret) }] })
    expect(gaps).toContain('Output cluster of home.json is sensitive, so it was not looked at.')
    expect(text).not.toContain('secret-one')
  })

  test('an address with a password in it is not written down', async () => {
    const { text } = await offline({
      files: [file('home.json', { health_url: 'https://bob:secret@orders.us-east-1.example.test/health' })],
    })
    expect(text).not.toContain('secret')
  })

  test('a name that could be of either region is a gap', () => {
    const { gaps } = readOutputs([file('all.json', { aurora_cluster_id: 'orders' })])
    expect(gaps).toEqual([
      'Output aurora_cluster_id of all.json names something of a region, and nothing says of which.',
    ])
  })

  test('a state, as terraform show -json tells it', async () => {
    const resource = (type: string, values: object, secret: object = {}) => ({
      address: `${type}.this`,
      mode: 'managed',
      type,
      values,
      sensitive_values: secret,
    })
    const state = {
      format_version: '1.0',
      values: {
        outputs: { zone: output('Z0EXAMPLE0TEST') },
        root_module: {
          resources: [
            resource('aws_rds_cluster', {
              arn: 'arn:aws:rds:us-east-1:111122223333:cluster:orders-home',
              master_password: 'hunter2',
            }),
            resource('aws_iam_role', { arn: 'arn:aws:iam::111122223333:role/understudy-task' }),
          ],
          child_modules: [
            {
              resources: [
                resource('aws_lb', {
                  dns_name: 'orders-1.us-east-1.elb.amazonaws.com',
                  zone_id: 'Z35SXDOTRQ7X7K',
                }),
              ],
            },
          ],
        },
      },
    }
    const { text } = await offline({ files: [{ name: 'home.json', text: JSON.stringify(state) }] })
    expect(text).toContain('home: orders-home  # output aws_rds_cluster.this.arn of home.json')
    expect(text).toContain('hostedZoneId: Z0EXAMPLE0TEST  # output zone of home.json')
    expect(text).toContain('hostedZoneId: Z35SXDOTRQ7X7K')
    expect(text).not.toMatch(/hunter2|understudy-task/)
  })
})

describe('what is no output', () => {
  test.each<[string, string, string]>([
    ['nothing', '', 'it is empty'],
    ['a sentence', 'No outputs found', 'it is not JSON'],
    ['what terraform prints for people', 'cluster = "orders"\n', 'needs -json'],
    ['a list', '[]', 'no object'],
    ['another JSON', '{"name":"orders"}', 'not the output of `terraform output -json`'],
    ['half of it', '{"cluster": {"value"', 'it is not JSON'],
  ])('%s', (_, text, why) => {
    expect(() => readOutputs([{ name: 'a.json', text }])).toThrow(NotOutputs)
    expect(() => readOutputs([{ name: 'a.json', text }])).toThrow(why)
  })

  test('no outputs at all is a gap, not an error', async () => {
    const { gaps } = await offline({ files: [{ name: 'a.json', text: '{}' }] })
    expect(gaps).toEqual(['a.json has no outputs that can be read.'])
  })

  test.each<unknown>([
    null,
    42,
    'x'.repeat(100_000),
    'two\nlines: [of: yaml\n# CONFIRM: nothing',
    'arn:aws:rds:us-east-1:111122223333:cluster:',
    { deep: { deeper: ['arn:aws:ecs:us-east-1:111122223333:service/a/b', null, 1] } },
    'arn:aws:cloudwatch:us-east-1:111122223333:alarm:a: "b" # c\u2028d',
  ])('any value makes a plan that is YAML and asks to be filled in: %#', async (value) => {
    const odd = { name: 'my outputs\n- x: y.json', text: JSON.stringify({ 'an alarm: name': output(value) }) }
    const { text } = await offline({ files: [odd] })
    const { faults } = parsePlan(text)
    expect(faults.length).toBeGreaterThan(5)
    expect(faults.filter(({ message }) => !message.startsWith('is to be filled in'))).toEqual([])
  })

  test('alarms with odd names come back as they were', async () => {
    const names = [
      '5xx',
      '-',
      'true',
      'a: b',
      "it's",
      '"quoted"',
      '{x}',
      '*',
      '# no',
      'ünï cödé',
      'yes',
      '2026-11-20',
      'a#b',
      '@x',
    ]
    const arns = names.map((name) => `arn:aws:cloudwatch:us-east-1:111122223333:alarm:${name}`)
    const { text } = await offline({
      files: [file('home.json', { list: arns })],
      regions: { home: 'us-east-1' },
    })
    expect(parse(text).alarms.home).toEqual(names)
  })
})

test('nothing at all is still a plan file, all of it to be filled in', async () => {
  const { text } = await planText(from({ files: [{ name: 'a.json', text: '{}' }] }), async () => ({
    facts: [],
    gaps: [],
  }))
  expect(toFill(text)).toEqual(
    expect.arrayContaining(['regions.home', 'services[0].name', 'dns.records[0].name']),
  )
})
