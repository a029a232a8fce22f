import type { KnownBlock } from '@slack/types'
import { describe, expect, test } from 'vitest'
import type { Proposal, Question, Recorded, Run, RunEvent, StepState } from '../../src/engine/run.ts'
import { board } from '../../src/slack/views/board.ts'
import { planCard } from '../../src/slack/views/card.ts'
import { decisionCard } from '../../src/slack/views/decision.ts'
import { approvalForm, choiceForm } from '../../src/slack/views/forms.ts'
import { pulseOf } from '../../src/slack/views/heartbeat.ts'
import { historyList, type LinkedLine } from '../../src/slack/views/history.ts'
import { reply } from '../../src/slack/views/replies.ts'
import { reportReply } from '../../src/slack/views/report.ts'
import { runsList } from '../../src/slack/views/runs.ts'
import { scanNote, scanReply, scanReplyOf } from '../../src/slack/views/scan.ts'
import { summary } from '../../src/slack/views/summary.ts'
import { wantedMessages } from '../../src/slack/wanted.ts'
import { drawn } from './drawn.ts'
import { ANNA, approved, BEN, CARLA, proposal, runOf, START, started } from './support.ts'

const MINUTE = 60_000
const USUAL = { runs: 0, steps: {}, stepsP90: {} }
const pointer = { runId: 'run-1', hash: 'hash-1', version: 1, channel: 'C0ORDERS' }

const failback = (changes: Partial<Proposal> = {}): RunEvent => ({
  type: 'proposed',
  proposal: proposal({
    flow: 'failback',
    title: 'Failback of orders to us-east-1 (rebuild)',
    input: { flow: 'failback', variant: 'rebuild', mode: 'planned' },
    steps: [
      { id: 'settle-lost-writes', title: 'Settle the lost writes', irreversible: false, asks: true },
      {
        id: 'delete-stale',
        title: 'Delete the stale cluster',
        irreversible: 'The cluster is gone; its final snapshot stays.',
        asks: true,
      },
      { id: 'await-resync', title: 'Wait until home has caught up', irreversible: false },
    ],
    facts: [{ label: 'Branch', value: 'rebuild', known: true }],
    warnings: [],
    calls: [],
    ...changes,
  }),
})
const watch: RunEvent = failback({
  flow: 'aftercare',
  title: 'Aftercare of orders',
  input: { flow: 'aftercare', variant: 'watch', mode: 'emergency' },
  steps: [
    { id: 'keep-lost-writes', title: 'Keep the lost writes', irreversible: false },
    { id: 'watch-resync', title: 'Watch the old side catch up', irreversible: false },
    { id: 'no-standby-clock', title: 'Count the time without a standby', irreversible: false },
  ],
})
const follows: RunEvent = { type: 'approved', by: BEN, reason: 'follows run-0' }

const step = (id: string, state: StepState, detail: string, evidence?: string[]): RunEvent => ({
  type: 'step',
  step: id,
  state,
  detail,
  ...(evidence ? { evidence } : {}),
})
/** Records at minutes of the run. */
const timed = (...events: readonly (readonly [minute: number, event: RunEvent])[]): Recorded[] =>
  events.map(([minute, event], index) => ({
    runId: 'run-1',
    seq: index + 1,
    key: `k${index + 1}`,
    at: START + minute * MINUTE,
    wall: START + minute * MINUTE,
    event,
  }))
const at = (minute: number) => START + minute * MINUTE
const ofRecords = (records: readonly Recorded[]): Run => {
  const run = runOf(...records.map(({ event }) => event))
  const steps = run.steps.map((one) => {
    const first = records.find(({ event }) => event.type === 'step' && event.step === one.id)
    return first ? { ...one, startedAt: first.at } : one
  })
  return { ...run, ...(run.startedAt === undefined ? {} : { startedAt: START }), steps }
}

