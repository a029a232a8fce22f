import type { KnownBlock } from '@slack/types'
import { describe, expect, test } from 'vitest'
import { drError } from '../../src/engine/errors.ts'
import type { RunEvent } from '../../src/engine/run.ts'
import type { Status } from '../../src/flows/status.ts'
import { board } from '../../src/slack/views/board.ts'
import { dryRunCard, planCard } from '../../src/slack/views/card.ts'
import { classic } from '../../src/slack/views/classic.ts'
import { decisionCard } from '../../src/slack/views/decision.ts'
import { approvalForm, choiceForm } from '../../src/slack/views/forms.ts'
import { help } from '../../src/slack/views/help.ts'
import { reply } from '../../src/slack/views/replies.ts'
import { runsList } from '../../src/slack/views/runs.ts'
import { statusCard, statusOfAll } from '../../src/slack/views/status.ts'
import { summary } from '../../src/slack/views/summary.ts'
import { told } from '../../src/slack/views/told.ts'
import { drawn } from './drawn.ts'
import {
  ANNA,
  approved,
  asked,
  BEN,
  CARLA,
  proposal,
  question,
  recorded,
  runOf,
  START,
  started,
} from './support.ts'

const SKIP = { id: 'skip', label: 'Skip with a reason', needsReason: true } as const
const proposed: RunEvent = { type: 'proposed', proposal: proposal() }
const step = (
  id: string,
  state: 'looking' | 'waiting' | 'done' | 'already' | 'owed' | 'failed',
  detail: string,
  evidence?: string[],
): RunEvent => ({
  type: 'step',
  step: id,
  state,
  detail,
  ...(evidence ? { evidence } : {}),
})
const running = [
  proposed,
  approved,
  started,
  step('check-identity', 'already', 'Account 111122223333 in both regions.'),
  step('ask-capacity', 'done', 'orders-api at 6 of 6.'),
  step('promote', 'waiting', 'asked for', ['RDS FailoverGlobalCluster in us-west-2, request 1234']),
  step('promote', 'done', 'The writer is arn:aws:rds:us-west-2:111122223333:cluster:orders-dr.'),
  step('fence', 'owed', 'us-east-1 gave no answer in 1.5 s.'),
  step('swap-dns', 'looking', 'The record points home.'),
]
const later = START + 131_000

describe('the plan card', () => {
  test('open', () => {
    expect(drawn(planCard(runOf(proposed), START, 'SIMULATED').blocks)).toMatchInlineSnapshot(`
      "~ :test_tube: *SIMULATED*
      # Emergency failover of orders to us-west-2: needs approval
      | *Mode* = emergency
      | *To* = us-west-2 (dr), \`arn:aws:rds:us-west-2:111122223333:cluster:orders-dr\`
      | *Last lag known* = 3.2 s, read 14 s ago; later writes may be lost too
      | *Writer* = :white_circle: unknown
      *What cannot be undone*
      :warning: *Promote the standby cluster to writer*: Writes not yet replicated to the standby are lost.
      *Warnings*
      • Home has given no answer for 1.5 s.
      + 1 changing API call
          *In this order*
      • us-west-2 · *RDS FailoverGlobalCluster* \`{"GlobalClusterIdentifier":"orders-global","AllowDataLoss":true}\`
      ~ Asked for by <@U0ANNA>. To be approved by <@U0ANNA>, <@U0BEN>, but not by who asked for it. Expires <!date^1795230600^{time}|03:10 UTC>.
      ~ Nobody there? From <!date^1795230300^{time}|03:05 UTC> on, <@U0CARLA> may break the glass alone.
      [Review and approve] primary dr_review {"runId":"run-1","hash":"hash-1","version":1}
      [Break the glass] danger dr_break_glass {"runId":"run-1","hash":"hash-1","version":1}
      [Dismiss]  dr_dismiss {"runId":"run-1","hash":"hash-1","version":1}"
    `)
  })
  test('approved, broken glass, expired, dismissed: the same facts, no buttons, the outcome on top', () => {
    const top = (...events: RunEvent[]) =>
      drawn(planCard(runOf(proposed, ...events), START).blocks.slice(0, 2))
    const expired = drawn(planCard(runOf(proposed), START + 11 * 60_000).blocks.slice(0, 2))
    const dismissed: RunEvent = { type: 'ended', outcome: 'refused', detail: 'dismissed.', by: ANNA }
    expect([
      top(approved),
      top({ ...approved, by: CARLA, breakGlass: true } as RunEvent),
      expired,
      top(dismissed),
    ]).toMatchInlineSnapshot(`
      [
        "# Emergency failover of orders to us-west-2: approved
      :white_check_mark: Approved by <@U0BEN>: “home is dark”",
        "# Emergency failover of orders to us-west-2: approved
      :rotating_light: The glass was broken by <@U0CARLA>: “home is dark”",
        "# Emergency failover of orders to us-west-2: expired
      :heavy_minus_sign: Nobody decided until <!date^1795230600^{time}|03:10 UTC>. Nothing was changed.",
        "# Emergency failover of orders to us-west-2: refused
      :heavy_minus_sign: refused by <@U0ANNA>: dismissed. Nothing was changed.",
      ]
    `)
  })
  test('a dry run', () => {
    expect(drawn(dryRunCard(proposal()).blocks.slice(0, 2))).toMatchInlineSnapshot(`
      "# Emergency failover of orders to us-west-2: dry run
      Nothing was changed. This is what would be done now."
    `)
  })
})

