import type { DurableExecutionClient } from '@aws/durable-execution-sdk-js'
import { manualClock, type WorldClock } from '../../rehearsal/clock.ts'
import { durableHandler } from '../../src/durable/host.ts'
import { LocalEngine, type LocalEngineOptions } from '../../src/durable/local-engine.ts'
import { SqliteJournal } from '../../src/durable/sqlite-journal.ts'
import type { Host } from '../../src/engine/host.ts'
import type { Journal } from '../../src/engine/ports.ts'
import type { Proposal, Question } from '../../src/engine/run.ts'

export const START = Date.parse('2026-03-01T00:00:00Z')

/** A proposal with just enough in it for a run to be folded. */
export function proposal(stepIds: readonly string[] = []): Proposal {
  return {
    plan: 'orders',
    flow: 'failover',
    title: 'Fail orders over',
    input: {},
    steps: stepIds.map((id) => ({ id, title: id, irreversible: false })),
    facts: [],
    warnings: [],
    calls: [],
    binding: {},
    hash: '',
    requestedBy: 'U1',
    approvers: [],
    twoPeople: false,
    breakGlass: [],
    phrase: 'orders',
    channel: 'C1',
    expiresAt: 0,
    rtoTargetMinutes: 15,
  }
}

export const question = (id: string): Question => ({
  id,
  step: 's',
  title: 'Go on?',
  detail: '',
  options: [],
})

type RigOptions = {
  readonly journal?: (journal: SqliteJournal) => Journal
  readonly client?: (client: DurableExecutionClient) => DurableExecutionClient
  readonly file?: string
  readonly clock?: WorldClock
  readonly engine?: Partial<LocalEngineOptions>
}

/** An engine, a journal with a proposed run `r1`, and a clock moved by hand; every execution carries out `run`. */
export async function rig(
  run: (host: Host, input: Record<string, unknown>) => Promise<unknown>,
  {
    journal: wrapJournal = (j) => j,
    client: wrapClient = (c) => c,
    file = ':memory:',
    ...options
  }: RigOptions = {},
) {
  const clock = options.clock ?? manualClock(START)
  const plain = new SqliteJournal({ file: ':memory:', clock, people: clock })
  await plain.append('r1', 'proposed', { type: 'proposed', proposal: proposal(['s']) })
  const journal = wrapJournal(plain)
  const breaks: string[] = []
  const engine = new LocalEngine({
    file,
    clock,
    onBreak: (_, error) => breaks.push(String(error)),
    handler: (client) =>
      durableHandler(
        (input: Record<string, unknown>, hostFor) =>
          run(hostFor({ clock, runId: 'r1', journal, locks: { resources: [], token: 0 } }), input),
        { client: wrapClient(client) },
      ),
    ...options.engine,
  })
  return { engine, journal: plain, clock, breaks, ...pilot(engine, clock) }
}

/** Moves the clock from timer to timer whenever the engine is idle. */
export function pilot(engine: Pick<LocalEngine, 'get' | 'idle'>, clock: WorldClock) {
  const until = async (reached: () => boolean | Promise<boolean>): Promise<void> => {
    for (let turn = 0; turn < 2000; turn++) {
      await engine.idle()
      if (await reached()) return
      const due = clock.next()
      if (due === undefined) throw new Error('nothing is to come any more')
      clock.advance(due - clock.now())
      await new Promise((resolve) => setImmediate(resolve))
    }
    throw new Error('not reached in 2000 turns')
  }
  const end = async (name = 'r1') => {
    await until(async () => (await engine.get(name))?.status !== 'RUNNING')
    return engine.get(name)
  }
  return { until, end }
}

/** `true` once, then `false`. */
export function once(): () => boolean {
  let first = true
  return () => {
    const was = first
    first = false
    return was
  }
}