describe('the card of a failback', () => {
  test('says which steps ask again, and which wait for people', () => {
    expect(drawn(planCard(runOf(failback()), START).blocks.slice(0, 5))).toMatchInlineSnapshot(`
      "# Failback of orders to us-east-1 (rebuild): needs approval
      | *Branch* = rebuild
      *What cannot be undone*
      :warning: *Delete the stale cluster*: The cluster is gone; its final snapshot stays. :raised_hand: *Asks again* when it is due: a second person, typed.
      *Waits for people on the way*
      :raised_hand: Settle the lost writes
      ~ Asked for by <@U0ANNA>. To be approved by <@U0ANNA>, <@U0BEN>, but not by who asked for it. Expires <!date^1795230600^{time}|03:10 UTC>."
    `)
  })
  test('its form says so too', () => {
    const { blocks } = approvalForm(runOf(failback()), pointer)
    expect(drawn(blocks as KnownBlock[])).toContain(
      '• Delete the stale cluster: The cluster is gone; its final snapshot stays. It asks again when it is due.',
    )
  })
})

describe('the board', () => {
  test('of a failback races against nothing', () => {
    const text = drawn(board(runOf(failback(), approved, started), at(90)).blocks)
    expect(text).toContain('| *Run time* = 1h 29m')
    expect(text).not.toMatch(/target|No standby/)
  })

  test('of a watch is small: since when there is no standby, and what it waits for', () => {
    const run = runOf(
      watch,
      follows,
      started,
      { type: 'noted', name: 'no-standby-since', value: String(START) },
      step('keep-lost-writes', 'done', 'dr-run-0-rescue-orders-home is available'),
      step('watch-resync', 'waiting', 'orders-home is pending-resync'),
      step('no-standby-clock', 'waiting', 'dr has had no standby for 2h 00m'),
    )
    expect(drawn(board(run, at(120)).blocks)).toMatchInlineSnapshot(`
      "# Aftercare of orders
      | *Run* = \`run-1\`
      | *Under the approval of* = <@U0BEN>
      | *Watched for* = 1h 59m
      | *No standby* = for 2h 00m, since <!date^1795230000^{time}|03:00 UTC>
      plan: 1 of 3 settled: waits for “Watch the old side catch up”, “Count the time without a standby”
        [complete] Keep the lost writes / dr-run-0-rescue-orders-home is available
        [in_progress] Watch the old side catch up · 1h 59m / orders-home is pending-resync
        [in_progress] Count the time without a standby · 1h 59m / dr has had no standby for 2h 00m
      [End this watch]  dr_abort (asks again) {"runId":"run-1","hash":"hash-1","version":7}"
    `)
    const back = runOf(
      watch,
      follows,
      started,
      { type: 'noted', name: 'no-standby-since', value: '1' },
      step('no-standby-clock', 'done', 'home stands by again'),
    )
    expect(drawn(board(back, at(120)).blocks)).not.toContain('No standby')
  })

  test('of a watch is there from the start: there is no card, and no button to approve', () => {
    const records = timed([0, watch], [0, follows], [0, started])
    const wanted = wantedMessages(
      ofRecords(records),
      records,
      { people: START, world: START },
      { usual: USUAL },
    )
    expect(wanted.map(({ key }) => key)).toEqual(['board', 'k2'])
    expect(JSON.stringify(wanted)).not.toMatch(/dr_review|dr_dismiss|dr_break_glass/)
    const before = records.slice(0, 1)
    expect(
      wantedMessages(ofRecords(before), before, { people: START, world: START }, { usual: USUAL }),
    ).toEqual([])
  })

  test('runs says what a watch waits for', () => {
    expect(drawn(runsList([runOf(watch, follows, started)], at(60)).blocks)).toMatchInlineSnapshot(`
      "*Under way*
      • \`run-1\` *Aftercare of orders* · waits for “Keep the lost writes”, “Watch the old side catch up”, “Count the time without a standby” · for 59m 58s · follows a run <@U0ANNA> asked for in <#C0ORDERS>"
    `)
  })
})

