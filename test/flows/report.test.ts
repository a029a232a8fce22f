import { describe, expect, it } from 'vitest'
import { fold, type Proposal, type Recorded, type Run, type RunEvent } from '../../src/engine/run.ts'
import { historyOf, lastDrillOf } from '../../src/flows/history.ts'
import { type Felt, feltOf, outagesOf, outageText } from '../../src/flows/outage.ts'
import { reportJson, reportOf } from '../../src/flows/report.ts'
import { reportMarkdown } from '../../src/flows/report-markdown.ts'

const T0 = Date.UTC(2026, 10, 21, 3)
const DAY = 24 * 3_600_000

const proposal = (change: Partial<Proposal> = {}): Proposal => ({
  plan: 'orders',
  flow: 'drill',
  title: 'Drill of Orders API: us-east-1 (home) to us-west-2 (dr)',
  input: { flow: 'drill', variant: 'full', mode: 'planned', from: 'home', to: 'dr' },
  steps: [
    { id: 'switch-over', title: 'Switch the writer over', irreversible: 'Nobody can write meanwhile.' },
    { id: 'verify-green', title: 'Verify that customers are served', irreversible: false },
    { id: 'release-writers', title: 'Let the old side run again', irreversible: false },
    { id: 'go-home', title: 'Decide: go home, or stay on dr', irreversible: false },
    { id: 'switch-over-back', title: 'Switch the writer home', irreversible: 'Nobody can write meanwhile.' },
    { id: 'verify-green-back', title: 'Verify that home serves', irreversible: false },
  ],
  facts: [],
  warnings: [],
  calls: [],
  binding: {},
  hash: 'h',
  requestedBy: 'U1',
  approvers: ['U1', 'U2'],
  twoPeople: true,
  breakGlass: [],
  phrase: 'orders',
  channel: 'C1',
  expiresAt: T0,
  rtoTargetMinutes: 1,
  ...change,
})

/** A run out of [second, event] pairs, as the journal would have it. */
function told(
  given: Proposal,
  events: readonly (readonly [number, RunEvent])[],
  id = 'dl-orders-1',
  at = T0,
): Run {
  const all = [[0, { type: 'proposed', proposal: given }] as const, ...events]
  const records = all.map(
    ([second, event], seq): Recorded => ({
      runId: id,
      seq,
      key: `${seq}`,
      at: at + second * 1000,
      wall: at,
      event,
    }),
  )
  return fold(records) as Run
}
const step = (
  id: string,
  state: 'looking' | 'done' | 'owed' | 'skipped' | 'already',
  detail = '',
): RunEvent => ({
  type: 'step',
  step: id,
  state,
  detail,
})
const probed = (healthy: boolean): RunEvent => ({
  type: 'probed',
  healthy,
  detail: healthy ? 'ok' : 'answered 503',
})
const noted = (name: string, value: string): RunEvent => ({ type: 'noted', name, value })
const approved = { type: 'approved', by: 'U2', reason: 'the quarterly drill' } as const
const started = { type: 'started', execution: 'e' } as const
const done = { type: 'ended', outcome: 'done', detail: 'Full drill: done' } as const
const goHome: RunEvent = {
  type: 'asked',
  callbackId: 'c',
  question: {
    id: 'go-home#1',
    step: 'go-home',
    title: 'us-west-2 (dr) serves and has soaked: go home now?',
    detail: '',
    options: [],
  },
}

