import type { ResourceRecordSet } from '@aws-sdk/client-route-53'
import { type App, accounts, apps, regions, type Side, schedule, sides, type World } from './world.ts'

export const zoneId = 'Z0EXAMPLE0TEST'
export const zoneName = 'example.test.'
/** How long resolvers keep the answer of an alias: its target's TTL. */
export const aliasTtlMs = 60_000

/** Where customers are sent; `other` is nobody's address, or no answer at all. */
export type Owner = Side | 'other'
export type Mix = Readonly<Record<Owner, number>>

export type Change = {
  readonly id: string
  readonly at: number
  readonly comment?: string
  /** Whom each public name belongs to once this is in sync. */
  readonly owners: Readonly<Record<App, Owner>>
  status: 'PENDING' | 'INSYNC'
}

/** Old answers live on in resolvers, and expire evenly over the TTL. */
type Answers = { readonly before: Mix; readonly owner: Owner; readonly since: number }

export type DnsState = {
  readonly zoneAccount: string
  records: ResourceRecordSet[]
  changes: Change[]
  answers: Record<App, Answers>
}

type Target = { readonly dnsName: string; readonly hostedZoneId: string }

/** The alias targets of each application. */
export const targets: Readonly<Record<App, Readonly<Record<Side, Target>>>> = {
  orders: {
    home: { dnsName: 'd-orders-home.execute-api.us-east-1.amazonaws.com', hostedZoneId: 'Z1UJRXOUMOOFQ8' },
    dr: { dnsName: 'd-orders-dr.execute-api.us-west-2.amazonaws.com', hostedZoneId: 'Z2OJLYMUO9EFXC' },
  },
  billing: {
    home: { dnsName: 'billing-home-1.us-east-1.elb.amazonaws.com', hostedZoneId: 'Z35SXDOTRQ7X7K' },
    dr: { dnsName: 'billing-dr-1.us-west-2.elb.amazonaws.com', hostedZoneId: 'Z1H1FL5HABSF5' },
  },
}

/** Addresses behind an application's side, as Route 53's servers answer them. */
export const addresses: Readonly<Record<App, Readonly<Record<Side, readonly string[]>>>> = {
  orders: { home: ['192.0.2.10', '192.0.2.11'], dr: ['198.51.100.10', '198.51.100.11'] },
  billing: { home: ['192.0.2.20', '192.0.2.21'], dr: ['198.51.100.20', '198.51.100.21'] },
}

/** Public names of an application: the one that moves, and each side's own. */
export const publicName = (app: App): string => `${app}.${zoneName}`
export const stackName = (app: App, side: Side): string => `${app}.${regions[side]}.${zoneName}`

export function seedDns(at: number): DnsState {
  const alias = (Name: string, app: App, side: Side): ResourceRecordSet => ({
    Name,
    Type: 'A',
    AliasTarget: {
      HostedZoneId: targets[app][side].hostedZoneId,
      DNSName: `${targets[app][side].dnsName}.`,
      EvaluateTargetHealth: app === 'billing' && Name === publicName(app),
    },
  })
  const plain = (Name: string, Type: ResourceRecordSet['Type'], TTL: number, ...values: string[]) => ({
    Name,
    Type,
    TTL,
    ResourceRecords: values.map((Value) => ({ Value })),
  })
  const mine = apps.flatMap((app) => [
    alias(publicName(app), app, 'home'),
    ...sides.map((side) => alias(stackName(app, side), app, side)),
  ])
  const others = [
    plain(zoneName, 'NS', 172_800, 'ns-1.awsdns-01.com.', 'ns-2.awsdns-02.net.'),
    plain(zoneName, 'SOA', 900, 'ns-1.awsdns-01.com. awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400'),
    plain(zoneName, 'TXT', 300, '"a & b <c>"'),
    plain(`mail.${zoneName}`, 'MX', 300, '10 mx.example.test'),
    plain(`www.${zoneName}`, 'CNAME', 300, `orders.${zoneName}`),
  ]
  const steady: Answers = { before: only('home'), owner: 'home', since: at - aliasTtlMs }
  return {
    zoneAccount: accounts.dns,
    records: [...mine, ...others].sort(inZoneOrder),
    changes: [],
    answers: { orders: steady, billing: steady },
  }
}

