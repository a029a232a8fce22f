import { issueUrl, LEVELS } from './finding.ts'
import type { ScanResult } from './scan.ts'

const VERDICTS = {
  blocked: 'Do not apply this plan',
  warnings: 'No blocker; weigh the warnings before you apply',
  clean: 'No blocker and no warning: this plan can be applied',
} as const satisfies Record<ScanResult['verdict'], string>

const MARKS = { blocker: '✗', warning: '!', expected: ' ' } as const

/** The verdict in one sentence. */
export const verdictText = ({ verdict }: ScanResult): string => VERDICTS[verdict]

/** `3 to create, 1 to replace, 40 unchanged`: only what there is. */
export function countsText({ counts }: ScanResult): string {
  const { create, update, replace, destroy, forget, untouched } = counts
  const parts = [
    [create, 'to create'],
    [update, 'to change'],
    [replace, 'to replace'],
    [destroy, 'to destroy'],
    [forget, 'no longer managed'],
    [untouched, 'unchanged'],
  ] as const
  return (
    parts
      .filter(([count]) => count > 0)
      .map(([count, word]) => `${count} ${word}`)
      .join(', ') || 'nothing in it'
  )
}

/** A verdict as plain lines for a terminal, findings with their reasons and sources. */
export function scanText(result: ScanResult): string {
  const { file, findings, sha256, active } = result
  const lines = [
    `${file ? `${file}: ` : ''}${verdictText(result)}.`,
    `  ${countsText(result)}; judged with ${active} serving`,
    ...LEVELS.flatMap((level) =>
      findings
        .filter((finding) => finding.level === level)
        .flatMap(({ address, what, why, issue }) => [
          `${MARKS[level]} ${level}: ${address ? `${address}: ` : ''}${what}`,
          `    ${why}`,
          ...(issue ? [`    ${issueUrl(issue)}`] : []),
        ]),
    ),
    ...(sha256 ? [`  sha256 of the JSON: ${sha256}`] : []),
  ]
  return lines.join('\n')
}
