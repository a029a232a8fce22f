import type { Receipt } from '../engine/step.ts'
import type { Plan } from '../plan/schema.ts'

/** The fixed roles of the two regions, from configuration. Who serves now is *active* and *standby*. */
export type Side = 'home' | 'dr'
export const otherSide = (side: Side): Side => (side === 'home' ? 'dr' : 'home')

export type Mode = 'emergency' | 'planned' | 'detach'

/** A look that may fail: what was seen and when, or why nothing could be seen. Times in world ms. */
export type Look<T> =
  | { readonly ok: true; readonly value: T; readonly at: number }
  | {
      readonly ok: false
      readonly why: 'unreachable' | 'denied' | 'throttled' | 'failed'
      readonly detail: string
      readonly waitedMs: number
      readonly at: number
    }

/** The global cluster as one region's control plane describes it. */
export type GlobalClusterFacts = {
  /** Free text at AWS: `available`, `failing-over`, `switching-over`, `modifying`, … */
  readonly status: string
  readonly engineVersion: string
  readonly members: readonly {
    readonly arn: string
    readonly region: string
    readonly isWriter: boolean
    readonly synchronization: string
  }[]
  /** AWS's FailoverState: an operation scheduled or under way. Its status is free text; unknown means in progress. */
  readonly operation?: {
    readonly status: string
    readonly fromArn: string
    readonly toArn: string
    readonly dataLossAllowed: boolean
  }
}

export type ClusterFacts = {
  readonly arn: string
  readonly status: string
  readonly engineVersion: string
  /** Absent when the cluster belongs to no global cluster (standalone, writable). */
  readonly globalCluster?: string
  readonly deletionProtection: boolean
  readonly instances: readonly { readonly id: string; readonly status: string; readonly isWriter: boolean }[]
}

/** `absent`: AWS answered that it does not exist. */
export type OrAbsent<T> = T | 'absent'

/** Replication lag as CloudWatch knows it; `none` when there is no datapoint, which is unknown and never zero. */
export type LagFacts = { readonly seconds: number; readonly readAt: number } | 'none'

export type ServiceFacts = {
  readonly name: string
  readonly desired: number
  readonly running: number
  readonly pending: number
  /** Application Auto Scaling; absent when nothing is registered. */
  readonly scaling?: {
    readonly min: number
    readonly max: number
    readonly suspended: { readonly in: boolean; readonly out: boolean; readonly scheduled: boolean }
  }
  /** Of the target group the plan names; absent when it names none. */
  readonly healthyTargets?: number
  readonly controller: 'ECS' | 'CODE_DEPLOY' | 'EXTERNAL'
  /** ECS deployments, newest first; world ms. */
  readonly deployments: readonly {
    readonly id: string
    readonly status: string
    readonly createdAt: number
    readonly desired: number
    readonly running: number
    readonly rollout: string
  }[]
  /** When each running task started, world ms. */
  readonly tasksStartedAt: readonly number[]
  readonly events: readonly string[]
}

export type ListenerFacts = {
  readonly arn: string
  /** Normalised default forward: target group -> weight; empty when the default action does not forward. */
  readonly forwards: Readonly<Record<string, number>>
  readonly hasRules: boolean
  readonly healthy: Readonly<Record<string, number>>
}

export type RecordFacts = {
  readonly name: string
  readonly type: string
  /** Whose target it points at now. `foreign`: at neither side's. */
  readonly owner: Side | 'foreign' | 'absent'
  readonly value: string
  /** Weighted, failover, latency …: such records cannot be swapped. */
  readonly routing: 'simple' | string
}

export type ProbeFacts = {
  readonly healthy: boolean
  readonly status: number
  readonly ms: number
  readonly detail: string
}
/** An API Gateway custom domain the plan's records need on a side. */
export type DomainFacts = { readonly name: string; readonly available: boolean }
export type AlarmFacts = {
  readonly name: string
  readonly state: 'OK' | 'ALARM' | 'INSUFFICIENT_DATA' | string
}
/** Requests and their success over the last minutes, newest last, from CloudWatch in one region. */
export type TrafficFacts = {
  readonly points: readonly { readonly at: number; readonly requests: number; readonly errors: number }[]
}