/** Out and home: 41 s and 38 s of outage, a minute of waiting for somebody. */
const whole = (change: Partial<Proposal> = {}, id?: string, at = T0, seconds = 30) =>
  told(
    proposal(change),
    [
      [30, approved],
      [31, started],
      [32, probed(true)],
      [40, step('switch-over', 'looking')],
      [50, probed(false)],
      [60, noted('rpo', '0')],
      [40 + seconds, step('switch-over', 'done', 'the writer is in us-west-2 (dr)')],
      [91, probed(true)],
      [95, step('verify-green', 'looking')],
      [200, step('verify-green', 'done', '2 of 2 green datapoints')],
      [201, step('release-writers', 'owed', 'the services of home could not be seen')],
      [800, step('go-home', 'looking')],
      [801, goHome],
      [861, { type: 'answered', question: 'go-home#1', answer: { option: 'home', by: 'U3' } }],
      [862, step('go-home', 'done', '<@U3> decided to go home')],
      [863, step('switch-over-back', 'looking')],
      [870, probed(false)],
      [880, noted('back:rpo', '0')],
      [890, step('switch-over-back', 'done', 'the writer is in us-east-1 (home)')],
      [908, probed(true)],
      [910, step('verify-green-back', 'looking')],
      [1000, step('verify-green-back', 'done', '2 of 2 green datapoints')],
      [1010, done],
    ],
    id,
    at,
  )

describe('outages', () => {
  const probes = (...all: (readonly [number, boolean])[]) =>
    all.map(([at, healthy]) => ({ at: at * 1000, healthy, detail: '' }))
  it.each<[string, Run['probes'], string]>([
    ['none', probes([0, true]), '[]'],
    ['one, to the first good answer', probes([0, true], [5, false], [20, true]), '[[5,20]]'],
    [
      'a good answer that does not last is part of it',
      probes([0, true], [5, false], [20, true], [29, false], [40, true]),
      '[[5,40]]',
    ],
    [
      'one that lasts ends it',
      probes([0, true], [5, false], [20, true], [30, false], [40, true]),
      '[[5,20],[30,40]]',
    ],
    ['still going on', probes([0, true], [5, false]), '[[5,null]]'],
    ['begun before anybody looked', probes([3, false], [20, true]), '[[3,20]]'],
  ])('%s', (_name, all, found) => {
    const outages = outagesOf(all).map(({ from, to }) => [from / 1000, to === undefined ? null : to / 1000])
    expect(JSON.stringify(outages)).toBe(found)
  })
  it('say how long, in how many parts, and what is not known of them', () => {
    const text = (...all: (readonly [number, boolean])[]) => {
      const run = { ...whole(), probes: probes(...all), steps: [] }
      return outageText(feltOf(run)?.out as Felt)
    }
    expect(text([0, true])).toBe('0.0 s')
    expect(text([0, true], [5, false], [46, true])).toBe('41 s')
    expect(text([0, true], [5, false], [16, true], [36, false], [46, true])).toBe('21 s in 2 parts')
    expect(text([5, false], [46, true])).toBe('41 s at least, as it began before the run')
    expect(text([0, true], [5, false])).toBe('0.0 s, and it still goes on')
  })
  it('of a drill are told apart by the decision to go home', () => {
    const { out, home } = feltOf(whole()) ?? {}
    expect([out?.ms, home?.ms]).toEqual([41_000, 38_000])
  })
  it('are not known where nobody probed', () => {
    expect(feltOf({ ...whole(), probes: [] })).toBeUndefined()
  })
})

