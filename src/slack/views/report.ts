import { type Message, prose, section, threaded } from '../blocks.ts'
import { cut, LIMITS } from '../limits.ts'

/** What stays of a report in its thread; the heading and the end are ours. */
const MOST = LIMITS.message.characters - 600

/**
 * A run's report, written in Markdown, as a reply in its thread: headings become bold, tables monospaced. What does not
 * fit is said, and is in the report itself.
 */
export function reportReply(markdown: string, stamp?: string): Message {
  const parts = partsOf(markdown)
  const kept: string[] = []
  let left = MOST
  for (const part of parts) {
    if (part.length > left) break
    left -= part.length
    kept.push(part)
  }
  const blocks = packed(kept).map(section)
  const rest =
    kept.length < parts.length ? [section('_The rest is in the report: `understudy history`._')] : []
  return threaded(cut(parts[0] ?? 'Report', 200), [...blocks, ...rest], stamp)
}

/** Paragraphs, lists and tables, each as Slack's own markup. */
const partsOf = (markdown: string): string[] =>
  markdown
    .split(/\n\s*\n/)
    .map((part) => part.trim())
    .filter(Boolean)
    .map((part) =>
      cut(part.startsWith('|') ? table(part) : part.split('\n').map(line).join('\n'), LIMITS.section),
    )

/** Consecutive parts in as few sections as hold them. */
function packed(parts: readonly string[]): string[] {
  const sections: string[] = []
  for (const part of parts) {
    const last = sections.at(-1)
    if (last !== undefined && last.length + part.length + 2 <= LIMITS.section)
      sections[sections.length - 1] = `${last}\n\n${part}`
    else sections.push(part)
  }
  return sections
}

function line(text: string): string {
  const heading = /^#{1,6}\s+(.*)$/.exec(text)
  if (heading) return `*${inline(heading[1] ?? '').replaceAll('*', '')}*`
  return inline(text.replace(/^(\s*)[-*]\s+/, '$1• '))
}

const inline = (text: string): string =>
  prose(text)
    .replace(/\*\*([^*]+)\*\*/g, '*$1*')
    .replace(/\[([^\]|]+)\]\((https?:\/\/[^\s)|]+)\)/g, '<$2|$1>')

/** Columns as wide as their widest cell, because Slack has no tables in its text. */
function table(text: string): string {
  const rows = text
    .split('\n')
    .filter((row) => !/^\|[\s|:-]+$/.test(row))
    .map((row) =>
      row
        .replace(/^\||\|$/g, '')
        .split('|')
        .map((cell) => cell.trim().replace(/[`*]/g, '')),
    )
  const widths = (rows[0] ?? []).map((_, at) => Math.max(...rows.map((row) => (row[at] ?? '').length)))
  const drawn = rows.map((row) =>
    row
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd(),
  )
  const fitting = cut(drawn.join('\n'), LIMITS.section - 400)
  return `\`\`\`${prose(fitting).replaceAll('```', "'''")}\`\`\``
}
