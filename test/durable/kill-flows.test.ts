import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fold } from '../../src/engine/run.ts'
import { atEach, killing } from './killing.ts'
import { type FlowName, openSmallRun } from './small-run.ts'

/** Kills a flow at every boundary, carries each on to its end, and answers what came of it. */
function told(flow: FlowName) {
  const scene = killing(flow)
  afterAll(() => scene.clear())

  const end = async (folder: string) => {
    const { engine, journal, world, drive } = await openSmallRun(folder, () => {}, { flow })
    const asked = await drive()
    const calls = world.calls().map((call) => call.replace(/^\d+ /, ''))
    const run = fold(await journal.events('r1'))
    const keys = (await journal.events('r1')).map(({ key }) => key)
    await engine.close()
    return { asked, calls, run, keys, heard: world.heard('settle') }
  }
  const killedAt = async (point: number) => {
    const folder = scene.newFolder(`at-${point}`)
    expect(await scene.runUntilKilled(folder, point)).toBe('SIGKILL')
    return { where: readFileSync(join(folder, 'killed'), 'utf8'), ...(await end(folder)) }
  }
  return async () => {
    const boundaries: string[] = []
    const whole = await openSmallRun(scene.newFolder('whole'), (where) => boundaries.push(where), { flow })
    await whole.drive()
    await whole.engine.close()
    const stories = await atEach(boundaries, killedAt)
    expect(stories.map(({ where }) => where)).toEqual(boundaries)
    process.stdout.write(`${flow}: killed at ${stories.length} points\n`)
    return stories
  }
}
type Stories = Awaited<ReturnType<ReturnType<typeof told>>>

const count = (calls: readonly string[], call: string) => calls.filter((one) => one === call).length

describe('a flow that asks two people, killed (SIGKILL) at any boundary and started again', () => {
  const play = told('asking')
  let stories: Stories
  beforeAll(async () => {
    stories = await play()
    expect(stories.length).toBeGreaterThan(60)
  }, 600_000)

  it('ends done, with what both of them said, and the last answer’s second person beside it', () => {
    for (const { where, run, heard } of stories) {
      const answer = run?.questions.find(({ id }) => id === 'settle#2:asks')?.answer
      expect({ where, outcome: run?.outcome, heard, confirmedBy: answer?.confirmedBy }).toEqual({
        where,
        outcome: 'done',
        heard: 'waive by U1, confirmed by U2',
        confirmedBy: 'U2',
      })
    }
  })

  it('asks each of them once, and hears them a second time only when it died while hearing', () => {
    for (const { where, run, calls, keys } of stories) {
      const ids = run?.questions.map(({ id }) => id).slice(0, 4)
      expect({ where, ids }).toEqual({
        where,
        ids: ['settle#1:asks', 'settle#1:asks:confirm', 'settle#2:asks', 'settle#2:asks:confirm'],
      })
      const inside =
        /^(after hear settle|(before|after) noting settle#2:heard|before keeping .*settle#2:heard)$/
      expect({ where, ok: count(calls, 'hear settle') <= (inside.test(where) ? 2 : 1) }).toEqual({
        where,
        ok: true,
      })
      expect(count(keys, 'settle#2:heard')).toBe(1)
    }
  })

  it('makes the irreversible call exactly once, and only after both', () => {
    for (const { where, calls } of stories) {
      expect({ where, promoted: count(calls, 'act promote') }).toEqual({ where, promoted: 1 })
      expect(calls.indexOf('hear settle')).toBeLessThan(calls.indexOf('refused promote'))
    }
  })
})

describe('duties, killed (SIGKILL) at any boundary and started again', () => {
  const play = told('duties')
  let stories: Stories
  beforeAll(async () => {
    stories = await play()
    expect(stories.length).toBeGreaterThan(40)
  }, 600_000)

  it('are all done in the end, and nobody was asked', () => {
    for (const { where, run, asked } of stories) {
      expect({ where, outcome: run?.outcome, asked }).toEqual({ where, outcome: 'done', asked: [] })
      expect(run?.steps.map(({ state }) => state)).toEqual(['done', 'done'])
    }
  })

  it('repeat an act only when it died inside it', () => {
    for (const { where, calls } of stories) {
      const inside =
        /^(after act rescue|(before|after) noting rescue#\d:acted|before keeping .*rescue#\d:act)$/
      const most = inside.test(where) ? 2 : 1
      expect({ where, ok: count(calls, 'act rescue') <= most && calls.includes('act rescue') }).toEqual({
        where,
        ok: true,
      })
    }
  })

  it('tell what failed once, unless nobody was left to know of it', () => {
    for (const { where, keys } of stories) {
      const failed = keys.filter((key) => key.endsWith(':failed')).length
      const unknown = /^(after refused rescue|before noting rescue#1:failed)$/.test(where)
      expect({ where, failed }).toEqual({ where, failed: unknown ? 0 : 1 })
    }
  })
})
