import { randomUUID } from 'node:crypto'
import { isFromTerminal } from '../engine/origin.ts'
import type { Clock, WorkItem } from '../engine/ports.ts'
import { ABSENT, type Key, type Requests } from './dynamo-requests.ts'
import { partition } from './dynamo-table.ts'
import type { Item } from './dynamo-values.ts'

const inboxKey = (id: string): Key => ({
  pk: isFromTerminal({ id }) ? partition.terminals : partition.inbox,
  sk: id,
})
const dealtKey = (id: string): Key => ({ pk: partition.dealt + id, sk: 'dealt' })

/** Slack's own signatures are refused after five minutes; this is how long an id stays known at least. */
const KNOWN_SECONDS = 30 * 24 * 3600

const FREE = 'attribute_exists(#pk) AND (attribute_not_exists(#held_until) OR #held_until <= :now)'

/**
 * Work items. What is open lies in two partitions, which are small; when it was dealt with, its id is noted first and the
 * item removed after. Whoever finds an open item whose id is noted removes it: somebody died in between, or somebody
 * has offered it a second time.
 */
export class Inbox {
  readonly #people: Clock
  #offers = 0

  constructor(people: Clock) {
    this.#people = people
  }

  async offer(requests: Requests, { id, kind, body }: WorkItem): Promise<boolean> {
    const offer = randomUUID()
    const item = {
      ...{ ...inboxKey(id), kind, body: JSON.stringify(body), offer },
      ...{ offered: this.#people.now(), turn: ++this.#offers },
    }
    const isOpen = (await requests.put(item, ABSENT)) || (await requests.get(inboxKey(id)))?.offer === offer
    // Looked for after the put, or it could have been dealt with between the look and the put.
    const dealt = await requests.get(dealtKey(id))
    if (!dealt) return isOpen
    if (isOpen) await requests.remove(inboxKey(id), { text: '#offer = :offer', values: { offer } })
    return dealt.offer === offer
  }

  async claim(
    requests: Requests,
    worker: string,
    leaseMs: number,
    id?: string,
  ): Promise<WorkItem | undefined> {
    const candidates = id === undefined ? await this.#waiting(requests) : [id]
    for (const candidate of candidates) {
      const item = await this.#take(requests, candidate, worker, leaseMs)
      if (item) return { id: candidate, kind: String(item.kind), body: JSON.parse(String(item.body)) }
    }
    return undefined
  }

  async settle(requests: Requests, id: string): Promise<void> {
    const item = await requests.get(inboxKey(id))
    if (!item) return
    const expires = Math.ceil(this.#people.now() / 1000) + KNOWN_SECONDS
    await requests.put({ ...dealtKey(id), offer: String(item.offer), expires }, ABSENT)
    await requests.remove(inboxKey(id))
  }

  /** Ids of what nobody holds, the oldest first. */
  async #waiting(requests: Requests): Promise<string[]> {
    const now = this.#people.now()
    const open = await Promise.all([partition.inbox, partition.terminals].map((pk) => requests.query(pk)))
    return open
      .flat()
      .filter(({ held_until }) => held_until === undefined || Number(held_until) <= now)
      .sort((a, b) => Number(a.offered) - Number(b.offered) || Number(a.turn) - Number(b.turn))
      .map(({ sk }) => String(sk))
  }

  async #take(requests: Requests, id: string, worker: string, leaseMs: number): Promise<Item | undefined> {
    const [key, claim, now] = [inboxKey(id), randomUUID(), this.#people.now()]
    const taken = await requests.update(
      key,
      {
        text: 'SET #holder = :worker, #held_until = :until, #claim = :claim',
        values: { worker, until: now + leaseMs, claim },
      },
      { text: FREE, values: { now } },
    )
    const item = taken ?? (await requests.get(key))
    if (item?.claim !== claim) return undefined
    if (!(await requests.get(dealtKey(id)))) return item
    await requests.remove(key)
    return undefined
  }
}
