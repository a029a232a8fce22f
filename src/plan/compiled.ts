import { readFileSync } from 'node:fs'
import { drError } from '../engine/errors.ts'
import type { PlanSet } from './faults.ts'

/** The plans as a Lambda reads them: checked at build, so that no YAML parser and no zod is bundled. */
export type CompiledPlans = PlanSet & {
  /** Grows when readers and writers of this file no longer understand each other. */
  readonly format: 1
  /** The commit the plan files were at, for the approval card; absent outside a git checkout. */
  readonly commit?: string
}

/** The text of a compiled file. Broken plans stay in it, so that the bot can say what is wrong with them. */
export function compilePlans({ plans, broken }: PlanSet, commit?: string): string {
  const compiled: CompiledPlans = { format: 1, ...(commit ? { commit } : {}), plans, broken }
  return `${JSON.stringify(compiled)}\n`
}

/** Reads a compiled file. Throws CONFIG_INVALID when it is not there or another build's. */
export function readCompiledPlans(file: string | URL): CompiledPlans {
  const refuse = (why: string, cause?: unknown) =>
    drError('CONFIG_INVALID', { faults: [`the compiled plans (${String(file)}) ${why}`] }, cause)
  let read: Partial<CompiledPlans> | null
  try {
    read = JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    throw refuse(`cannot be read: ${error instanceof Error ? error.message : String(error)}`, error)
  }
  if (read?.format !== 1 || !Array.isArray(read.plans) || !Array.isArray(read.broken))
    throw refuse('are not of format 1: build again')
  return read as CompiledPlans
}
