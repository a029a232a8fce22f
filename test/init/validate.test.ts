import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { validate } from '../../src/cli/validate.ts'

const PLANS = join(import.meta.dirname, '../../plans')
const shipped = (name: string) => readFileSync(join(PLANS, `${name}.yaml`), 'utf8')
const orders = shipped('orders')
const billing = shipped('billing')

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'validate-'))
})
afterEach(() => rmSync(dir, { recursive: true }))

const write = (file: string, text: string) => {
  writeFileSync(join(dir, file), text)
  return join(dir, file)
}
async function ran(args: readonly string[], env: Record<string, string> = {}) {
  const told: string[] = []
  const code = await validate(args, (text) => told.push(text), env)
  return { code, lines: told, out: told.join('\n') }
}
const lineOf = (text: string, piece: string) => text.slice(0, text.indexOf(piece)).split('\n').length

describe('understudy validate', () => {
  test('the shipped plans are without fault, and share a channel', async () => {
    const { code, out } = await ran([PLANS])
    expect(out).toBe('2 plans: no fault.')
    expect(code).toBe(0)
  })

  test('without a path it takes the folder of the environment', async () => {
    write('orders.yaml', orders)
    expect(await ran([], { UNDERSTUDY_PLANS: dir })).toMatchObject({ code: 0, out: '1 plan: no fault.' })
  })

  test('every fault of every file, with its place and what to do', async () => {
    const text = orders.replace('twoPeople: true', 'twoPepole: true').replace('dr: us-west-2', 'dr: mars')
    write('orders.yaml', text)
    write('billing.yaml', billing.replace('rtoMinutes: 30', 'rtoMinutes: soon'))
    const { code, out } = await ran([dir])
    expect(code).toBe(1)
    expect(out).toContain(
      `orders.yaml:${lineOf(text, 'dr: mars')}:3 regions.dr: not a region name, such as us-east-1`,
    )
    expect(out).toContain('slack.twoPepole: is not a field of a plan\n    Did you mean twoPeople?')
    expect(out).toContain(
      'slack.twoPeople: is missing (a boolean)\n    Add it. twoPeople is: Whoever asked may not approve. docs/plan.md has every field.',
    )
    expect(out).toContain('objectives.rtoMinutes: must be a number\n    Correct it.')
    expect(out).toMatch(/2 plans: 4 faults in 2\.$/)
  })

  test('what is to be filled in is counted, and a guess is told but is no fault', async () => {
    write(
      'orders.yaml',
      orders
        .replace('channel: C00INCIDENT', 'channel: FILL-IN  # the incident channel')
        .replace('writes: false', 'writes: true  # CONFIRM: does it write?'),
    )
    const { code, out } = await ran([dir])
    expect(code).toBe(1)
    expect(out).toContain(
      'slack.channel: is to be filled in: a Slack channel id, such as C0123ABC\n    Write the value',
    )
    expect(out).toMatch(/a guess that nobody has confirmed: does it write\?/)
    expect(out).toMatch(/1 plan: 1 fault in 1, 1 of them to be filled in; 1 guess to be confirmed\.$/)
    write('orders.yaml', orders.replace('writes: false', 'writes: true  # CONFIRM: does it write?'))
    expect((await ran([dir])).code).toBe(0)
  })

  test('--json is one object', async () => {
    write('orders.yaml', orders.replace('channel: C00INCIDENT', 'channel: FILL-IN'))
    const { lines } = await ran([dir, '--json'], { GITHUB_ACTIONS: 'true' })
    expect(lines).toHaveLength(1)
    expect(JSON.parse(String(lines[0]))).toMatchObject({
      plans: [
        {
          name: 'orders',
          faults: [{ field: 'slack.channel', line: expect.any(Number), remedy: expect.any(String) }],
        },
      ],
      summary: { plans: 1, broken: 1, faults: 1, toFillIn: 1, guesses: 0 },
    })
  })

  test('under GitHub each fault marks its line, and no text can break out of its mark', async () => {
    mkdirSync(join(dir, 'a,b'))
    const path = write('a,b/orders.yaml', orders.replace('title: Orders API', '"100%\\n::error::x": 1'))
    const { lines } = await ran([path], { GITHUB_ACTIONS: 'true' })
    const marks = lines.filter((line) => line.startsWith('::'))
    expect(marks).toEqual([
      expect.stringMatching(
        /^::error file=[^:,]*a%2Cb\/orders\.yaml,line=\d+,col=1::100%25%0A::error::x: is not a field/,
      ),
    ])
  })

  test('two plans that name the same things', async () => {
    write('orders.yaml', orders)
    const text = orders.replace(/^name: orders$/m, 'name: shop')
    write('shop.yaml', text)
    const { code, out } = await ran([dir])
    expect(code).toBe(1)
    expect(out).toContain(
      `shop.yaml:${lineOf(text, 'globalCluster')}:3 database.globalCluster: global cluster “orders-global” is also in the plan “orders”`,
    )
    for (const field of [
      'database.clusters.dr',
      'services[1].ecs.home',
      'dns.records[0].name',
      'terraform.stacks[0].codeBuild',
    ])
      expect(out).toContain(` ${field}: `)
    expect(out).not.toContain('slack')
    expect(out).not.toMatch(/^[^ ]*orders.yaml:/m)
  })

  test('the same names in another account are others', async () => {
    write('orders.yaml', orders)
    write(
      'shop.yaml',
      orders
        .replace(/^name: orders$/m, 'name: shop')
        .replaceAll('111122223333', '999922223333')
        .replace('Z0EXAMPLE0TEST', 'Z0ANOTHER'),
    )
    expect(await ran([dir])).toMatchObject({ code: 0, out: '2 plans: no fault.' })
  })

  test('files by name, and one named twice is one', async () => {
    const path = write('orders.yaml', orders)
    write('broken.yaml', 'version: 1')
    expect(await ran([path, path])).toMatchObject({ code: 0, out: '1 plan: no fault.' })
  })
})

test.each<[string, (dir: string) => readonly string[], string]>([
  ['a path that is not there', () => ['/nowhere/plans'], 'there is no /nowhere/plans'],
  ['a folder without plans', (dir) => [dir], 'no plan file (*.yaml) is in'],
  ['an unknown flag', () => ['--bogus'], '--bogus'],
  ['compiled plans', (dir) => [join(dir, 'plans.json')], 'is compiled: give the folder'],
])('bad input ends with 2: %s', async (_, args, sentence) => {
  if (sentence.startsWith('is compiled')) write('plans.json', '{}')
  const { code, out } = await ran(args(dir))
  expect(code).toBe(2)
  expect(out).toContain(sentence)
  const asJson = await ran([...args(dir), '--json'])
  expect(JSON.parse(asJson.out)).toMatchObject({ error: { code: 'CONFIG_INVALID' } })
})
