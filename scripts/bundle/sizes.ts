import { BUDGETS, overBudget } from './budget.ts'
import type { Packed } from './functions.ts'

const kb = (bytes: number) => `${Math.ceil(bytes / 1000)} KB`.padStart(9)
const HEAD = [
  'function'.padEnd(10),
  ...['start', 'may be', 'all', 'may be', 'zip'].map((word) => word.padStart(9)),
]

/** Every function's size beside its budget, as lines of a table. */
export function sizeTable(packed: readonly Packed[]): readonly string[] {
  const rows = packed.map(({ name, entry, all, zipped }) => {
    const { entry: most = 0, all: mostOfAll = 0 } = BUDGETS[name] ?? {}
    return [name.padEnd(10), kb(entry), kb(most), kb(all), kb(mostOfAll), kb(zipped)]
  })
  return [HEAD, ...rows].map((cells) => cells.join(''))
}

/** Prints the sizes; a function that is too big ends the process. */
export function judgeSizes(packed: readonly Packed[]): void {
  console.log(sizeTable(packed).join('\n'))
  const faults = packed.flatMap((one) => overBudget(one.name, one))
  for (const fault of faults) console.error(fault)
  if (faults.length) process.exit(1)
}
