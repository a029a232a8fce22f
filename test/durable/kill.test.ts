import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fold } from '../../src/engine/run.ts'
import { atEach, killing } from './killing.ts'
import { openSmallRun } from './small-run.ts'

type Story = {
  readonly where: string
  /** Operations that were finished when the process died. */
  readonly finished: readonly string[]
  /** What the second process was asked. */
  readonly asked: readonly string[]
  readonly status: string | undefined
  readonly calls: readonly string[]
  readonly run: ReturnType<typeof fold>
}

const scene = killing('small')
afterAll(() => scene.clear())

async function killedAt(point: number): Promise<Story> {
  const folder = scene.newFolder(`at-${point}`)
  expect(await scene.runUntilKilled(folder, point)).toBe('SIGKILL')
  return resume(folder)
}

async function resume(folder: string): Promise<Story> {
  const { engine, journal, world, drive } = await openSmallRun(folder)
  const finished = engine
    .operations('local:r1')
    .flatMap(({ Name, Status }) => (Status === 'SUCCEEDED' && Name) || [])
  const asked = await drive()
  const story = {
    where: readFileSync(join(folder, 'killed'), 'utf8'),
    finished,
    asked,
    status: (await engine.get('r1'))?.status,
    calls: world.calls(),
    run: fold(await journal.events('r1')),
  }
  await engine.close()
  return story
}

describe('a run that is killed (SIGKILL) at any boundary and started again', () => {
  const stories: Story[] = []
  const boundaries: string[] = []

  beforeAll(async () => {
    const whole = await openSmallRun(scene.newFolder('whole'), (where) => boundaries.push(where))
    expect(await whole.drive()).toEqual(['promote#1'])
    await whole.engine.close()
    stories.push(...(await atEach(boundaries, killedAt)))
    const handOvers = stories.filter((story) => inDoubt(story).length > 0)
    process.stdout.write(
      `killed at ${stories.length} points, handed over to a person ${handOvers.length} times\n`,
    )
  }, 600_000)

  const each = (check: (story: Story) => void) => {
    expect(stories.length).toBe(boundaries.length)
    expect(stories.length).toBeGreaterThan(50)
    for (const story of stories) check(story)
  }
  /** Questions beyond the one about the refused call, which every run asks. */
  const inDoubt = ({ run }: Story) =>
    (run?.questions ?? []).filter(({ detail }) => !detail.includes('AWS refused')).map(({ id }) => id)
  const acts = (story: Story, step: string) =>
    story.calls.filter((call) => call.endsWith(` act ${step}`)).length

  it('was killed where it was to be: around every call and every note, in every wait, in every question', () => {
    expect(stories.map(({ where }) => where)).toEqual(boundaries)
    for (const where of [
      /^before act promote$/,
      /^after act promote$/,
      /^waiting for the clock$/,
      /^waiting for an answer/,
    ])
      expect(boundaries.some((boundary) => where.test(boundary))).toBe(true)
  })

  it('ends done every time, and never hangs waiting for nothing', () => {
    each(({ where, status, run }) => {
      expect({ where, status, outcome: run?.outcome }).toEqual({
        where,
        status: 'SUCCEEDED',
        outcome: 'done',
      })
      for (const { state } of run?.steps ?? []) expect(['done', 'already']).toContain(state)
    })
  })

  it('makes the irreversible call exactly once, a person having pressed Retry where the run asked', () => {
    each((story) =>
      expect({ where: story.where, promoted: acts(story, 'promote') }).toEqual({
        where: story.where,
        promoted: 1,
      }),
    )
  })

  it('asks a person wherever the irreversible call was begun and cannot be seen to have been made, and only there', () => {
    const made = boundaries.indexOf('after act promote')
    const doubtful = ['promote#1:act', 'promote#2:act'].flatMap((name) => {
      const begun = boundaries.indexOf(`after keeping START ${name}`)
      const known = boundaries.indexOf(`before keeping SUCCEED ${name}`)
      expect(begun).toBeGreaterThan(0)
      expect(known).toBeGreaterThan(begun)
      return boundaries.slice(begun, known < made ? known + 1 : made)
    })
    expect(stories.filter((story) => inDoubt(story).length).map(({ where }) => where)).toEqual(doubtful)
  })

  it('runs no finished step again', () => {
    each(({ where, finished, calls }) => {
      const ended = ['quiesce', 'promote', 'dns', 'verify'].filter((step) =>
        finished.some((name) => name.startsWith(`${step}#`) && name.endsWith(':done')),
      )
      const again = calls.filter(
        (call) => call.startsWith(`${process.pid} `) && ended.includes(call.split(' ')[2] ?? ''),
      )
      expect({ where, again }).toEqual({ where, again: [] })
    })
  })

  it('repeats a reversible act only when it died inside it', () => {
    each((story) => {
      for (const step of ['quiesce', 'dns']) {
        const inside = new RegExp(
          `^(after act ${step}|(before|after) noting ${step}#1:acted|before keeping .*${step}#1:act)$`,
        )
        const most = inside.test(story.where) ? 2 : 1
        expect({ where: story.where, step, ok: acts(story, step) <= most }).toEqual({
          where: story.where,
          step,
          ok: true,
        })
      }
    })
  })
})
