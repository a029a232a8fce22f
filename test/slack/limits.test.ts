import type { Button, KnownBlock } from '@slack/types'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Proposal, RunEvent } from '../../src/engine/run.ts'
import { ACTIONS } from '../../src/slack/actions.ts'
import { button, message, plain, prose, readable, section } from '../../src/slack/blocks.ts'
import { characters, cut, cutLines, LIMITS } from '../../src/slack/limits.ts'
import { board } from '../../src/slack/views/board.ts'
import { dryRunCard, planCard } from '../../src/slack/views/card.ts'
import { classic } from '../../src/slack/views/classic.ts'
import { decisionCard } from '../../src/slack/views/decision.ts'
import { approvalForm } from '../../src/slack/views/forms.ts'
import { summary } from '../../src/slack/views/summary.ts'
import { approved, asked, proposal, runOf, START, started } from './support.ts'

function buttonFaults(element: { type: string }): string[] {
  if (element.type !== 'button') return [`unexpected ${element.type}`]
  const { text, value = '', confirm } = element as Button
  const said = [confirm?.confirm?.text, confirm?.deny?.text]
  return [
    ...(text.text.length > 75 || value.length > 2000 ? ['button'] : []),
    ...((confirm?.title?.text.length ?? 0) > 100 || (confirm?.text.text.length ?? 0) > 300
      ? ['confirm']
      : []),
    ...(said.some((label = '') => label.length > 30) ? ['confirm buttons'] : []),
  ]
}

/** Slack's rules for what we send, told apart from our own budget: read off the reference, not off our constants. */
function faultsOf(blocks: readonly KnownBlock[], room: 'message' | 'modal'): string[] {
  const faults: string[] = []
  const check = (ok: boolean, what: string) => ok || faults.push(what)
  check(blocks.length <= (room === 'message' ? 50 : 100), `${blocks.length} blocks`)
  if (room === 'message') check(characters(blocks) <= 11_000, `${characters(blocks)} characters`)
  const each = (block: KnownBlock): void => {
    switch (block.type) {
      case 'header':
        return void check(block.text.text.length <= 150, 'header')
      case 'section':
        check((block.text?.text.length ?? 1) >= 1 && (block.text?.text.length ?? 1) <= 3000, 'section text')
        check((block.fields?.length ?? 0) <= 10, 'fields')
        return block.fields?.forEach(
          ({ text }) => void check(text.length <= 2000 && text.length > 0, 'field'),
        )
      case 'context':
        return void check(block.elements.length <= 10 && block.elements.length > 0, 'context')
      case 'actions':
        check((block.block_id?.length ?? 0) <= 255, 'block_id')
        return void faults.push(...block.elements.flatMap(buttonFaults))
      case 'plan':
        check((block.tasks?.length ?? 0) <= 50, 'tasks')
        return void check(
          new Set(block.tasks?.map(({ task_id }) => task_id)).size === block.tasks?.length,
          'task ids',
        )
      case 'container':
        check((block.title?.text.length ?? 0) <= 150 && block.child_blocks.length <= 10, 'container')
        return block.child_blocks.forEach(each)
      case 'alert':
        check(room === 'modal', 'alert in a message')
        return void check(block.text.text.length <= 200, 'alert')
      case 'input':
        return void check(room === 'modal', 'input in a message')
      default:
        return void faults.push(`unexpected ${block.type}`)
    }
  }
  blocks.forEach(each)
  return faults
}

/** Every character here grows when it is escaped, is cut in half when cut badly, or breaks a line. */
const long = fc
  .tuple(
    fc.constantFrom('x', '&', '<', '😀', '\n', '`', 'arn:aws:x '),
    fc.constantFrom(0, 1, 74, 76, 149, 151, 1999, 3001, 10_000),
  )
  .map(([text, times]) => text.repeat(times))
