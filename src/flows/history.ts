import { duration } from '../engine/duration.ts'
import type { Run, RunOutcome } from '../engine/run.ts'
import { feltOf, outageText } from './outage.ts'
import { lossOf } from './report-loss.ts'

/** One past run, as chat and terminal list it. Times: world ms. */
export type HistoryLine = {
  readonly runId: string
  readonly plan: string
  readonly title: string
  /** When it began, or was asked for if it never did. */
  readonly at: number
  readonly requestedBy: string
  readonly approvedBy?: string
  readonly reason?: string
  readonly outcome: RunOutcome
  /** Run time without waits for people. */
  readonly tookMs?: number
  /** What customers felt, of a drill the worse of both ways; absent where nobody probed. */
  readonly outage?: { readonly ms: number; readonly measured: boolean }
  /** `0 s, measured`; the worse of both ways. */
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

/** The worse of both ways, and whether it was measured. */
function rpoText(run: Run): string | undefined {
  const lost = lossOf(run)
  if (!lost) return undefined
  const ways = [lost.out, ...(lost.home ? [lost.home] : [])]
  const worst = Math.max(...ways.map(({ ms = Number.NaN }) => ms))
  if (Number.isNaN(worst)) return 'not known'
  const measured = ways.every(({ kind }) => kind === 'measured')
  return `${worst === 0 ? '0 s' : duration(worst)}, ${measured ? 'measured' : 'an estimate'}`
}

const ago = ({ endedAt = 0 }: Run, now: number): string => {
  const days = Math.floor((now - endedAt) / DAY_MS)
  return days === 0 ? 'today' : days === 1 ? 'yesterday' : `${days} days ago`
}

function lineOf(run: Run): HistoryLine {
  const { id, proposal, approval, outcome = 'failed', startedAt, endedAt } = run
  const felt = feltOf(run)
  const tookMs =
    startedAt === undefined || endedAt === undefined ? undefined : endedAt - startedAt - run.waitedMs
  const rpo = rpoText(run)
  return {
    runId: id,
    plan: proposal.plan,
    title: proposal.title,
    at: startedAt ?? run.proposedAt,
    requestedBy: proposal.requestedBy,
    ...(approval ? { approvedBy: approval.by, reason: approval.reason } : {}),
    outcome,
    ...(tookMs === undefined ? {} : { tookMs }),
    ...(felt ? { outage: { ms: Math.max(felt.out.ms, felt.home?.ms ?? 0), measured: true } } : {}),
    ...(rpo ? { rpo } : {}),
    rehearsal: proposal.rehearsal ?? false,
    text: textOf(run, tookMs, rpo),
  }
}

function textOf(run: Run, tookMs: number | undefined, rpo: string | undefined): string {
  const { id, proposal, approval, outcome, startedAt = run.proposedAt } = run
  const felt = feltOf(run)
  return [
    `${minute(startedAt)} ${proposal.title}: ${outcome}`,
    ...(proposal.rehearsal ? ['REHEARSAL, not counted'] : []),
    `<@${proposal.requestedBy}>${approval ? `, approved by <@${approval.by}> (${approval.reason})` : ''}`,
    ...(felt
      ? [`outage ${outageText(felt.out)}${felt.home ? ` out, ${outageText(felt.home)} home` : ''}`]
      : []),
    ...(tookMs === undefined ? [] : [`run time ${duration(tookMs)}`]),
    ...(rpo ? [`RPO ${rpo}`] : []),
    id,
  ].join(' · ')
}

const minute = (at: number): string => `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`
