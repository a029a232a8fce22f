import type { Plan } from '../plan/schema.ts'
import { type ClassifiedAs, sentenceOf, wordOf } from './topology-words.ts'
import {
  type ClusterFacts,
  type GlobalClusterFacts,
  type LagFacts,
  type Look,
  type OrAbsent,
  otherSide,
  type RecordFacts,
  type Side,
} from './world.ts'

/** What the classifier judges: looks, each of which may have failed. */
export type Facts = {
  readonly plan: Plan
  readonly global: Look<OrAbsent<GlobalClusterFacts>>
  readonly clusters: Readonly<Record<Side, Look<OrAbsent<ClusterFacts>>>>
  readonly lag: Readonly<Record<Side, Look<LagFacts>>>
  readonly records: Look<readonly RecordFacts[]>
}

/**
 * The states of aws.md §3.3, said by who holds the writer instead of by role, so that mirrored states are the same
 * state with `active` exchanged. STEADY is `protected` with home active; FAILED_OVER_PROTECTED the same with dr active.
 */
export type TopologyState =
  | 'protected'
  | 'headless'
  | 'in-flight'
  | 'unprotected'
  | 'orphaned'
  | 'alone'
  | 'detached'
  | 'no-global'
  | 'unknown'

/** Said on top of the state; each is a warning of its own. */
export type Overlay =
  | 'dns-mismatch'
  | 'dns-foreign'
  | 'home-unknown'
  | 'dr-unknown'
  | 'split-brain-possible'
  | 'versions-differ'
  | 'lag-high'
  | 'lag-unknown'

export type Topology = {
  readonly state: TopologyState
  /** The side of the writer; `unknown` when nobody could say. */
  readonly active: Side | 'unknown'
  readonly overlays: readonly Overlay[]
  /** The classifier's word in the classic names: STEADY, FAILED_OVER_UNPROTECTED, DETACHED … */
  readonly word: string
  /** One sentence for a person. */
  readonly sentence: string
}

const SIDES = ['home', 'dr'] as const
/** A lag reading older than this says nothing about now. CloudWatch has one a minute. */
const LAG_FRESH_MS = 5 * 60_000

/** Judges what state the pair is in. Pure; what could not be seen is `unknown` or an overlay, never fine. */
export function classify(facts: Facts): Topology {
  const judged = facts.global.ok ? byGlobal(facts, facts.global.value) : byClusters(facts)
  return {
    state: judged.state,
    active: judged.active,
    overlays: overlaysOf(facts, judged),
    word: wordOf(judged),
    sentence: sentenceOf(facts.plan, judged) + doubtOf(facts, judged),
  }
}

/** Who holds the writer may be known from the other region: that does not make the active one fine. */
function doubtOf({ plan, clusters }: Facts, { active }: ClassifiedAs): string {
  if (active === 'unknown' || clusters[active].ok) return ''
  return ` Whether ${plan.regions[active]} (${active}) is well is unknown.`
}

/** The side whose configured cluster an ARN names; undefined for a cluster that is not the plan's. */
export function sideOfArn(plan: Plan, arn: string): Side | undefined {
  const [, , , region, , , id] = arn.split(':')
  return SIDES.find((side) => plan.regions[side] === region && plan.database.clusters[side] === id)
}

/** A side's membership of the global cluster, if it has one. */
export const memberOf = (plan: Plan, global: GlobalClusterFacts, side: Side) =>
  global.members.find(({ arn }) => sideOfArn(plan, arn) === side)

/** The side that holds the writer, if it is one of the plan's. */
export function writerOf(plan: Plan, global: GlobalClusterFacts): Side | undefined {
  const writer = global.members.find(({ isWriter }) => isWriter)
  return writer && sideOfArn(plan, writer.arn)
}

/** The one side all records point at; `mixed` when they disagree, `foreign` when one points elsewhere. */
export function dnsOwner(records: readonly RecordFacts[]): Side | 'mixed' | 'foreign' {
  if (records.some(({ owner }) => owner === 'foreign' || owner === 'absent')) return 'foreign'
  const side = SIDES.find((one) => records.length > 0 && records.every(({ owner }) => owner === one))
  return side ?? 'mixed'
}

/** The lag as a usable number of seconds, or undefined when there is none, it is stale, or nobody could look. */
export function freshLag(look: Look<LagFacts>): { seconds: number; readAt: number } | undefined {
  if (!look.ok || look.value === 'none' || look.at - look.value.readAt > LAG_FRESH_MS) return undefined
  return look.value
}

function byGlobal({ plan, clusters, records }: Facts, global: OrAbsent<GlobalClusterFacts>): ClassifiedAs {
  if (global === 'absent') return { state: 'no-global', active: 'unknown', because: 'it does not exist' }
  const active = writerOf(plan, global)
  if (global.operation || global.status !== 'available')
    return { state: 'in-flight', active: active ?? 'unknown', because: inFlight(plan, global) }
  if (!active)
    return {
      state: 'unknown',
      active: 'unknown',
      because: `its writer is ${writerArn(global)}, which is not the plan's`,
    }
  const standby = otherSide(active)
  const cluster = clusters[standby]
  if (!cluster.ok)
    return {
      state: 'unprotected',
      active,
      because: `the ${standby} region gives no answer (${cluster.detail})`,
    }
  if (cluster.value === 'absent')
    return { state: 'alone', active, because: `the ${standby} cluster does not exist` }
  const member = memberOf(plan, global, standby)
  if (!cluster.value.globalCluster && !member) return standalone(active, clusters[active], records)
  if (!member && cluster.value.globalCluster !== plan.database.globalCluster)
    return {
      state: 'orphaned',
      active,
      because: `the ${standby} cluster belongs to ${cluster.value.globalCluster}`,
    }
  return asStandby(active, cluster.value, member?.synchronization ?? 'not listed as a member')
}

