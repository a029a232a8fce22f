import {
  type Change,
  ChangeResourceRecordSetsCommand,
  type ResourceRecordSet,
  Route53Client,
} from '@aws-sdk/client-route-53'
import { describe, expect, it } from 'vitest'
import { canonical } from '../../src/aws/record-sets.ts'
import { recordCalls } from '../../src/aws/recorder.ts'
import type { RecordFacts } from '../../src/flows/world.ts'
import { first, ownKeys, type Rig, rig, seen, thrown } from './rig.ts'

const name = 'orders.example.test'
const ofHome = 'd-orders-home.execute-api.us-east-1.amazonaws.com'
const ofDr = 'd-orders-dr.execute-api.us-west-2.amazonaws.com'
const zones: Readonly<Record<string, string>> = { [ofHome]: 'Z1UJRXOUMOOFQ8', [ofDr]: 'Z2OJLYMUO9EFXC' }

const alias = (target: string, health = false): ResourceRecordSet => ({
  Name: `${name}.`,
  Type: 'A',
  AliasTarget: {
    DNSName: target,
    HostedZoneId: zones[target.replace(/\.$/, '')] ?? 'Z0',
    EvaluateTargetHealth: health,
  },
})

/** Somebody at the console. */
async function change({ aws, plan, pass }: Rig, ...changes: Change[]) {
  const route53 = new Route53Client({
    region: 'us-east-1',
    credentials: ownKeys,
    requestHandler: aws.dispatcher.requestHandler(),
  })
  await route53.send(
    new ChangeResourceRecordSetsCommand({
      HostedZoneId: plan.dns.hostedZoneId,
      ChangeBatch: { Changes: changes },
    }),
  )
  pass(2_000)
}

const weighted: ResourceRecordSet = { ...alias(ofHome), SetIdentifier: 'one', Weight: 10 }
const plain: ResourceRecordSet = {
  Name: name,
  Type: 'A',
  TTL: 60,
  ResourceRecords: [{ Value: '203.0.113.9' }],
}

describe('the records', () => {
  it('are seen with their owner and exact value', async () => {
    const { outside } = rig()
    const record = { name, type: 'A', owner: 'home', value: `${ofHome}.`, routing: 'simple' }
    expect(await seen(outside.dns.records())).toEqual([record])
  })

  it('may be weighted, foreign or absent, and are called so', async () => {
    const test = rig()
    const { outside } = test
    const removed: Change = { Action: 'DELETE', ResourceRecordSet: alias(`${ofHome}.`) }
    await change(test, removed, { Action: 'CREATE', ResourceRecordSet: weighted })
    expect(await seen(outside.dns.records())).toMatchObject([{ routing: 'weighted', owner: 'home' }])
    await change(test, { Action: 'DELETE', ResourceRecordSet: weighted })
    expect(await seen(outside.dns.records())).toMatchObject([{ owner: 'absent' }])
    await change(test, { Action: 'CREATE', ResourceRecordSet: plain })
    expect(await seen(outside.dns.records())).toMatchObject([
      { owner: 'foreign', value: '203.0.113.9 (TTL 60 s)' },
    ])
  })

  it.each([
    ['D-Orders.Example.Test.', 'd-orders.example.test'],
    ['dualstack.billing-1.us-east-1.elb.amazonaws.com.', 'billing-1.us-east-1.elb.amazonaws.com'],
    ['\\052.example.test', '*.example.test'],
  ])('%s means %s', (spelled, meant) => expect(canonical(spelled)).toBe(meant))
})

