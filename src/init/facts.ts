import type { Plan } from '../plan/schema.ts'

export type Side = keyof Plan['regions']
export const SIDES: readonly Side[] = ['home', 'dr']

/** Something that exists, as one source knows it; what that source does not know is left out. */
export type Thing =
  | { readonly kind: 'account'; readonly use: 'workload' | 'dns'; readonly id: string }
  | { readonly kind: 'role'; readonly use: 'workload' | 'dns' | 'deletion'; readonly arn: string }
  | { readonly kind: 'global-cluster'; readonly id: string; readonly endpoint?: string }
  | DbCluster
  | { readonly kind: 'ecs-cluster'; readonly region: string; readonly name: string }
  | EcsService
  | {
      readonly kind: 'other-service'
      readonly region: string
      readonly cluster: string
      readonly name: string
    }
  | Group
  | Balancer
  | Listener
  | Domain
  | {
      readonly kind: 'target-zone'
      readonly region: string
      readonly of: 'balancer' | 'domain'
      readonly id: string
    }
  | { readonly kind: 'zone'; readonly id: string; readonly name?: string }
  | DnsRecord
  | { readonly kind: 'alarm'; readonly region: string; readonly name: string; readonly ofLag?: boolean }
  | { readonly kind: 'key'; readonly region: string; readonly arn: string }
  | {
      readonly kind: 'url'
      readonly region: string
      readonly use: 'probe' | 'heartbeat'
      readonly url: string
    }
  | { readonly kind: 'build'; readonly region: string; readonly name: string }

type DbCluster = {
  readonly kind: 'db-cluster'
  readonly region: string
  readonly id: string
  readonly account?: string
  /** Whether it is the global cluster's writer now. */
  readonly writer?: boolean
}
type EcsService = {
  readonly kind: 'service'
  readonly region: string
  readonly cluster: string
  readonly name: string
  readonly desired?: number
  /** Auto scaling's ceiling; `none` where nothing is registered. */
  readonly max?: number | 'none'
  readonly groups?: readonly string[]
}
type Group = {
  readonly kind: 'group'
  readonly region: string
  readonly arn: string
  readonly healthPath?: string
}
type Balancer = {
  readonly kind: 'balancer'
  readonly region: string
  readonly dnsName: string
  readonly hostedZoneId?: string
}
type Listener = {
  readonly kind: 'listener'
  readonly region: string
  readonly arn: string
  readonly port?: number
  /** The default action's target groups with their weights. */
  readonly forwards?: Readonly<Record<string, number>>
}
/** An API Gateway custom domain in one region. */
type Domain = {
  readonly kind: 'domain'
  readonly region: string
  readonly name?: string
  readonly dnsName: string
  readonly hostedZoneId?: string
}
type DnsRecord = {
  readonly kind: 'record'
  readonly name: string
  readonly zone?: string
  readonly type?: 'A' | 'AAAA'
  readonly target?: { readonly dnsName: string; readonly hostedZoneId: string }
  readonly evaluateTargetHealth?: boolean
  /** Whether it is one of several of that name: weighted, failover, latency. */
  readonly shared?: boolean
}

/** A thing, and who says so: `output cluster_arn of dr.json`, `RDS in us-east-1`. */
export type Fact = Thing & { readonly from: string }
/** What was asked for and could not be seen, with its reason, as one sentence. */
export type Found = { readonly facts: readonly Fact[]; readonly gaps: readonly string[] }

type Kind = Thing['kind']
export type FactOf<K extends Kind> = Extract<Fact, { readonly kind: K }>

/**
 * The facts of one kind, those of the same thing made into one: what an earlier source says counts, a later one adds
 * what it did not know, and all of them are named.
 */
export function factsOf<K extends Kind>(facts: readonly Fact[], kind: K): FactOf<K>[] {
  const mine = facts.filter((fact): fact is FactOf<K> => fact.kind === kind)
  return [...Map.groupBy(mine, keyOf).values()].map((same) => ({
    ...(Object.assign({}, ...same.toReversed()) as FactOf<K>),
    from: [...new Set(same.map(({ from }) => from))].join('; '),
  }))
}

/** What makes two facts facts of one thing. */
function keyOf(fact: Fact): string {
  const of = fact as Partial<Record<string, unknown>>
  const parts = ['use', 'region', 'cluster', 'arn', 'dnsName', 'zone', 'type', 'of', 'url']
  if (fact.kind === 'zone') return fact.id
  if (fact.kind === 'domain') return [fact.region, fact.dnsName, fact.name ?? ''].join()
  return [fact.kind, ...parts.map((part) => of[part] ?? ''), of.id ?? '', of.name ?? ''].join()
}

/** A DNS name without what may differ and mean the same. */
export const bare = (name: string): string =>
  name
    .toLowerCase()
    .replace(/\.$/, '')
    .replace(/^dualstack\./, '')

export const sameName = (a: string, b: string): boolean => bare(a) === bare(b)
