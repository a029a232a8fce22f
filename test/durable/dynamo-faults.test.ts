import { createServer, type Socket } from 'node:net'
import { afterAll, describe, expect, it } from 'vitest'
import { realClock } from '../../rehearsal/clock.ts'
import { dynamoClient } from '../../rehearsal/dynamo.ts'
import { DynamoJournal } from '../../src/durable/dynamo-journal.ts'
import type { Journal } from '../../src/engine/ports.ts'
import { dynamoRig, type Fate, type Fates, only } from './dynamo-rig.ts'
import { proposal } from './rig.ts'

const { clock, newTable, journalOn, end } = dynamoRig()
afterAll(end)

const item = (id: string) => ({ id, kind: 'status', body: { plan: 'orders' } })
const noted = (value: string) => ({ type: 'noted' as const, name: 'n', value })
const proposed = { type: 'proposed' as const, proposal: proposal() }
const ended = { type: 'ended' as const, outcome: 'done' as const, detail: '' }
const failed = (what: string) => ({ code: 'STORE_FAILED', message: expect.stringContaining(what) })

/** Every call of a journal, on a store where run r1 and item a wait: what it answers, and what is there afterwards. */
const calls: Readonly<Record<string, (journal: Journal) => Promise<unknown>>> = {
  offer: (journal) => journal.offer(item('b')),
  'claim of the oldest': (journal) => journal.claim('w', 60_000),
  'claim by id': (journal) => journal.claim('w', 60_000, 'a'),
  settle: (journal) => journal.settle('a'),
  append: (journal) => journal.append('r1', 'k', noted('1')),
  'append of a proposal': (journal) => journal.append('r2', 'proposed', proposed),
  'append of an end': (journal) => journal.append('r1', 'ended', ended),
  lock: (journal) => journal.lock('r2', ['c', 'd']),
  'lock over another run’s': (journal) => journal.lock('r2', ['a', 'b'], 'r1'),
  unlock: (journal) => journal.unlock('r1'),
  lease: (journal) => journal.lease('render:r1', 'A', 60_000),
  release: (journal) => journal.release('probe:r1', 'A'),
  point: (journal) => journal.point('board', '1.1'),
}

const seed = async (journal: Journal) => {
  await journal.append('r1', 'proposed', proposed)
  await journal.lock('r1', ['a', 'b'])
  await journal.offer(item('a'))
  await journal.lease('probe:r1', 'A', 60_000)
}

/** All that can be seen of a store, through a journal that knows nothing of it yet. */
const sight = async (table: string) => {
  const { journal } = journalOn(table)
  const locks = await journal.locks()
  return {
    events: await Promise.all(['r1', 'r2'].map((run) => journal.events(run))),
    runs: await journal.runs(),
    ofPlan: await journal.runs({ plan: 'orders' }),
    live: await journal.runs({ live: true }),
    locks: locks.map(({ resource, runId }) => [resource, runId]),
    tokens: new Set(locks.map(({ token }) => token)).size,
    pointer: await journal.pointer('board'),
    leased: [await journal.lease('probe:r1', 'B', 1), await journal.lease('render:r1', 'B', 1)],
    offered: [await journal.offer(item('a')), await journal.offer(item('b'))],
    claimed: await journal.claim('next', 1),
  }
}

/** What a call answers on a store of its own, what is there after it, and the requests it took. */
const played = async (call: (journal: Journal) => Promise<unknown>, fates?: Fates) => {
  const table = await newTable()
  await seed(journalOn(table).journal)
  const { journal, wire } = journalOn(table, fates)
  const answer = await call(journal)
  return { sent: wire.sent, seen: { answer, ...(await sight(table)) } }
}

const everyOther: Fates = (n) => (n % 2 ? 'throttled' : 'made')

