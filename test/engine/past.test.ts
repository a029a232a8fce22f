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
  ({ outcome: 'done', startedAt: 0, endedAt: took, waitedMs, steps }) as unknown as Run

it('knows nothing usual of no past', () => {
  expect(usualOf([])).toEqual({ runs: 0, steps: {} })
})

it('takes medians of finished runs, without the waits for people', () => {
  const usual = usualOf([
    finished(400, 100, step('promote', 'done', 120)),
    finished(310, 0, step('promote', 'done', 90)),
    finished(900, 0, step('promote', 'done', 600)),
  ])
  expect(usual).toEqual({ runs: 3, run: 310, steps: { promote: 120 } })
})

it('leaves out runs that did not reach their end, and steps that did nothing', () => {
  const aborted = { ...finished(5, 0, step('promote', 'done', 5)), outcome: 'aborted' } as Run
  expect(usualOf([aborted, finished(300, 0, step('promote', 'already', 0))])).toEqual({
    runs: 1,
    run: 300,
    steps: {},
  })
})
