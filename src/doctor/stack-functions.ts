import {
  type FunctionConfiguration,
  GetAliasCommand,
  GetFunctionConcurrencyCommand,
  GetFunctionConfigurationCommand,
  LambdaClient,
  ListDurableExecutionsByFunctionCommand,
  ResourceNotFoundException,
} from '@aws-sdk/client-lambda'
import { troubleOf } from '../aws/faults.ts'
import type { Budget } from '../aws/look.ts'
import { ask } from './ask.ts'
import type { CheckId } from './checks.ts'
import { type Finding, fault, ok } from './finding.ts'
import type { Patient } from './place.ts'
import { functionNames, type Stack } from './stack.ts'
import { clientAs } from './tools.ts'

/** The functions of the stack, and whether the one that carries runs out can. */
export async function stackFunctions(patient: Patient, stack: Stack): Promise<readonly Finding[]> {
  const lambda = clientAs(patient, LambdaClient, { service: 'lambda', region: stack.region })
  const see = (check: CheckId, about: string, call: (budget: Budget) => Promise<readonly Finding[]>) =>
    ask(patient, { check, about, region: stack.region, service: 'Lambda' }, call)
  const all = [
    ...functionNames.map((end) => {
      const name = end === 'run' ? stack.run : `${stack.prefix}-${end}`
      return see('functions', name, (budget) => oneFunction(lambda, name, end === 'run', budget))
    }),
    see('durable', stack.run, (budget) => alias(lambda, stack, budget)),
    see('durable', stack.region, (budget) => service(lambda, stack, budget)),
  ]
  return (await Promise.all(all)).flat()
}

async function oneFunction(lambda: LambdaClient, name: string, durable: boolean, budget: Budget) {
  const input = { FunctionName: name }
  try {
    const [configuration, { ReservedConcurrentExecutions: reserved }] = await Promise.all([
      lambda.send(new GetFunctionConfigurationCommand(input), budget),
      lambda.send(new GetFunctionConcurrencyCommand(input), budget),
    ])
    return [
      judgeFunction(name, configuration, reserved),
      ...(durable ? [judgeDurable(name, configuration)] : []),
    ]
  } catch (error) {
    if (!(error instanceof ResourceNotFoundException)) throw error
    return [fault('functions', name, 'there is no such function')]
  }
}

/** `reserved`: its own concurrency, where it has one. */
export function judgeFunction(
  name: string,
  { State, StateReason, LastUpdateStatus, LastUpdateStatusReason }: FunctionConfiguration,
  reserved: number | undefined,
): Finding {
  if (reserved === 0)
    return fault(
      'functions',
      name,
      'its concurrency is set to 0: nothing runs',
      `Somebody stopped it on purpose, perhaps: \`aws lambda delete-function-concurrency --function-name ${name}\` lets it run again.`,
    )
  if (State !== 'Active' && State !== 'Inactive')
    return fault('functions', name, `it is ${State}: ${StateReason ?? 'Lambda does not say why'}`)
  if (LastUpdateStatus === 'Failed')
    return fault('functions', name, `its last update failed: ${LastUpdateStatusReason ?? 'no reason given'}`)
  return ok('functions', name, 'active')
}

export const judgeDurable = (name: string, { DurableConfig }: FunctionConfiguration): Finding =>
  DurableConfig?.ExecutionTimeout
    ? ok('durable', name, 'it has a DurableConfig')
    : fault('durable', name, 'it has no DurableConfig: no run could be started')

/** Runs stay on the version they were started on: behind an alias of `$LATEST` they would not. */
async function alias(lambda: LambdaClient, { run, alias: name }: Stack, budget: Budget) {
  const about = `${run}:${name}`
  try {
    const { FunctionVersion: version } = await lambda.send(
      new GetAliasCommand({ FunctionName: run, Name: name }),
      budget,
    )
    return [
      version && version !== '$LATEST'
        ? ok('durable', about, `version ${version}`)
        : fault('durable', about, `it points to ${version}: a deployment would change runs under way`),
    ]
  } catch (error) {
    if (!(error instanceof ResourceNotFoundException)) throw error
    return [fault('durable', about, 'there is no such alias')]
  }
}

async function service(lambda: LambdaClient, { run, region }: Stack, budget: Budget) {
  try {
    const command = new ListDurableExecutionsByFunctionCommand({ FunctionName: run, MaxItems: 1 })
    await lambda.send(command, budget)
    return [ok('durable', region, 'durable functions answer')]
  } catch (error) {
    // Told with the function itself.
    if (error instanceof ResourceNotFoundException) return []
    const { outcome, why, message } = troubleOf(error)
    if (outcome !== 'refused' || why !== 'failed') throw error
    return [
      fault(
        'durable',
        region,
        `Lambda does not know durable functions there: ${message}`,
        'Deploy the bot into a region that has them; AWS Capabilities by Region lists those.',
      ),
    ]
  }
}
