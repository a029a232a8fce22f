import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadPlans } from '../src/plan/loader.ts'
import type { Plans } from '../src/plan/plans.ts'
import { plansOf } from '../src/plan/plans.ts'
import type { Simulation } from './aws/simulator.ts'
import { type PlanSlack, writePlans } from './plans.ts'

const SHIPPED = join(import.meta.dirname, '../plans')
/** People for nights without Slack: one asks, the other approves, and both may break the glass. */
export const PEOPLE: PlanSlack = {
  channel: 'C0INCIDENT',
  requesters: ['U0ASKS'],
  approvers: ['U0ASKS', 'U0AGREES'],
  breakGlass: ['U0ASKS'],
}

/** The shipped plans with the ids of a simulated AWS, read as the bot reads them. */
export function simulatedPlans(simulation: Simulation, slack: PlanSlack = PEOPLE): Plans {
  const dir = mkdtempSync(join(tmpdir(), 'understudy-plans-'))
  try {
    writePlans(SHIPPED, dir, slack, (name) =>
      name === 'orders' || name === 'billing' ? simulation.ids(name) : undefined,
    )
    return plansOf({ ...loadPlans(dir), commit: 'simulated' })
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}
