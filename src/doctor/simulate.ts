import {
  type ContextEntry,
  type EvaluationResult,
  type IAMClient,
  SimulatePrincipalPolicyCommand,
} from '@aws-sdk/client-iam'
import type { Account } from '../aws/clients.ts'
import { troubleOf } from '../aws/faults.ts'
import { type Budget, look } from '../aws/look.ts'
import type { Look } from '../flows/world.ts'
import { patiently, withoutCredentials } from './ask.ts'
import type { CheckId } from './checks.ts'
import { type Finding, silent, unknown } from './finding.ts'
import type { Patient } from './place.ts'
import { iamClient, iamRegion, OWN } from './tools.ts'

/** What a role would be allowed: `explicit` where a statement denies it, whatever else allows. */
export type Verdict = {
  readonly action: string
  readonly resource: string
  readonly decision: 'allowed' | 'denied' | 'explicit' | 'depends'
}

/** One question to IAM's simulator: these actions on each of these resources, of calls that carry this context. */
export type Wish = {
  readonly role: string
  readonly actions: readonly string[]
  readonly resources: readonly string[]
  readonly context?: Readonly<Record<string, readonly string[]>>
}

/**
 * Asks IAM's simulator, which carries nothing out: as whoever runs this, and where IAM refuses that, as `account`'s role
 * itself. `via`: the region whose STS gives that.
 */
export async function simulate(
  patient: Patient,
  via: string,
  account: Account,
  wish: Wish,
): Promise<Look<readonly Verdict[]>> {
  const see = async (budget: Budget) => {
    try {
      return await verdicts(iamClient(patient, via, OWN), wish, budget)
    } catch (error) {
      if (!account.role || troubleOf(error).outcome !== 'refused') throw error
      return verdicts(iamClient(patient, via, account), wish, budget)
    }
  }
  return patiently(() => look(patient.clocks, `IAM in ${iamRegion(via)}`, see))
}

async function verdicts(iam: IAMClient, wish: Wish, budget: Budget): Promise<readonly Verdict[]> {
  const found: EvaluationResult[] = []
  let Marker: string | undefined
  do {
    const command: SimulatePrincipalPolicyCommand = new SimulatePrincipalPolicyCommand({
      PolicySourceArn: wish.role,
      ActionNames: [...wish.actions],
      ResourceArns: [...wish.resources],
      ContextEntries: entriesOf(wish.context ?? {}),
      ...(Marker ? { Marker } : {}),
    })
    const page = await iam.send(command, budget)
    found.push(...(page.EvaluationResults ?? []))
    Marker = page.IsTruncated ? page.Marker : undefined
  } while (Marker)
  return found.flatMap(verdictsOf)
}

const entriesOf = (context: NonNullable<Wish['context']>): ContextEntry[] =>
  Object.entries(context).map(([ContextKeyName, values]) => ({
    ContextKeyName,
    ContextKeyValues: [...values],
    ContextKeyType: typeOf(values),
  }))

const typeOf = ([first, ...more]: readonly string[]): ContextEntry['ContextKeyType'] => {
  if (more.length) return 'stringList'
  return first === 'true' ? 'boolean' : 'string'
}

/** Of several resources each has a result of its own. */
function verdictsOf(result: EvaluationResult): readonly Verdict[] {
  const action = result.EvalActionName ?? ''
  const each = result.ResourceSpecificResults ?? []
  if (!each.length)
    return [
      {
        action,
        resource: result.EvalResourceName ?? '*',
        decision: decisionOf(result.EvalDecision, result.MissingContextValues),
      },
    ]
  return each.map((one) => ({
    action,
    resource: one.EvalResourceName ?? '*',
    decision: decisionOf(one.EvalResourceDecision, one.MissingContextValues),
  }))
}

/** A denial that came of something the simulator was not told is none: it depends on the call. */
function decisionOf(
  decision: string | undefined,
  missing: readonly string[] | undefined,
): Verdict['decision'] {
  if (decision === 'allowed') return 'allowed'
  if (missing?.length) return 'depends'
  return decision === 'explicitDeny' ? 'explicit' : 'denied'
}

/** Nothing was simulated: nothing is known of any act of that role. */
export function unsimulated(
  check: CheckId,
  role: string,
  via: string,
  seen: Extract<Look<unknown>, { ok: false }>,
): Finding {
  if (seen.why === 'unreachable') return silent(check, role, iamRegion(via))
  const none = seen.why === 'denied' ? withoutCredentials(seen.detail) : undefined
  if (none) return none
  const why = `what it may change could not be simulated: ${seen.detail.includes('not authorized to perform') ? 'iam:SimulatePrincipalPolicy is not allowed' : seen.detail}`
  return unknown(
    check,
    role,
    why,
    `Allow iam:SimulatePrincipalPolicy on ${role} to it or to whoever runs this, or compare its policies with docs/doctor.md.`,
  )
}
