import {
  type Change,
  ChangeResourceRecordSetsCommand,
  GetChangeCommand,
  ListResourceRecordSetsCommand,
  type Route53Client,
  TestDNSAnswerCommand,
} from '@aws-sdk/client-route-53'
import { describe, expect, test } from 'vitest'
import type { Simulation } from '../../rehearsal/aws/simulator.ts'
import { clients, DR, refusal, world } from './world.ts'

const zone = 'Z0EXAMPLE0TEST'
type Owner = 'home' | 'dr'

const record = (sim: Simulation, side: Owner, EvaluateTargetHealth = false) => {
  const target = sim.ids('orders').dns.records[0]?.targets[side]
  return {
    Name: 'orders.example.test',
    Type: 'A' as const,
    AliasTarget: { HostedZoneId: target?.hostedZoneId, DNSName: target?.dnsName, EvaluateTargetHealth },
  }
}
const change = (route53: Route53Client, Changes: Change[]) =>
  route53.send(new ChangeResourceRecordSetsCommand({ HostedZoneId: zone, ChangeBatch: { Changes } }))
const swap = (sim: Simulation, route53: Route53Client, to: Owner) =>
  change(route53, [
    { Action: 'DELETE', ResourceRecordSet: record(sim, to === 'dr' ? 'home' : 'dr') },
    { Action: 'CREATE', ResourceRecordSet: record(sim, to) },
  ])
const answer = async (route53: Route53Client, RecordName: string) =>
  (await route53.send(new TestDNSAnswerCommand({ HostedZoneId: zone, RecordName, RecordType: 'A' })))
    .RecordData

describe('a change', () => {
  test('is pending, then in sync; only then answers move, and old ones expire evenly', async () => {
    const { clock, sim } = world()
    const { route53 } = clients(sim, DR)
    const { ChangeInfo } = await swap(sim, route53, 'dr')
    const status = async () =>
      (await route53.send(new GetChangeCommand({ Id: ChangeInfo?.Id }))).ChangeInfo?.Status
    const home = await answer(route53, 'orders.us-east-1.example.test')
    const dr = await answer(route53, 'orders.us-west-2.example.test')
    expect(await status()).toBe('PENDING')
    expect(await answer(route53, 'orders.example.test')).toEqual(home)
    clock.advance(sim.world.draws.orders.insync)
    expect(await status()).toBe('INSYNC')
    expect(await answer(route53, 'orders.example.test')).toEqual(dr)
    expect(dr).not.toEqual(home)
    expect(sim.state().apps.orders.dns.share).toEqual({ home: 1, dr: 0, other: 0 })
    clock.advance(15_000)
    expect(sim.state().apps.orders.dns.share).toEqual({ home: 0.75, dr: 0.25, other: 0 })
    clock.advance(45_000)
    expect(sim.state().apps.orders.dns).toEqual({
      record: 'dr',
      share: { home: 0, dr: 1, other: 0 },
      pending: false,
    })
  })

  test('is refused while the zone is busy with another', async () => {
    const { clock, sim } = world()
    const { route53 } = clients(sim, DR)
    await swap(sim, route53, 'dr')
    expect(await refusal(swap(sim, route53, 'home'))).toBe('PriorRequestNotComplete')
    clock.advance(1_000)
    await swap(sim, route53, 'home')
  })

  test('counts as a whole or not at all, and a DELETE must match exactly', async () => {
    const { sim } = world()
    const { route53 } = clients(sim, DR)
    const list = async () =>
      (await route53.send(new ListResourceRecordSetsCommand({ HostedZoneId: zone }))).ResourceRecordSets
    const before = await list()
    const wrong: Change[][] = [
      [
        {
          Action: 'CREATE',
          ResourceRecordSet: {
            Name: 'new.example.test',
            Type: 'TXT',
            TTL: 60,
            ResourceRecords: [{ Value: '"x"' }],
          },
        },
        { Action: 'CREATE', ResourceRecordSet: record(sim, 'dr') },
      ],
      [{ Action: 'DELETE', ResourceRecordSet: record(sim, 'dr') }],
      [{ Action: 'DELETE', ResourceRecordSet: record(sim, 'home', true) }],
      [{ Action: 'UPSERT', ResourceRecordSet: { ...record(sim, 'dr'), Name: 'orders.elsewhere.test' } }],
      [
        {
          Action: 'UPSERT',
          ResourceRecordSet: {
            ...record(sim, 'dr'),
            AliasTarget: { ...record(sim, 'dr').AliasTarget, HostedZoneId: 'Z1UJRXOUMOOFQ8' },
          },
        },
      ],
      [{ Action: 'UPSERT', ResourceRecordSet: { ...record(sim, 'dr'), Name: 'shop.example.test' } }],
    ]
    for (const batch of wrong) expect(await refusal(change(route53, batch))).toBe('InvalidChangeBatch')
    expect(await refusal(change(route53, []))).toBe('InvalidInput')
    expect(await list()).toEqual(before)
    const error = await change(route53, wrong[1] ?? []).catch((thrown: Error) => thrown)
    expect((error as Error).message).toContain('values provided do not match the current values')
  })
})

describe('listing', () => {
  test('goes on at the next name, in the order of Route 53', async () => {
    const { sim } = world()
    const { route53 } = clients(sim, DR)
    const names: string[] = []
    let next: { StartRecordName?: string; StartRecordType?: 'A' } = {}
    for (;;) {
      const page = await route53.send(
        new ListResourceRecordSetsCommand({ HostedZoneId: zone, MaxItems: 2, ...next }),
      )
      names.push(...(page.ResourceRecordSets ?? []).map(({ Name, Type }) => `${Name} ${Type}`))
      if (!page.IsTruncated) break
      next = { StartRecordName: page.NextRecordName ?? '', StartRecordType: page.NextRecordType as 'A' }
    }
    expect(names).toHaveLength(new Set(names).size)
    expect(names).toHaveLength(11)
    expect(names.slice(0, 4)).toEqual([
      'example.test. NS',
      'example.test. SOA',
      'example.test. TXT',
      'billing.example.test. A',
    ])
  })

  test('starts at a name', async () => {
    const { sim } = world()
    const { route53 } = clients(sim, DR)
    const { ResourceRecordSets } = await route53.send(
      new ListResourceRecordSetsCommand({
        HostedZoneId: zone,
        StartRecordName: 'ORDERS.example.test',
        MaxItems: 1,
      }),
    )
    expect(ResourceRecordSets?.[0]?.Name).toBe('orders.example.test.')
    expect(await refusal(route53.send(new ListResourceRecordSetsCommand({ HostedZoneId: 'ZNOPE' })))).toBe(
      'NoSuchHostedZone',
    )
    expect(await refusal(route53.send(new GetChangeCommand({ Id: 'CNOPE' })))).toBe('NoSuchChange')
  })
})