describe('a decision', () => {
  const asked = (options: Question['options'], title = 'Delete orders-home for good?'): RunEvent => ({
    type: 'asked',
    question: {
      id: 'delete-stale#1:asks',
      step: 'delete-stale',
      title,
      detail: 'Its copy is safe.',
      options,
    },
    callbackId: 'c',
  })
  const ABORT = { id: 'abort', label: 'Abort', style: 'danger' } as const
  const DELETE = {
    id: 'delete',
    label: 'Delete it',
    style: 'danger',
    explain: 'Its final snapshot is kept.',
    phrase: 'orders-home',
    notBy: [BEN],
  } as const
  const WAIVE = { id: 'waive', label: 'Waive them', needsReason: true, twoPeople: true } as const
  const shown = (...events: RunEvent[]) => {
    const run = runOf(failback(), approved, started, ...events)
    return drawn(decisionCard(run, run.questions[0] as Run['questions'][number]).blocks)
  }

  test('that is an approval of its own says what it takes, and who may not', () => {
    expect(shown(asked([DELETE, ABORT]))).toMatchInlineSnapshot(`
      ":raised_hand: *Delete orders-home for good?*
      Its copy is safe.
      *What the choices do*
      • *Delete it*: Its final snapshot is kept. It is an approval of its own: “orders-home” has to be typed.
      [Delete it] danger dr_answer.delete {"runId":"run-1","hash":"hash-1","version":4,"question":"delete-stale#1:asks","option":"delete"}
      [Abort] danger dr_answer.abort (asks again) {"runId":"run-1","hash":"hash-1","version":4,"question":"delete-stale#1:asks","option":"abort"}
      ~ For <@U0ANNA>, <@U0BEN>; *Delete it* not by <@U0BEN>, whose word counts already. The first answer counts; nothing is changed until then."
    `)
  })
  test('that takes two says so, before and after the first word', () => {
    expect(shown(asked([WAIVE, ABORT]))).toContain(
      '• *Waive them*: It counts once a second person has confirmed it.',
    )
    const answer = { option: 'waive', by: ANNA, reason: 'test data' }
    const said: RunEvent = { type: 'answered', question: 'delete-stale#1:asks', answer }
    expect(shown(asked([WAIVE, ABORT]), said)).toContain(
      '<@U0ANNA> chose *Waive them*: “test data” It counts once a second person has confirmed it.',
    )
    const both: RunEvent = { ...said, answer: { ...answer, confirmedBy: BEN } } as RunEvent
    expect(shown(asked([WAIVE, ABORT]), both)).toContain('“test data” Confirmed by <@U0BEN>.')
  })
  test('keeps the lines and the commands of what people are asked to do', () => {
    const detail =
      'Set, and commit:\n`a = "arn:aws:rds:us-west-2:1:cluster:x"`\nthen look at arn:aws:rds:us-west-2:1:cluster:x'
    const question = {
      ...asked([DELETE]),
      question: { id: 'q', step: 's', title: 'T', detail, options: [DELETE] },
    }
    expect(shown(question as RunEvent)).toContain(
      ':raised_hand: *T*\nSet, and commit:\n`a = "arn:aws:rds:us-west-2:1:cluster:x"`\nthen look at `arn:aws:rds:us-west-2:1:cluster:x`\n',
    )
  })
  test('its form asks for the phrase and a reason', () => {
    const run = runOf(failback(), approved, started, asked([DELETE]))
    const form = choiceForm(run.questions[0] as Question, DELETE, pointer)
    expect([form.title.text, form.callback_id]).toEqual(['An approval of its own', 'dr_phrase'])
    expect(drawn(form.blocks as KnownBlock[])).toMatchInlineSnapshot(`
      "*Delete it*: Delete orders-home for good?
      Its copy is safe.
      ~ Its final snapshot is kept.
      input phrase: To approve, type: orders-home (Exactly, in lower case.)
      input reason: Reason (Kept with the run, and shown in the channel.)"
    `)
  })
})

