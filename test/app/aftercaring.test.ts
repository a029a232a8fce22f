import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { manualClock } from '../../rehearsal/clock.ts'
import type { Parts } from '../../src/app/parts.ts'
import { endAftercare, startAftercare } from '../../src/app/runs/aftercaring.ts'
import { runOf } from '../../src/app/runs/runs.ts'
import type { FlowInput } from '../../src/app/runs/worlds.ts'
import { SqliteJournal } from '../../src/durable/sqlite-journal.ts'
import type { Proposal, RunOutcome, StepState } from '../../src/engine/run.ts'
import type { Choice } from '../../src/flows/choice.ts'
import { flowOf } from '../../src/flows/index.ts'
import { stepsOf } from '../../src/flows/propose.ts'
import type { Plan } from '../../src/plan/schema.ts'

let dir: string
let journal: SqliteJournal
const started: string[] = []
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'understudy-aftercaring-'))
  const clock = manualClock(0)
  journal = new SqliteJournal({ file: join(dir, 'journal.db'), clock, people: clock })
  started.length = 0
})
afterEach(() => {
  journal.close()
  rmSync(dir, { recursive: true, force: true })
})

/** An ended run of that way, in which these steps came that far. */
async function ended(
  choice: Choice,
  outcome: RunOutcome,
  steps: Readonly<Record<string, StepState>>,
  notes: Readonly<Record<string, string>> = {},
) {
  const proposal = {
    plan: 'orders',
    flow: choice.flow,
    title: 'the run',
    input: { plan: 'orders', ...choice },
    steps: stepsOf(flowOf(choice)),
  } as unknown as Proposal
  await journal.append('r1', 'proposed', { type: 'proposed', proposal })
  await journal.append('r1', 'card-decided', { type: 'approved', by: 'U2', reason: 'it is down' })
  await journal.append('r1', 'started', { type: 'started', execution: 'r1' })
  for (const [step, state] of Object.entries(steps))
    await journal.append('r1', `${step}:${state}`, { type: 'step', step, state, detail: '' })
  for (const [name, value] of Object.entries(notes))
    await journal.append('r1', `note:${name}`, { type: 'noted', name, value })
  await journal.append('r1', 'ended', { type: 'ended', outcome, detail: '' })
  const engine = {
    start: async (id: string) => ({ id: `x:${started.push(id)}`, name: id, status: 'RUNNING' }),
  }
  await startAftercare({ journal, engine } as unknown as Parts, 'r1')
  await startAftercare({ journal, engine } as unknown as Parts, 'r1')
}

const out = { from: 'home', to: 'dr' } as const
const emergency = { flow: 'failover', variant: 'emergency', mode: 'emergency', ...out } as const
const home = { flow: 'failback', variant: 'fast', mode: 'planned', from: 'dr', to: 'home' } as const
const repair = { flow: 'failback', variant: 'repair', mode: 'planned', ...out } as const
const drill = { flow: 'drill', variant: 'full', mode: 'planned', ...out } as const

describe('a watch follows', () => {
  it.each<[string, Choice, RunOutcome, Record<string, StepState>, object]>([
    [
      'an emergency',
      emergency,
      'done',
      { 'promote-standby': 'done' },
      { from: 'dr', to: 'home', mode: 'emergency' },
    ],
    [
      'one that was aborted after it had asked',
      emergency,
      'aborted',
      { 'promote-standby': 'acting' },
      { from: 'dr' },
    ],
    [
      'a failback that stopped before the switch',
      home,
      'aborted',
      { 'await-resync': 'done' },
      { from: 'dr', to: 'home' },
    ],
    [
      'a drill that stopped in dr',
      drill,
      'failed',
      { 'switch-over': 'done' },
      { from: 'dr', mode: 'planned' },
    ],
  ])('%s', async (_what, choice, outcome, steps, watch) => {
    await ended(choice, outcome, steps)
    const run = await runOf(journal, 'ac-r1')
    expect(run.proposal.input).toMatchObject({ flow: 'aftercare', ...watch })
    expect(run.approval).toMatchObject({ by: 'U2', reason: 'follows r1' })
    expect(new Set(started)).toEqual(new Set(['ac-r1']))
  })

  it.each<[string, Choice, RunOutcome, Record<string, StepState>]>([
    ['a failover that never came to the writer', emergency, 'aborted', { 'ask-for-capacity': 'done' }],
    ['a failback that is home', home, 'done', { 'switch-over': 'done' }],
    ['a failback that brought the writer home and then broke off', home, 'failed', { 'switch-over': 'done' }],
    ['a drill that is home again', drill, 'done', { 'switch-over': 'done', 'switch-over-back': 'done' }],
    [
      'a drill that broke off once the writer was home',
      drill,
      'failed',
      { 'switch-over': 'done', 'switch-over-back': 'done' },
    ],
  ])('but not %s', async (_what, choice, outcome, steps) => {
    await ended(choice, outcome, steps)
    expect(started).toEqual([])
  })

  it.each<[string, Record<string, string>, readonly string[]]>([
    ['that leaves lost writes unsettled', { 'last-move': 'emergency' }, ['ac-r1', 'ac-r1']],
    ['that has saved them', { 'last-move': 'emergency', rescue: 'copied:one' }, []],
    ['where nothing was lost', { 'last-move': 'planned' }, []],
    ['where nobody has moved the writer', {}, []],
  ])('a repair %s', async (_what, notes, watches) => {
    await ended(repair, 'aborted', { 'check-way-home': 'done' }, notes)
    expect(started).toEqual(watches)
  })
})

describe('the watch over what an emergency left at home', () => {
  const ways = {
    'a failback to there': { ...home, runId: 'r2', plan: 'orders' },
    'a failover to anywhere': { ...emergency, runId: 'r2', plan: 'orders' },
    'a failback that has something to finish on the other side': { ...repair, runId: 'r2', plan: 'orders' },
  } as const satisfies Record<string, FlowInput>

  it.each([
    ['a failback to there', ['ac-r1']],
    ['a failover to anywhere', ['ac-r1']],
    ['a failback that has something to finish on the other side', []],
  ] as const)('is ended by %s: %j', async (what, stopped) => {
    await ended(emergency, 'done', { 'promote-standby': 'done' })
    const stops: string[] = []
    const engine = { stop: async (id: string) => void stops.push(id) }
    await endAftercare({ journal, engine } as unknown as Parts, { name: 'orders' } as Plan, ways[what])
    expect(stops).toEqual(stopped)
    expect((await runOf(journal, 'ac-r1')).outcome).toBe(stopped.length ? 'superseded' : undefined)
  })
})
