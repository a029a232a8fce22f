import { faultLines, type PlanSet } from '../plan/faults.ts'
import type { Plans } from './parts.ts'

/** Plans as the bot works with them: the faults of broken files as the lines people are told. */
export function plansOf({ plans, broken, commit }: PlanSet & { readonly commit?: string }): Plans {
  return {
    plans,
    broken: broken.map((file) => ({ name: file.name, faults: faultLines(file) })),
    ...(commit ? { commit } : {}),
  }
}
