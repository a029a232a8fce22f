import { randomUUID } from 'node:crypto'
import type { Clock } from '../engine/ports.ts'
import type { Recorded, RunEvent } from '../engine/run.ts'
import { ABSENT, type Requests } from './dynamo-requests.ts'
import { partition } from './dynamo-table.ts'
import { type Item, padded } from './dynamo-values.ts'

/** An event, the token of the append that wrote it, and of a proposal, which in the order of all it was. */
type Logged = { readonly record: Recorded; readonly writer: string; readonly order?: number }

/** The beginning of a run's log, as far as it was read. */
type Known = { readonly records: Recorded[]; readonly byKey: Map<string, Logged> }

export type Appended = { readonly appended: boolean; readonly standing: RunEvent }

/** Enough for the runs a process is about and the past ones it compares them with. */
const MOST_KNOWN = 64

/**
 * The logs of runs: an item an event, numbered without gaps. Nothing in a log ever changes, so what was read once is
 * kept, and only what came after is asked for. A number can be written only by one who has read all before it and found
 * his key in none; so a number has one writer, and a key one event.
 */
export class EventLog {
  readonly #clock: Clock
  readonly #people: Clock
  readonly #known = new Map<string, Known>()

  constructor({ clock, people }: { readonly clock: Clock; readonly people: Clock }) {
    this.#clock = clock
    this.#people = people
  }

  /** All events of the run as they are now. */
  async read(requests: Requests, runId: string): Promise<readonly Recorded[]> {
    return (await this.#readOn(requests, runId)).records
  }

  /** What stands under the key, if it is already known here; else as of now. */
  async standing(requests: Requests, runId: string, key: string): Promise<RunEvent | undefined> {
    const known = this.#known.get(runId) ?? (await this.#readOn(requests, runId))
    return known.byKey.get(key)?.record.event
  }

  /** The proposal that made it a run, and which in the order of all it was, if that much of the log is known. */
  proposalOf(runId: string): { readonly plan: string; readonly order: number } | undefined {
    const known = this.#known.get(runId)
    const logged = known && [...known.byKey.values()].find(({ order }) => order !== undefined)
    if (logged?.order === undefined || logged.record.event.type !== 'proposed') return undefined
    return { plan: logged.record.event.proposal.plan, order: logged.order }
  }

  /**
   * Writes the event behind all others, unless its key stands. Where the log is known, that is one request: the number
   * after the last is free only if nothing was missed. `order` is kept with a proposal.
   */
  async append(
    requests: Requests,
    runId: string,
    key: string,
    event: RunEvent,
    order?: number,
  ): Promise<Appended> {
    const writer = randomUUID()
    let known = this.#known.get(runId) ?? (await this.#readOn(requests, runId))
    for (;;) {
      const standing = known.byKey.get(key)
      // The answer to a put may have been lost; then the event that stands there is this one.
      if (standing) return { appended: standing.writer === writer, standing: standing.record.event }
      const item = {
        ...{ pk: partition.run + runId, sk: padded(known.records.length + 1), key, writer },
        ...{ at: this.#clock.now(), wall: this.#people.now(), event: JSON.stringify(event) },
        ...(order === undefined ? {} : { order }),
      }
      if (await requests.put(item, ABSENT)) {
        this.#learn(runId, [item])
        return { appended: true, standing: event }
      }
      known = await this.#readOn(requests, runId)
    }
  }

  async #readOn(requests: Requests, runId: string): Promise<Known> {
    const last = this.#known.get(runId)?.records.length ?? 0
    return this.#learn(runId, await requests.query(partition.run + runId, { after: padded(last) }))
  }

  /** Several may have read the same at the same time. */
  #learn(runId: string, items: readonly Item[]): Known {
    const known = this.#known.get(runId) ?? { records: [], byKey: new Map<string, Logged>() }
    for (const item of items) {
      const logged = loggedOf(runId, item)
      if (logged.record.seq !== known.records.length + 1) continue
      known.records.push(logged.record)
      known.byKey.set(logged.record.key, logged)
    }
    this.#known.delete(runId)
    this.#known.set(runId, known)
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= MOST_KNOWN) break
      this.#known.delete(oldest)
    }
    return known
  }
}

function loggedOf(runId: string, item: Item): Logged {
  const { sk, key, at, wall, event, writer, order } = item as {
    [name in 'sk' | 'key' | 'event' | 'writer']: string
  } & { at: number; wall: number; order?: number }
  const record = { runId, seq: Number(sk), key, at, wall, event: JSON.parse(event) as RunEvent }
  return { record, writer, ...(order === undefined ? {} : { order }) }
}
