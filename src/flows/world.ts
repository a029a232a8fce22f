import type { Asking, Receipt } from '../engine/step.ts'
import type { Plan, Stack } from '../plan/schema.ts'

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
  readonly deletionProtection: boolean
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
  readonly encrypted: boolean
  /** How long AWS keeps the snapshots that it takes by itself; absent where it does not say. */
  readonly backupRetentionDays?: number
  readonly instances: readonly { readonly id: string; readonly status: string; readonly isWriter: boolean }[]
}

/** `absent`: AWS answered that it does not exist. */
export type OrAbsent<T> = T | 'absent'

/** Replication lag as CloudWatch knows it; `none` when there is no datapoint, which is unknown and never zero. */
export type LagFacts = { readonly seconds: number; readonly readAt: number } | 'none'

/** What AWS calls the snapshot it takes of an old primary's volume before it replaces that: the lost writes are in it. */
export const RESCUE_PREFIX = 'rds:unplanned-global-failover-'

/** A cluster snapshot of any type. AWS's own (`rds:…`) vanish with the cluster or when its retention ends; manual ones stay. */
export type SnapshotFacts = {
  readonly id: string
  readonly arn: string
  /** The cluster it was taken of. */
  readonly cluster: string
  /** Free text at AWS: `manual`, `automated`, … */
  readonly type: string
  /** Free text: `creating`, `copying`, `available`, `failed`, … */
  readonly status: string
  readonly percent: number
  /** World ms. */
  readonly createdAt: number
  readonly engineVersion: string
  readonly encrypted: boolean
  /** Of a copy: what it was copied from. */
  readonly sourceArn?: string
}

/** An RDS event of the last days; its words change over time, so nothing is decided by them alone. */
export type EventFacts = { readonly at: number; readonly source: string; readonly message: string }

/** A build of the user's that applies a Terraform stack. */
export type BuildFacts = {
  /** Free text at CodeBuild: `IN_PROGRESS`, `SUCCEEDED`, `FAILED`, `FAULT`, `STOPPED`, `TIMED_OUT`. */
  readonly status: string
  readonly phase: string
  readonly logs?: string
}

/** When the newest heartbeat row a side's database has was written, world ms; `none`: there is no row. */
export type HeartbeatFacts = { readonly writtenAt: number } | 'none'

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
    /** Every snapshot in that side's region of that side's cluster, whether the cluster still exists or not. */
    snapshots(side: Side): Promise<Look<readonly SnapshotFacts[]>>
    /** Copies of that side's snapshots that lie in the other side's region: they outlive the loss of its own. */
    snapshotsAcross(side: Side): Promise<Look<readonly SnapshotFacts[]>>
    /** Events of that side's cluster and of its instances in its own region, oldest first; AWS keeps 14 days. */
    events(side: Side, minutes: number): Promise<Look<readonly EventFacts[]>>
    /** The most connections its cluster had in the last minutes; `none`: no datapoint, which is unknown and never zero. */
    connections(side: Side, minutes: number): Promise<Look<number | 'none'>>
    /** CopyDBClusterSnapshot in its own region, to a manual one named `copy`. Copied already: says so, asks nothing. */
    copySnapshot(side: Side, source: string, copy: string): Promise<Receipt>
    /** The same into the other side's region, under the KMS key the plan names there. */
    copySnapshotAcross(side: Side, source: string, copy: string): Promise<Receipt>
    /** CreateDBClusterSnapshot, manual, named `id`. Exists already: says so, asks nothing. */
    takeSnapshot(side: Side, id: string): Promise<Receipt>
    /** CreateGlobalCluster under the plan's name, from that side's standalone cluster. */
    createGlobal(side: Side): Promise<Receipt>
    /**
     * One stage of deleting a stale cluster, with the role for that: takes it out of a global cluster that the other
     * side is not in, ends its deletion protection, deletes readers, then the last instance, then the cluster (with the
     * final snapshot `finalSnapshot`, automated backups kept), then ends the protection of a global cluster of the
     * plan's name that is left empty, then deletes that. Looks again itself right before: refuses (ACT_REJECTED) what is a member of a global cluster together with
     * the other side, what is not in its own region, and anything while the other side does not answer as a writer.
     */
    deleteStale(side: Side, finalSnapshot: string): Promise<Receipt>
  }
  /** The user's own builds, which apply their Terraform. */
  readonly builds: {
    /** StartBuild of a stack's project, through that stack's side. The first evidence is the build's id. */
    start(stack: Stack, variables: Readonly<Record<string, string>>): Promise<Receipt>
    look(stack: Stack, id: string): Promise<Look<BuildFacts>>
  }
  readonly heartbeat: {
    /** Through a side's own stack; `absent`: the plan names no heartbeat. */
    read(side: Side): Promise<Look<OrAbsent<HeartbeatFacts>>>
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
  /** Whose word started this run: where a step needs a second person, it needs another than the approver. */
  people(): Promise<{
    readonly requestedBy: string
    readonly approvedBy?: string
    readonly twoPeople: boolean
  }>
  /** What people are told to do with their Terraform, for this plan as it stands now. */
  readonly terraform: {
    /** `recreate`: the missing cluster of `to`, as a secondary of `from`. `reconcile`: every stack, after going home. */
    gate(kind: 'recreate' | 'reconcile'): Promise<Pick<Asking, 'title' | 'detail'>>
  }
}

/**
 * A world in which no write can be lost: it has no forced failover and no detach. Going home and drilling get only
 * this, so that nothing in them can ask AWS for data loss.
 */
export type SafeWorld = Omit<World, 'database'> & {
  readonly database: Omit<Outside['database'], 'failoverTo' | 'detach'>
}
