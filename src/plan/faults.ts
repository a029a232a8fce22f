import type { Plan } from './schema.ts'

/** One thing wrong with a plan file. `line` and `column` count from 1; `field` is empty for the file as a whole. */
export type PlanFault = {
  readonly line: number
  readonly column: number
  readonly field: string
  readonly message: string
}

/** A plan file that cannot be used. `name` is the file's: what a person would type after `/dr failover`. */
export type BrokenPlan = {
  readonly file: string
  readonly name: string
  readonly faults: readonly PlanFault[]
}

export type PlanSet = { readonly plans: readonly Plan[]; readonly broken: readonly BrokenPlan[] }

/** The faults as lines for a terminal or a card: `orders.yaml:12:5 services[0].writes: is missing`. */
export function faultLines({ file, faults }: BrokenPlan): string[] {
  return faults.map(({ line, column, field, message }) =>
    field ? `${file}:${line}:${column} ${field}: ${message}` : `${file}:${line}:${column} ${message}`,
  )
}
