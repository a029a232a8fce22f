import { afterAll, describe, expect, it } from 'vitest'
import type { Journal } from '../../src/engine/ports.ts'
import { dynamoRig, type Fate, killedAt } from './dynamo-rig.ts'
import { proposal } from './rig.ts'

const { clock, newTable, journalOn, end } = dynamoRig()
afterAll(end)

const proposed = { type: 'proposed' as const, proposal: proposal() }
const ended = { type: 'ended' as const, outcome: 'done' as const, detail: '' }
const item = { id: 'a', kind: 'status', body: { plan: 'orders' } }

type Torn = {
  readonly before?: (journal: Journal) => Promise<unknown>
  readonly act: (journal: Journal) => Promise<unknown>
  /** What must hold wherever it was torn, for whoever comes next. */
  readonly holds: (next: Journal) => Promise<unknown>
}

/** Plays `act` in a process that dies at its first request, at its second, and so on, before it or right after it. */
async function tornAtEveryPoint({ before, act, holds }: Torn): Promise<void> {
  const whole = await newTable()
  await before?.(journalOn(whole).journal)
  const { journal, wire } = journalOn(whole)
  await act(journal)
  expect(wire.sent).toBeGreaterThan(0)
  for (let nth = 1; nth <= wire.sent; nth++)
    for (const when of ['before', 'after'] as const) {
      const table = await newTable()
      await before?.(journalOn(table).journal)
      await act(journalOn(table, killedAt(nth, when)).journal).catch((error) =>
        expect(error).toMatchObject({ code: 'STORE_FAILED' }),
      )
      await holds(journalOn(table).journal).catch((error) => {
        throw new Error(`killed ${when} request ${nth} of ${wire.sent}`, { cause: error })
      })
    }
}

/** The lists say of r1 what its log says: they have it if it was proposed, as live if it has not ended. */
const listsAreRight = async (journal: Journal) => {
  const types = new Set((await journal.events('r1')).map(({ event }) => event.type))
  const ids = types.has('proposed') ? ['r1'] : []
  const liveIds = types.has('ended') ? [] : ids
  expect(await journal.runs({ live: true })).toEqual(liveIds)
  expect(await journal.runs()).toEqual(ids)
  expect(await journal.runs({ plan: 'orders', limit: 5 })).toEqual(ids)
  expect(await journal.runs({ plan: 'orders', live: true })).toEqual(liveIds)
  expect(await journal.runs({ live: false })).toEqual(types.has('ended') ? ids : [])
}

