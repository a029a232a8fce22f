import type { Fault } from '../faults.ts'
import type { Outage } from '../outages.ts'
import type { Build } from './codebuild.ts'
import type { DnsState } from './dns.ts'
import type { Draws } from './draws.ts'
import type { EcsState } from './ecs.ts'
import type { ElbState } from './elb.ts'
import type { LambdaState } from './lambda.ts'
import type { RdsState } from './rds.ts'
import type { ScalingState } from './scaling.ts'
import type { Secret } from './secrets.ts'
import type { Parameter } from './ssm.ts'
import type { StsState } from './sts.ts'
import type { TrafficState } from './traffic.ts'

/** The two simulated applications. */
export type App = 'orders' | 'billing'
export const apps: readonly App[] = ['orders', 'billing']
export type Side = 'home' | 'dr'
export const sides: readonly Side[] = ['home', 'dr']

export const regions: Readonly<Record<Side, string>> = { home: 'us-east-1', dr: 'us-west-2' }
export const accounts = { workload: '111122223333', dns: '444455556666' } as const

/** The side a region plays; undefined for a region that nothing lives in. */
export const sideOf = (region: string): Side | undefined => sides.find((side) => regions[side] === region)

/** Everything there is, as plain JSON. Times are milliseconds since the epoch, of the world. */
export type World = {
  readonly seed: number
  readonly scenario: string
  readonly startedAt: number
  /** Everything due up to here has happened. */
  now: number
  readonly draws: Readonly<Record<App, Draws>>
  /** By region; `route53` is Route 53's control plane, wherever it lives. */
  readonly outages: Record<string, Outage>
  faults: Fault[]
  rds: RdsState
  ecs: EcsState
  scaling: ScalingState
  elb: ElbState
  dns: DnsState
  sts: StsState
  /** What is kept in Parameter Store and Secrets Manager, if anything. */
  parameters?: Parameter[]
  secrets?: Secret[]
  /** Applies of Terraform, oldest first. */
  builds: Build[]
  /** What the bot's own functions are at: it outlives a reset. */
  lambda: LambdaState
  traffic: Record<App, TrafficState>
  due: Due[]
  /** Source of ids and of ties: never goes back. */
  serial: number
}

export type Transition =
  | 'rds-begin'
  | 'rds-fence'
  | 'rds-finish'
  | 'rds-cancelled'
  | 'rds-endpoint'
  | 'rds-detached'
  | 'rds-rejoin'
  | 'rds-resynced'
  | 'rds-replacing'
  | 'rds-replaced'
  | 'rds-adopted'
  | 'rds-created'
  | 'rds-seeded'
  | 'rds-upgraded'
  | 'rds-deleted'
  | 'instance-created'
  | 'instance-deleted'
  | 'snapshot-ready'
  | 'snapshot-expired'
  | 'task-running'
  | 'task-healthy'
  | 'task-stopped'
  | 'service-retry'
  | 'scaling-enforce'
  | 'dns-insync'

/** Something that will happen to the thing called `id`. */
export type Due = {
  readonly at: number
  readonly serial: number
  readonly what: Transition
  readonly id: string
}

/** Lets `what` happen to `id` in `ms` milliseconds; equal times happen in the order they were asked for. */
export function schedule(world: World, ms: number, what: Transition, id: string): void {
  const due: Due = { at: Math.round(world.now + ms), serial: world.serial++, what, id }
  const later = world.due.findIndex((other) => other.at > due.at)
  world.due.splice(later === -1 ? world.due.length : later, 0, due)
}

/** Forgets what was to happen to `id`. */
export function unschedule(world: World, what: Transition, id: string): void {
  world.due = world.due.filter((due) => due.what !== what || due.id !== id)
}
