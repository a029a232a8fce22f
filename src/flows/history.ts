import { duration } from '../engine/duration.ts'
import type { Run } from '../engine/run.ts'
import { feltOf, outageText } from './outage.ts'
import { lossOf } from './report-loss.ts'
import { runTimeOf } from './run-time.ts'

/** One past run, as `/dr history` and the terminal list it. */
export type HistoryLine = {
  readonly id: string
  readonly plan: string
  readonly title: string
  readonly outcome: string
  readonly askedFor: string
  readonly approved?: string
  readonly reason?: string
  /** World ms. */
  readonly at: number
  /** What customers felt; absent where nobody probed. */
  readonly outage?: string
  readonly runTime?: string
  readonly rpo?: string
  /** Against the simulated AWS: shown, marked, never counted. */
  readonly rehearsal: boolean
  /** All of it in one line, for where there is no room for columns. */
  readonly text: string
}

const DAY_MS = 24 * 3_600_000

/** The runs that were started and have ended, in the order given; a watch after a failover is no run of its own here. */
export function historyOf(runs: readonly Run[], plan?: string): readonly HistoryLine[] {
  return runs
    .filter(({ phase, proposal, approval }) => phase === 'ended' && approval && proposal.flow !== 'aftercare')
    .filter(({ proposal }) => !plan || proposal.plan === plan)
    .map(lineOf)
}

/** The newest full drill that came to its end, and whether a reminder is due. `now`: world ms. */
export function lastDrillOf(
  runs: readonly Run[],
  now: number,
  everyDays: number,
): { readonly text: string; readonly due: boolean; readonly run?: string } {
  const drills = runs
    .filter(
      ({ phase, outcome, proposal }) =>
        phase === 'ended' &&
        outcome === 'done' &&
        proposal.flow === 'drill' &&
        proposal.input.variant !== 'capacity',
    )
    .toSorted((a, b) => (b.endedAt ?? 0) - (a.endedAt ?? 0))
  const last = drills.find(({ proposal }) => !proposal.rehearsal)
  const rehearsed = drills.find(({ proposal }) => proposal.rehearsal)
  if (!last) {
    const also = rehearsed ? `; rehearsed ${ago(rehearsed, now)}: ${figuresOf(rehearsed)}` : ''
    // A plan that is new need not be reminded.
    const known = Math.min(now, ...runs.map(({ proposedAt }) => proposedAt))
    return { text: `no drill yet${also}`, due: now - known > everyDays * DAY_MS }
  }
  const due = now - (last.endedAt ?? 0) > everyDays * DAY_MS
  const late = due ? `, and one is due every ${everyDays} days` : ''
  return { text: `last drill ${ago(last, now)}${late}: ${figuresOf(last)}`, due, run: last.id }
}

function figuresOf(run: Run): string {
  const felt = feltOf(run)
  const lost = lossOf(run)
  return [
    felt
      ? `outage out ${outageText(felt.out)}${felt.home ? `, home ${outageText(felt.home)}` : ''}`
      : 'outage not measured',
    ...(lost ? [`RPO ${rpoText(run)}`] : []),
    ...(run.notes['go-home']?.startsWith('stay ') ? ['it stayed on dr'] : []),
  ].join(', ')
}

/** The worse of both ways; an estimate says so. */
function rpoText(run: Run): string | undefined {
  const lost = lossOf(run)
  if (!lost) return undefined
  const ways = [lost.out, ...(lost.home ? [lost.home] : [])]
  if (ways.some(({ ms }) => ms === undefined)) return 'not known'
  const worst = Math.max(...ways.map(({ ms = 0 }) => ms))
  const estimate = ways.some(({ kind }) => kind === 'estimate')
  return `${worst === 0 ? '0' : duration(worst)}${estimate ? ' (an estimate)' : ''}`
}

const ago = ({ endedAt = 0 }: Run, now: number): string => {
  const days = Math.floor((now - endedAt) / DAY_MS)
  return days === 0 ? 'today' : days === 1 ? 'yesterday' : `${days} days ago`
}

function lineOf(run: Run): HistoryLine {
  const { id, proposal, approval, outcome = 'failed', endedAt = run.proposedAt } = run
  const felt = feltOf(run)
  const outage = felt && `${outageText(felt.out)}${felt.home ? ` out, ${outageText(felt.home)} home` : ''}`
  const took = runTimeOf(run)
  const runTime = took === undefined ? undefined : duration(took)
  const rpo = rpoText(run)
  const rehearsal = proposal.rehearsal ?? false
  const parts = [
    `${day(endedAt)} ${proposal.title}: ${outcome}`,
    ...(rehearsal ? ['rehearsal'] : []),
    `<@${proposal.requestedBy}>${approval ? `, approved by <@${approval.by}> (${approval.reason})` : ''}`,
    ...(outage ? [`outage ${outage}`] : []),
    ...(runTime ? [`run time ${runTime}`] : []),
    ...(rpo ? [`RPO ${rpo}`] : []),
    id,
  ]
  return {
    id,
    plan: proposal.plan,
    title: proposal.title,
    outcome,
    askedFor: proposal.requestedBy,
    ...(approval ? { approved: approval.by, reason: approval.reason } : {}),
    at: endedAt,
    ...(outage ? { outage } : {}),
    ...(runTime ? { runTime } : {}),
    ...(rpo ? { rpo } : {}),
    rehearsal,
    text: parts.join(' · '),
  }
}

const day = (at: number): string => `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`