describe('the board', () => {
  test('under way', () => {
    expect(drawn(board(runOf(...running), later, 'SIMULATED').blocks)).toMatchInlineSnapshot(`
      "~ :test_tube: *SIMULATED*
      # Emergency failover of orders to us-west-2
      | *Run* = \`run-1\`
      | *Asked for by* = <@U0ANNA>
      | *Approved by* = <@U0BEN>
      | *Time against target* = 2m 10s of 15m 00s
      | *No standby* = for 2m 05s, since <!date^1795230006^{time}|03:00 UTC>
      plan: 3 of 5 steps: Point the record at the standby side
        [complete] Check accounts and target · was so already / Account 111122223333 in both regions.
        [complete] Ask for production capacity / orders-api at 6 of 6.
        [complete] Promote the standby cluster to writer · 1.0 s / The writer is arn:aws:rds:us-west-2:111122223333:cluster:orders-dr.
        [error] Fence the old side · still owed / us-east-1 gave no answer in 1.5 s.
        [in_progress] Point the record at the standby side · 2m 03s / The record points home.
      [Pause after this step]  dr_pause (asks again) {"runId":"run-1","hash":"hash-1","version":9}
      [Abort] danger dr_abort (asks again) {"runId":"run-1","hash":"hash-1","version":9}"
    `)
  })
  test('pausing, waiting for an answer, finished', () => {
    const tail = (...events: RunEvent[]) => drawn(board(runOf(...running, ...events), later).blocks.slice(3))
    expect(tail({ type: 'signalled', signal: 'pause', by: BEN })).toMatchInlineSnapshot(`
      "~ <@U0BEN> asked to *pause*; it is obeyed at the next look.
      [Abort] danger dr_abort (asks again) {"runId":"run-1","hash":"hash-1","version":10}"
    `)
    expect(tail(asked())).toMatchInlineSnapshot(`
      ":raised_hand: “Promote the standby cluster to writer” needs a decision: answer in the thread.
      [Abort] danger dr_abort (asks again) {"runId":"run-1","hash":"hash-1","version":10}"
    `)
    expect(tail({ type: 'ended', outcome: 'aborted', detail: 'stopped by <@U0BEN>.' })).toMatchInlineSnapshot(
      `"*aborted*: stopped by <@U0BEN>."`,
    )
  })
  test('names people as people, in what a step saw too', () => {
    const skipped = {
      type: 'step',
      step: 'swap-dns',
      state: 'skipped',
      detail: 'by <@U0BEN>: <dark>',
    } as const
    const shown = board(runOf(...running, skipped), later)
    expect(drawn(shown.blocks)).toContain('/ by <@U0BEN>: <dark>')
    expect(JSON.stringify(shown.blocks)).toContain('{"type":"user","user_id":"U0BEN"}')
    expect(drawn(classic(shown).blocks)).toContain('by <@U0BEN>: &lt;dark&gt;')
  })
  test('in the classic blocks', () => {
    expect(drawn(classic(board(runOf(...running), later)).blocks)).toMatchInlineSnapshot(`
      "*Emergency failover of orders to us-west-2*
      | *Run* = \`run-1\`
      | *Asked for by* = <@U0ANNA>
      | *Approved by* = <@U0BEN>
      | *Time against target* = 2m 10s of 15m 00s
      | *No standby* = for 2m 05s, since <!date^1795230006^{time}|03:00 UTC>
      *3 of 5 steps: Point the record at the standby side*
      :white_check_mark: Check accounts and target · was so already · Account 111122223333 in both regions.
      :white_check_mark: Ask for production capacity · orders-api at 6 of 6.
      :white_check_mark: Promote the standby cluster to writer · 1.0 s · The writer is arn:aws:rds:us-west-2:111122223333:cluster:orders-dr.
      :x: Fence the old side · still owed · us-east-1 gave no answer in 1.5 s.
      :hourglass_flowing_sand: Point the record at the standby side · 2m 03s · The record points home.
      [Pause after this step]  dr_pause (asks again) {"runId":"run-1","hash":"hash-1","version":9}
      [Abort] danger dr_abort (asks again) {"runId":"run-1","hash":"hash-1","version":9}"
    `)
  })
})