/** The public record of an application at a side, in sync and known to every resolver. */
export function pointAt(world: World, app: App, side: Side): void {
  const { dnsName, hostedZoneId } = targets[app][side]
  const AliasTarget = {
    HostedZoneId: hostedZoneId,
    DNSName: `${dnsName}.`,
    EvaluateTargetHealth: app === 'billing',
  }
  const name = publicName(app)
  const others = world.dns.records.filter((record) => canonical(record.Name ?? '') !== name)
  world.dns.records = [...others, { Name: name, Type: 'A' as const, AliasTarget }].sort(inZoneOrder)
  world.dns.changes = world.dns.changes.map((change) =>
    change.status === 'PENDING' ? { ...change, owners: { ...change.owners, [app]: side } } : change,
  )
  world.dns.answers[app] = { before: only(side), owner: side, since: world.now - aliasTtlMs }
}

const only = (owner: Owner): Mix => ({ home: 0, dr: 0, other: 0, [owner]: 1 })

/** Route 53 lists names by their labels from the right, then by type. */
export function inZoneOrder(a: ResourceRecordSet, b: ResourceRecordSet): number {
  const key = (record: ResourceRecordSet) => sortKey(record.Name, record.Type, record.SetIdentifier)
  return key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0
}

export const sortKey = (name = '', type = '', identifier = ''): string =>
  [canonical(name).split('.').filter(Boolean).reverse().join('\u0001'), type, identifier].join('\u0000')

/** Lower case, with the dot at its end. */
export const canonical = (name: string): string => `${name.toLowerCase().replace(/\.$/, '')}.`

/** Whose address a record answers with. */
export function ownerOf(records: readonly ResourceRecordSet[], app: App, name = publicName(app)): Owner {
  const found = records.filter((record) => canonical(record.Name ?? '') === name && record.Type === 'A')
  const [record] = found
  const target = canonical(record?.AliasTarget?.DNSName ?? '').replace(/^dualstack\./, '')
  if (found.length !== 1) return 'other'
  return sides.find((side) => canonical(targets[app][side].dnsName) === target) ?? 'other'
}

/** Commits a judged batch; customers notice once it is in sync. */
export function commit(world: World, records: ResourceRecordSet[], comment: string | undefined): Change {
  world.dns.records = records.sort(inZoneOrder)
  const id = `C${String(world.serial++).padStart(7, '0')}EXAMPLE`
  const owners = Object.fromEntries(apps.map((app) => [app, ownerOf(records, app)])) as Record<App, Owner>
  const change: Change = {
    id,
    at: world.now,
    ...(comment === undefined ? {} : { comment }),
    owners,
    status: 'PENDING',
  }
  world.dns.changes.push(change)
  const changed = apps.find((app) => owners[app] !== world.dns.answers[app].owner) ?? 'orders'
  schedule(world, world.draws[changed].insync, 'dns-insync', id)
  return change
}

export function insync(world: World, id: string): void {
  const change = world.dns.changes.find((each) => each.id === id)
  if (!change) return
  change.status = 'INSYNC'
  for (const app of apps) {
    const { owner } = world.dns.answers[app]
    if (change.owners[app] === owner) continue
    world.dns.answers[app] = {
      before: share(world, app, world.now),
      owner: change.owners[app],
      since: world.now,
    }
  }
}

/** Which part of the customers is sent where. */
export function share(world: World, app: App, at: number): Mix {
  const { before, owner, since } = world.dns.answers[app]
  const left = Math.max(0, 1 - Math.max(0, at - since) / aliasTtlMs)
  const mix = { home: before.home * left, dr: before.dr * left, other: before.other * left }
  mix[owner] += 1 - left
  return mix
}

/** Whether answers still move. */
export const dnsMoving = (world: World, app: App, at: number): boolean =>
  at - world.dns.answers[app].since < aliasTtlMs
