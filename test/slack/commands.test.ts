import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { distance, parseCommand } from '../../src/slack/commands.ts'

describe('what is typed after /dr', () => {
  test.each([
    ['', { kind: 'help' }],
    ['   ', { kind: 'help' }],
    ['help', { kind: 'help' }],
    ['help failover', { kind: 'help', topic: 'failover' }],
    ['status', { kind: 'status' }],
    [' status   orders ', { kind: 'status', plan: 'orders' }],
    ['runs', { kind: 'runs' }],
    ['failback orders', { kind: 'failback', plan: 'orders', dryRun: false }],
    ['failback orders dry-run', { kind: 'failback', plan: 'orders', dryRun: true }],
    ['drill orders', { kind: 'drill', plan: 'orders', scope: 'full', dryRun: false }],
    ['drill orders capacity', { kind: 'drill', plan: 'orders', scope: 'capacity', dryRun: false }],
    ['drill orders dry-run capacity', { kind: 'drill', plan: 'orders', scope: 'capacity', dryRun: true }],
    ['history', { kind: 'history' }],
    ['history orders', { kind: 'history', plan: 'orders' }],
    ['help drill', { kind: 'help', topic: 'drill' }],
    ['failover orders', { kind: 'failover', plan: 'orders', dryRun: false }],
    ['failover orders planned', { kind: 'failover', plan: 'orders', mode: 'planned', dryRun: false }],
    ['failover orders dry-run detach', { kind: 'failover', plan: 'orders', mode: 'detach', dryRun: true }],
  ])('%j is understood', (text, command) => {
    expect(parseCommand(text)).toEqual(command)
  })

  test.each([
    ['stauts orders', 'status orders'],
    ['fail orders', undefined],
    ['failovr orders planned', 'failover orders planned'],
    ['STATUS', 'status'],
    ['Failover orders', 'failover orders'],
    ['run', 'runs'],
    ['failbak orders', 'failback orders'],
    ['fallback orders', 'failback orders'],
    ['drlil orders capacity', 'drill orders capacity'],
    ['histroy', 'history'],
    ['hlep', 'help'],
    ['xyzzy', undefined],
    ['status orders; rm -rf /', 'status orders rm -rf'],
    ['failover `orders`', 'failover orders'],
    ['<!channel>', undefined],
    ['status \u202Esredro', 'status sredro'],
    ['failover arn:aws:rds:us-west-2:1:cluster:x', 'failover arn aws rds us-west-2'],
    ['a'.repeat(10_000), undefined],
  ])('%j is not carried out; nearest: %j', (text, nearest) => {
    const command = parseCommand(text)
    expect(command).toMatchObject({ kind: 'unknown' })
    expect(command.kind === 'unknown' ? command.nearest : '').toBe(nearest)
  })

  test.each([
    ['failover', 'it needs the name of a plan'],
    ['failover orders emergancy', '“emergancy” is no word of it; did you mean “emergency”?'],
    ['failover orders planned detach', 'it takes one mode, not planned and detach'],
    ['failover orders planned planned', 'a word is there twice'],
    ['failover orders now', '“now” is no word of it'],
    ['status orders billing', 'it takes one plan, and “orders billing” are 2 words'],
    ['runs all', 'it takes no further words'],
    ['failback', 'it needs the name of a plan'],
    ['failback orders planned', '“planned” is no word of it'],
    ['failback orders dryrun', '“dryrun” is no word of it; did you mean “dry-run”?'],
    ['drill', 'it needs the name of a plan'],
    ['drill orders capcity', '“capcity” is no word of it; did you mean “capacity”?'],
    ['drill orders capacity capacity', 'a word is there twice'],
    ['history orders billing', 'it takes one plan, and “orders billing” are 2 words'],
  ])('%j says what does not fit', (text, why) => {
    expect(parseCommand(text)).toMatchObject({ kind: 'misused', why })
  })

  test('never throws, and only ever starts what is spelt exactly', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
        const command = parseCommand(text)
        if (command.kind === 'failover' || command.kind === 'failback' || command.kind === 'drill')
          expect(text.trim()).toMatch(new RegExp(`^${command.kind} +[a-z0-9-]+`))
      }),
    )
  })

  test('distance counts insertions, deletions, replacements and swaps', () => {
    expect([
      distance('status', 'stauts'),
      distance('run', 'runs'),
      distance('abc', 'xyz'),
      distance('', 'help'),
    ]).toEqual([1, 1, 3, 4])
  })
})
