import type { HistoryLine } from '../../flows/history.ts'
import { context, day, type Message, message, person, plain, prose, section } from '../blocks.ts'

/** A past run, and the permalink of the board whose thread tells it. */
export type LinkedLine = HistoryLine & { readonly link?: string }

const MOST = 15
const MARKS: Partial<Record<string, string>> = { done: ':white_check_mark:', failed: ':x:' }

/** Past runs, newest first. */
export function historyList(lines: readonly LinkedLine[], stamp?: string): Message {
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

function lineOf(line: LinkedLine): string {
  const { id, title, at, outcome, runTime, outage, rpo, link, rehearsal } = line
  const figures = [
    day(at),
    runTime && `took ${prose(runTime)}`,
    outage && `outage ${prose(outage)}`,
    rpo && `data loss ${prose(rpo)}`,
    link && isUrl(link) ? `<${link}|thread>` : `\`${plain(id)}\``,
  ]
  const simulated = rehearsal ? ':test_tube: SIMULATED · ' : ''
  return `${MARKS[outcome] ?? ':heavy_minus_sign:'} ${simulated}*${plain(title)}* · ${plain(outcome)}
${figures.filter(Boolean).join(' · ')}
${who(line)}`
}

function who({ askedFor, approved, reason }: LinkedLine): string {
  const by = approved === undefined ? 'approved by nobody' : `approved by ${person(approved)}`
  return `asked for by ${person(askedFor)}, ${by}${reason ? `: “${prose(reason)}”` : ''}`
}

const isUrl = (link: string) => /^https?:\/\/[\w.:-]+\/[\w/?=&.-]*$/.test(link)
