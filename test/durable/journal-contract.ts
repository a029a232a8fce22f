import { fork } from 'node:child_process'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { manualClock, type WorldClock } from '../../rehearsal/clock.ts'
import type { Clock, Journal } from '../../src/engine/ports.ts'
import { proposal, START } from './rig.ts'

export type Opened = { readonly journal: Journal; readonly close: () => void | Promise<void> }

/** Another process's part of a journal test: opens the journal and does `work` as worker `name`. */
export type ChildWork = {
  readonly module: string
  readonly address: string
  readonly name: string
  readonly work: 'claim' | 'append' | 'lock'
  readonly runs: readonly string[]
}

export type JournalStore = {
  /** URL of a module that exports `openJournal(address, clock?, people?)`; other processes open it through this. */
  readonly module: string
  /** The address of a new, empty store. */
  readonly fresh: () => string | Promise<string>
  readonly cleanUp: () => void | Promise<void>
}

export type Opener = { openJournal(address: string, clock?: Clock, people?: Clock): Opened | Promise<Opened> }

/** What every `Journal` must do, whatever it is made of. */
export function describeJournal(name: string, { module, fresh, cleanUp }: JournalStore): void {
  describe(`${name} as a journal`, () => {
    let address: string
    let clock: WorldClock
    let people: WorldClock
    let journal: Journal
    const opened: Opened[] = []

    const open = async () => {
      const { openJournal }: Opener = await import(module)
      const one = await openJournal(address, clock, people)
      opened.push(one)
      return one.journal
    }
    const closeAll = async () => {
      for (const { close } of opened.splice(0)) await close()
    }
    beforeEach(async () => {
      await closeAll()
      address = await fresh()
      clock = manualClock(START)
      people = manualClock(START + 1000)
      journal = await open()
    })
    afterAll(async () => {
      await closeAll()
      await cleanUp()
    })

    const inTwoProcesses = async (work: ChildWork['work'], runs: readonly string[]) => {
      const results = ['A', 'B'].map((name) => child({ module, address, name, work, runs }))
      return Promise.all(results)
    }
    const item = (id: string) => ({ id, kind: 'status', body: { plan: 'orders', nested: [1, null] } })
    const noted = (value: string) => ({ type: 'noted' as const, name: 'n', value })

    describe('work items', () => {
      it('are taken down once: the same request again is refused, even when it was dealt with long ago', async () => {
        expect(await journal.offer(item('a'))).toBe(true)
        expect(await journal.offer(item('a'))).toBe(false)
        await journal.claim('w', 1000)
        await journal.settle('a')
        expect(await journal.offer(item('a'))).toBe(false)
        expect(await (await open()).offer(item('a'))).toBe(false)
      })

      it('are claimed by one worker each, the oldest first, whole', async () => {
        await journal.offer(item('a'))
        await journal.offer(item('b'))
        const other = await open()
        expect(await journal.claim('w1', 60_000)).toEqual(item('a'))
        expect(await other.claim('w2', 60_000)).toEqual(item('b'))
        expect(await journal.claim('w1', 60_000)).toBeUndefined()
      })

      it('come up again when a worker held one longer than its lease, in people’s time', async () => {
        await journal.offer(item('a'))
        await journal.claim('dies', 60_000)
        clock.advance(3_600_000)
        expect(await journal.claim('next', 60_000)).toBeUndefined()
        people.advance(60_000)
        expect(await journal.claim('next', 60_000)).toEqual(item('a'))
      })

      it('are claimed by their id, whatever else is older, by one worker at a time', async () => {
        await journal.offer(item('a'))
        await journal.offer(item('b'))
        const other = await open()
        expect(await other.claim('w2', 60_000, 'b')).toEqual(item('b'))
        expect(await journal.claim('w1', 60_000, 'b')).toBeUndefined()
        expect(await journal.claim('w1', 60_000, 'unheard-of')).toBeUndefined()
        expect(await journal.claim('w1', 60_000)).toEqual(item('a'))
        people.advance(60_000)
        expect(await journal.claim('w1', 60_000, 'b')).toEqual(item('b'))
        await journal.settle('b')
        people.advance(60_000)
        expect(await journal.claim('w1', 60_000, 'b')).toBeUndefined()
      })

      it('are never claimed again once settled', async () => {
        await journal.offer(item('a'))
        await journal.claim('w', 1000)
        await journal.settle('a')
        people.advance(10_000)
        expect(await journal.claim('w', 1000)).toBeUndefined()
      })
    })

    describe('events', () => {
      it('are appended once under a key, and whoever comes later is told what stands there', async () => {
        expect(await journal.append('r1', 'k', noted('first'))).toEqual({
          appended: true,
          standing: noted('first'),
        })
        const other = await open()
        expect(await other.append('r1', 'k', noted('second'))).toEqual({
          appended: false,
          standing: noted('first'),
        })
        expect(await other.append('r2', 'k', noted('other run'))).toMatchObject({ appended: true })
      })

      it('keep their order, and carry world time and people’s time', async () => {
        await journal.append('r1', 'a', noted('1'))
        clock.advance(5000)
        people.advance(50)
        await journal.append('r1', 'b', noted('2'))
        expect(await journal.events('r1')).toEqual([
          { runId: 'r1', seq: 1, key: 'a', at: START, wall: START + 1000, event: noted('1') },
          { runId: 'r1', seq: 2, key: 'b', at: START + 5000, wall: START + 1050, event: noted('2') },
        ])
        expect((await journal.events('r1', 1)).map(({ key }) => key)).toEqual(['b'])
        expect(await journal.events('r2')).toEqual([])
      })

      it('make runs: newest first, by plan, live from proposal to end, as many as asked for', async () => {
        const propose = (id: string, plan: string) =>
          journal.append(id, 'proposed', { type: 'proposed', proposal: { ...proposal(), plan } })
        await propose('r1', 'orders')
        await propose('r2', 'billing')
        await propose('r3', 'orders')
        await journal.append('r1', 'ended', { type: 'ended', outcome: 'done', detail: '' })
        await journal.append('r9', 'k', noted('no proposal, no run'))
        expect(await journal.runs()).toEqual(['r3', 'r2', 'r1'])
        expect(await journal.runs({ plan: 'orders' })).toEqual(['r3', 'r1'])
        expect(await journal.runs({ live: true })).toEqual(['r3', 'r2'])
        expect(await journal.runs({ live: false })).toEqual(['r1'])
        expect(await journal.runs({ plan: 'orders', live: true, limit: 1 })).toEqual(['r3'])
        expect(await journal.runs({ limit: 2 })).toEqual(['r3', 'r2'])
      })
    })

    describe('locks', () => {
      const token = async (taken: Awaited<ReturnType<Journal['lock']>>) =>
        'token' in taken ? taken.token : -1

      it('are taken all or none, and name who is in the way', async () => {
        await journal.lock('r1', ['b'])
        expect(await journal.lock('r2', ['a', 'b'])).toMatchObject({
          heldBy: { resource: 'b', runId: 'r1', since: START },
        })
        expect((await journal.locks()).map(({ resource }) => resource)).toEqual(['b'])
      })

      it('answer the same token when taken again by their holder, and a greater one after every other taking', async () => {
        const first = await token(await journal.lock('r1', ['a', 'b']))
        expect(await token(await journal.lock('r1', ['a', 'b']))).toBe(first)
        expect(await token(await journal.lock('r1', ['b']))).toBe(first)
        await journal.unlock('r1')
        expect(await token(await journal.lock('r1', ['a', 'b']))).toBeGreaterThan(first)
      })

      it('are held under their token only, and all of them or not at all', async () => {
        const mine = await token(await journal.lock('r1', ['a', 'b']))
        expect(await journal.holds('r1', ['a', 'b'], mine)).toBe(true)
        expect(await journal.holds('r1', ['a', 'c'], mine)).toBe(false)
        expect(await journal.holds('r1', ['a'], mine + 1)).toBe(false)
        expect(await journal.holds('r2', ['a'], mine)).toBe(false)
      })

      it('may be taken over from the run that is named, and from no other; that run then no longer holds them', async () => {
        const old = await token(await journal.lock('r1', ['a', 'b']))
        expect(await journal.lock('r3', ['a'], 'r2')).toMatchObject({ heldBy: { runId: 'r1' } })
        const taken = await token(await journal.lock('r3', ['a'], 'r1'))
        expect(taken).toBeGreaterThan(old)
        expect(await journal.holds('r1', ['a', 'b'], old)).toBe(false)
        await journal.unlock('r1')
        expect(await journal.holds('r3', ['a'], taken)).toBe(true)
      })

      it('have no expiry', async () => {
        const mine = await token(await journal.lock('r1', ['a']))
        clock.advance(30 * 24 * 3_600_000)
        people.advance(30 * 24 * 3_600_000)
        expect(await journal.lock('r2', ['a'])).toMatchObject({ heldBy: { runId: 'r1' } })
        expect(await journal.holds('r1', ['a'], mine)).toBe(true)
      })
    })

    describe('leases', () => {
      it('are held by one at a time, who may hold them longer; others have others', async () => {
        const other = await open()
        expect(await journal.lease('render:r1', 'A', 60_000)).toBe(true)
        expect(await other.lease('render:r1', 'B', 60_000)).toBe(false)
        expect(await other.lease('render:r2', 'B', 60_000)).toBe(true)
        people.advance(59_000)
        expect(await journal.lease('render:r1', 'A', 60_000)).toBe(true)
        people.advance(59_000)
        expect(await other.lease('render:r1', 'B', 60_000)).toBe(false)
      })

      it('run out in people’s time', async () => {
        await journal.lease('probe:r1', 'A', 60_000)
        clock.advance(3_600_000)
        expect(await journal.lease('probe:r1', 'B', 60_000)).toBe(false)
        people.advance(60_000)
        expect(await journal.lease('probe:r1', 'B', 60_000)).toBe(true)
        expect(await journal.lease('probe:r1', 'A', 60_000)).toBe(false)
      })

      it('are given back early by who holds them, and by nobody else', async () => {
        await journal.lease('render:r1', 'A', 60_000)
        await journal.release('render:r1', 'B')
        await journal.release('render:r2', 'A')
        expect(await journal.lease('render:r1', 'B', 60_000)).toBe(false)
        await journal.release('render:r1', 'A')
        await journal.release('render:r1', 'A')
        expect(await journal.lease('render:r1', 'B', 60_000)).toBe(true)
      })
    })

    it('remembers the last value of a pointer', async () => {
      expect(await journal.pointer('board')).toBeUndefined()
      await journal.point('board', '1.1')
      await journal.point('board', '2.2')
      expect(await (await open()).pointer('board')).toBe('2.2')
    })

    describe('in two processes at once', () => {
      const names = Array.from({ length: 40 }, (_, n) => `i${n}`)

      it('hands every work item to one worker', async () => {
        for (const id of names) await journal.offer(item(id))
        const [a = [], b = []] = await inTwoProcesses('claim', names)
        expect([...a, ...b].toSorted()).toEqual(names.toSorted())
      })

      it('lets one writer win every key, and gives no sequence number twice', async () => {
        const [a = [], b = []] = await inTwoProcesses('append', names)
        expect([...a, ...b].toSorted()).toEqual(names.toSorted())
        const events = await journal.events('r1')
        expect(events.map(({ seq }) => seq)).toEqual(names.map((_, index) => index + 1))
        const values = events.map(({ event }) => event.type === 'noted' && event.value)
        expect(values).toEqual(events.map(({ key }) => (a.includes(key) ? 'A' : 'B')))
      })

      it('gives every lock to one run', async () => {
        const [a = [], b = []] = await inTwoProcesses('lock', names)
        expect([...a, ...b].toSorted()).toEqual(names.toSorted())
        const locks = await journal.locks()
        expect(new Set(locks.map(({ token }) => token)).size).toBe(names.length)
      })
    })
  })
}

function child(work: ChildWork): Promise<string[]> {
  const process = fork(new URL('./journal-child.ts', import.meta.url), {
    execArgv: ['--disable-warning=ExperimentalWarning'],
  })
  return new Promise((resolve, reject) => {
    process.once('message', (won) => resolve(won as string[]))
    process.once('exit', (code) => code && reject(new Error(`the other process ended with ${code}`)))
    process.send(work)
  })
}