describe('the report of a drill', () => {
  const past = [whole({}, 'dl-past-1', T0 - DAY, 20), whole({}, 'dl-past-2', T0 - 2 * DAY, 22)]

  it('can be read by somebody who was not there', () => {
    expect(reportMarkdown(reportOf(whole(), past))).toMatchInlineSnapshot(`
      "# Drill of Orders API: us-east-1 (home) to us-west-2 (dr)

      **Full drill: done. Customers met an outage of 41 s on the way out, and of 38 s on the way home. RPO: 0.0 s (measured) out, 0.0 s (measured) home.**

      |  |  |
      | --- | --- |
      | Run | \`dl-orders-1\` of \`orders\`: drill, full |
      | Outcome | done |
      | Asked for by | @U1, 2026-11-21 03:00:00 UTC |
      | Approved by | @U2, 2026-11-21 03:00:30 UTC: the quarterly drill |
      | Decided on the way | @U3 |
      | Started | 2026-11-21 03:00:31 UTC |
      | All green | 2026-11-21 03:16:40 UTC |
      | Ended | 2026-11-21 03:16:50 UTC |

      ## Figures

      | Figure | Value |
      | --- | --- |
      | Outage on the way out | 41 s, measured by a request a second through the public address |
      | Outage on the way home | 38 s, measured by a request a second through the public address |
      | RTO target | 1m 00s: kept |
      | Run time | 15m 10s, from the approval to all green |
      | Waits for people | 1m 00s, not in the run time |
      | RPO | 0.0 s, measured: the newest heartbeat row acknowledged before the move against the newest one after it |
      | RPO on the way home | 0.0 s, measured: the newest heartbeat row acknowledged before the move against the newest one after it |
      | Engineering time | about 4m 30s: 3 people (@U1, @U2, @U3) for as long as the run waited for somebody |

      ## Steps

      | # | Step | Result | Took | Median | p90 |
      | --- | --- | --- | --- | --- | --- |
      | 1 | Switch the writer over | done: the writer is in us-west-2 (dr) | 30 s | 22 s | 22 s |
      | 2 | Verify that customers are served | done: 2 of 2 green datapoints | 1m 45s | 1m 45s | 1m 45s |
      | 3 | Let the old side run again | **owed**: the services of home could not be seen | 0.0 s |  |  |
      | 4 | Decide: go home, or stay on dr | done: @U3 decided to go home | 2.0 s | 2.0 s | 2.0 s |
      | 5 | Switch the writer home | done: the writer is in us-east-1 (home) | 27 s | 27 s | 27 s |
      | 6 | Verify that home serves | done: 2 of 2 green datapoints | 1m 30s | 1m 30s | 1m 30s |

      ## Findings

      - “Switch the writer over” took 30 s, more than nine of ten past runs (22 s).
      - “Let the old side run again” is owed: the services of home could not be seen.
      - The question “us-west-2 (dr) serves and has soaked: go home now?” was answered after 1m 00s by @U3: *home*.

      ## Next

      - See that it is so by now, or do it by hand: “Let the old side run again”.
      "
    `)
  })
  it('has a stable shape as JSON', () => {
    const { steps: _steps, ...rest } = JSON.parse(reportJson(reportOf(whole(), past)))
    expect(rest).toMatchInlineSnapshot(`
      {
        "engineering": {
          "ms": 270000,
          "people": [
            "U1",
            "U2",
            "U3",
          ],
        },
        "findings": [
          "“Switch the writer over” took 30 s, more than nine of ten past runs (22 s).",
          "“Let the old side run again” is owed: the services of home could not be seen.",
          "The question “us-west-2 (dr) serves and has soaked: go home now?” was answered after 1m 00s by @U3: *home*.",
        ],
        "kept": [],
        "lost": {
          "home": {
            "kind": "measured",
            "ms": 0,
            "text": "0.0 s, measured: the newest heartbeat row acknowledged before the move against the newest one after it",
          },
          "out": {
            "kind": "measured",
            "ms": 0,
            "text": "0.0 s, measured: the newest heartbeat row acknowledged before the move against the newest one after it",
          },
        },
        "next": [
          "See that it is so by now, or do it by hand: “Let the old side run again”.",
        ],
        "outage": {
          "home": {
            "atLeast": false,
            "ms": 38000,
            "over": true,
            "parts": 1,
          },
          "out": {
            "atLeast": false,
            "ms": 41000,
            "over": true,
            "parts": 1,
          },
        },
        "rtoTargetMs": 60000,
        "run": {
          "ending": "Full drill: done",
          "flow": "drill",
          "id": "dl-orders-1",
          "mode": "planned",
          "outcome": "done",
          "plan": "orders",
          "rehearsal": false,
          "title": "Drill of Orders API: us-east-1 (home) to us-west-2 (dr)",
          "variant": "full",
        },
        "runTimeMs": 910000,
        "version": 1,
        "waitedForPeopleMs": 60000,
        "when": {
          "approved": "2026-11-21T03:00:30.000Z",
          "ended": "2026-11-21T03:16:50.000Z",
          "green": "2026-11-21T03:16:40.000Z",
          "proposed": "2026-11-21T03:00:00.000Z",
          "started": "2026-11-21T03:00:31.000Z",
        },
        "who": {
          "approved": "U2",
          "askedFor": "U1",
          "brokeTheGlass": false,
          "decided": [
            "U3",
          ],
          "reason": "the quarterly drill",
        },
      }
    `)
  })
  it('keeps waits for people out of every time', () => {
    const report = reportOf(whole(), past)
    expect(report.runTimeMs).toBe((1000 - 30 - 60) * 1000)
    expect(report.waitedForPeopleMs).toBe(60_000)
    expect(report.steps.find(({ id }) => id === 'go-home')?.tookMs).toBe(2_000)
    expect(report.engineering).toEqual({ people: ['U1', 'U2', 'U3'], ms: 3 * (60_000 + 30_000) })
  })
  it('holds rehearsals against rehearsals only, and says that it is one', () => {
    const rehearsal = { rehearsal: true } as const
    const rehearsed = [whole(rehearsal, 'dl-past-3', T0 - DAY, 25)]
    const report = reportOf(whole(rehearsal), [...past, ...rehearsed])
    expect(report.steps[0]?.medianMs).toBe(25_000)
    expect(reportMarkdown(report)).toContain('**Rehearsal** against the simulated AWS')
    expect(reportOf(whole(), rehearsed).steps[0]?.medianMs).toBeUndefined()
  })
  it('names slow steps, what is owed, and an outage beyond the target', () => {
    const report = reportOf(whole({ rtoTargetMinutes: 0.5 }, undefined, T0, 45), past)
    expect(report.findings).toContain(
      '“Switch the writer over” took 45 s, more than nine of ten past runs (22 s).',
    )
    expect(report.findings).toContain(
      '“Let the old side run again” is owed: the services of home could not be seen.',
    )
    expect(report.next).toContainEqual(expect.stringMatching(/outage was longer than the target of 30 s/))
  })
})

