import * as route53 from '@aws-sdk/client-route-53'
import { WireError } from '../wire/failure.ts'
import type { Call, Handlers } from '../wire/service.ts'
import {
  addresses,
  type Change,
  canonical,
  commit,
  ownerOf,
  publicName,
  sortKey,
  stackName,
  zoneId,
  zoneName,
} from './dns.ts'
import { applyChanges } from './dns-batch.ts'
import { identify } from './sts.ts'
import { accounts, apps, sides, type World } from './world.ts'

const about = (message: string) => ({ message, $metadata: {} })

/** Route 53. `wallNow`: people's time, in which sessions expire. */
export function dnsHandlers(world: World, wallNow: () => number): Handlers<typeof route53> {
  const caller = (call: Call) => identify(world, call, wallNow()).account
  /** A zone belongs to one account; the operator's own keys may see it too. */
  const open = (id: string | undefined, call: Call) => {
    const mine = !call.accessKeyId.startsWith('ASIA') || caller(call) === accounts.dns
    if (bare(id) !== zoneId)
      throw new route53.NoSuchHostedZone(about(`No hosted zone found with ID: ${bare(id)}`))
    if (!mine)
      throw new WireError('AccessDenied', `User is not authorized to access this resource: ${zoneId}`, 403)
  }
  return {
    ListHostedZones: (input, call) => {
      const mine = !call.accessKeyId.startsWith('ASIA') || caller(call) === accounts.dns
      return {
        HostedZones: mine ? [describeZone(world)] : [],
        IsTruncated: false,
        MaxItems: input.MaxItems ?? 100,
        Marker: input.Marker,
      }
    },
    GetHostedZone: (input, call) => {
      open(input.Id, call)
      return {
        HostedZone: describeZone(world),
        DelegationSet: { NameServers: ['ns-1.awsdns-01.com', 'ns-2.awsdns-02.net'] },
      }
    },
    ListResourceRecordSets: (input, call) => {
      open(input.HostedZoneId, call)
      return listRecords(world, input)
    },
    ChangeResourceRecordSets: (input, call) => {
      open(input.HostedZoneId, call)
      return change(world, input)
    },
    GetChange: (input) => {
      const found = world.dns.changes.find(({ id }) => id === bare(input.Id))
      if (!found) throw new route53.NoSuchChange(about(`Could not find resource with ID: ${bare(input.Id)}`))
      return { ChangeInfo: describeChange(found) }
    },
    TestDNSAnswer: (input, call) => {
      open(input.HostedZoneId, call)
      return testAnswer(world, input)
    },
  }
}

const bare = (id = ''): string => id.replace(/^\/?(hostedzone|change)\//, '')

const describeZone = (world: World): route53.HostedZone => ({
  Id: `/hostedzone/${zoneId}`,
  Name: zoneName,
  CallerReference: 'understudy-rehearsal',
  Config: { PrivateZone: false },
  ResourceRecordSetCount: world.dns.records.length,
})

const describeChange = ({ id, status, at, comment }: Change): route53.ChangeInfo => ({
  Id: `/change/${id}`,
  Status: status,
  SubmittedAt: new Date(at),
  ...(comment === undefined ? {} : { Comment: comment }),
})

function listRecords(world: World, input: route53.ListResourceRecordSetsCommandInput) {
  const { StartRecordName: name, StartRecordType: type, StartRecordIdentifier: identifier } = input
  const size = Math.min(300, input.MaxItems ?? 300)
  if (size < 1) throw new route53.InvalidInput(about('MaxItems must be at least 1'))
  if (type !== undefined && name === undefined)
    throw new route53.InvalidInput(about('The record type cannot be given without the record name.'))
  const from = name === undefined ? '' : sortKey(name, type, identifier)
  const key = (record: route53.ResourceRecordSet) =>
    sortKey(
      record.Name,
      type === undefined && canonical(record.Name ?? '') === canonical(name ?? '') ? '' : record.Type,
      record.SetIdentifier,
    )
  const rest = world.dns.records.filter((record) => key(record) >= from)
  const next = rest[size]
  return {
    ResourceRecordSets: rest.slice(0, size),
    IsTruncated: next !== undefined,
    MaxItems: size,
    ...(next ? { NextRecordName: next.Name, NextRecordType: next.Type } : {}),
    ...(next?.SetIdentifier ? { NextRecordIdentifier: next.SetIdentifier } : {}),
  }
}

/** How long a zone is busy with the change before. */
const busyMs = 1_000

function change(world: World, input: route53.ChangeResourceRecordSetsCommandInput) {
  const latest = world.dns.changes.at(-1)
  if (latest && world.now - latest.at < busyMs)
    throw new route53.PriorRequestNotComplete(
      about('The request was rejected because Route 53 was still processing a prior request.'),
    )
  const changes = input.ChangeBatch?.Changes ?? []
  if (changes.length === 0) throw new route53.InvalidInput(about('The change batch has no changes.'))
  const { records, faults } = applyChanges(world.dns.records, changes)
  if (faults.length) {
    const message = `[${faults.join(', ')}]`
    throw new route53.InvalidChangeBatch({ messages: faults, ...about(message) })
  }
  return { ChangeInfo: describeChange(commit(world, records, input.ChangeBatch?.Comment)) }
}

/** What Route 53's own servers answer, which lags behind the records until a change is in sync. */
function testAnswer(world: World, input: route53.TestDNSAnswerCommandInput) {
  const name = canonical(input.RecordName ?? '')
  const data = answerFor(world, name, input.RecordType ?? 'A')
  return {
    Nameserver: 'ns-1.awsdns-01.com',
    RecordName: name.slice(0, -1),
    RecordType: input.RecordType,
    RecordData: [...data],
    ResponseCode: data.length ? 'NOERROR' : 'NXDOMAIN',
    Protocol: 'UDP',
  }
}

function answerFor(world: World, name: string, type: string): readonly string[] {
  const app = apps.find(
    (each) => name === publicName(each) || sides.some((side) => name === stackName(each, side)),
  )
  if (app && type === 'A') {
    const owner =
      name === publicName(app) ? world.dns.answers[app].owner : ownerOf(world.dns.records, app, name)
    return owner === 'other' ? [] : addresses[app][owner]
  }
  const found = world.dns.records.find(
    (record) => canonical(record.Name ?? '') === name && record.Type === type,
  )
  return found?.ResourceRecords?.map(({ Value }) => Value ?? '') ?? []
}
