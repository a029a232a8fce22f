/** What a bench found: a table for people, an object for programs. */
export type Outcome = {
  readonly title: string
  readonly columns: readonly string[]
  readonly rows: readonly (readonly string[])[]
  /** Sentences under the table: what was measured and how, what it was held against. */
  readonly notes: readonly string[]
  /** Whether it kept its limits; `npm run bench` fails when not. */
  readonly ok: boolean
  readonly result: Readonly<Record<string, unknown>>
}

export type Bench = {
  /** One line, for the list. */
  readonly about: string
  /** `args`: what follows the name on the command line, without `--json`. */
  run(args: readonly string[]): Promise<Outcome>
}

/** The outcome as aligned text: first column to the left, figures to the right. */
export function tableOf({ title, columns, rows, notes }: Outcome): string {
  const widths = columns.map((column, index) =>
    Math.max(column.length, ...rows.map((row) => row[index]?.length ?? 0)),
  )
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, index) => (index ? cell.padStart(widths[index] ?? 0) : cell.padEnd(widths[index] ?? 0)))
      .join('  ')
  const rule = widths.map((width) => '-'.repeat(width)).join('  ')
  return [title, '', line(columns), rule, ...rows.map(line), '', ...notes].join('\n')
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length / 2
  const [low, high] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]]
  if (low === undefined || high === undefined) throw new Error('the median of nothing')
  return (low + high) / 2
}