describe('the report of a failover', () => {
  const emergency = proposal({
    flow: 'failover',
    title: 'Emergency failover of Orders API',
    input: { flow: 'failover', variant: 'emergency', mode: 'emergency', from: 'home', to: 'dr' },
    steps: [
      { id: 'fence-old-side', title: 'Stop the writers of the old side', irreversible: false },
      { id: 'promote-standby', title: 'Promote the standby', irreversible: 'Writes may be lost.' },
      { id: 'prove-fence', title: 'Prove the fence', irreversible: false },
      { id: 'verify-green', title: 'Verify', irreversible: false },
    ],
  })
  const dark = told(
    emergency,
    [
      [10, { ...approved, reason: 'home is down', breakGlass: true }],
      [11, started],
      [12, probed(false)],
      [13, noted('lag-before', '0.4 s, read 50 s ago')],
      [14, step('fence-old-side', 'owed', 'no answer in 0.3 s')],
      [15, step('promote-standby', 'looking')],
      [75, noted('promoted-at', String(T0 + 75_000))],
      [76, step('promote-standby', 'done', 'the writer is in us-west-2 (dr)')],
      [90, probed(true)],
      [95, step('prove-fence', 'owed', 'us-east-1 gave no answer')],
      [200, step('verify-green', 'done')],
      [201, { ...done, detail: 'Emergency failover: done' }],
    ],
    'fo-orders-1',
  )
  it('says what is estimated, what is owed, and what comes next', () => {
    const report = reportOf(dark, [])
    expect(report.lost?.out).toEqual({
      kind: 'estimate',
      text: 'an estimate: lag was 0.4 s, read 50 s ago, before the move; later writes may be lost too',
    })
    expect(report.outage?.out).toEqual({ ms: 78_000, over: true, atLeast: true, parts: 1 })
    expect(report.noStandby).toEqual({ from: '2026-11-21T03:01:15.000Z' })
    expect(report.findings).toEqual([
      'THE OLD SIDE IS NOT PROVEN FENCED: us-east-1 gave no answer.',
      'One person approved it alone, by breaking the glass.',
    ])
    expect(report.next).toMatchInlineSnapshot(`
      [
        "Prove that the old side cannot write, or stop it by hand.",
        "Keep Terraform away from both sides until they are reconciled, and go home with \`/dr failback orders\` once home follows again.",
        "The outage was longer than the target of 1m 00s: see which steps took the time.",
        "Give the plan a heartbeat, or see why its rows were not read: what is lost is only estimated.",
      ]
    `)
  })
  it('adds the age of the reading to the lag where both were noted', () => {
    const reading = JSON.stringify({ seconds: 0.4, readAt: T0 + 25_000, notedAt: T0 + 30_000 })
    const run = { ...dark, notes: { ...dark.notes, 'lag-at-switch': reading } }
    expect(reportOf(run, []).lost?.out).toMatchObject({ kind: 'estimate', ms: 50_400 })
  })
  it('claims nothing where the writer was not moved, and nothing of a planned move that became a lossy one', () => {
    const stopped = { ...dark, steps: dark.steps.map((one) => ({ ...one, state: 'pending' as const })) }
    expect(reportOf(stopped, []).lost).toBeUndefined()
    const [asked] = whole().questions
    const forced = {
      ...whole(),
      notes: {},
      questions: asked ? [{ ...asked, answer: { option: 'failover-anyway', by: 'U2' } }] : [],
    }
    expect(reportOf(forced, []).lost?.out.text).toBe(
      'not known: there was no reading of the lag before the move',
    )
  })
  it('names the snapshots that are kept, and what became of the lost writes', () => {
    const run = { ...dark, notes: { ...dark.notes, rescue: 'copied:dr-fo-orders-1-rescue-orders-home' } }
    const report = reportOf(run, [])
    expect(report.kept).toEqual(['dr-fo-orders-1-rescue-orders-home'])
    expect(report.lostWrites).toBe('the lost writes are kept in dr-fo-orders-1-rescue-orders-home')
    expect(report.next.at(-1)).toMatch(/settle the lost writes/)
  })
})

