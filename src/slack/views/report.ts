import { type Message, prose, section, threaded } from '../blocks.ts'
import { cut, LIMITS } from '../limits.ts'

/** What stays of a report in its thread; the rest of a message's budget is for its end. */
const MOST = LIMITS.message.characters - 600

/**
 * A run's report, written in Markdown, as a reply in its thread: headings become bold, rows of tables lines, because
 * Slack's text has neither. What does not fit is said, and is in the report itself.
 */
export function reportReply(markdown: string, stamp?: string): Message {
  const lines = linesOf(markdown)
  const kept: string[] = []
  let left = MOST
  for (const line of lines) {
    left -= line.length + 1
    if (left < 0) break
    kept.push(line)
  }
  const rest =
    kept.length < lines.length
      ? [section('_The rest is in the report: `understudy report`, with the id of the run._')]
      : []
  const title = (lines[0] ?? '').replaceAll('*', '')
  return threaded(cut(`Report: ${title}`, 200), [...packed(kept).map(section), ...rest], stamp)
}

/** The report line by line, in Slack's own markup; at most one empty line in a row. */
function linesOf(markdown: string): string[] {
  let head: readonly string[] | undefined
  const lines: string[] = []
  for (const text of markdown.split('\n')) {
    const cells = cellsOf(text)
    const isRow = cells !== undefined
    if (isRow && head && !/^[\s|:-]+$/.test(text)) lines.push(row(head, cells))
    if (!isRow) lines.push(line(text.trim()))
    head = isRow ? (head ?? cells) : undefined
  }
  return lines.filter((each, at) => each !== '' || (at > 0 && lines[at - 1] !== '')).map(fitting)
}

const fitting = (text: string) => cut(text, LIMITS.section / 2)

/** The cells of a table's row; undefined for every other line. */
const cellsOf = (text: string): string[] | undefined =>
  text.startsWith('|')
    ? text
        .replace(/^\|\s*|\s*\|\s*$/g, '')
        .split(/\s*(?<!\\)\|\s*/)
        .map((cell) => inline(cell.replaceAll('\\|', '|')))
    : undefined

/** Two cells are a label and its value. Of more, the third is the long one, and those after it are named. */
function row(head: readonly string[], cells: readonly string[]): string {
  const [first = '', second = ''] = cells
  if (cells.length === 2) return `*${first.replaceAll('*', '')}*: ${second}`
  const named = cells.map((cell, at) =>
    at < 3 || !cell ? cut(cell, at === 2 ? 120 : 200) : `${head[at]?.toLowerCase() ?? ''} ${cell}`,
  )
  return named.filter(Boolean).join(' · ')
}

function line(text: string): string {
  const heading = /^#{1,6}\s+(.*)$/.exec(text)
  if (heading) return `*${inline(heading[1] ?? '').replaceAll('*', '')}*`
  return inline(text.replace(/^[-*]\s+/, '• '))
}

const inline = (text: string): string =>
  prose(text)
    .replace(/\*\*([^*]+)\*\*/g, '*$1*')
    .replace(/(?<![<\w])@([UW][A-Z0-9]{2,})\b/g, '<@$1>')
    .replace(/\[([^\]|]+)\]\((https?:\/\/[^\s)|]+)\)/g, '<$2|$1>')

/** Consecutive lines in as few sections as hold them. */
function packed(lines: readonly string[]): string[] {
  const sections: string[] = []
  for (const text of lines) {
    const last = sections.at(-1)
    if (last !== undefined && last.length + text.length + 1 <= LIMITS.section)
      sections[sections.length - 1] = `${last}\n${text}`
    else if (text !== '') sections.push(text)
  }
  return sections
}
