import type { Mode, Side } from './world.ts'

/** The runbooks there are. `aftercare` follows a failover by itself; the others are asked for. */
export type FlowName = 'failover' | 'failback' | 'drill' | 'aftercare'

/** How a pair is taken home: its old cluster caught up by itself · must be built anew · home serves, its standby is missing. */
export type Branch = 'fast' | 'rebuild' | 'repair'
/** `capacity` scales and proves dr without moving a customer. */
export type DrillScope = 'full' | 'capacity'

type Variants = {
  readonly failover: Mode
  readonly failback: Branch
  readonly drill: DrillScope
  readonly aftercare: 'watch'
}

/**
 * Which flow is meant, in which variant and direction: what a durable execution is started with. `from` is the active
 * side. `to` is the side that takes over; of an aftercare and a repair, the side that is to stand by again. `mode` says
 * how the writer moves: only a failover, and the aftercare of one, know a mode that loses writes.
 */
export type Choice = {
  readonly [F in FlowName]: {
    readonly flow: F
    readonly variant: Variants[F]
    readonly mode: F extends 'failover' | 'aftercare' ? Mode : 'planned'
    readonly from: Side
    readonly to: Side
  }
}[FlowName]

export type ChoiceOf<F extends FlowName> = Extract<Choice, { readonly flow: F }>
