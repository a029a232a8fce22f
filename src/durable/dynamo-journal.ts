import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { DrError } from '../engine/errors.ts'
import type { Clock, Journal, Lock, WorkItem } from '../engine/ports.ts'
import type { Recorded, RunEvent } from '../engine/run.ts'
import { type Appended, EventLog } from './dynamo-events.ts'
import { Inbox } from './dynamo-inbox.ts'
import { LockTable } from './dynamo-locks.ts'
import { Leases, point, pointerAt } from './dynamo-names.ts'
import { Requests, storeFailed } from './dynamo-requests.ts'
import { RunIndex } from './dynamo-runs.ts'

/** Slack waits three seconds for the front. */
const PATIENCE_MS = 2_000

export type DynamoJournalOptions = {
  /** With limits of its own, such as `dynamoClientSettings`; it belongs to whoever made it. */
  readonly client: DynamoDBClient
  /** A table of the shape of `tableShape`. */
  readonly table: string
  /** World time: what happened when. */
  readonly clock: Clock
  /** People's time: leases. */
  readonly people: Clock
  /** How long a call may take in all, on the wall, before it is STORE_FAILED. Default 2000. */
  readonly patienceMs?: number
}

/**
 * The journal in one DynamoDB table: docs/journal.md. A call that fails for want of an answer may have been carried out
 * after all; made again, it finds that out. Who wants to hear of changes listens to the table's stream.
 */
export class DynamoJournal implements Journal {
  readonly #options: DynamoJournalOptions
  readonly #log: EventLog
  readonly #runs: RunIndex
  readonly #inbox: Inbox
  readonly #locks: LockTable
  readonly #leases: Leases

  constructor(options: DynamoJournalOptions) {
    this.#options = options
    this.#log = new EventLog(options)
    this.#runs = new RunIndex(this.#log)
    this.#inbox = new Inbox(options.people)
    this.#locks = new LockTable(options.clock)
    this.#leases = new Leases(options.people)
  }

  offer(item: WorkItem): Promise<boolean> {
    return this.#within('take the request down', (requests) => this.#inbox.offer(requests, item))
  }

  claim(worker: string, leaseMs: number, id?: string): Promise<WorkItem | undefined> {
    return this.#within('claim a work item', (requests) => this.#inbox.claim(requests, worker, leaseMs, id))
  }

  settle(id: string): Promise<void> {
    return this.#within('settle a work item', (requests) => this.#inbox.settle(requests, id))
  }

  async append(runId: string, key: string, event: RunEvent): Promise<Appended> {
    if (event.type !== 'proposed' && event.type !== 'ended')
      return this.#within('note what happened', (requests) => this.#log.append(requests, runId, key, event))
    const result = await this.#within('note what happened', (requests) =>
      this.#appendListed(requests, runId, key, event),
    )
    if (result.appended) await this.#listAgain(runId)
    return result
  }

  events(runId: string, afterSeq = 0): Promise<readonly Recorded[]> {
    return this.#within('read the events', async (requests) =>
      (await this.#log.read(requests, runId)).slice(afterSeq),
    )
  }

  runs(filter: { plan?: string; live?: boolean; limit?: number } = {}): Promise<readonly string[]> {
    return this.#within('read the runs', (requests) => this.#runs.list(requests, filter))
  }

  lock(
    runId: string,
    resources: readonly string[],
    over?: string,
  ): Promise<{ token: number } | { heldBy: Lock }> {
    return this.#within('take the locks', (requests) => this.#locks.take(requests, runId, resources, over))
  }

  holds(runId: string, resources: readonly string[], token: number): Promise<boolean> {
    return this.#within('read the locks', (requests) => this.#locks.holds(requests, runId, resources, token))
  }

  unlock(runId: string): Promise<void> {
    return this.#within('give the locks back', (requests) => this.#locks.giveBack(requests, runId))
  }

  locks(): Promise<readonly Lock[]> {
    return this.#within('read the locks', (requests) => this.#locks.all(requests))
  }

  lease(name: string, holder: string, ms: number): Promise<boolean> {
    return this.#within('take a lease', (requests) => this.#leases.take(requests, name, holder, ms))
  }

  release(name: string, holder: string): Promise<void> {
    return this.#within('give a lease back', (requests) => this.#leases.giveBack(requests, name, holder))
  }

  point(name: string, value: string): Promise<void> {
    return this.#within('note where a message is', (requests) => point(requests, name, value))
  }

  pointer(name: string): Promise<string | undefined> {
    return this.#within('read a pointer', (requests) => pointerAt(requests, name))
  }

  async #appendListed(
    requests: Requests,
    runId: string,
    key: string,
    event: Extract<RunEvent, { type: 'proposed' | 'ended' }>,
  ): Promise<Appended> {
    const standing = await this.#log.standing(requests, runId, key)
    if (standing) return { appended: false, standing }
    if (event.type === 'proposed') {
      const order = await this.#runs.beforeProposal(requests, runId)
      return this.#log.append(requests, runId, key, event, order)
    }
    await this.#runs.beforeEnd(requests, runId)
    return this.#log.append(requests, runId, key, event)
  }

  /** The event is written: that the lists could not be is no failure of it, and whoever lists next puts them right. */
  async #listAgain(runId: string): Promise<void> {
    try {
      await this.#within('list the run', (requests) => this.#runs.after(requests, runId))
    } catch (error) {
      if (!(error instanceof DrError)) throw error
    }
  }

  /** All requests of one call share its patience. */
  async #within<T>(what: string, work: (requests: Requests) => Promise<T>): Promise<T> {
    const { client, table, patienceMs = PATIENCE_MS } = this.#options
    const stop = new AbortController()
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        stop.abort()
        const why = `no answer within ${patienceMs} ms. If it was written after all, asking again finds it`
        reject(storeFailed(what, new Error(why)))
      }, patienceMs)
    })
    try {
      return await Promise.race([work(new Requests({ client, table, what, deadline: stop.signal })), late])
    } finally {
      clearTimeout(timer)
    }
  }
}