const few = <T>(of: fc.Arbitrary<T>, max = 30) => fc.array(of, { maxLength: max, size: 'max' })
const anyProposal: fc.Arbitrary<Proposal> = fc
  .record({
    title: long,
    steps: fc.uniqueArray(
      fc.record({
        id: fc.string({ minLength: 1, maxLength: 20 }),
        title: long,
        irreversible: fc.oneof(fc.constant(false as const), long),
      }),
      { maxLength: 60, size: 'max', selector: ({ id }) => id },
    ),
    facts: few(fc.record({ label: long, value: long, known: fc.boolean() })),
    warnings: few(long),
    calls: few(
      fc.record({
        step: long,
        service: long,
        operation: long,
        region: long,
        input: fc.dictionary(fc.string(), long),
      }),
    ),
    approvers: few(fc.stringMatching(/^U[A-Z0-9]{8}$/), 200),
  })
  .map((changes) => proposal(changes))

describe('whatever a plan or AWS says', () => {
  test('every message and form stays within Slack’s limits, in both renderings', () => {
    fc.assert(
      fc.property(anyProposal, long, fc.option(long, { nil: undefined }), (given, detail, stamp) => {
        const proposed: RunEvent = { type: 'proposed', proposal: given }
        const steps = given.steps.map(
          ({ id }): RunEvent => ({ type: 'step', step: id, state: 'owed', detail, evidence: [detail] }),
        )
        const waiting = runOf(
          proposed,
          { ...approved, reason: detail } as RunEvent,
          started,
          ...steps,
          asked({ title: detail, detail }),
        )
        const over = runOf(proposed, approved, started, ...steps, {
          type: 'ended',
          outcome: 'failed',
          detail,
        })
        const [open] = waiting.questions
        const messages = [
          planCard(runOf(proposed), START, stamp),
          planCard(waiting, START, stamp),
          dryRunCard(given, stamp),
          board(waiting, START, stamp),
          board(over, START, stamp),
          summary(over, stamp),
          ...(open ? [decisionCard(waiting, open, stamp)] : []),
        ]
        for (const shown of messages) {
          expect(faultsOf(shown.blocks, 'message')).toEqual([])
          expect(faultsOf(classic(shown).blocks, 'message')).toEqual([])
          expect(shown.text.length).toBeLessThanOrEqual(3000)
        }
        const form = approvalForm(waiting, {
          runId: 'r',
          hash: 'h',
          version: 1,
          channel: 'C',
          breakGlass: true,
        })
        expect(faultsOf(form.blocks as KnownBlock[], 'modal')).toEqual([])
        expect([form.title, form.submit, form.close].every((text) => (text?.text.length ?? 0) <= 24)).toBe(
          true,
        )
      }),
      { numRuns: 40, endOnFailure: true },
    )
  }, 120_000)

  test('too much is dropped from the end, buttons and heading stay, and it says so', () => {
    const blocks = Array.from({ length: 60 }, (_, n) => section(`${n} ${'x'.repeat(300)}`))
    const actions = {
      type: 'actions',
      elements: [button(ACTIONS.abort, 'Abort', '{}')],
    } as const satisfies KnownBlock
    const { blocks: kept } = message('text', [...blocks, actions as KnownBlock])
    expect(kept.length).toBeLessThanOrEqual(LIMITS.message.blocks)
    expect(characters(kept)).toBeLessThanOrEqual(LIMITS.message.characters)
    expect(kept[0]).toEqual(blocks[0])
    expect(kept.some(({ type }) => type === 'actions')).toBe(true)
    expect(JSON.stringify(kept.at(-1))).toContain('more parts do not fit here')
  })
})

describe('text', () => {
  test.each([
    [plain('<!channel> & <@U1>'), '&lt;!channel&gt; &amp; &lt;@U1&gt;'],
    [plain('a\u202Eb\u200bc\nd'), 'a b c d'],
    [
      prose('skipped by <@U0ANNA>: <!here> <https://x>'),
      'skipped by <@U0ANNA>: &lt;!here&gt; &lt;https://x&gt;',
    ],
    [
      readable('writer arn:aws:rds:us-west-2:1:cluster:x is up'),
      'writer `arn:aws:rds:us-west-2:1:cluster:x` is up',
    ],
    [cut('abcdef', 4), 'abc…'],
    [cut('ab😀cd', 4), 'ab…'],
    [cutLines(['one', 'two', 'x'.repeat(80)], 60), 'one\ntwo\n… and 1 more'],
  ])('%s', (given, expected) => {
    expect(given).toBe(expected)
  })
})
