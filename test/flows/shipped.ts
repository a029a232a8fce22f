import { join } from 'node:path'
import { loadPlans } from '../../src/plan/loader.ts'
import type { Plan } from '../../src/plan/schema.ts'

/** A shipped plan; its ids are those of the simulated AWS. */
export function shipped(name: 'orders' | 'billing'): Plan {
  const plan = loadPlans(join(import.meta.dirname, '../../plans')).plans.find((each) => each.name === name)
  if (!plan) throw new Error(`plans/${name}.yaml cannot be read`)
  return plan
}
