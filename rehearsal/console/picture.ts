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
  readonly sides: Readonly<Record<Side, SidePicture>>
}

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
  /** The cluster's status as AWS words it; `absent` when there is none. */
  readonly database: string
  readonly lagSeconds?: number
  readonly services: readonly {
    readonly name: string
    readonly desired: number
    readonly running: number
    readonly healthy: number
  }[]
}
