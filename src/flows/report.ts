import { duration } from '../engine/duration.ts'
import type { Run } from '../engine/run.ts'
import { type Felt, feltOf } from './outage.ts'
import { findingsOf, nextOf } from './report-findings.ts'
import { type Loss, lossOf } from './report-loss.ts'
import { plain, type StepReport, stepsOf } from './report-steps.ts'
import { rescueText } from './rescue.ts'
import { greenAt, runTimeOf } from './run-time.ts'

/**
 * What a run was, for somebody who was not there. Its shape is stable: `version` grows when a field changes its meaning
 * or goes away. Times are ISO 8601 in UTC, durations ms; people are Slack user ids.
 */
export type Report = {
  readonly version: 1
  readonly run: {
    readonly id: string
    readonly plan: string
    readonly flow: string
    readonly variant?: string
    readonly mode?: string
    readonly title: string
    readonly outcome: string
    readonly ending: string
    /** Against the simulated AWS: it counts for nothing. */
    readonly rehearsal: boolean
  }
  readonly who: {
    readonly askedFor: string
    readonly approved?: string
    readonly reason?: string
    readonly brokeTheGlass: boolean
    readonly decided: readonly string[]
  }
  readonly when: {
    readonly proposed: string
    readonly approved?: string
    readonly started?: string
    readonly green?: string
    readonly ended?: string
  }
  /** What customers felt, measured by a prober; absent where nobody probed. */
  readonly outage?: { readonly out: Spell; readonly home?: Spell }
  readonly rtoTargetMs: number
  /** From the approval to all-green, or to the end where it never was; without the waits for people. */
  readonly runTimeMs?: number
  readonly waitedForPeopleMs: number
  /** What was lost on the way out, and on the way home. Absent: the writer was not moved. */
  readonly lost?: { readonly out: Loss; readonly home?: Loss }
  readonly noStandby?: { readonly from: string; readonly to?: string }
  readonly steps: readonly StepReport[]
  readonly findings: readonly string[]
  /** How long people were bound: the waits for them, times how many they were. */
  readonly engineering: { readonly people: readonly string[]; readonly ms: number }
  readonly kept: readonly string[]
  readonly lostWrites?: string
  readonly next: readonly string[]
}

type Spell = {
  readonly ms: number
  readonly over: boolean
  readonly atLeast: boolean
  readonly parts: number
}

/** The report of a run, ended or not, beside `past` runs of its plan. Pure. */
export function reportOf(run: Run, past: readonly Run[]): Report {
  const { proposal, approval } = run
  const steps = stepsOf(run, past)
  const felt = feltOf(run)
  const lost = lossOf(run)
  const windows = noStandbyOf(run)
  const lostWrites = run.notes['lost-writes'] ?? (run.notes.rescue && rescueText(run.notes.rescue))
  const people = peopleOf(run)
  const runTimeMs = runTimeOf(run)
  return {
    version: 1,
    run: {
      id: run.id,
      plan: proposal.plan,
      flow: proposal.flow,
      ...word('variant', proposal.input.variant),
      ...word('mode', proposal.input.mode),
      title: proposal.title,
      outcome: run.outcome ?? run.phase,
      ending: plain(run.ending ?? ''),
      rehearsal: proposal.rehearsal ?? false,
    },
    who: {
      askedFor: proposal.requestedBy,
      ...(approval ? { approved: approval.by, reason: approval.reason } : {}),
      brokeTheGlass: approval?.breakGlass ?? false,
      decided: decidersOf(run),
    },
    when: whenOf(run),
    ...(felt ? { outage: { out: spell(felt.out), ...(felt.home ? { home: spell(felt.home) } : {}) } } : {}),
    rtoTargetMs: proposal.rtoTargetMinutes * 60_000,
    ...(runTimeMs === undefined ? {} : { runTimeMs }),
    waitedForPeopleMs: run.waitedMs,
    ...(lost ? { lost } : {}),
    ...(windows ? { noStandby: windows } : {}),
    steps,
    findings: findingsOf(run, steps),
    engineering: {
      people,
      ms: (run.waitedMs + ((approval?.at ?? run.proposedAt) - run.proposedAt)) * people.length,
    },
    kept: keptBy(run),
    ...(lostWrites === undefined ? {} : { lostWrites: plain(lostWrites) }),
    next: nextOf(run, steps, felt, lost),
  }
}

/** The report as JSON, in the documented shape. */
export const reportJson = (report: Report): string => `${JSON.stringify(report, null, 2)}\n`

const word = (name: 'variant' | 'mode', value: unknown) =>
  typeof value === 'string' ? { [name]: value } : {}

const iso = (at: number): string => new Date(at).toISOString()

function whenOf(run: Run): Report['when'] {
  const green = greenAt(run)
  return {
    proposed: iso(run.proposedAt),
    ...(run.approval ? { approved: iso(run.approval.at) } : {}),
    ...(run.startedAt === undefined ? {} : { started: iso(run.startedAt) }),
    ...(green === undefined ? {} : { green: iso(green) }),
    ...(run.endedAt === undefined ? {} : { ended: iso(run.endedAt) }),
  }
}

const spell = ({ ms, open, outages }: Felt): Spell => ({
  ms,
  over: !open,
  atLeast: outages.some(({ atLeast }) => atLeast),
  parts: outages.length,
})

const decidersOf = ({ questions }: Run): readonly string[] => [
  ...new Set(
    questions.flatMap(({ answer }) =>
      answer ? [answer.by, ...(answer.confirmedBy ? [answer.confirmedBy] : [])] : [],
    ),
  ),
]

const peopleOf = (run: Run): readonly string[] => [
  ...new Set([run.proposal.requestedBy, ...(run.approval ? [run.approval.by] : []), ...decidersOf(run)]),
]

/** From the promotion that left no standby until one had caught up; a switchover leaves one behind. */
function noStandbyOf(run: Run): Report['noStandby'] {
  const noted = Number(run.notes['no-standby-since'] ?? Number.NaN)
  const promoted = Number(run.notes['promoted-at'] ?? Number.NaN)
  const lossy = run.proposal.flow === 'failover' && run.proposal.input.mode !== 'planned'
  const from = Number.isNaN(noted) ? (lossy ? promoted : Number.NaN) : noted
  if (Number.isNaN(from)) return undefined
  const caughtUp = run.steps.find(({ id, state }) => id === 'await-resync' && state === 'done')?.endedAt
  return { from: iso(from), ...(caughtUp === undefined ? {} : { to: iso(caughtUp) }) }
}

/** Snapshots this run made or relied on, as AWS has them: manual ones stay until somebody deletes them. */
function keptBy({ steps, notes }: Run): readonly string[] {
  const said = [...steps.flatMap(({ detail, evidence }) => [detail, ...evidence]), ...Object.values(notes)]
  const names = said.flatMap(
    (text) => text.match(/\bdr-[a-z0-9-]+-(?:rescue|stale|final|keep)-[a-z0-9-]+/g) ?? [],
  )
  return [...new Set(names)].toSorted()
}

/** `41 s`, `at least 41 s`, `41 s in 2 parts`, `41 s so far`. */
export const spellText = ({ ms, over, atLeast, parts }: Spell): string =>
  `${atLeast ? 'at least ' : ''}${duration(ms)}${parts > 1 ? ` in ${parts} parts` : ''}${over ? '' : ', and it went on'}`
