import { duration } from '../engine/duration.ts'
import { openQuestion, type Proposal, type Run } from '../engine/run.ts'
import type { HistoryLine } from '../flows/history.ts'
import type { Line, Status } from '../flows/status.ts'
import { resourceOf } from './identifiers.ts'

/** What stands in front of a line. */
export const marks = { ok: ' ', warn: '!', bad: '✗', unknown: '?' } as const satisfies Record<
  Line['level'],
  string
>

/** Everything about one plan; what is not fine, and what is not known, is marked. */
export function statusText(status: Status): string {
  const { title, headline, topology, sides, warnings, journal } = status
  const lines = [
    `${title}: ${headline}`,
    `${marks[status.level]} ${topology.sentence}`,
    ...status.lines.map(lineText),
    ...(['home', 'dr'] as const).flatMap((side) => [
      '',
      `${sides[side].region} (${side}, ${sides[side].role})`,
      ...sides[side].lines.map(lineText),
    ]),
    '',
    ...warnings.map((warning) => `${marks.warn} ${warning}`),
    ...(journal.run ? [`${marks.warn} run ${journal.run.id} is ${journal.run.phase}`] : []),
    `  past runs: ${journal.usualRto ?? 'none to estimate from'}; last drill: ${journal.lastDrill}`,
    `  looked in ${duration(status.tookMs)}`,
  ]
  return lines.join('\n')
}

/** One line for each plan, broken ones included. */
export function statusesText(
  statuses: readonly Status[],
  broken: readonly { readonly name: string; readonly faults: readonly string[] }[],
): string {
  const lines = [
    ...statuses.map(
      ({ plan, level, headline, topology }) => `${marks[level]} ${plan}: ${headline}. ${topology.sentence}`,
    ),
    ...broken.flatMap(({ name, faults }) => [
      `${marks.bad} ${name}: its file is broken`,
      ...faults.map((fault) => `    ${fault}`),
    ]),
  ]
  return lines.length ? lines.join('\n') : 'No plan is loaded.'
}

const lineText = ({ label, value, level }: Line) => `${marks[level]} ${label}: ${value}`

/** What would be done, for those who approve it. */
export function proposalText({ title, facts, warnings, steps, calls, binding }: Proposal): string {
  const account = binding.target?.split(':')[4] ?? ''
  const lost = steps.flatMap(({ title: step, irreversible }) =>
    irreversible === false ? [] : [`✗ cannot be undone: ${step}. ${irreversible}`],
  )
  return [
    title,
    ...facts.map(({ label, value, known }) => `${known ? ' ' : '?'} ${label}: ${value}`),
    ...lost,
    ...warnings.map((warning) => `! ${warning}`),
    `  ${calls.length} changing API calls:`,
    ...calls.map((call) => {
      const { service, operation, region } = call
      return `    ${service}:${operation} in ${region}: ${resourceOf(call, account)}`
    }),
  ].join('\n')
}

/** What is running or waits for somebody; `now` in world ms. */
export function runsText(runs: readonly Run[], now: number): string {
  if (runs.length === 0) return 'Nothing is running, and nothing waits for anybody.'
  return runs
    .map((run) => {
      const since = duration(now - (run.startedAt ?? run.proposedAt))
      return `${run.id}  ${run.proposal.title}: ${doing(run)}, for ${since}`
    })
    .join('\n')
}

function doing(run: Run): string {
  const question = openQuestion(run)
  if (question) return `waits for an answer: ${question.title}`
  if (run.phase === 'proposed') return run.approval ? 'approved, starting' : 'waits for approval'
  return run.steps.findLast(({ state }) => state !== 'pending')?.title ?? 'starting'
}

/** Past runs, newest first, a line each. */
export const historyText = (lines: readonly HistoryLine[]): string =>
  lines.length ? lines.map(({ text }) => text).join('\n') : 'There is no past run.'
