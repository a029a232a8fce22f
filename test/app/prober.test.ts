import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { manualClock } from '../../rehearsal/clock.ts'
import { type Probing, probedRuns, probeRun, proberOf } from '../../src/app/runs/prober.ts'
import { SqliteJournal } from '../../src/durable/sqlite-journal.ts'
import { fold, type Proposal, type RunEvent } from '../../src/engine/run.ts'
import type { Look, Outside, ProbeFacts } from '../../src/flows/world.ts'
import { plansOf } from '../../src/plan/plans.ts'
import { shipped } from '../flows/shipped.ts'

const START = Date.UTC(2026, 10, 21, 3)
let dir: string
let clock: ReturnType<typeof manualClock>
let journal: SqliteJournal
/** What the public address answers, by second; the last one goes on. */
let answers: (number: number) => Look<ProbeFacts>
let asked: number[]

const good: Look<ProbeFacts> = {
  ok: true,
  at: 0,
  value: { healthy: true, status: 200, ms: 5, detail: 'answered 200' },
}
const bad: Look<ProbeFacts> = {
  ok: true,
  at: 0,
  value: { healthy: false, status: 503, ms: 5, detail: 'answered 503' },
}
const dark = (
  detail = 'gave no answer in 1.5 s',
  why: 'unreachable' | 'denied' = 'unreachable',
): Look<ProbeFacts> => ({
  ok: false,
  why,
  detail,
  waitedMs: 1500,
  at: 0,
})

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'understudy-prober-'))
  clock = manualClock(START)
  journal = new SqliteJournal({ file: join(dir, 'journal.db'), clock, people: clock })
  answers = () => good
  asked = []
})
afterEach(() => {
  journal.close()
  rmSync(dir, { recursive: true, force: true })
})

const probe = {
  async public() {
    asked.push((clock.now() - START) / 1000)
    return answers(asked.length)
  },
}
const parts = (change: Partial<Probing> = {}): Probing => ({
  plans: plansOf({ plans: [shipped('orders')], broken: [] } as never),
  journal,
  clock,
  outside: async () => ({ probe }) as unknown as Outside,
  ...change,
})
const proposal = (flow: string, variant: string) =>
  ({ plan: 'orders', flow, title: flow, input: { flow, variant }, steps: [] }) as unknown as Proposal

async function running(id = 'dl-1', flow = 'drill', variant = 'full'): Promise<string> {
  await append(id, 'proposed', { type: 'proposed', proposal: proposal(flow, variant) })
  await append(id, 'approved', { type: 'approved', by: 'U2', reason: 'because' })
  await append(id, 'started', { type: 'started', execution: id })
  return id
}
const append = (id: string, key: string, event: RunEvent) => journal.append(id, key, event)
const ended = (id: string) => append(id, 'ended', { type: 'ended', outcome: 'done', detail: '' })

/** Moves the clock, a tenth of a second at a time, until the seconds are over. */
async function pass(seconds: number): Promise<void> {
  for (let tenth = 0; tenth < seconds * 10; tenth++) {
    for (let turn = 0; turn < 8; turn++) await Promise.resolve()
    await new Promise((next) => setImmediate(next))
    clock.advance(100)
  }
  await new Promise((next) => setImmediate(next))
}
const probesOf = async (id: string) =>
  (fold(await journal.events(id))?.probes ?? []).map(({ at, healthy }) => [
    Math.round((at - START) / 1000),
    healthy,
  ])

describe('whom the prober watches', () => {
  it.each([
    ['failover', 'emergency', true],
    ['failback', 'fast', true],
    ['failback', 'repair', false],
    ['drill', 'full', true],
    ['drill', 'capacity', false],
    ['aftercare', 'watch', false],
  ])('%s %s: %s', async (flow, variant, watched) => {
    await running('r1', flow, variant)
    expect(await probedRuns(journal)).toEqual(watched ? ['r1'] : [])
  })
  it('nobody before the run is started, nor after it has ended', async () => {
    await append('r1', 'proposed', { type: 'proposed', proposal: proposal('failover', 'emergency') })
    expect(await probedRuns(journal)).toEqual([])
    await ended(await running('r2'))
    expect(await probedRuns(journal)).toEqual([])
  })
})