const USUAL = { runs: 3, steps: { promote: 125_000 }, stepsP90: {} }

test('the thread: one reply for each transition, none for a look', () => {
  const records = recorded(...running, { type: 'signalled', signal: 'pause', by: BEN })
  const run = runOf(...running)
  const replies = records.map((record) => reply(run, record, USUAL)).filter((shown) => shown !== undefined)
  expect(replies.map(({ blocks }) => drawn(blocks)).join('\n---\n')).toMatchInlineSnapshot(`
    ":white_check_mark: Approved by <@U0BEN>: “home is dark”.
    ---
    :white_check_mark: *Check accounts and target* · was so already
    Account 111122223333 in both regions.
    ---
    :white_check_mark: *Ask for production capacity* · done
    orders-api at 6 of 6.
    ---
    :arrow_forward: *Promote the standby cluster to writer* · asked for
    ~ RDS FailoverGlobalCluster in us-west-2, request 1234
    ---
    :white_check_mark: *Promote the standby cluster to writer* · done after 1.0 s (usually 2m 05s)
    The writer is \`arn:aws:rds:us-west-2:111122223333:cluster:orders-dr\`.
    ---
    :warning: *Fence the old side* · still owed
    us-east-1 gave no answer in 1.5 s.
    ---
    :raised_hand: <@U0BEN> asked to *pause* the run."
  `)
})

test('a rehearsal stamps the text of every reply, and not its blocks: the head of the thread has it', () => {
  const shown = recorded(...running).map((record) => reply(runOf(...running), record, USUAL, 'SIMULATED'))
  const replies = shown.filter((each) => each !== undefined)
  expect(replies.every(({ text }) => text.startsWith('[SIMULATED] '))).toBe(true)
  expect(replies.map(({ blocks }) => drawn(blocks)).join()).not.toContain('SIMULATED')
})

