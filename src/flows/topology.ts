import type { Plan } from '../plan/schema.ts'
import type {
  ClusterFacts,
  GlobalClusterFacts,
  LagFacts,
  Look,
  OrAbsent,
  RecordFacts,
  Side,
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

export declare function classify(facts: Facts): Topology
