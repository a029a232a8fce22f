import { denied, throttled } from './refusals.ts'
import { WireError } from './wire/failure.ts'
import type { Call } from './wire/service.ts'
import { random } from './world/random.ts'
import type { App, World } from './world/world.ts'

/**
 * Of calls: `lost-answer` does it, and then never answers; `mute` neither; `internal` and `unavailable` answer 500
 * and 503; `throttle` and `denied` refuse; `stale` lets reads answer as of the fault's start; `slow` takes `ms` longer.
 * Of the world: `stuck` holds failovers and switchovers, `fails` lets them end without a move; `capacity` leaves ECS
 * room for a `share` of what is needed. `no-rejoin` leaves an old primary that comes back standalone, `no-rescue` has
 * AWS take no snapshot of it, `early-expiry` lets that expire after `ms`; `resync` and `seeding` take `ms`. Builds are
 * careless during a `nasty-apply`.
 */
export const faultKinds = [
  'lost-answer',
  'mute',
  'internal',
  'unavailable',
  'throttle',
  'denied',
  'stale',
  'slow',
  'stuck',
  'fails',
  'capacity',
  'no-rejoin',
  'no-rescue',
  'early-expiry',
  'resync',
  'seeding',
  'nasty-apply',
] as const
export type FaultKind = (typeof faultKinds)[number]

/** Whom it befalls: every field that is given must fit. */
export type Fault = {
  readonly id: string
  readonly kind: FaultKind
  readonly region?: string
  /** The SDK's service id without blanks or case (`route53`), and the operation's name. */
  readonly service?: string
  readonly operation?: string
  readonly app?: App
  /** Share of the calls that it befalls; all if not given. */
  readonly p?: number
  /** How many calls it still befalls; for ever if not given. */
  times?: number
  readonly ms?: number
  readonly share?: number
  /** The world as it was, of `stale`. */
  readonly past?: string
}

/** The fault of that kind that an application's part of the world has, if any. */
export const faultOf = (world: World, kind: FaultKind, app: App): Fault | undefined =>
  world.faults.find((fault) => fault.kind === kind && (fault.app ?? app) === app)

const plain = (service: string): string => service.replaceAll(' ', '').toLowerCase()

/** The first fault of these kinds that befalls the call, used up by one. */
export function befalls(world: World, call: Call, kinds: readonly FaultKind[]): Fault | undefined {
  const found = world.faults.find(
    (fault) =>
      kinds.includes(fault.kind) &&
      (fault.region ?? call.region) === call.region &&
      plain(fault.service ?? call.service) === plain(call.service) &&
      (fault.operation ?? call.operation) === call.operation &&
      (fault.p === undefined || random(`${world.seed}/${fault.id}/${world.serial++}`)() < fault.p),
  )
  if (found?.times === undefined) return found
  found.times--
  if (found.times <= 0) world.faults = world.faults.filter((fault) => fault !== found)
  return found
}

/** Throws what a fault makes of a call before anything is done; `never` answers nobody. */
export function applyFault(fault: Fault, call: Call, who: string): void {
  if (fault.kind === 'internal')
    throw new WireError(
      'InternalFailure',
      'The request processing has failed because of an unknown error.',
      500,
    )
  if (fault.kind === 'unavailable')
    throw new WireError('ServiceUnavailable', 'Service is unable to handle request.', 503)
  if (fault.kind === 'throttle') throw throttled(call)
  if (fault.kind === 'denied') throw denied(call, who, `${plain(call.service)}:${call.operation}`)
}
