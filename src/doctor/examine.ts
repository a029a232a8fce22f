import { accounts, credentials } from './accounts.ts'
import { type CheckId, checks, groups } from './checks.ts'
import { clockOfAws } from './clock.ts'
import { drift } from './drift.ts'
import { type Finding, unknown } from './finding.ts'
import { gathered } from './gathered.ts'
import { login } from './login.ts'
import { permitted } from './permitted.ts'
import type { Patient } from './place.ts'
import { placements } from './placement.ts'
import { slack } from './slack.ts'
import { stackOf } from './stack.ts'
import { stackFunctions } from './stack-functions.ts'
import { deadLetters, stackAlarms } from './stack-watch.ts'
import { judgePlacement, table } from './table.ts'
import { terminal } from './terminal.ts'

/** Every part answers by then, or is not waited for: people's ms. */
const PART_MS = 4_500

type Part = { readonly check: CheckId; readonly look: () => Promise<readonly Finding[]> }

/** Looks at everything at once and changes nothing. In the order of groups and checks; never rejects for what is found. */
export async function examine(patient: Patient): Promise<readonly Finding[]> {
  const parts = await Promise.all(partsOf(patient).map((part) => inTime(patient, part)))
  const order = Object.keys(checks)
  const groupOrder = Object.keys(groups)
  const rank = ({ group, check }: Finding) => groupOrder.indexOf(group) * 100 + order.indexOf(check)
  return gathered(parts.flat()).toSorted((a, b) => rank(a) - rank(b))
}

function partsOf(patient: Patient): readonly Part[] {
  const stack = stackOf(patient)
  return [
    { check: 'node', look: async () => terminal(patient) },
    { check: 'clock', look: () => clockOfAws(patient) },
    { check: 'credentials', look: () => credentials(patient) },
    { check: 'account', look: () => accounts(patient) },
    { check: 'permission', look: () => permitted(patient) },
    { check: 'drift', look: () => drift(patient) },
    { check: 'state-region', look: async () => placements(patient) },
    ...(stack
      ? ([
          { check: 'functions', look: () => stackFunctions(patient, stack) },
          { check: 'dead-letters', look: () => deadLetters(patient, stack) },
          { check: 'stack-alarms', look: () => stackAlarms(patient, stack) },
        ] as const)
      : []),
    { check: 'table', look: () => table(patient) },
    { check: 'placement', look: async () => judgePlacement(patient, stack?.region) },
    { check: 'slack-token', look: () => slack(patient) },
    { check: 'login', look: () => login(patient) },
  ]
}

async function inTime({ clocks }: Patient, { check, look }: Part): Promise<readonly Finding[]> {
  const late = Promise.withResolvers<readonly Finding[]>()
  const cancel = clocks.patience.after(PART_MS, () => {
    const says = `it took longer than ${PART_MS / 1000} s`
    late.resolve([
      unknown(check, checks[check].group, says, 'Run doctor again; if it stays, look at the network.'),
    ])
  })
  try {
    return await Promise.race([look(), late.promise])
  } finally {
    cancel()
  }
}
