import { GetCallerIdentityCommand } from '@aws-sdk/client-sts'
import type { Account } from '../aws/clients.ts'
import type { Plan } from '../plan/schema.ts'
import { ask } from './ask.ts'
import { type Finding, fault, ok } from './finding.ts'
import type { Patient } from './place.ts'
import { OWN, placeIn } from './tools.ts'

/** Who the caller is, as a region's own STS says it. */
export type Caller = { readonly account: string; readonly arn: string }

/** Who runs this, as each region of the plans says it; one that gives no answer is said once. */
export async function credentials(patient: Patient): Promise<readonly Finding[]> {
  const regions = [...new Set(patient.plans.plans.flatMap((plan) => Object.values(plan.regions)))]
  const looks = regions.map((region) =>
    ask(patient, { check: 'credentials', about: region, region, service: 'STS' }, async (budget) => {
      const { arn } = await callerIn(patient, region, OWN, budget)
      return [ok('credentials', region, arn), ok('region', region, 'it answers')]
    }),
  )
  return (await Promise.all(looks)).flat()
}

/** Through each region's own STS: whether each plan's roles can be assumed, and whose account they are in. */
export async function accounts(patient: Patient): Promise<readonly Finding[]> {
  const looks = patient.plans.plans.flatMap((plan) =>
    (['workload', 'dns'] as const).flatMap((which) =>
      Object.values(plan.regions).map((region) => accountIn(patient, plan, plan.accounts[which], region)),
    ),
  )
  return (await Promise.all(looks)).flat()
}

function accountIn(patient: Patient, plan: Plan, account: Account, region: string) {
  const { id, role } = account
  const about = role ?? `${plan.name}, account ${id}`
  const question = { check: 'account', about, region, service: 'STS', role } as const
  return ask(patient, question, async (budget) => {
    const caller = await callerIn(patient, region, account, budget)
    return [judgeAccount(about, plan.name, id, caller)]
  })
}

/** The role's account against the plan's. */
export const judgeAccount = (
  about: string,
  plan: string,
  wanted: string,
  { account, arn }: Caller,
): Finding =>
  account === wanted
    ? ok('account', about, `${arn}, account ${account}`)
    : fault('account', about, `it is in account ${account}; the plan “${plan}” says ${wanted}`)

/** Who an account's role is, or who runs this. Rejects as the SDK does. */
export async function callerIn(
  { clients }: Patient,
  region: string,
  account: Account,
  budget: { readonly abortSignal: AbortSignal },
): Promise<Caller> {
  const answer = await clients
    .of('sts', placeIn(region, account))
    .send(new GetCallerIdentityCommand({}), budget)
  return { account: answer.Account ?? 'unknown', arn: answer.Arn ?? 'unknown' }
}
