import { EXCEPTIONS } from '../../src/flows/choose-failback.ts'
import { type FailbackRow, failbackTable } from '../../src/flows/failback-table.ts'

const BRANCHES = {
  fast: 'Aurora has put the old cluster back into the global one, or is about to: it is waited for. Nothing is deleted.',
  rebuild:
    'The old cluster will not follow again: it is kept in snapshots, deleted after a second approval, and built anew.',
  repair:
    'Home serves and goes on serving; dr is made its standby again. No run ever deletes the dr cluster.',
} as const

/** docs/failback.md: what `/dr failback` makes of every state of a pair, and what it then does, in order. */
export function failbackPage(): string {
  const rows = failbackTable()
  return `${[
    '# Failback',
    'Generated from `src/flows` by `npm run generate`; do not edit. The state is what `/dr status` says. *Serves* is the ' +
      'side that holds the writer, or, where there is no global cluster, the one customers are sent to. No branch can ' +
      'lose a write: none of their steps has a verb that could.',
    '## From each state',
    table(['State', 'In `/dr status`', 'Serves', 'Failback'], rows.map(line)),
    '## Whatever the state',
    'Looked at in this order:',
    EXCEPTIONS.map(({ when, verdict }) => `- Where ${when}: ${verdict}.`).join('\n'),
    '## What each branch does',
    ...Object.entries(BRANCHES).map(
      ([branch, what]) => `### ${branch}\n\n${what}\n\n${stepsOf(rows, branch)}`,
    ),
    'A step that finds its work done, by whomever, passes at once: a branch that was begun and stopped is gone down again ' +
      'from the top. Times, choices and what cannot be taken back are in the [runbook](runbook.md).',
  ].join('\n\n')}\n`
}

function line(row: FailbackRow): readonly string[] {
  const what = 'stop' in row ? `refused: ${row.stop.why} ${row.stop.remedy}` : `**${row.branch}**`
  return [row.state, `\`${row.word}\``, row.active === 'unknown' ? 'nobody knows' : row.active, what]
}

function stepsOf(rows: readonly FailbackRow[], branch: string): string {
  const row = rows.find((one) => 'branch' in one && one.branch === branch)
  if (!row || !('steps' in row)) throw new Error(`no state leads to the branch ${branch}`)
  return row.steps.map((title, index) => `${index + 1}. ${title}`).join('\n')
}

const table = (head: readonly string[], lines: readonly (readonly string[])[]) =>
  [head, head.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