describe('the prober', () => {
  it('asks once a second, and journals the first answer and every change', async () => {
    const id = await running()
    answers = (number) => (number > 5 && number <= 8 ? bad : good)
    const work = probeRun(parts(), id, 20_000)
    await pass(21)
    expect(await work).toBe(true)
    expect(asked).toEqual(Array.from({ length: 20 }, (_, second) => second))
    expect(await probesOf(id)).toEqual([
      [0, true],
      [5, false],
      [8, true],
    ])
  })

  it('takes silence for a failure, and what is our own fault for nothing at all', async () => {
    const id = await running()
    const ours = [
      dark('the name could not be resolved'),
      dark('refused', 'denied'),
      dark('there is no way to it on the network'),
    ]
    answers = (number) => (number === 6 ? dark() : (ours[number - 2] ?? good))
    const work = probeRun(parts(), id, 10_000)
    await pass(11)
    await work
    expect(await probesOf(id)).toEqual([
      [0, true],
      [5, false],
      [6, true],
    ])
  })

  it('goes on where another invocation stopped, and says whether to go on', async () => {
    const id = await running()
    const first = probeRun(parts(), id, 5_000)
    await pass(6)
    expect(await first).toBe(true)
    answers = () => bad
    const second = probeRun(parts(), id, 5_000)
    await pass(6)
    expect(await second).toBe(true)
    const third = probeRun(parts(), id, 5_000)
    await pass(6)
    await third
    expect(await probesOf(id)).toEqual([
      [0, true],
      [6, false],
    ])
  })

  it('writes nothing twice when two of them see the same', async () => {
    const id = await running()
    answers = () => (clock.now() - START > 4_500 && clock.now() - START < 9_500 ? bad : good)
    const both = [probeRun(parts(), id, 15_000), probeRun(parts(), id, 15_000)]
    await pass(16)
    await Promise.all(both)
    expect(await probesOf(id)).toEqual([
      [0, true],
      [5, false],
      [10, true],
    ])
  })

  it('looks a little beyond the end of the run, then is done', async () => {
    const id = await running()
    const work = probeRun(parts(), id, 3_600_000)
    await pass(8)
    await ended(id)
    answers = () => bad
    await pass(25)
    expect(await work).toBe(false)
    expect((await probesOf(id)).map(([, healthy]) => healthy)).toEqual([true, false])
    expect(asked.at(-1)).toBeGreaterThan(15)
    expect(asked.at(-1)).toBeLessThan(25)
  })

  it('notes the outage once it is over for good', async () => {
    const id = await running()
    answers = (number) => (number > 5 && number <= 46 ? bad : good)
    const work = probeRun(parts(), id, 70_000)
    await pass(50)
    expect(fold(await journal.events(id))?.notes).toEqual({})
    await pass(21)
    await work
    expect(fold(await journal.events(id))?.notes).toEqual({ 'outage-so-far': '41 s' })
  })

  it('never rejects, whatever breaks, and goes on afterwards', async () => {
    const id = await running()
    let broken = true
    const shaky = Object.assign(Object.create(journal) as typeof journal, {
      events: (run: string, seq?: number) =>
        broken ? Promise.reject(new Error('the disk is full')) : journal.events(run, seq),
      append: (run: string, key: string, event: RunEvent) => journal.append(run, key, event),
    })
    const work = probeRun(parts({ journal: shaky }), id, 12_000)
    await pass(5)
    broken = false
    await pass(8)
    expect(await work).toBe(true)
    expect((await probesOf(id)).length).toBe(1)
  })

  it('of a run that nobody knows is done at once', async () => {
    expect(await probeRun(parts(), 'nobody', 60_000)).toBe(false)
  })
})

describe('the prober of one machine', () => {
  it('begins with every new run, once, and is stopped although the clock stands still', async () => {
    const prober = proberOf(parts())
    await prober.look()
    await pass(2)
    expect(asked).toEqual([])
    await running()
    await Promise.all([prober.look(), prober.look()])
    await pass(3)
    expect(asked.length).toBeGreaterThanOrEqual(3)
    expect(new Set(asked).size).toBe(asked.length)
    await prober.close()
    const sofar = asked.length
    await prober.look()
    await pass(3)
    expect(asked.length).toBe(sofar)
  })
})
