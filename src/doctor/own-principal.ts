import { GetRoleCommand } from '@aws-sdk/client-iam'
import { GetFunctionConfigurationCommand, LambdaClient } from '@aws-sdk/client-lambda'
import { look } from '../aws/look.ts'
import { callerIn } from './accounts.ts'
import { patiently } from './ask.ts'
import type { Patient } from './place.ts'
import { stackOf } from './stack.ts'
import { clientAs, iamClient, OWN } from './tools.ts'

/** Whose policies count where a plan names no role: the durable function's role, or whoever runs this. */
export async function ownPrincipal(patient: Patient): Promise<string | undefined> {
  const stack = stackOf(patient)
  const seen = await patiently(() =>
    look(patient.clocks, 'who the bot is', async (budget) => {
      if (!stack) return ofCaller(patient, budget)
      const lambda = clientAs(patient, LambdaClient, { service: 'lambda', region: stack.region })
      const { Role } = await lambda.send(
        new GetFunctionConfigurationCommand({ FunctionName: stack.run }),
        budget,
      )
      return Role
    }),
  )
  return seen.ok ? seen.value : undefined
}

/** A session does not say the path of its role; IAM does. */
async function ofCaller(patient: Patient, budget: { readonly abortSignal: AbortSignal }) {
  const region = patient.plans.plans[0]?.regions.dr
  if (!region) return undefined
  const { arn } = await callerIn(patient, region, OWN, budget)
  const [, RoleName] = /:assumed-role\/([^/]+)\//.exec(arn) ?? []
  if (!RoleName) return arn
  const { Role } = await iamClient(patient, region).send(new GetRoleCommand({ RoleName }), budget)
  return Role?.Arn
}