describe('a decision', () => {
  const only = (...events: RunEvent[]) => {
    const run = runOf(...running, asked(), ...events)
    return drawn(decisionCard(run, run.questions[0] as (typeof run.questions)[number]).blocks)
  }
  test('open', () => {
    expect(only()).toMatchInlineSnapshot(`
      ":raised_hand: *“Promote the standby cluster to writer” needs a decision*
      FailoverState has not moved for 5m 00s.
      *What the choices do*
      • *Detach*: Removes the cluster from its global cluster.
      [Retry (looks first)] primary dr_answer.retry {"runId":"run-1","hash":"hash-1","version":10,"question":"promote#1","option":"retry"}
      [Detach] danger dr_answer.detach (asks again) {"runId":"run-1","hash":"hash-1","version":10,"question":"promote#1","option":"detach"}
      [Skip with a reason]  dr_answer.skip {"runId":"run-1","hash":"hash-1","version":10,"question":"promote#1","option":"skip"}
      [Abort] danger dr_answer.abort (asks again) {"runId":"run-1","hash":"hash-1","version":10,"question":"promote#1","option":"abort"}
      ~ For <@U0ANNA>, <@U0BEN>. The first answer counts; nothing is changed until then."
    `)
  })
  test('who asked, and is no approver, may choose what takes no risk', () => {
    const { proposal } = runOf(...running)
    const others = { ...runOf(...running, asked()), proposal: { ...proposal, requestedBy: 'U0SAM' } }
    const text = drawn(decisionCard(others, others.questions[0] as (typeof others.questions)[number]).blocks)
    expect(text).toContain('For <@U0ANNA>, <@U0BEN>; *Retry (looks first)*, *Abort* for <@U0SAM> too.')
  })
  test('answered, and never answered', () => {
    const answer = { option: 'skip', by: BEN, reason: 'done by hand <!channel>' }
    expect(only({ type: 'answered', question: 'promote#1', answer })).toMatchInlineSnapshot(`
      ":heavy_check_mark: *“Promote the standby cluster to writer” needs a decision*
      FailoverState has not moved for 5m 00s.
      <@U0BEN> chose *Skip with a reason*: “done by hand &lt;!channel&gt;”"
    `)
    expect(only({ type: 'ended', outcome: 'superseded', detail: 'x' })).toMatchInlineSnapshot(`
      ":heavy_check_mark: *“Promote the standby cluster to writer” needs a decision*
      FailoverState has not moved for 5m 00s.
      The run ended before anybody answered."
    `)
  })
})

describe('forms', () => {
  const pointer = { runId: 'run-1', hash: 'hash-1', version: 1, channel: 'C0ORDERS', breakGlass: true }
  test('approval, alone', () => {
    const form = approvalForm(runOf(proposed), pointer, 'SIMULATED')
    expect([form.title.text, form.submit?.text, form.close?.text]).toEqual([
      'Break the glass',
      'Start it alone',
      'Not now',
    ])
    expect(drawn(form.blocks as KnownBlock[])).toMatchInlineSnapshot(`
      "~ *SIMULATED*
      ! error: You start this alone. Everybody is told, and the run is reviewed before anything is deleted.
      ! warning: Emergency failover of orders to us-west-2: one of its steps cannot be undone.
      *What cannot be undone*
      • Promote the standby cluster to writer: Writes not yet replicated to the standby are lost.
      *Not known*
      • Writer: unknown
      *Warnings*
      • Home has given no answer for 1.5 s.
      input phrase: To approve, type: orders (Exactly, in lower case.)
      input reason: Reason (Kept with the run, and shown in the channel.)
      ~ Approvers: <@U0ANNA>, <@U0BEN>."
    `)
  })
  test('a reason', () => {
    expect(drawn(choiceForm(question(), SKIP, pointer).blocks as KnownBlock[])).toMatchInlineSnapshot(`
      "*Skip with a reason*: “Promote the standby cluster to writer” needs a decision
      FailoverState has not moved for 5m 00s.
      input reason: Reason (Kept with the run, and shown in the channel.)"
    `)
  })
})

