import { readCompiledPlans } from './compiled.ts'
import { loadPlans } from './loader.ts'
import { type Plans, plansOf } from './plans.ts'

/** The plans at `path`: a folder of plan files, or the JSON they were compiled to. Lambda reads compiled ones only. */
export const openPlans = (path: string): Plans =>
  plansOf(path.endsWith('.json') ? readCompiledPlans(path) : loadPlans(path))