describe('a swap', () => {
  it('is one batch of an exact delete and a create, in sync later, and answers with its change id first', async () => {
    const { outside, aws, pass, changes } = rig()
    const before = await seen(outside.dns.records())
    const { evidence } = await outside.dns.swapTo('dr', before)
    const [id = ''] = evidence
    expect(id).toMatch(/^\/change\/C/)
    expect(evidence[1]).toContain(
      'route53:ChangeResourceRecordSets in us-east-1 of zone Z0EXAMPLE0TEST, request ',
    )
    const batch = JSON.parse(
      aws.calls.list().find(({ operation }) => operation.startsWith('Change'))?.params ?? '',
    )
    expect(batch.ChangeBatch.Changes).toEqual([
      { Action: 'DELETE', ResourceRecordSet: alias(`${ofHome}.`) },
      { Action: 'CREATE', ResourceRecordSet: { ...alias(ofDr), Name: name } },
    ])
    expect(await seen(outside.dns.records())).toMatchObject([{ owner: 'dr' }])
    expect(await seen(outside.dns.inSync(id))).toBe(false)
    expect(await seen(outside.dns.answers())).toEqual(['home'])
    pass(60_000)
    expect(await seen(outside.dns.inSync(id))).toBe(true)
    expect(await seen(outside.dns.answers())).toEqual(['dr'])
    expect(await outside.dns.swapTo('dr', before)).toEqual({ evidence: [] })
    expect(changes()).toHaveLength(1)
  })

  it('keeps whether the target is evaluated, and matches a name with dualstack. in it', async () => {
    const test = rig('billing')
    const calls = await recordCalls(async () =>
      test.outside.dns.swapTo('dr', await seen(test.outside.dns.records())),
    )
    expect(calls).toMatchObject([
      {
        service: 'Route 53',
        operation: 'ChangeResourceRecordSets',
        input: {
          ChangeBatch: {
            Changes: [
              { Action: 'DELETE' },
              { Action: 'CREATE', ResourceRecordSet: { AliasTarget: { EvaluateTargetHealth: true } } },
            ],
          },
        },
      },
    ])
    expect(test.changes()).toEqual([])
  })

  it('does not overwrite what somebody changed since it was seen', async () => {
    const test = rig()
    const before = await seen(test.outside.dns.records())
    const removed: Change = { Action: 'DELETE', ResourceRecordSet: alias(`${ofHome}.`) }
    await change(test, removed, { Action: 'CREATE', ResourceRecordSet: plain })
    const { code, message } = await thrown(test.outside.dns.swapTo('dr', before))
    expect(code).toBe('ACT_REJECTED')
    expect(message).toContain('and now at 203.0.113.9')
    expect(await seen(test.outside.dns.records())).toMatchObject([{ owner: 'foreign' }])
  })

  it('replaces a foreign record that was seen as such', async () => {
    const test = rig()
    await change(
      test,
      { Action: 'DELETE', ResourceRecordSet: alias(`${ofHome}.`) },
      { Action: 'CREATE', ResourceRecordSet: plain },
    )
    await test.outside.dns.swapTo('dr', await seen(test.outside.dns.records()))
    expect(await seen(test.outside.dns.records())).toMatchObject([{ owner: 'dr' }])
  })

  it('refuses records whose routing is not simple', async () => {
    const test = rig()
    const removed: Change = { Action: 'DELETE', ResourceRecordSet: alias(`${ofHome}.`) }
    await change(test, removed, { Action: 'CREATE', ResourceRecordSet: weighted })
    const before = await seen(test.outside.dns.records())
    expect(await thrown(test.outside.dns.swapTo('dr', before))).toMatchObject({
      message: expect.stringContaining('weighted record'),
    })
  })

  it('goes by what was seen last when listing fails, and AWS compares it', { timeout: 30_000 }, async () => {
    const { aws, outside } = rig()
    const before = await seen(outside.dns.records())
    aws.addFault({ kind: 'denied', operation: 'ListResourceRecordSets' })
    const wrong: RecordFacts[] = before.map((record) => ({ ...record, owner: 'dr', value: `${ofDr}.` }))
    expect(await thrown(outside.dns.swapTo('home', wrong))).toMatchObject({
      code: 'ACT_REJECTED',
      message: expect.stringContaining('InvalidChangeBatch'),
    })
    const { evidence } = await outside.dns.swapTo('dr', before)
    expect(evidence.join()).toContain('is deleted as it was seen last')
    aws.removeFaults()
    expect(await seen(outside.dns.records())).toMatchObject([{ owner: 'dr' }])
  })

  it('is sent once when the zone is busy, and says to ask again', async () => {
    const { outside, count } = rig()
    const before = await seen(outside.dns.records())
    await outside.dns.swapTo('dr', before)
    const after = await seen(outside.dns.records())
    expect(await thrown(outside.dns.swapTo('home', after))).toMatchObject({ code: 'THROTTLED' })
    expect(count('ChangeResourceRecordSets')).toBe(2)
  })
})

describe('the custom domains', () => {
  it('are available where API Gateway has them, and only in that shape', async () => {
    const { outside } = rig()
    expect(await seen(outside.dns.domains('dr'))).toEqual([{ name, available: true }])
    expect(await seen(rig('billing').outside.dns.domains('dr'))).toEqual([])
    const { plan } = rig()
    const record = first(plan.dns.records)
    const records = [
      { ...record, apiGatewayDomain: 'gone.example.test' },
      { ...record, targets: { home: record.targets.home, dr: record.targets.home } },
    ]
    const other = rig('orders', { dns: { ...plan.dns, records } }).outside
    expect((await seen(other.dns.domains('dr'))).map(({ available }) => available)).toEqual([false, false])
  })
})