describe('signs of life', () => {
  const beatsOf = (records: readonly Recorded[]) => {
    const { beats } = pulseOf(ofRecords(records), records)
    return [...beats].map(([key, { blocks }]) => `${key} ${drawn(blocks)}`)
  }
  const looks = (id: string, every: number, count: number) =>
    Array.from({ length: count }, (_, n) => [n * every, step(id, 'waiting', `lag ${count - n} s`)] as const)

  test('of a long wait: one a quarter of an hour, not one for each look', () => {
    const records = timed([0, failback()], [0, approved], [0, started], ...looks('await-resync', 1, 60))
    expect(beatsOf(records)).toEqual(
      ['k18 14m 00s 46', 'k32 28m 00s 32', 'k46 42m 00s 18', 'k60 56m 00s 4'].map((each) => {
        const [key, ...rest] = each.split(' ')
        return `${key} :hourglass_flowing_sand: *Wait until home has caught up* · still waiting, for ${rest.slice(0, 2).join(' ')}\nlag ${rest[2]} s`
      }),
    )
  })
  test('of a step that just did something: none', () => {
    const records = timed(
      [0, failback()],
      [0, step('await-resync', 'looking', 'not looked')],
      [13, step('await-resync', 'waiting', 'asked', ['request 1'])],
      [20, step('await-resync', 'waiting', 'lag 3 s')],
    )
    expect(beatsOf(records)).toEqual([])
  })
  test('of a watch: one an hour for all it waits for, and no state twice that comes and goes', () => {
    const flapping = Array.from({ length: 12 }, (_, n) => [
      [n * 10, step('keep-lost-writes', n % 2 ? 'looking' : 'owed', 'us-east-1 gave no answer')] as const,
      [n * 10 + 1, step('watch-resync', 'waiting', `orders-home is pending-resync, ${n}`)] as const,
    ]).flat()
    const records = timed([0, watch], [0, follows], [0, started], ...flapping)
    expect(beatsOf(records)).toMatchInlineSnapshot(`
      [
        "k17 :hourglass_flowing_sand: Still watching:
      • *Keep the lost writes*: us-east-1 gave no answer
      • *Watch the old side catch up*: orders-home is pending-resync, 6",
      ]
    `)
    const run = ofRecords(records)
    const wanted = wantedMessages(run, records, { people: START, world: at(120) }, { usual: USUAL })
    expect(wanted.filter(({ thread }) => thread)).toHaveLength(
      ['approved', 'owed an hour later', 'a beat'].length,
    )
  })
  const inThread = (records: readonly Recorded[]) => {
    const run = ofRecords(records)
    return wantedMessages(run, records, { people: START, world: at(600) }, { usual: USUAL })
      .filter(({ thread }) => thread)
      .map(({ message }) => message)
  }
  test('of a watch: it begins with one message, and what it finds first is on its board only', () => {
    const first = timed(
      [0, watch],
      [0, follows],
      [0, started],
      [0, step('keep-lost-writes', 'owed', 'us-east-1 gave no answer')],
      [0, step('watch-resync', 'owed', 'us-east-1 gave no answer')],
      [0, step('no-standby-clock', 'done', 'home stands by again')],
    )
    expect(inThread(first).map(({ blocks }) => drawn(blocks))).toMatchInlineSnapshot(`
      [
        ":eyes: Started by itself, under the approval of <@U0BEN>: follows run-0.
      It looks after these, says here what changes, and gives a sign of life every hour:
      • Keep the lost writes
      • Watch the old side catch up
      • Count the time without a standby",
      ]
    `)
    expect(drawn(board(ofRecords(first), at(1)).blocks)).toContain('us-east-1 gave no answer')
  })
  test('of a watch: changes are told, what stays as it was is in the sign of life only', () => {
    const records = timed(
      [0, watch],
      [0, follows],
      [0, started],
      [0, step('keep-lost-writes', 'owed', 'us-east-1 gave no answer in 1.5 s')],
      [0, step('watch-resync', 'owed', 'us-east-1 gave no answer')],
      [60, step('keep-lost-writes', 'owed', 'us-east-1 gave no answer in 1.4 s')],
      [61, step('watch-resync', 'owed', 'us-east-1 is throttling us')],
      [70, step('keep-lost-writes', 'acting', 'Keep the lost writes')],
      [70, step('keep-lost-writes', 'waiting', 'asked for', ['request 1'])],
      [75, step('keep-lost-writes', 'done', 'the lost writes are kept in c')],
    )
    expect(inThread(records).map(({ text }) => text)).toEqual([
      expect.stringContaining('Started by itself'),
      'Still watching, 2 open',
      'Keep the lost writes: asked for',
      'Keep the lost writes: done after 1h 15m',
    ])
  })
  test('say the same of the same events, whatever came later: nothing is told twice', () => {
    const records = timed([0, failback()], [0, approved], [0, started], ...looks('await-resync', 1, 60))
    const later = [...pulseOf(ofRecords(records), records).beats.keys()]
    for (let length = 4; length <= records.length; length++) {
      const some = records.slice(0, length)
      const keys = [...pulseOf(ofRecords(some), some).beats.keys()]
      expect(later.slice(0, keys.length)).toEqual(keys)
    }
  })
})