/** The other cluster is in no global cluster: whoever customers are sent to decides which side is live. */
function standalone(
  writer: Side,
  writerLook: Look<OrAbsent<ClusterFacts>>,
  records: Facts['records'],
): ClassifiedAs {
  const other = otherSide(writer)
  const because = `the ${other} cluster is standalone and writable`
  const sentTo = records.ok ? dnsOwner(records.value) : 'mixed'
  const writerDown =
    !writerLook.ok || writerLook.value === 'absent' || writerLook.value.status !== 'available'
  if (sentTo === other || writerDown) return { state: 'detached', active: other, because }
  if (sentTo === writer) return { state: 'orphaned', active: writer, because }
  return { state: 'detached', active: 'unknown', because }
}

function asStandby(active: Side, standby: ClusterFacts, synchronization: string): ClassifiedAs {
  const other = otherSide(active)
  if (standby.instances.length === 0)
    return { state: 'headless', active, because: `the ${other} cluster has no instance` }
  if (standby.status !== 'available')
    return { state: 'unprotected', active, because: `the ${other} cluster is ${standby.status}` }
  if (synchronization !== 'connected')
    return { state: 'unprotected', active, because: `the ${other} cluster is ${synchronization}` }
  if (!standby.instances.some(({ status }) => status === 'available'))
    return { state: 'unprotected', active, because: `no instance of the ${other} cluster is available` }
  return { state: 'protected', active, because: `the ${other} cluster is connected` }
}

/** The global cluster could not be seen: the sides' own clusters may still tell that one was detached. */
function byClusters({ clusters, records, global }: Facts): ClassifiedAs {
  const alone = SIDES.filter((side) => {
    const look = clusters[side]
    return look.ok && look.value !== 'absent' && !look.value.globalCluster
  })
  const why = global.ok ? '' : `the global cluster could not be seen (${global.detail})`
  const [only] = alone
  if (!only) return { state: 'unknown', active: 'unknown', because: why }
  if (alone.length === 1)
    return {
      state: 'detached',
      active: only,
      because: `the ${only} cluster is standalone and writable; ${why}`,
    }
  const owner = records.ok ? dnsOwner(records.value) : 'mixed'
  const active = owner === 'home' || owner === 'dr' ? owner : 'unknown'
  return { state: 'detached', active, because: `both clusters are standalone and writable; ${why}` }
}

function inFlight(plan: Plan, { operation, status }: GlobalClusterFacts): string {
  if (!operation) return `AWS says it is ${status}`
  const to = sideOfArn(plan, operation.toArn) ?? operation.toArn
  return `AWS says ${operation.status} to ${to}${operation.dataLossAllowed ? ', data loss allowed' : ''}`
}

const writerArn = ({ members }: GlobalClusterFacts) => members.find((m) => m.isWriter)?.arn ?? 'nobody'

function overlaysOf(facts: Facts, judged: ClassifiedAs): Overlay[] {
  const overlays: Overlay[] = [...dnsOverlays(facts, judged.active)]
  if (!facts.clusters.home.ok) overlays.push('home-unknown')
  if (!facts.clusters.dr.ok) overlays.push('dr-unknown')
  if (judged.state === 'detached' || judged.state === 'orphaned') {
    const rest = SIDES.filter((side) => judged.state === 'orphaned' || side !== judged.active)
    if (rest.some((side) => exists(facts.clusters[side]))) overlays.push('split-brain-possible')
  }
  if (new Set(versionsOf(facts)).size > 1) overlays.push('versions-differ')
  return [...overlays, ...lagOverlays(facts, judged)]
}

function* dnsOverlays({ records }: Facts, active: Side | 'unknown'): Generator<Overlay> {
  if (!records.ok) return
  const owner = dnsOwner(records.value)
  if (owner === 'foreign') yield 'dns-foreign'
  else if (owner === 'mixed' || (active !== 'unknown' && owner !== active)) yield 'dns-mismatch'
}

/** A cluster that could not be looked at may well exist. */
const exists = (look: Look<OrAbsent<ClusterFacts>>) => !look.ok || look.value !== 'absent'

function versionsOf({ global, clusters }: Facts): string[] {
  return [global, clusters.home, clusters.dr].flatMap((look) =>
    look.ok && look.value !== 'absent' ? [look.value.engineVersion] : [],
  )
}

/** Lag means something only where there is a standby that replicates, or might be one. */
function lagOverlays({ plan, lag }: Facts, { state, active }: ClassifiedAs): Overlay[] {
  if (!['protected', 'headless', 'unprotected', 'in-flight', 'unknown'].includes(state)) return []
  if (active === 'unknown') return ['lag-unknown']
  const reading = freshLag(lag[otherSide(active)])
  if (!reading) return ['lag-unknown']
  return reading.seconds > plan.database.lagLimitSeconds ? ['lag-high'] : []
}