describe('the summary', () => {
  test('done', () => {
    const ended = runOf(...running, step('swap-dns', 'done', 'In sync.'), {
      type: 'ended',
      outcome: 'done',
      detail: 'Emergency failover: done',
    })
    expect(drawn(summary(ended).blocks)).toMatchInlineSnapshot(`
      "# Emergency failover of orders to us-west-2: done
      :white_check_mark: Emergency failover: done
      | *Run time* = 9.0 s, target 15m 00s: met
      | *Outage, an estimate* = about 7.0 s from the start of the run, and the time before it was asked for
      | *Data loss, an estimate* = lag before: 3.2 s, read 14 s ago; later writes may be lost too
      | *Asked for by* = <@U0ANNA>
      | *Approved by* = <@U0BEN>
      *Still open*
      • *Fence the old side* · still owed · us-east-1 gave no answer in 1.5 s.
      :warning: There may be no standby now: protect the active side next. \`/dr status\` knows."
    `)
  })
  test('aborted before the promotion, the fence is owed to nobody', () => {
    const run = runOf(proposed, step('fence', 'owed', 'no answer'), {
      type: 'ended',
      outcome: 'aborted',
      detail: 'x',
    })
    expect(drawn(summary(run).blocks)).not.toContain('Still open')
    const promoted = runOf(proposed, step('promote', 'waiting', 'x'), step('fence', 'owed', 'no answer'), {
      type: 'ended',
      outcome: 'aborted',
      detail: 'x',
    })
    expect(drawn(summary(promoted).blocks)).toContain('still owed · no answer')
  })
  test('aborted before anything irreversible, after waiting for people', () => {
    const short = [proposed, approved, started, asked({ step: 'check-identity' })]
    const answered: RunEvent = {
      type: 'answered',
      question: 'promote#1',
      answer: { option: 'abort', by: BEN },
    }
    const run = runOf(...short, answered, {
      type: 'ended',
      outcome: 'aborted',
      detail: 'stopped. Nothing was changed.',
      by: BEN,
    })
    expect(drawn(summary(run).blocks)).toMatchInlineSnapshot(`
      "# Emergency failover of orders to us-west-2: aborted
      :heavy_minus_sign: Stopped. Nothing was changed.
      | *Run time* = 3.0 s, target 15m 00s
      | *Outage, an estimate* = not known: the run did not finish
      | *Data loss, an estimate* = none: nothing irreversible was begun
      | *Waited for people* = 1.0 s
      | *Asked for by* = <@U0ANNA>
      | *Approved by* = <@U0BEN>"
    `)
  })
})

describe('status', () => {
  const side = (region: string, role: 'active' | 'standby' | 'unknown') => ({
    region,
    role,
    lines: [
      {
        label: 'orders-api',
        value: role === 'unknown' ? 'no answer in 1.5 s' : '6 of 6 running',
        level: role === 'unknown' ? ('unknown' as const) : ('ok' as const),
      },
    ],
  })
  const status: Status = {
    plan: 'orders',
    title: 'Orders',
    headline: 'home (us-east-1) could not be seen',
    topology: {
      state: 'unknown',
      active: 'unknown',
      overlays: ['home-unknown'],
      word: 'HOME_UNREACHABLE',
      sentence: 'us-east-1 gives no answer.',
    },
    level: 'unknown',
    lines: [
      { label: 'Serves', value: 'unknown', level: 'unknown' },
      { label: 'Lag', value: '3.2 s, read 14 s ago', level: 'warn' },
      { label: 'DNS', value: 'home, TTL 60 s', level: 'ok' },
    ],
    sides: { home: side('us-east-1', 'unknown'), dr: side('us-west-2', 'standby') },
    warnings: ['No backup is younger than a day.'],
    journal: { run: { id: 'run-1', phase: 'running', by: ANNA, since: START }, lastDrill: 'never' },
    at: START,
    tookMs: 1520,
  }
  test('of one plan', () => {
    expect(drawn(statusCard(status, 'SIMULATED').blocks)).toMatchInlineSnapshot(`
      "~ :test_tube: *SIMULATED*
      # Orders: home (us-east-1) could not be seen
      :white_circle: us-east-1 gives no answer.
      | *Serves* = :white_circle: unknown
      | *Lag* = :large_yellow_circle: 3.2 s, read 14 s ago
      | *DNS* = home, TTL 60 s
      *us-east-1 · home, role unknown*
      :white_circle: orders-api: no answer in 1.5 s
      *us-west-2 · dr, standby*
      :large_green_circle: orders-api: 6 of 6 running
      *Warnings*
      • No backup is younger than a day.
      ~ Run \`run-1\` (running), asked for by <@U0ANNA>.
      ~ No past run to estimate from.
      ~ Last drill: never.
      ~ Looked <!date^1795230000^{time}|03:00 UTC>, in 1.5 s."
    `)
  })
  test('a region of which nothing can be seen is two lines', () => {
    const silent = (label: string) => ({ label, value: `unknown: no answer`, level: 'unknown' as const })
    const home = { ...status.sides.home, lines: ['Cluster', 'Services', 'Alarms'].map(silent) }
    const text = drawn(statusCard({ ...status, sides: { ...status.sides, home } }).blocks)
    expect(text).toContain(
      ':white_circle: Cluster: unknown: no answer\n:white_circle: unknown as well: Services, Alarms\n',
    )
  })
  test('of all, with the reason of a light that is not green', () => {
    const probe = { label: 'Public probe', value: 'failing: 503', level: 'bad' as const }
    expect(drawn(statusOfAll([{ ...status, lines: [probe] }]).blocks)).toContain(
      'Public probe: failing: 503.',
    )
    const starting = { label: 'orders-api', value: '0 running', level: 'bad' as const }
    const sides = { ...status.sides, dr: { ...status.sides.dr, lines: [starting] } }
    const red = statusOfAll([{ ...status, level: 'bad', sides }])
    expect(drawn(red.blocks)).toContain('us-west-2 orders-api: 0 running.')
  })
  test('of all', () => {
    expect(
      drawn(
        statusOfAll([status], [{ name: 'ruined', faults: ['ruined.yaml:3:1 regions: is missing'] }]).blocks,
      ),
    ).toMatchInlineSnapshot(`
      "*Plans*
      :white_circle: *orders* · home (us-east-1) could not be seen · us-east-1 gives no answer. Serves: unknown. · run \`run-1\` running
      :red_circle: *ruined* · its file is broken: ruined.yaml:3:1 regions: is missing
      ~ Looked in 1.5 s. \`/dr status &lt;plan&gt;\` shows one in full."
    `)
    expect(drawn(statusOfAll([]).blocks)).toContain('No plan is loaded.')
  })
})