describe('history', () => {
  it('lists what was started and has ended, with figures', () => {
    expect(
      historyOf([whole(), whole({ plan: 'billing' })], 'orders').map(({ text }) => text),
    ).toMatchInlineSnapshot(`
      [
        "2026-11-21 03:16 UTC Drill of Orders API: us-east-1 (home) to us-west-2 (dr): done · <@U1>, approved by <@U2> (the quarterly drill) · outage 41 s out, 38 s home · run time 15m 10s · RPO 0 · dl-orders-1",
      ]
    `)
  })
  it('leaves out cards nobody approved, what still runs, and watches', () => {
    const card = told(proposal(), [[600, { type: 'ended', outcome: 'expired', detail: '' }]])
    const live = told(proposal(), [[1, approved]])
    expect(historyOf([card, live, whole({ flow: 'aftercare' })])).toEqual([])
  })
})

describe('the last drill', () => {
  const now = T0 + 12 * DAY + 3_600_000
  it.each<[string, readonly Run[], number, string, boolean]>([
    ['none', [], 90, 'no drill yet', false],
    [
      'none, of a plan long known',
      [whole({ flow: 'failover' }, 'fo', T0 - 100 * DAY)],
      90,
      'no drill yet',
      true,
    ],
    ['one', [whole()], 90, 'last drill 12 days ago: outage out 41 s, home 38 s, RPO 0', false],
    [
      'one too long ago',
      [whole()],
      10,
      'last drill 12 days ago, and one is due every 10 days: outage out 41 s, home 38 s, RPO 0',
      true,
    ],
    [
      'the newest of two',
      [whole({}, 'a', T0 - 5 * DAY), whole()],
      90,
      'last drill 12 days ago: outage out 41 s, home 38 s, RPO 0',
      false,
    ],
    [
      'a rehearsal only',
      [whole({ rehearsal: true })],
      90,
      'no drill yet; rehearsed 12 days ago: outage out 41 s, home 38 s, RPO 0',
      false,
    ],
    ['a drill of the capacity only', [whole({ input: { variant: 'capacity' } })], 90, 'no drill yet', false],
  ])('%s', (_name, runs, every, text, due) => {
    expect(lastDrillOf(runs, now, every)).toMatchObject({ text, due })
  })
})
