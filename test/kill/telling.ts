import type { JournalEntry } from '../../rehearsal/aws/calls.ts'
import { fold, type Recorded, type Run } from '../../src/engine/run.ts'
import { isChange } from './boundaries.ts'
import { isFailover, type Life } from './play.ts'
import type { StoryName } from './stories.ts'
import { stories } from './stories.ts'

/** How a night went, as JSON: written by one process, judged by another. */
export type Told = {
  readonly run: Run
  /** Where an earlier life ended. */
  readonly diedAt?: string
  /** Steps that were over when it did, and those that something happened to afterwards. */
  readonly over: readonly string[]
  readonly touched: readonly string[]
  /** Changes that AWS made or refused, as `UpdateService us-west-2 ok`, sorted. */
  readonly changes: readonly string[]
  /** Sides whose database takes writes. */
  readonly writers: readonly string[]
  readonly dns: string
  /** Share of the customers' requests that succeed at the end. */
  readonly success: number
}

const OVER: ReadonlySet<string> = new Set(['done', 'already', 'skipped', 'owed'])

/** Plays the rest of the night, with people who press Retry, and tells how it went. */
export async function toTheEnd(life: Life, name: StoryName): Promise<Told> {
  const { night, left } = life
  const known = (await night.journal.runs()).find(isFailover) ?? ''
  const before = await night.journal.events(known)
  const run = await life.live()
  const after = await night.journal.events(run.id, before.at(-1)?.seq)
  const app = night.simulation.state().apps[stories[name].app]
  const { home, dr } = app.sides
  const told: Told = {
    run,
    ...(left ? { diedAt: left.where } : {}),
    over: (fold(before)?.steps ?? []).filter(({ state }) => OVER.has(state)).map(({ id }) => id),
    touched: stepsIn(after),
    changes: changesIn(life.calls),
    writers: [...(home.writer ? ['home'] : []), ...(dr.writer ? ['dr'] : [])],
    dns: app.dns.record,
    success: app.success,
  }
  await night.end()
  return told
}

/** A call that was on its way when the bot died stays `rejected`: whether AWS made it was not written down. */
const changesIn = (calls: readonly JournalEntry[]): string[] =>
  calls
    .filter(({ operation, outcome }) => isChange(operation) && outcome !== 'rejected')
    .map(({ operation, region, outcome }) => `${operation} ${region} ${outcome}`)
    .sort()

const stepsIn = (records: readonly Recorded[]): string[] =>
  records.flatMap(({ event }) => (event.type === 'step' ? [event.step] : []))
