import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ScanHelp, scan } from '../../src/cli/scan.ts'
import { loadPlans } from '../../src/plan/loader.ts'
import { plansOf } from '../../src/plan/plans.ts'
import { fixturePath } from '../terraform/rig.ts'

const plans = plansOf(loadPlans(join(import.meta.dirname, '../../plans')))
let dir: string
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'scan-'))
})
afterAll(() => rmSync(dir, { recursive: true }))

async function ran(args: string, help: ScanHelp = {}) {
  const told: string[] = []
  const code = await scan(args.split(' '), (text) => told.push(text), { plans, ...help })
  return { code, out: told.join('\n') }
}
const file = (name: string, content: string | Uint8Array) => {
  writeFileSync(join(dir, name), content)
  return join(dir, name)
}

describe('understudy scan', () => {
  test('a plan with nothing against it ends with 0', async () => {
    const { code, out } = await ran(`${fixturePath('expected-drift')} --plan orders --active home`)
    expect(code).toBe(0)
    expect(out).toContain('expected-drift.json: No blocker and no warning')
    expect(out).toContain('desired_count 6 → 1')
    expect(out).toMatch(/sha256 of the JSON: [0-9a-f]{64}/)
  })

  test('a blocker ends with 1, and says why and where others met it', async () => {
    const { code, out } = await ran(`${fixturePath('global-identifier-null')} --plan orders --active home`)
    expect(code).toBe(1)
    expect(out).toContain('✗ blocker: module.database.aws_rds_cluster.this[0]: global_cluster_identifier')
    expect(out).toContain('https://github.com/cloudposse/terraform-aws-rds-cluster/issues/281')
  })

  test('of several files the worst counts', async () => {
    const { code } = await ran(
      `${fixturePath('no-op')} ${fixturePath('record-moved')} --plan orders --active dr`,
    )
    expect(code).toBe(1)
  })

  test('the saved plan is named with its hash, but only where it may be applied', async () => {
    const saved = file('dr.tfplan', 'abc')
    const clean = await ran(`${fixturePath('no-op')} --plan orders --active home --plan-file ${saved}`)
    expect(clean.out).toContain(`terraform apply ${saved}`)
    expect(clean.out).toContain('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
    const blocked = await ran(`${fixturePath('record-moved')} --plan orders --active dr --plan-file ${saved}`)
    expect(blocked.out).not.toContain('terraform apply')
  })

  test('who serves is looked up where nobody said it', async () => {
    const args = `${fixturePath('record-moved')} --plan orders`
    expect((await ran(args, { activeOf: async () => 'dr' })).code).toBe(1)
    expect((await ran(args, { activeOf: async () => 'home' })).code).toBe(0)
    const unseen = await ran(args, { activeOf: async () => undefined })
    expect(unseen).toMatchObject({ code: 2, out: expect.stringContaining('say who serves now') })
  })

  test('a fence is taken into account', async () => {
    const args = `${fixturePath('secondary-created')} --plan orders --active dr --fenced home`
    expect((await ran(args)).code).toBe(0)
    expect((await ran(`${fixturePath('fenced-raised')} --plan orders --active dr --fenced home`)).code).toBe(
      1,
    )
  })

  test('--json is one object', async () => {
    const { out } = await ran(`${fixturePath('record-moved')} --plan orders --active dr --json`)
    expect(JSON.parse(out)).toMatchObject({
      results: [{ verdict: 'blocked', findings: [{ level: 'blocker', issue: expect.any(String) }] }],
    })
    const bad = await ran('nowhere.json --plan orders --active dr --json')
    expect(JSON.parse(bad.out)).toMatchObject({ error: { code: 'FILE_UNUSABLE' } })
  })
})

describe('bad input ends with 2 and a sentence', () => {
  test.each<[string, string, string]>([
    ['no file', '--plan orders --active home', 'no file was named'],
    ['a file that is not there', '/nowhere/a.json --plan orders --active home', 'ENOENT'],
    ['a folder', `${tmpdir()} --plan orders --active home`, 'EISDIR'],
    ['an unknown plan', 'a.json --plan nope --active home', 'The plans are: billing, orders'],
    ['no plan among several', 'a.json --active home', 'name the plan with --plan: billing, orders'],
    ['a side that is none', 'a.json --plan orders --active left', '--active is home or dr'],
    ['an unknown flag', 'a.json --bogus', '--bogus'],
    ['a saved plan for two files', 'a.json b.json --plan orders --active home --plan-file x', 'one by one'],
  ])('%s', async (_, args, sentence) => {
    const { code, out } = await ran(args)
    expect(code).toBe(2)
    expect(out).toContain(sentence)
  })

  test.each<[string, string | Uint8Array, string]>([
    ['nothing', '', 'it is empty'],
    ['a saved plan', 'PK\u0003\u0004 …', 'a saved plan itself'],
    ['what terraform prints for people', 'Terraform will perform the following actions:', 'needs -json'],
    ['a log', '{"@level":"info"}\n{"@level":"info"}', 'the log of `terraform plan -json`'],
    ['half of a plan', '{"format_version":"1.2","resource_changes":[', 'breaks off'],
    ['a state', '{"format_version":"1.0","values":{}}', 'shows a state'],
    ['UTF-16', Buffer.from('{"format_version":"1.2"}', 'utf16le'), 'not UTF-8'],
  ])('a file with %s', async (_, content, why) => {
    const { code, out } = await ran(`${file('bad.json', content)} --plan orders --active home`)
    expect(code).toBe(2)
    expect(out).toContain(why)
  })

  test('a byte order mark is no fault', async () => {
    const path = file('bom.json', '\ufeff{"format_version":"1.2","resource_changes":[]}')
    expect((await ran(`${path} --plan orders --active home`)).code).toBe(0)
  })
})
