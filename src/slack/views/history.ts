import { duration } from '../../engine/duration.ts'
import type { RunOutcome } from '../../engine/run.ts'
import { context, day, type Message, message, person, plain, prose, section } from '../blocks.ts'

/** A past run in a list: who, why, how it ended, and its figures. */
export type HistoryLine = {
  readonly runId: string
  readonly title: string
  /** When it began, or was asked for if it never did; world ms. */
  readonly at: number
  readonly requestedBy: string
  readonly approvedBy?: string
  readonly reason?: string
  readonly outcome: RunOutcome
  /** Run time without waits for people, ms. */
  readonly tookMs?: number
  /** What customers went without, ms. */
  readonly outage?: { readonly ms: number; readonly measured: boolean }
  /** In words: `0 s, measured`. */
  readonly rpo?: string
  /** Permalink of the run's board, whose thread it is. */
  readonly link?: string
  /** Against the simulated AWS: marked, and never counted. */
  readonly rehearsal: boolean
}

const MOST = 15
const MARKS: Partial<Record<RunOutcome, string>> = { done: ':white_check_mark:', failed: ':x:' }

/** Past runs, newest first. */
export function historyList(lines: readonly HistoryLine[], stamp?: string): Message {
  if (!lines.length) return message('No past run.', [section('There is no past run.')], stamp)
  const shown = lines.slice(0, MOST)
  const more = lines.length - shown.length
  return message(
    `${lines.length} past ${lines.length === 1 ? 'run' : 'runs'}`,
    [
      ...shown.map((line) => section(lineOf(line))),
      ...(more ? [context(`${more} older ${more === 1 ? 'one' : 'ones'}: \`understudy history\`.`)] : []),
    ],
    stamp,
  )
}

function lineOf(line: HistoryLine): string {
  const { runId, title, at, outcome, tookMs, outage, rpo, link, rehearsal } = line
  const figures = [
    day(at),
    tookMs === undefined ? undefined : `took ${duration(tookMs)}`,
    outage && `outage ${duration(outage.ms)}, ${outage.measured ? 'measured' : 'an estimate'}`,
    rpo && `data loss ${prose(rpo)}`,
    link && isUrl(link) ? `<${link}|thread>` : `\`${plain(runId)}\``,
  ]
  const simulated = rehearsal ? ':test_tube: SIMULATED · ' : ''
  return `${MARKS[outcome] ?? ':heavy_minus_sign:'} ${simulated}*${plain(title)}* · ${outcome}
${figures.filter(Boolean).join(' · ')}
${who(line)}`
}

function who({ requestedBy, approvedBy, reason }: HistoryLine): string {
  const approved = approvedBy === undefined ? 'approved by nobody' : `approved by ${person(approvedBy)}`
  return `asked for by ${person(requestedBy)}, ${approved}${reason ? `: “${prose(reason)}”` : ''}`
}

const isUrl = (link: string) => /^https?:\/\/[\w.:-]+\/[\w/?=&.-]*$/.test(link)
