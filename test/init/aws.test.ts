import { describe, expect, test } from 'vitest'
import { planText } from '../../src/init/plan-text.ts'
import { guessesIn } from '../../src/plan/marks.ts'
import { parsePlan } from '../../src/plan/parse.ts'
import type { Plan } from '../../src/plan/schema.ts'
import { shipped } from '../aws/rig.ts'
import { dnsRole, filled, onAws, rig, toFill } from './rig.ts'

/** Everything that a plan says of AWS: what is left are people, wishes and addresses. */
function ofAws({ name, regions, accounts, database, services, listener, dns, alarms }: Plan) {
  const { globalCluster, clusters } = database
  return { name, regions, accounts, globalCluster, clusters, services, listener, dns, alarms }
}

const roles = { workload: { role: 'arn:aws:iam::111122223333:role/understudy-operator' }, dns: dnsRole }
/** What only people know. */
const people = [
  'database.usesGlobalWriterEndpoint',
  'probes.stack.home',
  'probes.stack.dr',
  'probes.public',
  'objectives.rtoMinutes',
  'objectives.rpoSeconds',
  'objectives.trafficFloorPerMinute',
  'slack.channel',
  'slack.requesters[0]',
  'slack.approvers[0]',
]

describe('a draft from AWS itself', () => {
  test.each(['orders', 'billing'] as const)('%s, filled in, is the shipped plan', async (name) => {
    const { look } = rig()
    const { text, gaps } = await planText(onAws(name, roles), look)
    expect(gaps).toEqual([])
    expect(toFill(text)).toEqual(people)
    const plan = shipped(name)
    const answers = {
      'database.usesGlobalWriterEndpoint': plan.database.usesGlobalWriterEndpoint,
      'probes.stack.home': plan.probes.stack.home,
      'probes.stack.dr': plan.probes.stack.dr,
      'probes.public': plan.probes.public,
      'objectives.rtoMinutes': plan.objectives.rtoMinutes,
      'objectives.rpoSeconds': plan.objectives.rpoSeconds,
      'objectives.trafficFloorPerMinute': plan.objectives.trafficFloorPerMinute,
      'slack.channel': plan.slack.channel,
      'slack.requesters[0]': plan.slack.requesters[0],
      'slack.approvers[0]': plan.slack.approvers[0],
      // A guess, marked as one.
      ...(name === 'orders' ? { 'services[1].writes': false } : {}),
    }
    const { plan: drafted, faults } = parsePlan(filled(text, answers))
    expect(faults).toEqual([])
    expect(drafted && ofAws(drafted)).toEqual(ofAws(plan))
  })

  test('nothing is changed by looking', async () => {
    const { aws, look } = rig()
    await planText(onAws('orders', roles), look)
    const operations = new Set(aws.calls.list().map(({ operation }) => operation))
    expect([...operations].filter((name) => !/^(Describe|List|Get|AssumeRole)/.test(name))).toEqual([])
    expect(operations).toContain('ListClusters')
  })

  test('every guess is marked, and names what it was made from', async () => {
    const { look } = rig()
    const { text } = await planText(onAws('billing', roles), look)
    expect(guessesIn(text).map((guess) => guess.text)).toEqual([
      'a usual value',
      'does it write to the database?',
      'desired now, while it serves: auto scaling may have moved it (ECS in us-east-1)',
      'as on the dr side: this side serves now (ECS in us-west-2)',
      'as on the home side: this side does not serve now (ECS in us-east-1)',
      'desired now, while it waits (ECS in us-west-2)',
      expect.stringContaining('as on the side that serves: here it is 2 while it waits'),
    ])
  })

  test('the side that serves is the writer: after a failover the counts of both sides are still right', async () => {
    const { aws, look } = rig()
    aws.enter('orders', 'protected', 'dr')
    const { text } = await planText(onAws('orders', roles), look)
    expect(text).toContain('active: 6  # CONFIRM: as on the dr side')
    expect(toFill(text)).toEqual(people)
  })

  test('what belongs to another application is left out, and named', async () => {
    const { look } = rig()
    const { text } = await planText(onAws('billing', roles), look)
    expect(text).toMatch(
      /# Left out, because their names have nothing of this application's: orders\/orders-api/,
    )
    expect(text).not.toMatch(/^[^#]*orders/m)
  })

  test('a cluster whose name says nothing is named by hand', async () => {
    const { look } = rig()
    const shop = { name: 'shop', globalCluster: 'orders-global', regions: { home: 'us-east-1' } }
    const { text } = await planText(onAws('shop', { ...shop, ...roles, clusterName: 'billing' }), look)
    expect(text).toContain('name: billing-api')
    expect(text).not.toContain('name: orders-api')
  })

  test('a listing in many pages is read to its end', async () => {
    const { aws, look } = rig()
    const [sample] = aws.world.ecs.services
    if (!sample) throw new Error('there are no services')
    for (let number = 0; number < 130; number++)
      aws.world.ecs.services.push({
        ...sample,
        id: sample.id.replace('orders-api', `orders-job-${String(number).padStart(3, '0')}`),
        name: `orders-job-${String(number).padStart(3, '0')}`,
        tasks: [],
      })
    const { text, gaps } = await planText(onAws('orders', roles), look)
    expect(gaps).toEqual([])
    expect(text.match(/- name: orders-job-\d+ /g)).toHaveLength(130)
  })
})

describe('what cannot be seen is a gap with its reason, and never an error', () => {
  test.each([
    ['home', 'us-east-1'],
    ['dr', 'us-west-2'],
  ] as const)('a dark %s region', async (side, region) => {
    const { aws, look, seconds } = rig()
    await aws.outage(region, 'drop')
    const { text, gaps } = await planText(
      onAws('orders', { ...roles, regions: { home: 'us-east-1', dr: 'us-west-2' } }),
      look,
    )
    expect(seconds()).toBeLessThan(30)
    expect(gaps).toContain(`ECS in ${region} gave no answer in time.`)
    expect(gaps.every((gap) => gap.includes(region))).toBe(true)
    expect(toFill(text)).toEqual(expect.arrayContaining([`services[0].ecs.${side}.service`, ...people]))
    expect(text).toContain(`# - ECS in ${region} gave no answer in time.`)
    const { faults } = parsePlan(text)
    expect(faults.filter(({ message }) => !message.startsWith('is to be filled in'))).toEqual([])
  })

  test('both regions and Route 53 dark: a plan that is nothing but marks', async () => {
    const { aws, look, seconds } = rig()
    for (const place of ['us-east-1', 'us-west-2', 'aws-global']) await aws.outage(place, 'drop')
    const { text } = await planText(onAws('orders'), look)
    expect(seconds()).toBeLessThan(30)
    expect(toFill(text)).toEqual(
      expect.arrayContaining([
        'regions.dr',
        'accounts.workload.id',
        'database.clusters.home',
        'dns.hostedZoneId',
      ]),
    )
  })

  test('a service that may not be looked at', async () => {
    const { aws, look } = rig()
    aws.addFault({ kind: 'denied', service: 'ecs', region: 'us-west-2' })
    const { text, gaps } = await planText(onAws('orders', roles), look)
    expect(gaps).toEqual([expect.stringMatching(/^ECS in us-west-2 refused to be looked at \(AccessDenied/)])
    expect(toFill(text)).toContain('services[0].ecs.dr.service')
    expect(toFill(text)).not.toContain('services[0].ecs.home.service')
    expect(toFill(text)).not.toContain('database.clusters.dr')
  })

  test('a throttled call is tried again', async () => {
    const { aws, look } = rig()
    aws.addFault({ kind: 'throttle', service: 'route53', times: 2 })
    const { gaps } = await planText(onAws('orders', roles), look)
    expect(gaps).toEqual([])
  })

  test('a service that is throttled for ever', async () => {
    const { aws, look, seconds } = rig()
    aws.addFault({ kind: 'throttle', service: 'route53' })
    const { gaps } = await planText(onAws('orders', roles), look)
    expect(seconds()).toBeLessThan(30)
    expect(gaps).toEqual([expect.stringMatching(/^Route 53 throttled every try/)])
  })

  test('a global cluster that does not exist', async () => {
    const { look } = rig()
    const { text, gaps } = await planText(onAws('orders', { ...roles, globalCluster: 'nope' }), look)
    expect(gaps).toEqual([
      expect.stringContaining('RDS in us-east-1 could not be looked at (GlobalClusterNotFound'),
    ])
    expect(text).toContain('globalCluster: nope  # CONFIRM:')
  })

  test('a global cluster with one member, and no dr side yet', async () => {
    const { aws, look } = rig()
    const global = aws.world.rds.globals.find(({ id }) => id === 'orders-global')
    if (!global) throw new Error('there is no global cluster')
    global.members = global.members.filter((arn) => arn.includes('us-east-1'))
    const { text, gaps } = await planText(onAws('orders', roles), look)
    expect(gaps).toEqual([])
    expect(toFill(text)).toEqual(
      expect.arrayContaining(['regions.dr', 'database.clusters.dr', 'services[0].ecs.dr.cluster']),
    )
    expect(text).toContain('home: orders-home  # RDS in us-east-1')
  })

  test("a zone in another account: whose it is, is not the caller's to guess", async () => {
    const { aws, look } = rig()
    aws.addFault({ kind: 'denied', service: 'route53' })
    const { text } = await planText(onAws('orders'), look)
    expect(toFill(text)).toEqual(expect.arrayContaining(['accounts.dns.id', 'dns.hostedZoneId']))
    expect(toFill(text)).not.toContain('accounts.workload.id')
  })
})
