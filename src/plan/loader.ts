import { readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, extname, join } from 'node:path'
import { drError } from '../engine/errors.ts'
import type { BrokenPlan, PlanSet } from './faults.ts'
import { parsePlan, type Reading } from './parse.ts'
import type { Plan } from './schema.ts'

/** A plan is about 4 KB; what is a hundred times that is not a plan. */
const MAX_BYTES = 256 * 1024

/**
 * Reads every `*.yaml` and `*.yml` of a folder, in the order of their names. A broken file is reported with all its
 * faults and leaves the others alone. Throws CONFIG_INVALID only when the folder itself cannot be read.
 */
export function loadPlans(dir: string): PlanSet {
  const files = readPlanFiles(planFilesIn(dir))
  return {
    plans: files.flatMap(({ plan, faults }) => (plan && faults.length === 0 ? [plan] : [])),
    broken: files
      .filter(({ plan, faults }) => !plan || faults.length > 0)
      .map(({ file, name, faults }): BrokenPlan => ({ file, name, faults })),
  }
}

/** A file as it was read. A plan may be there and have faults: those of its name, and of its neighbours'. */
export type PlanFile = BrokenPlan & {
  readonly path: string
  readonly plan?: Plan
  /** Where a field of the plan stands. */
  readonly at?: NonNullable<Reading['at']>
}

/** Reads files as plans that stand beside each other. Never throws: what cannot be read is a fault of its file. */
export function readPlanFiles(paths: readonly string[]): PlanFile[] {
  const readings = paths.map((path) => {
    const file = basename(path)
    return { path, file, name: nameOf(file), ...readPlan(path) }
  })
  return readings.map((reading) => {
    const { file, plan, faults } = reading
    const all = [...faults, ...(plan ? identityFaults(file, plan, readings) : [])]
    return { ...reading, faults: all.map(({ at, ...rest }) => ({ ...at, ...rest })) }
  })
}

/** The paths of a folder's plan files. Throws CONFIG_INVALID when it cannot be read. */
export function planFilesIn(dir: string): string[] {
  try {
    return readdirSync(dir)
      .filter((file) => /^[^.].*\.ya?ml$/i.test(file))
      .sort()
      .map((file) => join(dir, file))
  } catch (error) {
    throw drError('CONFIG_INVALID', { faults: [`the plans' folder cannot be read: ${whyOf(error)}`] }, error)
  }
}

const nameOf = (file: string) => basename(file, extname(file))
const whyOf = (error: unknown) => (error instanceof Error ? error.message : String(error))
const whole = (message: string): Reading => ({
  faults: [{ at: { line: 1, column: 1 }, field: '', message }],
})

function readPlan(path: string): Reading {
  try {
    const { size } = statSync(path)
    if (size > MAX_BYTES)
      return whole(`is ${Math.ceil(size / 1024)} KB; a plan has at most ${MAX_BYTES / 1024} KB`)
    return parsePlan(new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path)))
  } catch (error) {
    if (error instanceof TypeError) return whole('is not UTF-8 text')
    return whole(`cannot be read: ${whyOf(error)}`)
  }
}

/** The file's name is how people call the plan, so it must be the plan's own, and no other file may claim it. */
function identityFaults(
  file: string,
  plan: Plan,
  all: readonly ({ file: string; name: string } & Reading)[],
): Reading['faults'] {
  const at = all.find((other) => other.file === file)?.at?.(['name']) ?? { line: 1, column: 1 }
  const faults: Reading['faults'][number][] = []
  if (nameOf(file) !== plan.name)
    faults.push({
      at,
      field: 'name',
      message: `“${plan.name}” is not the name of the file, “${nameOf(file)}”`,
    })
  const others = all.filter((other) => other.file !== file && other.plan?.name === plan.name)
  // A copy under another name is broken by itself and must not take the original down.
  const rivals = faults.length ? others : others.filter((other) => other.name === plan.name)
  for (const rival of rivals)
    faults.push({ at, field: 'name', message: `“${plan.name}” is also the name in ${rival.file}` })
  return faults
}
