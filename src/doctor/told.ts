import { groups } from './checks.ts'
import type { Finding, Level } from './finding.ts'

const marks = { ok: ' ', warn: '!', fault: '✗', unknown: '?' } as const satisfies Record<Level, string>
const words: Readonly<Record<Exclude<Level, 'ok'>, readonly [string, string]>> = {
  fault: ['fault', 'faults'],
  unknown: ['unknown', 'unknown'],
  warn: ['warning', 'warnings'],
}

/** All of it in groups, each finding with its remedy. What is well is counted, and listed where `all` is wanted. */
export function findingsText(findings: readonly Finding[], all = false): string {
  const blocks = Object.entries(groups).flatMap(([group, title]) => {
    const own = findings.filter((finding) => finding.group === group)
    if (!own.length) return []
    const well = own.filter(({ level }) => level === 'ok')
    const shown = all ? own : own.filter(({ level }) => level !== 'ok')
    return [[`${title}: ${well.length} of ${own.length} well`, ...shown.map(findingText)].join('\n')]
  })
  return [...blocks, summary(findings)].join('\n\n')
}

const findingText = (finding: Finding): string => {
  const line = `${marks[finding.level]} ${finding.about}: ${finding.says}`
  return finding.level === 'ok' ? line : `${line}\n    ${finding.remedy}`
}

/** `2 faults, 1 warning`. */
function summary(findings: readonly Finding[]): string {
  const counted = Object.entries(words).flatMap(([level, [one, many]]) => {
    const count = findings.filter((finding) => finding.level === level).length
    return count ? [`${count} ${count === 1 ? one : many}`] : []
  })
  return counted.length ? `${counted.join(', ')}.` : 'All well.'
}

/** The same for programs; it only grows. */
export const findingsJson = (findings: readonly Finding[]) => ({
  version: 1,
  findings: findings.map((finding) => ({
    check: finding.check,
    group: finding.group,
    about: finding.about,
    level: finding.level,
    says: finding.says,
    ...(finding.level === 'ok' ? {} : { remedy: finding.remedy }),
  })),
})

/** 1 where something is wrong, 4 where nothing is but not everything could be seen, 0 otherwise. */
export function exitOf(findings: readonly Finding[]): 0 | 1 | 4 {
  if (findings.some(({ level }) => level === 'fault')) return 1
  return findings.some(({ level }) => level === 'unknown') ? 4 : 0
}
