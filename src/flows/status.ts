import type { Plan } from '../plan/schema.ts'
import type { Facts, Topology } from './topology.ts'
import type { AlarmFacts, ListenerFacts, Look, OrAbsent, ProbeFacts, ServiceFacts, Side } from './world.ts'

/** Everything `/dr status` looked at, all of it at the same time, each look within its deadline. */
export type StatusFacts = Facts & {
  readonly services: Readonly<Record<Side, Look<readonly ServiceFacts[]>>>
  readonly listeners: Readonly<Record<Side, Look<OrAbsent<ListenerFacts>>>>
  readonly stack: Readonly<Record<Side, Look<ProbeFacts>>>
  readonly public: Look<ProbeFacts>
  readonly alarms: Readonly<Record<Side, Look<readonly AlarmFacts[]>>>
  readonly at: number
  readonly tookMs: number
}

/** One line of a status: never fine when it is not known. */
export type Line = {
  readonly label: string
  readonly value: string
  readonly level: 'ok' | 'warn' | 'bad' | 'unknown'
}

export type Status = {
  readonly plan: string
  readonly title: string
  readonly topology: Topology
  readonly level: Line['level']
  /** Who serves, lag and age, RPO now, DNS owner and TTL, public probe, alarms … in reading order. */
  readonly lines: readonly Line[]
  /** Per side: region, reachable or not, ECS running/desired/min a service, listener, stack probe. */
  readonly sides: Readonly<
    Record<
      Side,
      {
        readonly region: string
        readonly role: 'active' | 'standby' | 'unknown'
        readonly lines: readonly Line[]
      }
    >
  >
  readonly warnings: readonly string[]
  /** From the journal: run under way, fences owed, expected RTO from past runs, last drill. */
  readonly journal: {
    readonly run?: {
      readonly id: string
      readonly phase: string
      readonly by: string
      readonly since: number
    }
    readonly notFenced?: string
    readonly usualRto?: string
    readonly lastDrill: string
  }
  readonly at: number
  readonly tookMs: number
}

export declare function statusOf(plan: Plan, facts: StatusFacts, journal: Status['journal']): Status