test('runs', () => {
  expect(drawn(runsList([runOf(...running), runOf(proposed)], later).blocks)).toMatchInlineSnapshot(`
    "*Under way*
    • \`run-1\` *Emergency failover of orders to us-west-2* · Point the record at the standby side · for 2m 09s · asked for by <@U0ANNA> in <#C0ORDERS>
    • \`run-1\` *Emergency failover of orders to us-west-2* · waits for approval · for 2m 11s · asked for by <@U0ANNA> in <#C0ORDERS>"
  `)
  expect(drawn(runsList([], later).blocks)).toBe('Nothing is running, and nothing waits for anybody.')
})

test('help, in at most ten lines', () => {
  const text = drawn(help('/dr').blocks)
  expect(text.split('\n').length).toBeLessThanOrEqual(10)
  expect(text).toMatchInlineSnapshot(`
    "\`/dr status [plan]\` · who serves, lag, DNS, capacity, and what is running
    \`/dr check [plan]\` · what would stand in the way of a failover, a drill or the way home
    \`/dr failover &lt;plan&gt; [emergency|planned|detach] [dry-run]\` · move a plan to its standby region
    \`/dr failback &lt;plan&gt; [dry-run]\` · take a plan home again, or give it back its standby
    \`/dr drill &lt;plan&gt; [capacity] [dry-run]\` · rehearse it for real: out to dr and home again, measured
    \`/dr history [plan]\` · past runs: who, why, how it ended, and the figures
    \`/dr runs\` · what is running, or waiting for somebody, now
    ~ \`/dr help [command]\` says more. Nothing is changed before a card is approved in the plan’s incident channel."
  `)
  expect(drawn(help('/dr-west', 'failover').blocks)).toMatchInlineSnapshot(`
    "\`/dr-west failover &lt;plan&gt; [emergency|planned|detach] [dry-run]\` · move a plan to its standby region
    Posts a card in the plan’s incident channel; nothing is changed until it is approved. *emergency* (default) may lose the writes not yet replicated; *planned* loses nothing and needs both regions; *detach* is for when AWS cannot fail over. *dry-run* shows every call and makes none.
    ~ For example \`/dr-west failover orders emergency dry-run\`"
  `)
})

test('a refusal: what happened, whether anything changed, what to do', () => {
  expect(drawn(told(drError('OWN_REQUEST', {})).blocks)).toMatchInlineSnapshot(`
    ":no_entry: You asked for this run, so somebody else has to approve it.
    ~ Nothing was changed.
    ~ Ask one of the other approvers to press the button."
  `)
})
