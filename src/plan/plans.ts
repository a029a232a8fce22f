import { drError } from '../engine/errors.ts'
import { faultLines, type PlanSet } from './faults.ts'
import type { Plan } from './schema.ts'

/** Plans that can be used; files that cannot, with what people are told of them; and the commit they were at. */
export type Plans = {
  readonly plans: readonly Plan[]
  readonly broken: readonly { readonly name: string; readonly faults: readonly string[] }[]
  readonly commit?: string
}

/** Plans as they were read, with the faults of broken files as lines. */
export function plansOf({ plans, broken, commit }: PlanSet & { readonly commit?: string }): Plans {
  return {
    plans,
    broken: broken.map((file) => ({ name: file.name, faults: faultLines(file) })),
    ...(commit ? { commit } : {}),
  }
}

/** The plan of that name. Throws PLAN_UNKNOWN, or PLAN_BROKEN with every fault of its file. */
export function planOf({ plans, broken }: Plans, name: string): Plan {
  const plan = plans.find((known) => known.name === name)
  if (plan) return plan
  const faulty = broken.find((known) => known.name === name)
  if (faulty) throw drError('PLAN_BROKEN', { plan: name, faults: faulty.faults })
  throw drError('PLAN_UNKNOWN', { plan: name, known: plans.map((known) => known.name) })
}
