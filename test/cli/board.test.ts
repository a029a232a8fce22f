import { describe, expect, test } from 'vitest'
import { type Beside, boardOf } from '../../src/cli/board.ts'
import { fold, type Proposal, type Run, type RunEvent } from '../../src/engine/run.ts'

const BEGUN = Date.UTC(2026, 10, 21, 3, 0, 0)
const proposal: Proposal = {
  plan: 'orders',
  flow: 'failover',
  title: 'Emergency failover of Orders API: us-east-1 (home) to us-west-2 (dr)',
  input: {},
  steps: [
    { id: 'check', title: 'Check the target', irreversible: false },
    { id: 'fence', title: 'Stop the old side', irreversible: false },
    { id: 'promote', title: 'Promote the standby', irreversible: 'Writes may be lost.' },
    { id: 'dns', title: 'Take the DNS records', irreversible: false },
  ],
  facts: [],
  warnings: [],
  calls: [],
  binding: {},
  hash: 'h',
  requestedBy: 'U0MAYA',
  approvers: ['U0JONAS'],
  twoPeople: true,
  breakGlass: [],
  phrase: 'orders',
  channel: 'C0',
  expiresAt: BEGUN + 600_000,
  rtoTargetMinutes: 15,
}
const approved: RunEvent = { type: 'approved', by: 'U0JONAS', reason: 'home is dark' }
const started: RunEvent = { type: 'started', execution: 'x' }
const step = (
  id: string,
  state: 'looking' | 'done' | 'owed' | 'waiting' | 'failed',
  detail: string,
): RunEvent => ({
  type: 'step',
  step: id,
  state,
  detail,
})

/** A run to which these things happened, ten seconds apart. */
function run(...events: readonly RunEvent[]): Run {
  const all: RunEvent[] = [{ type: 'proposed', proposal }, ...events]
  const records = all.map((event, index) => {
    const at = BEGUN + index * 10_000
    return { runId: 'fo-orders-1', seq: index + 1, key: String(index), at, wall: at, event }
  })
  return fold(records) as Run
}

/** The board at `seconds` into the night, its tones in front. */
function shown(of: Run, seconds: number, beside: Partial<Beside> = {}): string {
  const usual = { runs: 2, steps: { promote: 70_000, dns: 20_000 } }
  const lines = boardOf(of, { now: BEGUN + seconds * 1000, usual, ...beside })
  return `\n${lines.map(({ tone, text }) => `${tone.padEnd(6)}${text}`).join('\n')}\n`
}

describe('the board in a terminal', () => {
  test('a card that waits says how it is approved', () => {
    expect(shown(run(), 5)).toMatchInlineSnapshot(`
      "
      title Emergency failover of Orders API: us-east-1 (home) to us-west-2 (dr)
      quiet fo-orders-1 · asked for by U0MAYA, not approved yet
      quiet · Check the target
      quiet · Stop the old side
      quiet · Promote the standby   usually 1m 10s
      quiet · Take the DNS records  usually 20 s
      warn  It waits for approval, in Slack or here: understudy approve fo-orders-1
      "
    `)
  })

  test('a run shows what each step takes, against what it usually takes', () => {
    const under = run(
      approved,
      started,
      step('check', 'done', 'the writer is in us-east-1'),
      step('fence', 'owed', 'home could not be seen'),
      step('promote', 'waiting', 'AWS is moving the writer to dr'),
    )
    expect(shown(under, 95)).toMatchInlineSnapshot(`
      "
      title Emergency failover of Orders API: us-east-1 (home) to us-west-2 (dr)
      quiet fo-orders-1 · asked for by U0MAYA, approved by U0JONAS · 1m 25s of 15m 00s
      good  ✓ Check the target
      warn  ! Stop the old side     still owed
      busy  ⠋ Promote the standby   45 s, usually 1m 10s
      quiet     AWS is moving the writer to dr
      quiet · Take the DNS records  usually 20 s
      "
    `)
    expect(shown(under, 95, { turn: 3 })).toContain('⠸ Promote')
  })

  test('a question shows its choices, their conditions, and how it is answered', () => {
    const asking = run(approved, started, step('dns', 'failed', 'AWS refused it'), {
      type: 'asked',
      callbackId: 'c',
      question: {
        id: 'dns#1',
        step: 'dns',
        title: '“Take the DNS records” needs a decision',
        detail: 'AWS refused it.\nNothing was changed.',
        options: [
          { id: 'retry', label: 'Retry (looks first)' },
          { id: 'skip', label: 'Skip with a reason', needsReason: true },
          {
            id: 'anyway',
            label: 'Anyway',
            explain: 'It may lose *writes*',
            phrase: 'orders anyway',
            notBy: ['U0MAYA'],
          },
        ],
      },
    })
    expect(shown(asking, 60)).toMatchInlineSnapshot(`
      "
      title Emergency failover of Orders API: us-east-1 (home) to us-west-2 (dr)
      quiet fo-orders-1 · asked for by U0MAYA, approved by U0JONAS · 30 s of 15m 00s
      quiet · Check the target
      quiet · Stop the old side
      quiet · Promote the standby   usually 1m 10s
      bad   ✗ Take the DNS records  failed, usually 20 s
      quiet     AWS refused it
      plain 
      warn  “Take the DNS records” needs a decision
      plain   AWS refused it.
      plain   Nothing was changed.
      plain   retry   Retry (looks first)
      plain   skip    Skip with a reason. Needs a reason
      plain   anyway  Anyway. It may lose writes. “orders anyway” has to be typed. Not by U0MAYA
      quiet Answer it in Slack, or with: understudy decide fo-orders-1 CHOICE
      "
    `)
  })

  test('what people asked for is said until it is obeyed', () => {
    const pausing = run(approved, started, { type: 'signalled', signal: 'pause', by: 'U0PRIYA' })
    expect(shown(pausing, 40)).toContain('warn  U0PRIYA asked to pause; it is obeyed at the next look.')
  })

  test('clocks stand still once it has ended', () => {
    const ended = run(approved, started, step('promote', 'waiting', 'asked for'), {
      type: 'ended',
      outcome: 'superseded',
      detail: 'it goes on as fo-orders-1-r2',
    })
    expect(shown(ended, 1_000)).toBe(shown(ended, 50))
  })
})
