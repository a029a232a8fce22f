import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { compilePlans, readCompiledPlans } from '../../src/plan/compiled.ts'
import { loadPlans } from '../../src/plan/loader.ts'

const PLANS = join(import.meta.dirname, '../../plans')
const folder = () => {
  const dir = mkdtempSync(join(tmpdir(), 'compiled-'))
  onTestFinished(() => rmSync(dir, { recursive: true }))
  return dir
}

test('what is compiled is read back the same, broken plans and commit included', () => {
  const dir = folder()
  writeFileSync(join(dir, 'shop.yaml'), 'version: 1')
  const set = { plans: loadPlans(PLANS).plans, broken: loadPlans(dir).broken }
  const file = join(dir, 'plans.json')
  writeFileSync(file, compilePlans(set, 'abc1234'))
  expect(set.broken[0]?.faults.length).toBeGreaterThan(5)
  expect(readCompiledPlans(file)).toEqual({ format: 1, commit: 'abc1234', ...set })
})

test.each([
  ['is not there', undefined, 'cannot be read'],
  ['is no JSON', '{ "format": 1', 'cannot be read'],
  ['is null', 'null', 'not of format 1'],
  ['is of another build', '{"format":2,"plans":[],"broken":[]}', 'not of format 1'],
  ['has no plans', '{"format":1}', 'not of format 1'],
])('a file that %s is refused in words', (_, text, why) => {
  const file = join(folder(), 'plans.json')
  if (text !== undefined) writeFileSync(file, text)
  expect(() => readCompiledPlans(file)).toThrow(
    expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringContaining(why) }),
  )
})