describe('the summary', () => {
  const ended: RunEvent = { type: 'ended', outcome: 'done', detail: 'Failback: done' }
  test('of a failback has no target; its outage is measured or it is not known', () => {
    expect(drawn(summary(runOf(failback(), approved, started, ended)).blocks)).toMatchInlineSnapshot(`
      "# Failback of orders to us-east-1 (rebuild): done
      :white_check_mark: Failback: done
      | *Run time* = 2.0 s
      | *Outage* = not measured
      | *Data loss, an estimate* = none: nothing irreversible was begun
      | *Asked for by* = <@U0ANNA>
      | *Approved by* = <@U0BEN>"
    `)
    const probed = (healthy: boolean): RunEvent => ({ type: 'probed', healthy, detail: 'x' })
    const run = runOf(failback(), approved, started, probed(true), probed(false), probed(true), ended)
    expect(drawn(summary(run).blocks)).toContain('| *Outage, measured* = 1.0 s')
  })
  test('of a watch says how it ended; a watch that another run took over is not told to the channel', () => {
    const over: RunEvent = { type: 'ended', outcome: 'superseded', detail: 'run-2 has taken this over' }
    const records = timed([0, watch], [0, follows], [0, started], [60, over])
    expect(drawn(summary(ofRecords(records)).blocks)).toMatchInlineSnapshot(`
      "# Aftercare of orders: superseded
      :heavy_minus_sign: run-2 has taken this over
      | *Under the approval of* = <@U0BEN>"
    `)
    const last = wantedMessages(ofRecords(records), records, { people: 0, world: 0 }, { usual: USUAL }).at(-1)
    expect(last).toMatchObject({ key: 'summary', broadcast: false })
  })
  test('is followed by the report, where there is one', () => {
    const records = timed([0, failback()], [0, approved], [0, started], [60, ended])
    const beside = { usual: USUAL, report: '# Failback of orders' }
    const keys = wantedMessages(ofRecords(records), records, { people: 0, world: 0 }, beside).map(
      ({ key }) => key,
    )
    expect(keys.slice(-2)).toEqual(['summary', 'report'])
  })
})

describe('history', () => {
  const line: LinkedLine = {
    id: 'run-1',
    plan: 'orders',
    title: 'Drill of orders',
    at: START,
    askedFor: ANNA,
    approved: BEN,
    reason: 'quarterly <!here>',
    outcome: 'done',
    runTime: '12m 34s',
    outage: 'out 41 s; home 9 s',
    rpo: 'none, measured',
    text: '',
    link: 'https://example.slack.com/archives/C0ORDERS/p1700000000000100',
    rehearsal: true,
  }
  test('says who, why, how it ended, the figures, and where to read on', () => {
    const bare: LinkedLine = {
      id: 'run-0',
      plan: 'orders',
      title: 'Emergency failover of orders',
      at: START,
      askedFor: CARLA,
      outcome: 'expired',
      text: '',
      link: 'javascript:alert(1)',
      rehearsal: false,
    }
    expect(drawn(historyList([line, bare], 'SIMULATED').blocks)).toMatchInlineSnapshot(`
      "~ :test_tube: *SIMULATED*
      :white_check_mark: :test_tube: SIMULATED · *Drill of orders* · done
      <!date^1795230000^{date_short} {time}|2026-11-21 03:00 UTC> · took 12m 34s · outage out 41 s; home 9 s · data loss none, measured · <https://example.slack.com/archives/C0ORDERS/p1700000000000100|thread>
      asked for by <@U0ANNA>, approved by <@U0BEN>: “quarterly &lt;!here&gt;”
      :heavy_minus_sign: *Emergency failover of orders* · expired
      <!date^1795230000^{date_short} {time}|2026-11-21 03:00 UTC> · \`run-0\`
      asked for by <@U0CARLA>, approved by nobody"
    `)
  })
  test('of nothing, and of very much', () => {
    expect(drawn(historyList([]).blocks)).toBe('There is no past run.')
    const many = drawn(historyList(Array.from({ length: 40 }, () => line)).blocks)
    expect(many).toContain('25 older ones: `understudy history`.')
  })
})

