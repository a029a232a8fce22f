import { pastRuns } from '../../engine/past.ts'
import { lastDrillOf } from '../../flows/history.ts'
import type { Plan } from '../../plan/schema.ts'
import type { Parts } from '../parts.ts'

const WEEK_MS = 7 * 24 * 3_600_000

/** Plans whose drill is overdue, and under which name they are to be reminded now: once a week. */
export async function overdueDrills({
  plans,
  journal,
  clock,
}: Pick<Parts, 'plans' | 'journal' | 'clock'>): Promise<
  readonly { readonly plan: Plan; readonly key: string; readonly lastDrill: string }[]
> {
  const now = clock.now()
  const looked = await Promise.all(
    plans.plans.map(async (plan) => {
      const { due, text } = lastDrillOf(await pastRuns(journal, plan.name), now, plan.drill.everyDays)
      const key = `drill:${plan.name}:${Math.floor(now / WEEK_MS)}`
      return due ? [{ plan, key, lastDrill: text }] : []
    }),
  )
  return looked.flat()
}
