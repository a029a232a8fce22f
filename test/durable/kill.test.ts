import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fold } from '../../src/engine/run.ts'
import { openSmallRun } from './small-run.ts'

/** Most of a small run's time is the SDK's pauses between invocations. */
const AT_A_TIME = 8

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

const root = mkdtempSync(join(tmpdir(), 'understudy-kill-'))
afterAll(() => rmSync(root, { recursive: true }))

function newFolder(name: string): string {
  const folder = join(root, name)
  mkdirSync(folder)
  return folder
}

function runUntilKilled(folder: string, at: number): Promise<string | null> {
  const child = spawn(
    process.execPath,
    [
      '--disable-warning=ExperimentalWarning',
      new URL('./kill-child.ts', import.meta.url).pathname,
      folder,
      String(at),
    ],
    {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, NODE_COMPILE_CACHE: join(root, 'compiled') },
    },
  )
  return new Promise((resolve) => child.once('close', (_, signal) => resolve(signal)))
}

async function killedAt(point: number): Promise<Story> {
  const folder = newFolder(`at-${point}`)
  expect(await runUntilKilled(folder, point)).toBe('SIGKILL')
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
    const whole = await openSmallRun(newFolder('whole'), (where) => boundaries.push(where))
    expect(await whole.drive()).toEqual(['promote#1'])
    await whole.engine.close()
    const points = boundaries.map((_, index) => index + 1)
    for (let first = 0; first < points.length; first += AT_A_TIME)
      stories.push(...(await Promise.all(points.slice(first, first + AT_A_TIME).map(killedAt))))
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