describe('a report', () => {
  test('in Slack’s own markup', () => {
    const markdown = `# Drill of orders: done

Asked for by <@U0ANNA>, **not** by <!channel>. [The thread](https://example.com/a?b=c).

## Steps

|  |  |
| --- | --- |
| Outcome | done |
| Approved by | @U0BEN, by hand \\| at night |

| # | Step | Result | Took | Median | p90 |
| --- | --- | --- | --- | --- | --- |
| 1 | Switch over | done: <!here> | 1m 02s | 58 s |  |
| 2 | Verify | **owed** |  |  |  |

- first
- second`
    expect(drawn(reportReply(markdown, 'SIMULATED').blocks)).toMatchInlineSnapshot(`
      "*Drill of orders: done*

      Asked for by <@U0ANNA>, *not* by &lt;!channel&gt;. <https://example.com/a?b=c|The thread>.

      *Steps*

      *Outcome*: done
      *Approved by*: <@U0BEN>, by hand | at night

      1 · Switch over · done: &lt;!here&gt; · took 1m 02s · median 58 s
      2 · Verify · *owed*

      • first
      • second"
    `)
    expect(reportReply(markdown, 'SIMULATED').text).toBe('[SIMULATED] Report: Drill of orders: done')
  })
  test('that is too long is cut between its parts, and says so', () => {
    const long = Array.from({ length: 200 }, (_, n) => `Paragraph ${n} ${'x'.repeat(90)}`).join('\n\n')
    const { blocks } = reportReply(long)
    const text = drawn(blocks)
    expect(text.length).toBeLessThan(8000)
    expect(text).toContain('The rest is in the report')
    expect(text).toMatch(/Paragraph \d+ x{90}\n+_The rest/)
  })
})

describe('the verdict over a Terraform plan', () => {
  const finding = (level: 'blocker' | 'warning' | 'expected', address: string) => ({
    level,
    address,
    what: 'would be replaced',
    why: 'AWS deletes it first.',
    issue: 'hashicorp/terraform-provider-aws#34203',
  })
  const read = {
    name: 'home.json',
    by: BEN,
    planSha256: 'ab'.repeat(8),
    verdict: 'blocked' as const,
    findings: [
      finding('expected', 'aws_route53_record.app'),
      finding('blocker', 'aws_rds_global_cluster.`orders`'),
      { level: 'warning' as const, address: '', what: 'targets are given', why: 'The rest is not seen.' },
    ],
  }
  test('blockers first, each with a reason and where others met it', () => {
    expect(drawn(scanReply(read).blocks)).toMatchInlineSnapshot(`
      ":no_entry: *Do not apply this plan*
      *Blockers*
      • \`aws_rds_global_cluster.ˋordersˋ\` would be replaced: AWS deletes it first. (<https://github.com/hashicorp/terraform-provider-aws/issues/34203|hashicorp/terraform-provider-aws#34203>)
      *Warnings*
      • targets are given: The rest is not seen.
      *Expected after a failover*
      • \`aws_route53_record.app\` would be replaced: AWS deletes it first. (<https://github.com/hashicorp/terraform-provider-aws/issues/34203|hashicorp/terraform-provider-aws#34203>)
      ~ \`home.json\`, from <@U0BEN>"
    `)
  })
  test('clean, and unread', () => {
    expect(drawn(scanReply({ ...read, verdict: 'clean', findings: [] }).blocks)).toMatchInlineSnapshot(`
      ":white_check_mark: *Nothing speaks against this plan*
      ~ Apply exactly the plan file with sha256 \`abababababababab\`. \`home.json\`, from <@U0BEN>"
    `)
    const unread = { name: '<!here>.json', by: BEN, verdict: 'unread', why: 'It is not JSON.' } as const
    expect(drawn(scanReply(unread).blocks)).toMatchInlineSnapshot(`
      ":grey_question: It is not JSON.
      ~ \`&lt;!here&gt;.json\`, from <@U0BEN>"
    `)
  })
  test('is kept with the run and told in its thread, once, with the worst of very many', () => {
    const many = Array.from({ length: 100 }, (_, n) => finding('warning', `aws_a.n${n}`))
    const { key, event } = scanNote('item-1', { ...read, findings: [...many, ...read.findings] })
    const [record] = timed([0, event]).map((each) => ({ ...each, key }))
    const shown = reply(runOf(failback()), record as Recorded, USUAL, 'SIMULATED')
    expect(shown?.text).toBe('[SIMULATED] home.json: blocked')
    const text = drawn(shown?.blocks ?? [])
    expect(text).toContain('aws_rds_global_cluster')
    expect(text).toContain('63 more findings are not shown.')
    expect(scanReplyOf({ type: 'noted', name: 'promoted-at', value: '1' })).toBeUndefined()
  })
})
