import { expect, it } from 'vitest'
import { usualOf } from '../../src/engine/past.ts'
import type { Run, StepState } from '../../src/engine/run.ts'

const step = (id: string, state: StepState, took: number) =>
  ({
    id,
    title: id,
    irreversible: false,
    state,
    detail: '',
    evidence: [],
    startedAt: 1_000,
    endedAt: 1_000 + took,
  }) as const

const finished = (took: number, waitedMs: number, ...steps: Run['steps']) =>
  ({
    outcome: 'done',
    startedAt: 0,
    endedAt: took,
    waitedMs,
    steps,
    questions: [],
    proposal: { flow: 'failover', input: { variant: 'planned' } },
  }) as unknown as Run
const proposedAs = (run: Run, proposal: object) =>
  ({ ...run, proposal: { ...run.proposal, ...proposal } }) as Run

it('knows nothing usual of no past', () => {
  expect(usualOf([])).toEqual({ runs: 0, steps: {}, stepsP90: {} })
})

it('takes medians of finished runs, without the waits for people', () => {
  const usual = usualOf([
    finished(400, 100, step('promote', 'done', 120)),
    finished(310, 0, step('promote', 'done', 90)),
    finished(900, 0, step('promote', 'done', 600)),
  ])
  expect(usual).toMatchObject({ runs: 3, run: 310, steps: { promote: 120 } })
})

it('counts no step’s waits for people either', () => {
  const questions = [
    { step: 'promote', askedAt: 10, answeredAt: 60 },
    { step: 'promote', askedAt: 70 },
    { step: 'dns', askedAt: 0, answeredAt: 9 },
  ]
  const run = { ...finished(400, 0, step('promote', 'done', 120)), questions } as unknown as Run
  expect(usualOf([run]).steps).toEqual({ promote: 70 })
})

it('says what nine runs of ten do not exceed', () => {
  const runs = [7, 3, 9, 1, 10, 5, 2, 8, 6, 4].map((took) =>
    finished(took * 100, 0, step('promote', 'done', took)),
  )
  expect(usualOf(runs)).toMatchObject({ runP90: 900, stepsP90: { promote: 9 } })
  expect(usualOf(runs.slice(0, 3))).toMatchObject({ runP90: 900, stepsP90: { promote: 9 } })
})

it('leaves out runs that did not reach their end, and steps that did nothing', () => {
  const aborted = { ...finished(5, 0, step('promote', 'done', 5)), outcome: 'aborted' } as Run
  expect(usualOf([aborted, finished(300, 0, step('promote', 'already', 0))])).toEqual({
    runs: 1,
    run: 300,
    runP90: 300,
    steps: {},
    stepsP90: {},
  })
})

it('counts no rehearsal, and of another flow or variant nothing where it is to compare', () => {
  const run = finished(300, 0)
  const others = [
    proposedAs(finished(1, 0), { rehearsal: true }),
    proposedAs(finished(2, 0), { flow: 'failback' }),
    proposedAs(finished(3, 0), { input: { variant: 'emergency' } }),
  ]
  expect(usualOf([run, ...others], run.proposal)).toMatchObject({ runs: 1, run: 300 })
  expect(usualOf([run, ...others])).toMatchObject({ runs: 3 })
})