/** What one service of a side should be at. */
export type Capacity = {
  readonly service: string
  readonly desired: number
  readonly min: number
  readonly max: number
}

/**
 * The outside, in the runbook's own words. Looks never throw for what AWS does: they answer a `Look`, within one probe
 * deadline (1.5 s). Acts ask and return; they throw a DrError: ACT_REJECTED, PERMISSION_MISSING, THROTTLED (nothing
 * was changed) or OUTCOME_UNKNOWN (it may have been).
 */
export type Outside = {
  readonly database: {
    /** `via`: the side whose region is asked. */
    global(via: Side): Promise<Look<OrAbsent<GlobalClusterFacts>>>
    cluster(side: Side): Promise<Look<OrAbsent<ClusterFacts>>>
    /** Lag of this side as a secondary, read in its own region. */
    lag(side: Side): Promise<Look<LagFacts>>
    /** FailoverGlobalCluster with AllowDataLoss, through the target's region. */
    failoverTo(side: Side): Promise<Receipt>
    /** SwitchoverGlobalCluster, through the region of the current primary. */
    switchOverTo(side: Side): Promise<Receipt>
    /** RemoveFromGlobalCluster of that side, through its own region: it becomes standalone and writable. */
    detach(side: Side): Promise<Receipt>
  }
  readonly services: {
    /** All the plan's services of a side, in plan order. */
    look(side: Side): Promise<Look<readonly ServiceFacts[]>>
    /** Min and max first, scale-in and scheduled scaling suspended, then desired. Never lowers what is higher. */
    raise(side: Side, wanted: readonly Capacity[]): Promise<Receipt>
    /** Replaces the tasks of these services by new ones. */
    refresh(side: Side, services: readonly string[]): Promise<Receipt>
    /** All three kinds of scaling suspended, min and desired to zero. */
    fence(side: Side, services: readonly string[]): Promise<Receipt>
    /** Back to these capacities, scaling no longer suspended. */
    restore(side: Side, capacities: readonly Capacity[]): Promise<Receipt>
  }
  readonly listener: {
    /** `absent`: the plan names no listener on that side. */
    look(side: Side): Promise<Look<OrAbsent<ListenerFacts>>>
    /** The whole default action list, with only the forward's target group changed. */
    serve(side: Side): Promise<Receipt>
  }
  readonly dns: {
    records(): Promise<Look<readonly RecordFacts[]>>
    /** One batch: DELETE exactly `seen` + CREATE the side's targets. Answers the change id as first evidence. */
    swapTo(side: Side, seen: readonly RecordFacts[]): Promise<Receipt>
    /** Whether the change has reached every authoritative server. */
    inSync(changeId: string): Promise<Look<boolean>>
    /** What Route 53's servers answer now, record by record: the side, or `other`. */
    answers(): Promise<Look<readonly (Side | 'other')[]>>
    /** Whether the API Gateway domains exist on that side (empty = the plan names none). */
    domains(side: Side): Promise<Look<readonly DomainFacts[]>>
  }
  readonly probe: { stack(side: Side): Promise<Look<ProbeFacts>>; public(): Promise<Look<ProbeFacts>> }
  readonly alarms: { look(side: Side): Promise<Look<readonly AlarmFacts[]>> }
  readonly traffic: { look(side: Side): Promise<Look<TrafficFacts>> }
  readonly identity: {
    /** Account ids the credentials really belong to, as STS in that side's region says. */
    account(side: Side): Promise<Look<string>>
  }
  /** World time, ms. */
  now(): number
}

/** What a step sees: the outside, the plan, and the direction of this run. */
export type World = Outside & {
  readonly plan: Plan
  readonly runId: string
  readonly mode: Mode
  /** The active side traffic is taken from, and the standby side that takes it. */
  readonly from: Side
  readonly to: Side
  /** Small facts of this run that AWS does not keep, such as a change id: written once, read by later steps. */
  readonly notes: {
    get(name: string): Promise<string | undefined>
    set(name: string, value: string): Promise<void>
  }
}
