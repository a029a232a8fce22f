import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { median, tableOf } from '../../bench/bench.ts'

const MAIN = join(import.meta.dirname, '../../bench/main.ts')

test('medians of odd and even numbers of figures', () => {
  expect(median([9, 1, 5])).toBe(5)
  expect(median([4, 1, 3, 2])).toBe(2.5)
  expect(() => median([])).toThrow()
})

test('a table has its figures to the right', () => {
  const text = tableOf({
    title: 'Speed',
    columns: ['what', 'ms'],
    rows: [
      ['front', '7'],
      ['a stock receiver', '123'],
    ],
    notes: ['Measured.'],
    ok: true,
    result: {},
  })
  expect(text).toMatchInlineSnapshot(`
    "Speed

    what               ms
    ----------------  ---
    front               7
    a stock receiver  123

    Measured."
  `)
})

test.each([[[]], [['nope']], [['constructor']]])(
  'without a known name: the list, and exit 2 (%j)',
  (args) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...args], { encoding: 'utf8' })
    expect(status).toBe(2)
    expect(stdout).toBe('')
    expect(stderr).toMatch(/^ {2}cold {4}cold start of the front handler/m)
  },
)

test('the last line is one JSON object for programs', () => {
  // Its exit code says whether the limit was kept, which three rounds beside other tests cannot say.
  const { stdout: out } = spawnSync(process.execPath, [MAIN, 'cold', '3'], { encoding: 'utf8' })
  expect(out).toMatch(/^Cold start/)
  const last = JSON.parse(out.trimEnd().split('\n').at(-1) ?? '')
  expect(last).toMatchObject({ bench: 'cold', limit: 0.55, rounds: 3 })
  expect(last.ratio).toBeGreaterThan(0)
  expect(last.variants.map(({ name }: { name: string }) => name)).toContain('front')
})
