import type { Clock } from '../engine/ports.ts'
import type { Key, Requests } from './dynamo-requests.ts'
import { partition } from './dynamo-table.ts'

const leaseKey = (name: string): Key => ({ pk: partition.lease + name, sk: 'lease' })
const pointerKey = (name: string): Key => ({ pk: partition.pointer + name, sk: 'pointer' })

/** A lease that ran out is the same as none; this long after, it may be removed. */
const TIDIED_AFTER_SECONDS = 24 * 3600

/** Leases: who does now what only one may do. To have one already is to get it again, so a lost answer is no matter. */
export class Leases {
  readonly #people: Clock

  constructor(people: Clock) {
    this.#people = people
  }

  async take(requests: Requests, name: string, holder: string, ms: number): Promise<boolean> {
    const now = this.#people.now()
    const expires = Math.ceil((now + ms) / 1000) + TIDIED_AFTER_SECONDS
    return requests.put(
      { ...leaseKey(name), holder, held_until: now + ms, expires },
      {
        text: 'attribute_not_exists(#pk) OR #holder = :me OR #held_until <= :now',
        values: { me: holder, now },
      },
    )
  }

  async giveBack(requests: Requests, name: string, holder: string): Promise<void> {
    await requests.remove(leaseKey(name), { text: '#holder = :me', values: { me: holder } })
  }
}

/** Pointers: the last write wins. */
export const point = async (requests: Requests, name: string, value: string): Promise<void> => {
  await requests.put({ ...pointerKey(name), value })
}

export async function pointerAt(requests: Requests, name: string): Promise<string | undefined> {
  const item = await requests.get(pointerKey(name))
  return item && String(item.value)
}
