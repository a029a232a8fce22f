import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { init } from '../../src/cli/init.ts'
import { validate } from '../../src/cli/validate.ts'
import { parsePlan } from '../../src/plan/parse.ts'
import { rig } from './rig.ts'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'init '))
  vi.stubEnv('UNDERSTUDY_PLANS', join(dir, 'plans'))
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(dir, { recursive: true })
})

async function ran(args: readonly string[], aws = rig()) {
  const told: string[] = []
  const code = await init(args, (text) => told.push(text), { look: aws.look })
  return { code, out: told.join('\n') }
}
const outputs = (name = 'home.json') => {
  const path = join(dir, name)
  const arn = 'arn:aws:rds:us-east-1:111122223333:cluster:orders-home'
  writeFileSync(path, JSON.stringify({ arn: { sensitive: false, type: 'string', value: arn } }))
  return path
}
const onAws = ['--global-cluster', 'orders-global', '--home', 'us-east-1']

describe('understudy init', () => {
  test('writes plans/NAME.yaml, says what is left, and validate lists it', async () => {
    const { code, out } = await ran(['orders', ...onAws])
    const path = join(dir, 'plans', 'orders.yaml')
    expect(code).toBe(0)
    expect(out).toBe(
      `${path} was written: 10 to be filled in, 13 to be confirmed.\n\`understudy validate ${path}\` lists what is left to do.`,
    )
    const told: string[] = []
    expect(await validate([path], (text) => told.push(text), {})).toBe(1)
    expect(told.filter((line) => line.includes('is to be filled in'))).toHaveLength(10)
    expect(told.at(-1)).toBe(
      '1 plan: 10 faults in 1, 10 of them to be filled in; 13 guesses to be confirmed.',
    )
  })

  test('never overwrites: not a file, not a link that leads nowhere', async () => {
    const { out: first } = await ran(['orders', '--terraform', outputs()])
    expect(first).toContain('was written')
    const path = join(dir, 'plans', 'orders.yaml')
    const before = readFileSync(path, 'utf8')
    const { code, out } = await ran(['orders', ...onAws])
    expect(code).toBe(3)
    expect(out).toContain(`${path} exists already, and a plan is never overwritten.`)
    expect(readFileSync(path, 'utf8')).toBe(before)
    const link = join(dir, 'link.yaml')
    symlinkSync(join(dir, 'elsewhere.yaml'), link)
    expect((await ran(['orders', '--terraform', outputs(), '--out', link])).code).toBe(3)
    expect(existsSync(join(dir, 'elsewhere.yaml'))).toBe(false)
  })

  test('a file that comes while AWS is looked at is left alone too', async () => {
    const path = join(dir, 'orders.yaml')
    const aws = rig()
    const told: string[] = []
    const code = await init(['orders', ...onAws, '--out', path], (text) => told.push(text), {
      look: async (wish) => {
        writeFileSync(path, 'mine')
        return aws.look(wish)
      },
    })
    expect([code, readFileSync(path, 'utf8')]).toEqual([3, 'mine'])
  })

  test('--out - tells the plan and writes nothing', async () => {
    const { code, out } = await ran(['orders', '--terraform', outputs('my outputs.json'), '--out', '-'])
    expect(code).toBe(0)
    expect(out).toContain('name: orders')
    expect(out).toContain('# output arn of my outputs.json')
    expect(statSync(join(dir, 'plans'), { throwIfNoEntry: false })).toBeUndefined()
    expect(parsePlan(out).faults.every(({ message }) => message.startsWith('is to be filled in'))).toBe(true)
  })

  test('several files may follow one --terraform', async () => {
    const files = [outputs('one.json'), outputs('two.json')]
    const { out } = await ran(['orders', '--terraform', ...files, '--out', '-'])
    expect(out).toContain('from one.json, two.json.')
  })

  test('what could not be seen is said', async () => {
    const aws = rig()
    aws.aws.addFault({ kind: 'denied', service: 'cloudwatch' })
    const { code, out } = await ran(['orders', ...onAws], aws)
    expect(code).toBe(0)
    expect(out).toMatch(/! CloudWatch in us-west-2 refused to be looked at/)
  })
})

describe('bad input ends with 2, and writes nothing', () => {
  test.each<[string, readonly string[], string]>([
    ['no name', [...onAws], "the plan's name is missing"],
    ['a name with a space', ['my app', ...onAws], '“my app” is no name of a plan'],
    ['two names', ['orders', 'billing', ...onAws], 'one plan at a time'],
    ['nowhere to look', ['orders'], 'say where to look'],
    ['no home', ['orders', '--global-cluster', 'x'], 'say with --home which region'],
    ['a region that is none', ['orders', '--global-cluster', 'x', '--home', 'mars'], '--home is a region'],
    ['one region twice', ['orders', ...onAws, '--dr', 'us-east-1'], 'the same region'],
    ['an unknown flag', ['orders', ...onAws, '--force'], 'there is no flag --force'],
    ['a flag without its value', ['orders', ...onAws, '--zone'], '--zone needs a value'],
    [
      'files that are not there',
      ['orders', '--terraform', '/no/a.json', '/no/b.json'],
      '/no/b.json cannot be read',
    ],
  ])('%s', async (_, args, sentence) => {
    const { code, out } = await ran(args)
    expect(code).toBe(2)
    expect(out).toContain(sentence)
    expect(existsSync(join(dir, 'plans'))).toBe(false)
  })

  test('a file that holds no outputs is named', async () => {
    const path = join(dir, 'a.json')
    writeFileSync(path, 'Warning: no outputs')
    const { code, out } = await ran(['orders', '--terraform', path])
    expect([code, out]).toEqual([2, expect.stringContaining('a.json: it is not JSON; give the output of')])
  })
})
