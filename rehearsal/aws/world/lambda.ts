import * as lambda from '@aws-sdk/client-lambda'
import { accounts, type World } from './world.ts'

/** What Lambda keeps of durable functions; which functions are deployed is not of the world. Times in world ms. */
export type LambdaState = { executions: Execution[] }

export type Execution = {
  readonly arn: string
  readonly name: string
  readonly region: string
  readonly functionName: string
  readonly version: string
  readonly input: string
  readonly startedAt: number
  readonly timeoutSeconds: number
  readonly retentionDays: number
  status: lambda.ExecutionStatus
  endedAt?: number
  result?: string
  error?: lambda.ErrorObject
  /** Good for the next checkpoint of the newest invocation, and for nothing else. */
  token: string
  tokens: number
  /** The last checkpoint: whoever repeats it is told the same. */
  last?: { readonly token: string; readonly clientToken: string; readonly told: readonly string[] }
  /** Invocations that broke off in a row, and when it is invoked again after the last of them. */
  failures: number
  retryAt?: number
  readonly operations: Operation[]
}

export type Operation = {
  readonly id: string
  readonly parentId?: string
  readonly name?: string
  readonly type: lambda.OperationType
  readonly subType?: string
  readonly startedAt: number
  readonly status: lambda.OperationStatus
  readonly endedAt?: number
  readonly attempt?: number
  readonly result?: string
  readonly error?: lambda.ErrorObject
  readonly replayChildren?: boolean
  readonly callbackId?: string
  /** When something becomes of it by itself. */
  readonly wakeAt?: number
  /** When a callback times out, whatever its heartbeats. */
  readonly deadline?: number
  readonly heartbeatMs?: number
  /** The function has not been told of it. */
  unseen: boolean
}

const dayMs = 86_400_000

export const isRunning = ({ status }: Execution): boolean => status === 'RUNNING'

export const functionArn = (region: string, name: string): string =>
  `arn:aws:lambda:${region}:${accounts.workload}:function:${name}`

export const invalid = (message: string): Error =>
  new lambda.InvalidParameterValueException({ Type: 'User', message, $metadata: {} })

export const absent = (message: string): Error =>
  new lambda.ResourceNotFoundException({ Type: 'User', Message: message, message, $metadata: {} })

/** Of that ARN; throws when Lambda keeps none in that region. */
export function executionOf(world: World, region: string, arn: string | undefined): Execution {
  const found = world.lambda.executions.find((each) => each.arn === arn && each.region === region)
  if (found) return found
  throw absent(`Durable execution not found: ${arn}`)
}

/** Keeps the operation in place of its former self. */
export function keep(execution: Execution, operation: Operation): void {
  const place = execution.operations.findIndex(({ id }) => id === operation.id)
  if (place === -1) execution.operations.push(operation)
  else execution.operations[place] = operation
}

/** Ends a running execution; nothing happens to one that is over. */
export function end(
  execution: Execution,
  status: lambda.ExecutionStatus,
  at: number,
  outcome: { result?: string | undefined; error?: lambda.ErrorObject | undefined } = {},
): void {
  if (!isRunning(execution)) return
  execution.status = status
  execution.endedAt = at
  if (outcome.result !== undefined) execution.result = outcome.result
  if (outcome.error) execution.error = outcome.error
  delete execution.retryAt
}

/** A token for the next checkpoint; those before it are good for nothing any more. */
export function newToken(execution: Execution): string {
  execution.token = Buffer.from(`${execution.arn.split('/').at(-1)}#${++execution.tokens}`).toString(
    'base64url',
  )
  return execution.token
}

/** What the function has not been told of; from now on it has. */
export function takeUnseen({ operations }: Execution): Operation[] {
  const unseen = operations.filter((operation) => operation.unseen)
  for (const operation of unseen) operation.unseen = false
  return unseen
}

export const deadlineOf = ({ startedAt, timeoutSeconds }: Execution): number =>
  startedAt + timeoutSeconds * 1000

/** Forgets what has been over for longer than it is to be kept. */
export function forgetOld({ lambda: state }: World, now: number): void {
  state.executions = state.executions.filter(
    ({ endedAt, retentionDays }) => endedAt === undefined || endedAt + retentionDays * dayMs > now,
  )
}
