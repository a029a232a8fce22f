import type { Clock, Lock } from '../engine/ports.ts'
import { ABSENT, type Requests } from './dynamo-requests.ts'
import { partition } from './dynamo-table.ts'

/** All locks at one version of the item they are in; 0 before there is one. */
type Locks = { readonly version: number; readonly held: readonly Lock[] }

const key = { pk: partition.locks, sk: partition.locks }

/**
 * All locks in one item, which is replaced as a whole if nobody else has done so meanwhile: all or none, in one
 * conditional write. Every replacement is a new version, and the version of a taking is its token. Who is refused reads
 * again; if it was his own write whose answer was lost, he finds that he holds the locks.
 */
export class LockTable {
  readonly #clock: Clock

  constructor(clock: Clock) {
    this.#clock = clock
  }

  async take(
    requests: Requests,
    runId: string,
    resources: readonly string[],
    over?: string,
  ): Promise<{ token: number } | { heldBy: Lock }> {
    for (;;) {
      const locks = await this.#read(requests)
      const held = resources.flatMap((resource) => on(locks, resource) ?? [])
      const heldBy = held.find((lock) => lock.runId !== runId && lock.runId !== over)
      if (heldBy) return { heldBy }
      const [first] = held
      const isOurs = held.length === resources.length && held.every((lock) => lock.runId === runId)
      if (first && isOurs && held.every(({ token }) => token === first.token)) return { token: first.token }
      const token = locks.version + 1
      const taken = resources.map((resource) => ({ resource, runId, token, since: this.#clock.now() }))
      const others = locks.held.filter(({ resource }) => !resources.includes(resource))
      if (await replace(requests, locks, [...others, ...taken])) return { token }
    }
  }

  async holds(
    requests: Requests,
    runId: string,
    resources: readonly string[],
    token: number,
  ): Promise<boolean> {
    const locks = await this.#read(requests)
    return resources.every((resource) => {
      const lock = on(locks, resource)
      return lock?.runId === runId && lock.token === token
    })
  }

  async giveBack(requests: Requests, runId: string): Promise<void> {
    for (;;) {
      const locks = await this.#read(requests)
      const others = locks.held.filter((lock) => lock.runId !== runId)
      if (others.length === locks.held.length || (await replace(requests, locks, others))) return
    }
  }

  /** The oldest first. */
  async all(requests: Requests): Promise<readonly Lock[]> {
    const { held } = await this.#read(requests)
    return held.toSorted((a, b) => a.since - b.since || (a.resource < b.resource ? -1 : 1))
  }

  async #read(requests: Requests): Promise<Locks> {
    const item = await requests.get(key)
    return item
      ? { version: Number(item.version), held: JSON.parse(String(item.held)) }
      : { version: 0, held: [] }
  }
}

const on = ({ held }: Locks, resource: string) => held.find((lock) => lock.resource === resource)

const replace = (requests: Requests, { version }: Locks, held: readonly Lock[]): Promise<boolean> =>
  requests.put(
    { ...key, version: version + 1, held: JSON.stringify(held) },
    version === 0 ? ABSENT : { text: '#version = :was', values: { was: version } },
  )