describe('a journal in DynamoDB, when requests go wrong', () => {
  it.each(Object.entries(calls))(
    '%s: answers and does the same as ever, whichever answer is lost, and throttled at every turn',
    async (_, call) => {
      const usual = await played(call)
      expect(usual.sent).toBeGreaterThan(0)
      for (let nth = 1; nth <= usual.sent; nth++) {
        const { seen } = await played(call, only(nth, 'lost'))
        expect({ nth, ...seen }).toEqual({ nth, ...usual.seen })
      }
      expect((await played(call, everyOther)).seen).toEqual(usual.seen)
    },
  )

  it('an offer whose answer is lost is no repetition, even when it was dealt with before the second try', async () => {
    const table = await newTable()
    const { journal: worker } = journalOn(table)
    const { journal } = journalOn(table, async (n) => {
      if (n === 1) return 'lost'
      if (n === 2) await worker.claim('w', 1000).then(() => worker.settle('a'))
      return 'made'
    })
    expect(await journal.offer(item('a'))).toBe(true)
    expect(await worker.offer(item('a'))).toBe(false)
    clock.advance(60_000)
    expect(await worker.claim('w', 1000)).toBeUndefined()
  })

  it('an append whose answer is lost finds itself behind which others have written already', async () => {
    const table = await newTable()
    const { journal: other } = journalOn(table)
    await other.events('r')
    const { journal } = journalOn(table, async (n) => {
      if (n === 3) await other.append('r', 'theirs', noted('2'))
      return n === 2 ? 'lost' : 'made'
    })
    expect(await journal.append('r', 'mine', noted('1'))).toEqual({ appended: true, standing: noted('1') })
    expect((await journal.events('r')).map(({ key }) => key)).toEqual(['mine', 'theirs'])
    expect(await journal.append('r', 'mine', noted('3'))).toEqual({ appended: false, standing: noted('1') })
  })

  it('over a bad network, three writers at once append every key once, and one of them is told so', async () => {
    const table = await newTable()
    const fates: Fate[] = ['made', 'lost', 'made', 'unmade', 'made', 'throttled', 'made']
    const keys = Array.from({ length: 25 }, (_, n) => `k${n}`)
    const writers = [3, 5, 11].map((step) => journalOn(table, (n) => fates[(n * step) % 7] as Fate).journal)
    const told = await Promise.all(
      writers.map(async (journal, by) => {
        const won: string[] = []
        for (const key of keys)
          if ((await journal.append('r', key, noted(String(by)))).appended) won.push(key)
        return won
      }),
    )
    expect(told.flat().toSorted()).toEqual(keys.toSorted())
    const events = await journalOn(table).journal.events('r')
    expect(events.map(({ seq }) => seq)).toEqual(keys.map((_, index) => index + 1))
    for (const { key, event } of events)
      expect(event.type === 'noted' && told[Number(event.value)]).toContain(key)
  })
})

describe('a journal in DynamoDB that cannot go on', () => {
  it('gives up when it is throttled and throttled: after a bounded number of tries', async () => {
    const { journal, wire } = journalOn(await newTable(), () => 'throttled')
    await expect(journal.point('board', '1')).rejects.toMatchObject(failed('note where a message is'))
    expect(wire.sent).toBe(9)
  })

  it('does not try again what cannot go well', async () => {
    const { journal, wire } = journalOn(await newTable(), () => 'denied')
    await expect(journal.offer(item('a'))).rejects.toMatchObject(failed('AccessDeniedException'))
    expect(wire.sent).toBe(1)
    const { journal: lost } = journalOn('no-such-table')
    await expect(lost.pointer('board')).rejects.toMatchObject(failed('not found'))
  })

  it('says that something is too large for it, and leaves nothing half-written', async () => {
    const table = await newTable()
    const { journal } = journalOn(table)
    const big = noted('x'.repeat(450_000))
    await expect(journal.append('r', 'big', big)).rejects.toMatchObject(failed('note what happened'))
    await expect(journal.offer({ id: 'big', kind: 'k', body: big })).rejects.toMatchObject(failed('size'))
    await expect(journal.point('big', big.value)).rejects.toMatchObject(failed('size'))
    expect(await journal.append('r', 'after', noted('fits'))).toMatchObject({ appended: true })
    expect((await journalOn(table).journal.events('r')).map(({ key }) => key)).toEqual(['after'])
    expect(await journal.claim('w', 1)).toBeUndefined()
  })

  const inTheDark = async (endpoint: string) => {
    const client = dynamoClient(endpoint)
    const journal = new DynamoJournal({ client, table: 'j', clock: realClock(), people: realClock() })
    const began = performance.now()
    await expect(journal.offer(item('a'))).rejects.toMatchObject(failed('take the request down'))
    client.destroy()
    return performance.now() - began
  }

  it('gives up within its patience when its region is dark', async () => {
    const sockets: Socket[] = []
    const silent = createServer((socket) => sockets.push(socket)).listen(0, '127.0.0.1')
    await new Promise((listening) => silent.once('listening', listening))
    const { port } = silent.address() as { port: number }
    expect(await inTheDark(`http://127.0.0.1:${port}`)).toBeLessThan(2_300)
    for (const socket of sockets) socket.destroy()
    await new Promise((closed) => silent.close(closed))
    expect(await inTheDark(`http://127.0.0.1:${port}`)).toBeLessThan(2_300)
  })
})
