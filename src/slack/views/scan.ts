import type { RunEvent } from '../../engine/run.ts'
import { context, list, type Message, person, plain, readable, section, threaded } from '../blocks.ts'
import { cut } from '../limits.ts'

/** What came of reading a Terraform plan that somebody put into a run's thread. */
export type ScanRead = {
  /** The file's name, and who put it there. */
  readonly name: string
  readonly by: string
  /** sha256 of the binary plan file, where its message says it. */
  readonly planSha256?: string
} & (
  | {
      readonly verdict: 'blocked' | 'warnings' | 'clean'
      readonly findings: readonly Finding[]
    }
  | { readonly verdict: 'unread'; readonly why: string }
)
type Finding = {
  readonly level: 'blocker' | 'warning' | 'expected'
  /** Terraform's address of the resource; empty for the file as a whole. */
  readonly address: string
  readonly what: string
  readonly why: string
  /** The public issue it comes from: `owner/repo#number` on GitHub. */
  readonly issue?: string
}

const NOTE = 'scan@'
/** A note holds what a person can read; the rest is counted. */
const MOST_FINDINGS = 40

/** The event that keeps the verdict with its run, under the key of the ask that wanted it: the thread is told once. */
export function scanNote(itemId: string, read: ScanRead): { readonly key: string; readonly event: RunEvent } {
  const kept =
    read.verdict === 'unread'
      ? read
      : {
          ...read,
          findings: read.findings.toSorted((a, b) => ORDER[a.level] - ORDER[b.level]).slice(0, MOST_FINDINGS),
          of: read.findings.length,
        }
  const name = `${NOTE}${itemId}`
  return { key: name, event: { type: 'noted', name, value: JSON.stringify(kept) } }
}

const ORDER: Readonly<Record<Finding['level'], number>> = { blocker: 0, warning: 1, expected: 2 }

/** The reply to such an event; undefined for every other note. */
export function scanReplyOf(
  { name, value }: Extract<RunEvent, { type: 'noted' }>,
  stamp?: string,
): Message | undefined {
  return name.startsWith(NOTE) ? scanReply(JSON.parse(value) as ScanRead & { of?: number }, stamp) : undefined
}

const VERDICTS = {
  blocked: ':no_entry: *Do not apply this plan*',
  warnings: ':warning: *Nothing forbids this plan; read the warnings first*',
  clean: ':white_check_mark: *Nothing speaks against this plan*',
} as const

/** What was found in a Terraform plan: blockers first. `of`: how many findings there were before the list was cut. */
export function scanReply(read: ScanRead & { readonly of?: number }, stamp?: string): Message {
  const file = `\`${plain(cut(read.name, 80)).replaceAll('`', 'ˋ')}\`, from ${person(read.by)}`
  if (read.verdict === 'unread') {
    const said = [section(`:grey_question: ${plain(read.why)}`), context(file)]
    return threaded(`${plain(read.name)} could not be read`, said, stamp)
  }
  const { verdict, findings, planSha256, of = findings.length } = read
  const parts = PARTS.flatMap(({ level, title }) => {
    const lines = findings.filter((finding) => finding.level === level).map(lineOf)
    return lines.length ? [list(title, lines)] : []
  })
  const hash =
    planSha256 && verdict !== 'blocked'
      ? `Apply exactly the plan file with sha256 \`${plain(planSha256)}\`. `
      : ''
  const more = of > findings.length ? `${of - findings.length} more findings are not shown. ` : ''
  return threaded(
    `${plain(read.name)}: ${verdict}`,
    [section(VERDICTS[verdict]), ...parts, context(`${hash}${more}${file}`)],
    stamp,
  )
}

const PARTS = [
  { level: 'blocker', title: 'Blockers' },
  { level: 'warning', title: 'Warnings' },
  { level: 'expected', title: 'Expected after a failover' },
] as const

function lineOf({ address, what, why, issue }: Finding): string {
  const where = address === '' ? '' : `\`${plain(address).replaceAll('`', 'ˋ')}\` `
  return `${where}${readable(what)}: ${readable(why)}${sourceOf(issue)}`
}

function sourceOf(issue: string | undefined): string {
  const [, repository, number] = /^([\w-]+\/[\w.-]+)#(\d+)$/.exec(issue ?? '') ?? []
  return repository ? ` (<https://github.com/${repository}/issues/${number}|${repository}#${number}>)` : ''
}
