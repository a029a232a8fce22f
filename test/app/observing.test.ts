import { describe, expect, test } from 'vitest'
import { metricsTo } from '../../src/app/runs/metrics.ts'
import { measured, observed } from '../../src/app/runs/observing.ts'
import { stuckOf } from '../../src/app/runs/stuck.ts'
import type { RunEvent } from '../../src/engine/run.ts'
import { logTo } from '../../src/slack/log.ts'
import {
  approved,
  asked,
  BEN,
  clockAt,
  journalAt,
  proposal,
  recorded,
  runOf,
  START,
  started,
} from '../slack/support.ts'

const MINUTE = 60_000
const proposed: RunEvent = { type: 'proposed', proposal: proposal() }
const looking: RunEvent = { type: 'step', step: 'promote', state: 'looking', detail: 'looking' }
const done: RunEvent = { type: 'step', step: 'promote', state: 'done', detail: 'promoted' }
const answered: RunEvent = {
  type: 'answered',
  question: 'promote#1',
  answer: { option: 'retry', by: BEN, reason: 'said in confidence' },
}
const ended = (outcome: 'done' | 'failed' | 'aborted' | 'expired'): RunEvent => ({
  type: 'ended',
  outcome,
  detail: outcome,
})
const down: RunEvent = { type: 'probed', healthy: false, detail: 'answered 503' }
const up: RunEvent = { type: 'probed', healthy: true, detail: 'answered 200' }

/** What the last of the events completes; they are a second apart. */
const measuredOf = (...events: readonly RunEvent[]) =>
  measured(runOf(proposed, ...events), events.at(-1) as RunEvent, START + events.length * 1000)

describe('what is measured of a run', () => {
  test('is how it ended, how long it took, and what customers felt of it', () => {
    expect(measuredOf(approved, started, down, looking, up, done, ended('done'))).toEqual([
      {
        figures: {
          RunSucceeded: [1, 'Count'],
          RunFailed: [0, 'Count'],
          RunSeconds: [5, 'Seconds'],
          OutageSeconds: [2, 'Seconds'],
        },
      },
    ])
  })

  test('counts an outage that goes on up to its end, and none where nobody watched', () => {
    expect(measuredOf(approved, started, down, ended('failed'))[0]?.figures).toMatchObject({
      RunFailed: [1, 'Count'],
      OutageSeconds: [1, 'Seconds'],
    })
    expect(measuredOf(approved, started, ended('aborted'))[0]?.figures).not.toHaveProperty('OutageSeconds')
    expect(measuredOf(approved, started, ended('aborted'))[0]?.figures).toMatchObject({
      RunFailed: [0, 'Count'],
    })
  })

  test('is nothing for a card that was turned down, and a failure where it died before it began', () => {
    expect(measuredOf(ended('expired'))).toEqual([])
    expect(measuredOf(approved, ended('failed'))).toEqual([
      { figures: { RunSucceeded: [0, 'Count'], RunFailed: [1, 'Count'] } },
    ])
  })

  test('is the time of each step, and of each decision', () => {
    expect(measuredOf(approved, started, looking, done)).toEqual([
      { figures: { StepSeconds: [1, 'Seconds'] }, step: 'promote' },
    ])
    expect(measuredOf(approved, started, asked(), looking, answered)).toEqual([
      { figures: { DecisionWaitSeconds: [2, 'Seconds'] } },
    ])
    expect(measuredOf(approved, started, looking)).toEqual([])
  })
})

describe('a journal that is observed', () => {
  const at = () => {
    const clock = clockAt()
    const lines: Record<string, unknown>[] = []
    const write = (line: string) => void lines.push(JSON.parse(line))
    const now = () => clock.now()
    const journal = observed(journalAt(clock), {
      log: logTo(write),
      metrics: metricsTo(write, now, 'test'),
      now,
    })
    return { journal, lines, clock }
  }

  test('says and measures each event once, whoever appends it again', async () => {
    const { journal, lines, clock } = at()
    const events = {
      proposed,
      approved,
      started,
      looking,
      asked: asked(),
      answered,
      done,
      ended: ended('done'),
    }
    for (const again of [false, true])
      for (const [key, event] of Object.entries(events)) {
        if (!again) clock.advance(1_000)
        await journal.append('run-1', key, event)
      }
    expect(lines.filter(({ said }) => said).map(({ said, step, run }) => [said, step, run])).toEqual(
      ['proposed', 'approved', 'started', 'step', 'asked', 'answered', 'step', 'ended'].map((type) => [
        `run ${type}`,
        type === 'step' || type === 'asked' ? 'promote' : undefined,
        'run-1',
      ]),
    )
    expect(lines.filter(({ _aws }) => _aws)).toEqual([
      expect.objectContaining({ DecisionWaitSeconds: 1, plan: 'orders' }),
      expect.objectContaining({ StepSeconds: 3, plan: 'orders', step: 'promote' }),
      expect.objectContaining({ RunSucceeded: 1, RunSeconds: 5, plan: 'orders', run: 'run-1' }),
    ])
    expect(JSON.stringify(lines)).not.toContain('in confidence')
  })

  test('is a journal in everything else', async () => {
    const { journal } = at()
    await journal.append('run-1', 'proposed', proposed)
    expect(await journal.runs({ live: true })).toEqual(['run-1'])
    expect(await journal.lease('name', 'me', 1_000)).toBe(true)
  })

  test('gives CloudWatch what it needs to make metrics of it', async () => {
    const { journal, lines } = at()
    await journal.append('run-1', 'proposed', proposed)
    await journal.append('run-1', 'ended', ended('failed'))
    expect(lines.at(-1)?._aws).toEqual({
      Timestamp: START,
      CloudWatchMetrics: [
        {
          Namespace: 'Understudy',
          Dimensions: [['service'], ['service', 'plan']],
          Metrics: [
            { Name: 'RunSucceeded', Unit: 'Count' },
            { Name: 'RunFailed', Unit: 'Count' },
          ],
        },
      ],
    })
  })
})

describe('a run that does not go on', () => {
  const stuck = (minutes: number, ...events: readonly RunEvent[]) => {
    const found = stuckOf(recorded(proposed, ...events), START + events.length * 1000 + minutes * MINUTE)
    return found && [found.why, found.step]
  }

  test('has written nothing for half an hour, whatever customers meet', () => {
    expect(stuck(29, approved, started, looking)).toBeUndefined()
    expect(stuck(30, approved, started, looking)).toEqual(['silent', 'promote'])
    expect(stuck(30, approved, started, looking, down)).toEqual(['silent', 'promote'])
    expect(stuck(30, approved, started)).toEqual(['silent', undefined])
  })

  test('has waited ten minutes for an answer', () => {
    expect(stuck(9, approved, started, looking, asked())).toBeUndefined()
    expect(stuck(10, approved, started, looking, asked())).toEqual(['unanswered', 'promote'])
    expect(stuck(10, approved, started, asked(), answered)).toBeUndefined()
  })

  test('is neither a card, nor a run that ended, nor a watch of days', () => {
    expect(stuck(60)).toBeUndefined()
    expect(stuck(60, approved, started, ended('done'))).toBeUndefined()
    const records = recorded(
      { type: 'proposed', proposal: proposal({ flow: 'aftercare' }) },
      started,
      looking,
    )
    expect(stuckOf(records, START + 60 * MINUTE)).toBeUndefined()
  })
})
