import type { EventLog } from './dynamo-events.ts'
import { ABSENT, type Key, type Requests } from './dynamo-requests.ts'
import { partition } from './dynamo-table.ts'
import { type Item, padded } from './dynamo-values.ts'

type Filter = { readonly plan?: string; readonly live?: boolean; readonly limit?: number }
type LiveRun = { readonly id: string; readonly plan: string; readonly order: number }

const liveKey = (runId: string): Key => ({ pk: partition.live, sk: runId })
const PRESENT = { text: 'attribute_exists(#pk)' }

/**
 * Which runs there are, as the logs say. A run is marked as live before its proposal is written, and marked as ending
 * before its end is; lists are brought up to date after. A mark that is not settled says: look into the log. So
 * whatever was torn in between is put right by the next who lists, and no list has to look into every log.
 */
export class RunIndex {
  readonly #log: EventLog

  constructor(log: EventLog) {
    this.#log = log
  }

  /** Before a proposal is written. Which in the order of all proposals it will be: the log has to keep that. */
  async beforeProposal(requests: Requests, runId: string): Promise<number> {
    await requests.put(liveKey(runId), ABSENT)
    const count = await requests.update(
      { pk: partition.count, sk: partition.runs },
      { text: 'ADD #proposals :one', values: { one: 1 } },
    )
    return Number(count?.proposals)
  }

  /** Before an end is written. Whoever ends it, and whether he succeeds: the log tells. A mark is never taken back. */
  async beforeEnd(requests: Requests, runId: string): Promise<void> {
    const change = { text: 'SET #ending = :yes', values: { yes: true } }
    await requests.update(liveKey(runId), change, PRESENT)
  }

  /** After a proposal or an end was written, or may have been. */
  async after(requests: Requests, runId: string): Promise<void> {
    const mark = await requests.get(liveKey(runId))
    if (mark) await this.#settle(requests, mark)
  }

  /** Ids of runs, newest first. */
  async list(requests: Requests, { plan, live, limit }: Filter): Promise<string[]> {
    const marks = await requests.query(partition.live)
    const settled = await Promise.all(
      marks.map(async (mark) => (isSettled(mark) ? liveRunOf(mark) : this.#settle(requests, mark))),
    )
    const open = settled
      .filter((run) => run !== undefined)
      .filter((run) => plan === undefined || run.plan === plan)
      .sort((a, b) => b.order - a.order)
      .map(({ id }) => id)
    if (live) return open.slice(0, limit)
    // No more of those that are listed can be live than there are.
    const enough = limit === undefined ? {} : { limit: live === false ? limit + open.length : limit }
    const pk = plan === undefined ? partition.runs : partition.plan + plan
    const listed = await requests.query(pk, { lastFirst: true, ...enough })
    const ids = listed.map(({ run }) => String(run))
    return (live === false ? ids.filter((id) => !open.includes(id)) : ids).slice(0, limit)
  }

  /** Brings the lists up to date with the log of a marked run; undefined when it is not live. Any number of times. */
  async #settle(requests: Requests, mark: Item): Promise<LiveRun | undefined> {
    const id = String(mark.sk)
    const records = await this.#log.read(requests, id)
    const proposal = this.#log.proposalOf(id)
    if (!proposal) return undefined
    const { plan, order } = proposal
    if (!isListed(mark)) {
      const entry = { sk: padded(order), run: id }
      await Promise.all([
        requests.put({ pk: partition.runs, ...entry }),
        requests.put({ pk: partition.plan + plan, ...entry }),
      ])
      const listed = { text: 'SET #plan = :plan, #order = :order', values: { plan, order } }
      await requests.update(liveKey(id), listed, PRESENT)
    }
    if (records.every(({ event }) => event.type !== 'ended')) return { id, plan, order }
    await requests.remove(liveKey(id))
    return undefined
  }
}

const isListed = ({ order }: Item) => order !== undefined
const isSettled = (mark: Item) => isListed(mark) && mark.ending === undefined
const liveRunOf = ({ sk, plan, order }: Item): LiveRun => ({
  id: String(sk),
  plan: String(plan),
  order: Number(order),
})
