import { duration } from '../engine/duration.ts'
import { type Report, spellText } from './report.ts'
import type { StepReport } from './report-steps.ts'

/** The report as Markdown, for somebody who was not there. */
export function reportMarkdown(report: Report): string {
  const { run, findings, next, kept } = report
  return [
    `# ${run.title}`,
    '',
    ...(run.rehearsal
      ? ['> **Rehearsal** against the simulated AWS. It proves nothing about AWS, and is never counted.', '']
      : []),
    `**${outcomeText(report)}**`,
    '',
    ...table(['', ''], factsOf(report)),
    '',
    '## Figures',
    '',
    ...table(['Figure', 'Value'], figuresOf(report)),
    '',
    '## Steps',
    '',
    ...table(['#', 'Step', 'Result', 'Took', 'Median', 'p90'], report.steps.map(stepRow)),
    '',
    ...section('Findings', findings, 'Nothing that would need to be said.'),
    ...(kept.length
      ? section(
          'Snapshots kept',
          kept.map((name) => `\`${name}\`: manual, in the region of its cluster, until somebody deletes it.`),
          '',
        )
      : []),
    ...section('Next', next, 'Nothing.'),
  ].join('\n')
}

function outcomeText({ run, outage, lost }: Report): string {
  const felt = outage
    ? ` Customers met an outage of ${spellText(outage.out)}${outage.home ? ` on the way out, and of ${spellText(outage.home)} on the way home` : ''}.`
    : ''
  const loss = lost
    ? ` RPO: ${lossText(lost.out.kind, lost.out.ms)}${lost.home ? ` out, ${lossText(lost.home.kind, lost.home.ms)} home` : ''}.`
    : ''
  return `${run.ending || `It is ${run.outcome}`}${/[.!?]$/.test(run.ending) ? '' : '.'}${felt}${loss}`
}

const lossText = (kind: 'measured' | 'estimate', ms: number | undefined): string =>
  ms === undefined ? 'not known' : `${duration(ms)} (${kind === 'measured' ? 'measured' : 'an estimate'})`

function factsOf({ run, who, when }: Report): readonly (readonly string[])[] {
  const decided = who.decided.map((id) => `@${id}`).join(', ')
  return [
    ['Run', `\`${run.id}\` of \`${run.plan}\`: ${[run.flow, run.variant].filter(Boolean).join(', ')}`],
    ['Outcome', run.outcome],
    ['Asked for by', `@${who.askedFor}, ${timeText(when.proposed)}`],
    [
      'Approved by',
      who.approved && when.approved
        ? `@${who.approved}, ${timeText(when.approved)}${who.brokeTheGlass ? ', alone, by breaking the glass' : ''}: ${who.reason}`
        : 'nobody',
    ],
    ...(decided ? [['Decided on the way', decided]] : []),
    ['Started', when.started ? timeText(when.started) : 'never'],
    ['All green', when.green ? timeText(when.green) : 'not seen'],
    ['Ended', when.ended ? timeText(when.ended) : 'not yet'],
  ]
}

function figuresOf(report: Report): readonly (readonly string[])[] {
  const { outage, lost, noStandby, engineering } = report
  const measured = ', measured by a request a second through the public address'
  return [
    [
      outage?.home ? 'Outage on the way out' : 'Outage',
      outage ? `${spellText(outage.out)}${measured}` : 'not measured: nobody probed',
    ],
    ...(outage?.home ? [['Outage on the way home', `${spellText(outage.home)}${measured}`]] : []),
    ['RTO target', targetText(report)],
    [
      'Run time',
      report.runTimeMs === undefined
        ? 'none'
        : `${duration(report.runTimeMs)}, from the approval to all green`,
    ],
    ['Waits for people', `${duration(report.waitedForPeopleMs)}, not in the run time`],
    ['RPO', lost ? lost.out.text : 'the writer was not moved'],
    ...(lost?.home ? [['RPO on the way home', lost.home.text]] : []),
    ...(noStandby
      ? [
          [
            'Without a standby',
            `from ${timeText(noStandby.from)} ${noStandby.to ? `to ${timeText(noStandby.to)}` : 'on, not over when this run ended'}`,
          ],
        ]
      : []),
    ...(report.lostWrites ? [['Lost writes', report.lostWrites]] : []),
    [
      'Engineering time',
      `about ${duration(engineering.ms)}: ${engineering.people.length} ${engineering.people.length === 1 ? 'person' : 'people'} (${engineering.people.map((id) => `@${id}`).join(', ')}) for as long as the run waited for somebody`,
    ],
  ]
}

/** The target is about what customers felt, not about how long the run took. */
function targetText({ outage, rtoTargetMs }: Report): string {
  const target = duration(rtoTargetMs)
  if (!outage) return `${target}, to be held against the outage`
  const worst = Math.max(outage.out.ms, outage.home?.ms ?? 0)
  const kept = outage.out.over && outage.home?.over !== false && worst <= rtoTargetMs
  return `${target}: ${kept ? 'kept' : 'MISSED'}`
}

function stepRow(step: StepReport, index: number): readonly string[] {
  const { title, state, detail, tookMs, medianMs, p90Ms } = step
  const ms = (value: number | undefined) => (value === undefined ? '' : duration(value))
  return [
    String(index + 1),
    title,
    `${RESULTS[state] ?? state}${detail ? `: ${detail}` : ''}`,
    ms(tookMs),
    ms(medianMs),
    ms(p90Ms),
  ]
}

const RESULTS: Readonly<Record<string, string>> = {
  pending: 'not come to',
  already: 'was so already',
  owed: '**owed**',
  skipped: '**skipped**',
  failed: '**failed**',
}

function section(title: string, lines: readonly string[], none: string): readonly string[] {
  return [`## ${title}`, '', ...(lines.length ? lines.map((line) => `- ${line}`) : [none]), '']
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replace(/\s*\n\s*/g, ' ')).join(' | ')} |`
  return [line(head), `|${head.map(() => ' --- |').join('')}`, ...rows.map(line)]
}

/** `2026-11-21 03:04:05 UTC`. */
const timeText = (iso: string): string => `${iso.slice(0, 19).replace('T', ' ')} UTC`
