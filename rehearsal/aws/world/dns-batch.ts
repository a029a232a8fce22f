import type { Change, ResourceRecordSet } from '@aws-sdk/client-route-53'
import { canonical, publicName, stackName, targets, zoneName } from './dns.ts'
import { apps, sides } from './world.ts'

/**
 * Applies a batch to a copy, in order, and says every fault in AWS's words. With a fault nothing counts: the batch is
 * atomic. A DELETE must match the record's values exactly.
 */
export function applyChanges(
  records: readonly ResourceRecordSet[],
  changes: readonly Change[],
): { records: ResourceRecordSet[]; faults: string[] } {
  const draft = records.map((record) => ({ ...record }))
  const faults: string[] = []
  for (const { Action, ResourceRecordSet: wanted } of changes) {
    const fault = wanted ? faultOf(draft, Action, wanted) : 'The change has no record set'
    if (fault || !wanted) faults.push(fault ?? '')
    else apply(draft, Action, wanted)
  }
  return { records: draft, faults }
}

function apply(draft: ResourceRecordSet[], action: Change['Action'], wanted: ResourceRecordSet): void {
  const index = draft.findIndex((record) => isSame(record, wanted))
  if (index !== -1) draft.splice(index, 1)
  if (action !== 'DELETE') draft.push({ ...wanted, Name: canonical(wanted.Name ?? '') })
}

function faultOf(
  draft: readonly ResourceRecordSet[],
  action: Change['Action'],
  wanted: ResourceRecordSet,
): string | undefined {
  const label = `[name='${canonical(wanted.Name ?? '')}', type='${wanted.Type}'${identifier(wanted)}]`
  const name = canonical(wanted.Name ?? '')
  if (name !== zoneName && !name.endsWith(`.${zoneName}`))
    return `RRSet with DNS name ${name} is not permitted in zone ${zoneName}`
  const standing = draft.find((record) => isSame(record, wanted))
  if (action === 'DELETE') {
    if (!standing) return `Tried to delete resource record set ${label} but it was not found`
    if (fingerprint(standing) !== fingerprint(wanted))
      return `Tried to delete resource record set ${label} but the values provided do not match the current values`
    return undefined
  }
  if (action === 'CREATE' && standing)
    return `Tried to create resource record set ${label} but it already exists`
  return valueFault(wanted, label) ?? conflict(draft, wanted, label)
}

const identifier = ({ SetIdentifier }: ResourceRecordSet): string =>
  SetIdentifier === undefined ? '' : `, set-identifier='${SetIdentifier}'`

function valueFault(wanted: ResourceRecordSet, label: string): string | undefined {
  const { AliasTarget: alias, ResourceRecords: values } = wanted
  if (alias && (values?.length || wanted.TTL !== undefined))
    return `Invalid request: Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords]] in ${label}`
  if (alias) return aliasFault(wanted, label)
  if (!values?.length || wanted.TTL === undefined)
    return `Invalid request: Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords]] in ${label}`
  return undefined
}

/** An alias must lie in its target's zone; API Gateway moreover wants a custom domain of the record's name. */
function aliasFault(wanted: ResourceRecordSet, label: string): string | undefined {
  const name = canonical(wanted.AliasTarget?.DNSName ?? '').replace(/^dualstack\./, '')
  const all = apps.flatMap((app) => sides.map((side) => ({ app, side, target: targets[app][side] })))
  const known = all.find(({ target }) => canonical(target.dnsName) === name)
  if (!known) return undefined
  const tried = `Tried to create an alias that targets ${name}, type ${wanted.Type} in zone ${wanted.AliasTarget?.HostedZoneId}`
  if (known.target.hostedZoneId !== wanted.AliasTarget?.HostedZoneId)
    return `${tried}, but the alias target name does not lie within the target zone`
  const own = [publicName(known.app), stackName(known.app, known.side)]
  if (name.includes('.execute-api.') && !own.includes(canonical(wanted.Name ?? '')))
    return `${tried}, but that target was not found in ${label}`
  return undefined
}

function conflict(
  draft: readonly ResourceRecordSet[],
  wanted: ResourceRecordSet,
  label: string,
): string | undefined {
  const others = draft.filter(
    (record) => canonical(record.Name ?? '') === canonical(wanted.Name ?? '') && !isSame(record, wanted),
  )
  if (others.some(({ Type }) => Type === 'CNAME' || wanted.Type === 'CNAME'))
    return `RRSet of type ${wanted.Type} with DNS name ${canonical(wanted.Name ?? '')} is not permitted because a conflicting RRSet of another type with the same DNS name already exists in zone ${zoneName}`
  const simple = (record: ResourceRecordSet) => record.SetIdentifier === undefined
  if (others.some((record) => record.Type === wanted.Type && simple(record) !== simple(wanted)))
    return `RRSet with DNS name ${label} cannot be created as other RRSets exist with the same name and type`
  return undefined
}

const isSame = (a: ResourceRecordSet, b: ResourceRecordSet): boolean =>
  canonical(a.Name ?? '') === canonical(b.Name ?? '') &&
  a.Type === b.Type &&
  a.SetIdentifier === b.SetIdentifier

/** All that a DELETE has to repeat; order of values and letters' case do not matter. */
function fingerprint(record: ResourceRecordSet): string {
  const { AliasTarget: alias, ResourceRecords: values, Name: _name, ...rest } = record
  const told = Object.entries(rest).filter(([, value]) => value !== undefined)
  return JSON.stringify([
    told.sort(([a], [b]) => a.localeCompare(b)),
    alias && [canonical(alias.DNSName ?? ''), alias.HostedZoneId, alias.EvaluateTargetHealth ?? false],
    values?.map(({ Value }) => Value).sort(),
  ])
}
