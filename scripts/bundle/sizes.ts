import { BUDGETS, overBudget } from './budget.ts'
import type { Packed } from './functions.ts'

const kb = (bytes: number) => `${Math.ceil(bytes / 1000)} KB`.padStart(9)

/** Prints every function's size beside its budget; one that is too big ends the process. */
export function judgeSizes(packed: readonly Packed[]): void {
  console.log(
    [
      'function'.padEnd(10),
      ...['start', 'may be', 'all', 'may be', 'zip'].map((word) => word.padStart(9)),
    ].join(''),
  )
  for (const { name, entry, all, zipped } of packed) {
    const { entry: most = 0, all: mostOfAll = 0 } = BUDGETS[name] ?? {}
    console.log([name.padEnd(10), kb(entry), kb(most), kb(all), kb(mostOfAll), kb(zipped)].join(''))
  }
  const faults = packed.flatMap((one) => overBudget(one.name, one))
  for (const fault of faults) console.error(fault)
  if (faults.length) process.exit(1)
}
