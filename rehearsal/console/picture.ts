import type { Person } from '../slack/cast.ts'
import type { Desk, Message } from '../slack/room.ts'

/** Everything the console's page shows, as it gets it. World times and wall times in milliseconds since the epoch. */
export type Picture = {
  readonly clock: { readonly anchorWall: number; readonly anchorWorld: number; readonly scale: number }
  readonly regions: Readonly<Record<Side, RegionPicture>>
  readonly apps: readonly AppPicture[]
  /** The last calls to AWS that change something, newest last. */
  readonly calls: readonly CallPicture[]
  readonly bot: { readonly up: boolean; readonly starts: number }
  readonly menu: Menu
  /** Undefined with a foreign Slack: its channel is not ours to show. */
  readonly channel?: {
    readonly id: string
    readonly name: string
    readonly people: readonly Person[]
    readonly messages: readonly Message[]
    readonly desks: Readonly<Record<string, Desk>>
    readonly botUser: string
  }
  readonly foreignSlack?: string
}

export type Side = 'home' | 'dr'

/** What can be rehearsed besides outages. */
export type Menu = {
  /** What a pair can be put into. */
  readonly states: readonly string[]
  /** Terraform stacks, by application. */
  readonly stacks: Readonly<Record<string, readonly { readonly name: string; readonly title: string }[]>>
  /** The switches that are on. */
  readonly switches: readonly Switch[]
}

/** AWS does not take an old cluster back · takes no snapshot of its volume · the user's applies are careless. */
export const switches = ['no-rejoin', 'no-rescue', 'nasty-apply'] as const
export type Switch = (typeof switches)[number]

export type RegionPicture = {
  readonly name: string
  /** What it looks like from outside while it is not well: `drop`, `mute`, `slow` … */
  readonly outage?: string
  /** World time. */
  readonly since?: number
}

export type AppPicture = {
  readonly name: string
  /** Whom the record names; `moving` while resolvers still give out the old answer. */
  readonly dns: Side | 'neither'
  readonly moving: boolean
  /** Share of the customers' requests that succeed now, 0 to 1. */
  readonly success: number
  /** The last outage as customers felt it; `to` is null while it lasts. World ms, and seconds. */
  readonly outage?: { readonly from: number; readonly to: number | null; readonly seconds: number }
  /** Success over the last minutes of world time, oldest first. */
  readonly history: readonly { readonly at: number; readonly success: number }[]
  /** What customers had written and the database that serves does not have. */
  readonly lost?: LostPicture
  /** There is no cluster in step that could take over; `since` in world time, where that is known. */
  readonly noStandby?: { readonly since?: number }
  readonly sides: Readonly<Record<Side, SidePicture>>
}

/** `seconds` of writes; `places`: how many volumes and snapshots still hold them. */
export type LostPicture = { readonly seconds: number; readonly places: number }

export type CallPicture = {
  readonly number: number
  readonly at: number
  readonly region: string
  readonly service: string
  readonly operation: string
  /** `ok`, an error's code, or `no-answer`. */
  readonly outcome: string
}

export type SidePicture = {
  readonly writer: boolean
  /** Undefined: there is none. */
  readonly cluster?: ClusterPicture
  readonly lagSeconds?: number
  /** AWS's own of an old primary, ours, and whatever else holds lost writes; oldest first. */
  readonly snapshots: readonly SnapshotPicture[]
  /** Applies of Terraform stacks of this side: under way, or not long over. Oldest first. */
  readonly builds: readonly BuildPicture[]
  readonly services: readonly {
    readonly name: string
    readonly desired: number
    readonly running: number
    readonly healthy: number
  }[]
}

export type ClusterPicture = {
  readonly id: string
  /** As AWS words it. */
  readonly status: string
  /** Whether it belongs to a global cluster. */
  readonly member: boolean
  readonly instances: readonly { readonly id: string; readonly status: string }[]
  /** What is happening to it, by the truth of the world: AWS tells no progress. */
  readonly activity?: Activity
  /** Whether its volume still holds lost writes. */
  readonly holdsLost: boolean
}

/** World times; absent where nobody knows. */
export type Activity = { readonly doing: string; readonly since?: number; readonly until?: number }

export type SnapshotPicture = {
  readonly id: string
  readonly kind: 'rescue' | 'ours' | 'other'
  /** `creating`, `copying`, `available`. */
  readonly status: string
  /** World time; absent: it stays. */
  readonly expiresAt?: number
  readonly holdsLost: boolean
}

export type BuildPicture = {
  readonly id: string
  /** Such as `home platform`. */
  readonly stack: string
  readonly status: 'IN_PROGRESS' | 'SUCCEEDED' | 'FAILED'
  /** World time. */
  readonly since: number
  /** The last thing it said. */
  readonly line: string
}
