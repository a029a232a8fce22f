import * as lambda from '@aws-sdk/client-lambda'
import type { Deployed, Functions } from '../functions.ts'
import { WireError } from '../wire/failure.ts'
import type { Handlers } from '../wire/service.ts'
import { durableHandlers } from './durable-handlers.ts'
import { absent, type Execution, functionArn, invalid, newToken } from './lambda.ts'
import { type Target, target } from './lambda-target.ts'
import { hex } from './random.ts'
import type { World } from './world.ts'

const mebibyte = 2 ** 20
/** Pauses before an asynchronous invocation of a plain function is tried again, world ms. */
const retries = [60_000, 120_000]

/** Lambda: functions are there when they are deployed to `functions`. */
export function lambdaHandlers(world: World, functions: Functions): Handlers<typeof lambda> {
  return {
    ...durableHandlers(world, functions),
    GetFunction: (input, call) => ({
      Configuration: configurationOf(target(functions, call, input.FunctionName, input.Qualifier)),
    }),
    GetFunctionConfiguration: (input, call) =>
      configurationOf(target(functions, call, input.FunctionName, input.Qualifier)),
    GetAlias: (input, call) => {
      const { deployed } = target(functions, call, input.FunctionName, undefined)
      const arn = `${functionArn(deployed.region, deployed.name)}:${input.Name}`
      if (!deployed.aliases.includes(input.Name ?? '')) throw absent(`Cannot find alias arn: ${arn}`)
      return { AliasArn: arn, Name: input.Name, FunctionVersion: '1', Description: '' }
    },
    Invoke: async (input, call) => {
      const found = target(functions, call, input.FunctionName, input.Qualifier)
      const payload = Buffer.from((input.Payload ?? []) as Uint8Array).toString() || '{}'
      judgePayload(payload, input.InvocationType)
      if (found.deployed.durable) return begin(world, functions, found, input, payload)
      if (input.DurableExecutionName) throw invalid(`Function ${found.deployed.name} is not durable.`)
      return invokePlain(functions, found, input.InvocationType, payload)
    },
  }
}

function configurationOf({ deployed, qualifier }: Target): lambda.FunctionConfiguration {
  const { region, name, durable } = deployed
  return {
    FunctionName: name,
    FunctionArn: `${functionArn(region, name)}${qualifier ? `:${qualifier}` : ''}`,
    Runtime: 'nodejs24.x',
    Architectures: ['arm64'],
    PackageType: 'Zip',
    MemorySize: 512,
    Timeout: 900,
    State: 'Active',
    LastUpdateStatus: 'Successful',
    Version: qualifier === undefined || qualifier === '$LATEST' ? '$LATEST' : '1',
    ...(durable
      ? {
          DurableConfig: {
            ExecutionTimeout: durable.executionTimeoutSeconds,
            RetentionPeriodInDays: durable.retentionDays,
          },
        }
      : {}),
  }
}

function judgePayload(payload: string, kind: string | undefined): void {
  const most = kind === 'Event' ? mebibyte : 6 * mebibyte
  if (Buffer.byteLength(payload) > most) {
    const message = `${Buffer.byteLength(payload)} byte payload is too large for the ${kind ?? 'RequestResponse'} invocation type (limit ${most} bytes)`
    throw new lambda.RequestTooLargeException({ Type: 'User', message, $metadata: {} })
  }
  try {
    JSON.parse(payload)
  } catch {
    const message = 'Could not parse request body into json'
    throw new lambda.InvalidRequestContentException({ Type: 'User', message, $metadata: {} })
  }
}

/** Begins a durable execution, or answers with the one of that name and input. */
function begin(
  world: World,
  functions: Functions,
  { deployed, qualifier }: Target,
  input: lambda.InvokeCommandInput,
  payload: string,
) {
  if (!qualifier) throw invalid('You cannot invoke a durable function using an unqualified ARN.')
  if (input.InvocationType !== 'Event')
    throw new WireError('NotImplemented', 'Only asynchronous durable executions are simulated.', 501)
  const name = input.DurableExecutionName ?? crypto.randomUUID()
  if (!/^[a-zA-Z0-9_-]{1,64}$/.test(name)) throw invalid(`Invalid durable execution name: ${name}`)
  const told = (execution: Execution) => ({
    StatusCode: 202,
    ExecutedVersion: execution.version,
    DurableExecutionArn: execution.arn,
  })
  const { region, name: functionName } = deployed
  const standing = world.lambda.executions.find(
    (each) => each.region === region && each.functionName === functionName && each.name === name,
  )
  if (standing?.input === payload) return told(standing)
  if (standing) {
    const message = `Durable execution ${name} was already started with another input.`
    throw new lambda.DurableExecutionAlreadyStartedException({ Type: 'User', message, $metadata: {} })
  }
  const execution = newExecution(world, deployed, { name, qualifier, input: payload })
  world.lambda.executions.push(execution)
  functions.want(execution)
  return told(execution)
}

function newExecution(
  world: World,
  { region, name: functionName, durable }: Deployed,
  { name, qualifier, input }: { name: string; qualifier: string; input: string },
): Execution {
  const version = qualifier === '$LATEST' ? qualifier : '1'
  const id = hex(`${world.seed}/execution/${world.serial++}/${world.now}`, 32)
  const execution: Execution = {
    arn: `${functionArn(region, functionName)}:${version}/durable-execution/${name}/${id}`,
    ...{ name, region, functionName, version, input },
    startedAt: world.now,
    timeoutSeconds: durable?.executionTimeoutSeconds ?? 0,
    retentionDays: durable?.retentionDays ?? 0,
    status: 'RUNNING',
    token: '',
    tokens: 0,
    failures: 0,
    operations: [],
  }
  newToken(execution)
  return execution
}

async function invokePlain(
  functions: Functions,
  { deployed, qualifier = '$LATEST' }: Target,
  kind: string | undefined,
  payload: string,
) {
  const ExecutedVersion = qualifier === '$LATEST' ? qualifier : '1'
  const invocation = () =>
    deployed.invoke({
      requestId: crypto.randomUUID(),
      functionArn: `${functionArn(deployed.region, deployed.name)}:${qualifier}`,
      payload,
      isWanted: () => true,
    })
  if (kind === 'DryRun') return { StatusCode: 204 }
  if (kind === 'Event') {
    functions.patiently(invocation, retries)
    return { StatusCode: 202 }
  }
  try {
    return { StatusCode: 200, ExecutedVersion, Payload: bytes(await invocation()) }
  } catch (error) {
    const { name, message } = error as Error
    const Payload = bytes(JSON.stringify({ errorType: name, errorMessage: message }))
    return { StatusCode: 200, ExecutedVersion, FunctionError: 'Unhandled', Payload }
  }
}

const bytes = (text: string) => Buffer.from(text) as never
