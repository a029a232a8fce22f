import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { doctor } from '../../src/cli/doctor.ts'
import { startRehearsal, stateDir, stop } from '../rehearsal/start.ts'

const folder = mkdtempSync(join(tmpdir(), 'understudy-doctor-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** What doctor says of an environment. */
async function told(env: Record<string, string>, ...args: readonly string[]) {
  const lines: string[] = []
  const code = await doctor(args, (text) => lines.push(text), env)
  return { code, text: lines.join('\n') }
}

describe('without anything to look at', () => {
  test('every gap of the environment is told at once', async () => {
    const { code, text } = await told({})
    expect(code).toBe(1)
    for (const name of ['UNDERSTUDY_PLANS', 'UNDERSTUDY_JOURNAL', 'SLACK_APP_ID', 'SLACK_TEAM_ID'])
      expect(text).toContain(`✗ environment: ${name} is not set`)
    expect(text).toContain('docs/deploying.md')
  })

  test('a journal that cannot be written, and plans with faults, are told beside them', async () => {
    const plans = join(folder, 'plans')
    mkdirSync(plans)
    writeFileSync(join(plans, 'stock.yaml'), 'version: 1\nname: stock\n')
    const { text } = await told({
      UNDERSTUDY_PLANS: plans,
      UNDERSTUDY_JOURNAL: join(folder, 'gone/journal.db'),
    })
    expect(text).toMatch(/✗ stock: stock\.yaml:\d+:\d+ .*is missing/)
    expect(text).toMatch(/✗ .*journal\.db: it cannot be written/)
    expect(text).toMatch(/! .*engine\.db: no bot has ever run here/)
  })

  test('as one JSON object', async () => {
    const { text } = await told({}, '--json')
    const { version, findings } = JSON.parse(text)
    expect(version).toBe(1)
    expect(findings[0]).toEqual({
      check: 'node',
      group: 'terminal',
      about: 'Node',
      level: 'ok',
      says: process.versions.node,
    })
    expect(findings[1]).toMatchObject({ level: 'fault', remedy: expect.stringContaining('Set it') })
  })

  test.each([
    ['a plan nobody knows', ['nope'], 'There is no plan “nope”'],
    ['a flag nobody knows', ['--fix'], '--fix'],
    ['a rehearsal that does not run', ['--rehearsal', '/nonexistent'], 'no rehearsal runs on /nonexistent'],
  ])('%s is bad input', async (_what, args, sentence) => {
    const { code, text } = await told({}, ...args)
    expect({ code, text }).toEqual({ code: 2, text: expect.stringContaining(sentence) })
  })
})

test('in a rehearsal everything that applies is well, and nothing of a stack it does not have is told', async () => {
  const { dir, remove } = stateDir()
  const started = await startRehearsal(['--state-dir', dir, '--seed', '5'])
  try {
    const ran = spawnSync(
      'npm',
      ['run', '--silent', 'understudy', '--', '--rehearsal', dir, 'doctor', '--json'],
      {
        encoding: 'utf8',
      },
    )
    const { findings } = JSON.parse(ran.stdout) as {
      findings: { level: string; group: string; check: string }[]
    }
    expect(findings.filter(({ level }) => level !== 'ok')).toEqual([])
    expect(ran.status).toBe(0)
    expect(findings.filter(({ group }) => group === 'stack')).toEqual([])
    expect(findings.map(({ check }) => check)).toEqual(
      expect.arrayContaining([
        'engine-process',
        'journal-file',
        'permission',
        'slack-token',
        'person',
        'login',
      ]),
    )
  } finally {
    await stop(started)
    remove()
  }
})