describe('a journal in DynamoDB whose process is killed between any two of its requests', () => {
  it('has a torn proposal in all lists or in none, and once when it is proposed again', () =>
    tornAtEveryPoint({
      act: (journal) => journal.append('r1', 'proposed', proposed),
      holds: async (next) => {
        await listsAreRight(next)
        await next.append('r1', 'proposed', proposed)
        await listsAreRight(next)
        expect(await next.runs()).toEqual(['r1'])
        await next.append('r1', 'ended', ended)
        await listsAreRight(next)
      },
    }))

  it('lists a proposal that was torn, and was never listed while it lived, once it has ended', () =>
    tornAtEveryPoint({
      act: (journal) => journal.append('r1', 'proposed', proposed),
      holds: async (next) => {
        await next.append('r1', 'card-decided', ended)
        await listsAreRight(next)
      },
    }))

  it('has a run as live exactly until its end is in its log, wherever the end was torn', () =>
    tornAtEveryPoint({
      before: (journal) => journal.append('r1', 'proposed', proposed),
      act: (journal) => journal.append('r1', 'ended', ended),
      holds: async (next) => {
        await listsAreRight(next)
        await next.append('r1', 'ended', ended)
        await listsAreRight(next)
        expect(await next.runs({ live: true })).toEqual([])
      },
    }))

  it('says that an event is appended even if the lists could not be written after it', async () => {
    const table = await newTable()
    // Query, mark, count, event.
    const { journal } = journalOn(table, killedAt(5, 'before'))
    expect(await journal.append('r1', 'proposed', proposed)).toMatchObject({ appended: true })
    // Query, mark, event.
    const { journal: other } = journalOn(table, killedAt(4, 'before'))
    expect(await other.append('r1', 'ended', ended)).toMatchObject({ appended: true })
    await listsAreRight(journalOn(table).journal)
  })

  it('keeps a run live whose end came too late: its card was approved before', async () => {
    const table = await newTable()
    const { journal } = journalOn(table)
    await journal.append('r1', 'proposed', proposed)
    const approved = { type: 'approved' as const, by: 'U2', reason: 'fire' }
    const { journal: late } = journalOn(table, async (n): Promise<Fate> => {
      // Between the mark and the end.
      if (n === 3) await journal.append('r1', 'card-decided', approved)
      return 'made'
    })
    expect(await late.append('r1', 'card-decided', ended)).toMatchObject({
      appended: false,
      standing: approved,
    })
    await listsAreRight(journalOn(table).journal)
    await journal.append('r1', 'ended', ended)
    await listsAreRight(journalOn(table).journal)
  })

  it('has taken all locks or none, and gives the same run the same token again', () =>
    tornAtEveryPoint({
      before: (journal) => journal.lock('r0', ['a']),
      act: (journal) => journal.lock('r1', ['a', 'b', 'c'], 'r0'),
      holds: async (next) => {
        const holders = (await next.locks()).map(({ resource, runId }) => `${resource}: ${runId}`)
        expect([['a: r0'], ['a: r1', 'b: r1', 'c: r1']]).toContainEqual(holders)
        const taken = await next.lock('r1', ['a', 'b', 'c'], 'r0')
        expect(taken).toEqual({ token: 2 })
        expect(await next.holds('r1', ['a', 'b', 'c'], 2)).toBe(true)
        expect(await next.holds('r0', ['a'], 1)).toBe(false)
      },
    }))

  it('has given all locks back or none', () =>
    tornAtEveryPoint({
      before: (journal) => journal.lock('r1', ['a', 'b']),
      act: (journal) => journal.unlock('r1'),
      holds: async (next) => {
        expect([0, 2]).toContain((await next.locks()).length)
        await next.unlock('r1')
        expect(await next.locks()).toEqual([])
      },
    }))

  it('has taken a request down or not: it is claimed once if so, and may be offered again if not', () =>
    tornAtEveryPoint({
      act: (journal) => journal.offer(item),
      holds: async (next) => {
        const claimed = await next.claim('w', 1000)
        expect(await next.offer(item)).toBe(claimed === undefined)
        if (!claimed) expect(await next.claim('w', 1000)).toEqual(item)
        await next.settle('a')
        expect(await next.offer(item)).toBe(false)
      },
    }))

  it('never hands out again what was settled, nor what was offered a second time', () =>
    tornAtEveryPoint({
      before: async (journal) => {
        await journal.offer(item)
        await journal.claim('w', 1000)
        await journal.settle('a')
      },
      act: (journal) => journal.offer(item),
      holds: async (next) => {
        expect(await next.claim('w', 1000)).toBeUndefined()
        expect(await next.offer(item)).toBe(false)
        expect(await next.claim('w', 1000, 'a')).toBeUndefined()
      },
    }))

  it('hands a claimed item out again after its lease, unless it was settled', () =>
    tornAtEveryPoint({
      before: (journal) => journal.offer(item),
      act: async (journal) => {
        await journal.claim('dies', 1000)
        await journal.settle('a')
      },
      holds: async (next) => {
        const isKnown = !(await next.offer(item))
        expect(isKnown).toBe(true)
        clock.advance(1000)
        const again = await next.claim('w', 1000)
        expect([undefined, item]).toContainEqual(again)
        await next.settle('a')
        clock.advance(1000)
        expect(await next.claim('w', 1000)).toBeUndefined()
      },
    }))
})
