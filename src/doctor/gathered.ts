import { type Finding, silent } from './finding.ts'

/** All that is not known because a region is silent, said once a region. */
export function gathered(findings: readonly Finding[]): readonly Finding[] {
  const dark = new Map<string, Set<string>>()
  const rest: Finding[] = []
  for (const finding of findings) {
    const region = 'silent' in finding ? finding.silent : undefined
    if (region === undefined) rest.push(finding)
    else dark.set(region, (dark.get(region) ?? new Set()).add(`${finding.check} of ${finding.about}`))
  }
  const lines = [...dark].map(([region, hidden]) => {
    const line = silent('region', region, region)
    return {
      ...line,
      says: `${line.says}: ${hidden.size === 1 ? 'one look' : `${hidden.size} looks`} could not be made`,
    }
  })
  const seen = new Set<string>()
  return [...lines, ...rest].filter(({ check, about, says }) => {
    const key = JSON.stringify([check, about, says])
    return !seen.has(key) && seen.add(key)
  })
}
