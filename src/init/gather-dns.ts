import {
  type HostedZone,
  ListHostedZonesCommand,
  ListResourceRecordSetsCommand,
  type ResourceRecordSet,
  type Route53Client,
} from '@aws-sdk/client-route-53'
import { type Asking, pages } from './asking.ts'
import { bare, type Thing } from './facts.ts'
import type { Wish } from './wish.ts'

type Call = Parameters<Parameters<Asking['look']>[1]>[0]
type Position = Pick<ResourceRecordSet, 'Name' | 'Type' | 'SetIdentifier'>

const idOf = ({ Id = '' }: HostedZone): string => Id.split('/').at(-1) ?? ''

/** The public zones that come into question, and every alias of addresses in them. */
export async function gatherDns(asking: Asking, wish: Wish, through: readonly string[]): Promise<void> {
  await asking.look('Route 53', async (call) => {
    const route53 = asking.client('route53', 'us-east-1', wish.dns, [...through])
    const zones = await zonesFor(route53, call, wish)
    if (zones.length === 0) asking.gaps.push('Route 53 has no public zone that fits, in this account.')
    for (const zone of zones) {
      const { items } = await pages(async (token) => recordsFrom(route53, call, idOf(zone), token), 100)
      const name = bare(zone.Name ?? '')
      asking.note('Route 53', [
        { kind: 'zone', id: idOf(zone), name },
        ...items.flatMap((set) => aliasOf(set, idOf(zone))),
      ])
    }
  })
}

async function zonesFor(route53: Route53Client, call: Call, wish: Wish): Promise<HostedZone[]> {
  const { items } = await pages(async (Marker) => {
    const told = await call((budget) =>
      route53.send(new ListHostedZonesCommand(Marker ? { Marker } : {}), budget),
    )
    return { items: told.HostedZones ?? [], token: told.IsTruncated ? told.NextMarker : undefined }
  }, 10)
  return items.filter((zone) => {
    const name = bare(zone.Name ?? '')
    if (zone.Config?.PrivateZone) return false
    if (wish.zone !== undefined) return idOf(zone) === wish.zone || name === bare(wish.zone)
    return wish.record === undefined || `.${bare(wish.record)}`.endsWith(`.${name}`)
  })
}

async function recordsFrom(route53: Route53Client, call: Call, zone: string, token: string | undefined) {
  const { Name, Type, SetIdentifier } = (token === undefined ? {} : JSON.parse(token)) as Position
  const command = new ListResourceRecordSetsCommand({
    HostedZoneId: zone,
    MaxItems: 300,
    ...(Name ? { StartRecordName: Name } : {}),
    ...(Type ? { StartRecordType: Type } : {}),
    ...(SetIdentifier ? { StartRecordIdentifier: SetIdentifier } : {}),
  })
  const told = await call((budget) => route53.send(command, budget))
  const next: Position = {
    Name: told.NextRecordName,
    Type: told.NextRecordType,
    SetIdentifier: told.NextRecordIdentifier,
  }
  return { items: told.ResourceRecordSets ?? [], token: told.IsTruncated ? JSON.stringify(next) : undefined }
}

function aliasOf(set: ResourceRecordSet, zone: string): Thing[] {
  const { Name = '', Type: type, AliasTarget: alias, SetIdentifier } = set
  if ((type !== 'A' && type !== 'AAAA') || !alias?.DNSName) return []
  return [
    {
      kind: 'record',
      name: Name.toLowerCase().replace(/\.$/, '').replaceAll('\\052', '*'),
      zone,
      type,
      target: {
        dnsName: alias.DNSName.replace(/\.$/, ''),
        hostedZoneId: alias.HostedZoneId ?? '',
      },
      evaluateTargetHealth: alias.EvaluateTargetHealth ?? false,
      ...(SetIdentifier === undefined ? {} : { shared: true }),
    },
  ]
}
