import {
  ListResourceRecordSetsCommand,
  type ResourceRecordSet,
  type Route53Client,
} from '@aws-sdk/client-route-53'
import type { RecordFacts, Side } from '../flows/world.ts'
import type { Plan } from '../plan/schema.ts'
import type { Budget } from './look.ts'
import type { Site } from './site.ts'

export type PlannedRecord = Plan['dns']['records'][number]

const PAGE = 100

/** A name without what may differ and mean the same: case, the last dot, `dualstack.`, Route 53's `\052` for `*`. */
export const canonical = (name: string): string =>
  name
    .toLowerCase()
    .replace(/\.$/, '')
    .replace(/^dualstack\./, '')
    .replaceAll('\\052', '*')

/** What a planned record is now, from the record sets listed under its name and type. */
export function recordFacts(planned: PlannedRecord, sets: readonly ResourceRecordSet[]): RecordFacts {
  const [set] = sets
  const { name, type } = planned
  if (!set) return { name, type, owner: 'absent', value: '', routing: 'simple' }
  return { name, type, owner: ownerOf(planned, set), value: shown(set), routing: routingOf(set) }
}

function ownerOf(
  { targets }: PlannedRecord,
  { AliasTarget: alias }: ResourceRecordSet,
): RecordFacts['owner'] {
  const owns = (side: Side) =>
    canonical(alias?.DNSName ?? '') === canonical(targets[side].dnsName) &&
    alias?.HostedZoneId === targets[side].hostedZoneId
  if (owns('home')) return 'home'
  return owns('dr') ? 'dr' : 'foreign'
}

const shown = ({ AliasTarget: alias, ResourceRecords: values = [], TTL }: ResourceRecordSet): string =>
  alias?.DNSName ?? `${values.map(({ Value }) => Value).join(', ')} (TTL ${TTL} s)`

function routingOf(set: ResourceRecordSet): string {
  if (set.Failover) return 'failover'
  if (set.Weight !== undefined) return 'weighted'
  if (set.Region) return 'latency'
  if (set.GeoLocation) return 'geolocation'
  if (set.GeoProximityLocation) return 'geoproximity'
  if (set.CidrRoutingConfig) return 'cidr'
  if (set.MultiValueAnswer) return 'multivalue'
  return set.SetIdentifier ? 'named' : 'simple'
}

/** The record set that gives a planned record to a side. */
export function aliasTo(
  planned: PlannedRecord,
  side: Side,
  evaluateTargetHealth: boolean,
): ResourceRecordSet {
  const { dnsName, hostedZoneId } = planned.targets[side]
  return {
    Name: planned.name,
    Type: planned.type,
    AliasTarget: {
      DNSName: dnsName,
      HostedZoneId: hostedZoneId,
      EvaluateTargetHealth: evaluateTargetHealth,
    },
  }
}

/** All record sets under a planned record's name and type: more than one when its routing is not simple. */
export async function listRecord(
  route53: Route53Client,
  site: Site,
  { name, type }: PlannedRecord,
  options: Budget,
): Promise<readonly ResourceRecordSet[]> {
  const sets: ResourceRecordSet[] = []
  const mine = (set: ResourceRecordSet) => canonical(set.Name ?? '') === canonical(name) && set.Type === type
  let from: { StartRecordIdentifier?: string } | undefined = {}
  while (from) {
    const command: ListResourceRecordSetsCommand = new ListResourceRecordSetsCommand({
      HostedZoneId: site.plan.dns.hostedZoneId,
      StartRecordName: name,
      StartRecordType: type,
      MaxItems: PAGE,
      ...from,
    })
    const page = await route53.send(command, options)
    sets.push(...(page.ResourceRecordSets ?? []).filter(mine))
    const goesOn = canonical(page.NextRecordName ?? '') === canonical(name) && page.NextRecordType === type
    from =
      page.IsTruncated && goesOn && page.NextRecordIdentifier
        ? { StartRecordIdentifier: page.NextRecordIdentifier }
        : undefined
  }
  return sets
}
