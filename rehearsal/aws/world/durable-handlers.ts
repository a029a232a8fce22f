import * as lambda from '@aws-sdk/client-lambda'
import type { Functions } from '../functions.ts'
import { markerAt } from '../invocations.ts'
import type { Call, Handlers } from '../wire/service.ts'
import { historyOf } from './durable-history.ts'
import {
  type Execution,
  end,
  executionOf,
  functionArn,
  invalid,
  isRunning,
  keep,
  newToken,
  type Operation,
  takeUnseen,
} from './lambda.ts'
import { alive, answered, inputOf, isOver, told, updated } from './lambda-operations.ts'
import { target } from './lambda-target.ts'
import { page, withTokens } from './page.ts'
import type { World } from './world.ts'

const mebibyte = 2 ** 20

/** What Lambda does for durable executions. */
export function durableHandlers(world: World, functions: Functions): Handlers<typeof lambda> {
  const found = (call: Call, arn: string | undefined): Execution => {
    functions.wake()
    return executionOf(world, call.region, arn)
  }
  return {
    CheckpointDurableExecution: (input, call) => {
      const answer = checkpoint(found(call, input.DurableExecutionArn), input, functions, world.now)
      functions.arm()
      return answer
    },
    GetDurableExecutionState: (input, call) => {
      const execution = found(call, input.DurableExecutionArn)
      if (execution.token !== input.CheckpointToken) throw invalid(badToken)
      return stateOf(execution, input)
    },
    GetDurableExecution: (input, call) => describe(found(call, input.DurableExecutionArn)),
    GetDurableExecutionHistory: (input, call) => history(found(call, input.DurableExecutionArn), input),
    ListDurableExecutionsByFunction: (input, call) => {
      functions.wake()
      return list(world, functions, input, call)
    },
    StopDurableExecution: (input, call) => {
      const execution = found(call, input.DurableExecutionArn)
      end(execution, 'STOPPED', world.now, { error: input.Error })
      return { StopTimestamp: new Date(execution.endedAt ?? world.now) }
    },
    ...callbackHandlers(world, functions),
  }
}

function callbackHandlers(world: World, functions: Functions): Handlers<typeof lambda> {
  const settle = (id: string | undefined, outcome: Parameters<typeof answered>[1]) => {
    const { execution, operation } = callbackOf(world, functions, id)
    keep(execution, answered(operation, outcome, world.now))
    functions.want(execution)
    return {}
  }
  return {
    SendDurableExecutionCallbackSuccess: ({ CallbackId, Result }) => {
      const result = Buffer.from((Result ?? []) as Uint8Array).toString()
      if (result.length > mebibyte) throw invalid('The result of a callback may not be longer than 1 MB.')
      return settle(CallbackId, { result })
    },
    SendDurableExecutionCallbackFailure: ({ CallbackId, Error: error }) =>
      settle(CallbackId, { error: error ?? { ErrorMessage: 'Callback failed' } }),
    SendDurableExecutionCallbackHeartbeat: ({ CallbackId }) => {
      const { execution, operation } = callbackOf(world, functions, CallbackId)
      keep(execution, alive(operation, world.now))
      functions.arm()
      return {}
    },
  }
}

const badToken = 'Invalid Checkpoint Token: a newer one was given out, or none.'

function checkpoint(
  execution: Execution,
  input: lambda.CheckpointDurableExecutionRequest,
  functions: Functions,
  now: number,
): lambda.CheckpointDurableExecutionResponse {
  const { CheckpointToken: token = '', ClientToken: clientToken = '', Updates = [] } = input
  const { last } = execution
  if (last && last.token === token && last.clientToken === clientToken) return answer(execution, last.told)
  if (!isRunning(execution)) throw invalid(`Durable execution is ${execution.status}`)
  if (token !== execution.token) throw invalid(badToken)
  for (const update of Updates) apply(execution, update, now)
  functions.wake(execution)
  const ids = takeUnseen(execution).map(({ id }) => id)
  newToken(execution)
  execution.last = { token, clientToken, told: ids }
  return answer(execution, ids)
}

function apply(execution: Execution, update: lambda.OperationUpdate, now: number): void {
  if (update.Type !== 'EXECUTION') return keep(execution, updated(execution, update, now))
  const status = update.Action === 'SUCCEED' ? 'SUCCEEDED' : 'FAILED'
  return end(execution, status, now, { result: update.Payload, error: update.Error })
}

function answer(
  { token, operations }: Execution,
  ids: readonly string[],
): lambda.CheckpointDurableExecutionResponse {
  const Operations = operations.filter(({ id }) => ids.includes(id)).map(told)
  return { CheckpointToken: token, NewExecutionState: { Operations } }
}

/** A page of what an execution has begun, its input first. */
function stateOf(execution: Execution, { Marker, MaxItems }: lambda.GetDurableExecutionStateRequest) {
  const all = [inputOf(execution), ...execution.operations.map(told)]
  const from = Marker ? all.findIndex((_, index) => markerAt(index - 1) === Marker) : 0
  if (from === -1) throw invalid('Invalid Marker')
  const Operations = all.slice(from, from + sizeOf(MaxItems))
  const next = from + Operations.length
  return { Operations, ...(next < all.length ? { NextMarker: markerAt(next - 1) } : {}) }
}

/** A page's size; 0 is the usual one. */
function sizeOf(given: number | undefined): number {
  const size = Number(given ?? 0)
  if (!Number.isInteger(size) || size < 0 || size > 1000) throw invalid('MaxItems must be from 0 to 1000.')
  return size || 100
}

function describe(execution: Execution): lambda.GetDurableExecutionResponse {
  const { result, error, retentionDays, timeoutSeconds } = execution
  return {
    ...summary(execution),
    Version: execution.version,
    InputPayload: execution.input,
    ...(result === undefined ? {} : { Result: result }),
    ...(error ? { Error: error } : {}),
    DurableConfig: { ExecutionTimeout: timeoutSeconds, RetentionPeriodInDays: retentionDays },
  }
}

const summary = ({ arn, name, region, functionName, version, status, startedAt, endedAt }: Execution) => ({
  DurableExecutionArn: arn,
  DurableExecutionName: name,
  FunctionArn: `${functionArn(region, functionName)}:${version}`,
  Status: status,
  StartTimestamp: new Date(startedAt),
  ...(endedAt === undefined ? {} : { EndTimestamp: new Date(endedAt) }),
})

function list(
  world: World,
  functions: Functions,
  input: lambda.ListDurableExecutionsByFunctionRequest,
  call: Call,
): lambda.ListDurableExecutionsByFunctionResponse {
  const { deployed, qualifier } = target(functions, call, input.FunctionName, input.Qualifier)
  const version = qualifier && qualifier !== '$LATEST' ? '1' : qualifier
  const { DurableExecutionName, Statuses, StartedAfter, StartedBefore, ReverseOrder, Marker, MaxItems } =
    input
  const matching = world.lambda.executions.filter(
    (each) =>
      each.region === call.region &&
      each.functionName === deployed.name &&
      (version ?? each.version) === each.version &&
      (DurableExecutionName ?? each.name) === each.name &&
      (!Statuses?.length || Statuses.includes(each.status)) &&
      (!StartedAfter || each.startedAt > StartedAfter.getTime()) &&
      (!StartedBefore || each.startedAt < StartedBefore.getTime()),
  )
  const ordered = ReverseOrder ? matching : matching.toReversed()
  const { items, next } = withTokens('InvalidParameterValueException', 'Invalid Marker', () =>
    page(ordered, ({ arn }) => arn, { token: Marker, size: sizeOf(MaxItems) }),
  )
  return { DurableExecutions: items.map(summary), ...(next ? { NextMarker: next } : {}) }
}

function history(
  execution: Execution,
  input: lambda.GetDurableExecutionHistoryRequest,
): lambda.GetDurableExecutionHistoryResponse {
  const events = historyOf(execution, input.IncludeExecutionData !== false)
  const ordered = input.ReverseOrder ? events.toReversed() : events
  const { items, next } = withTokens('InvalidParameterValueException', 'Invalid Marker', () =>
    page(ordered, ({ EventId }) => String(EventId), { token: input.Marker, size: sizeOf(input.MaxItems) }),
  )
  return { Events: items, ...(next ? { NextMarker: next } : {}) }
}

/** The callback that somebody is still waited for; throws as Lambda does for any other. */
function callbackOf(
  world: World,
  functions: Functions,
  id: string | undefined,
): { execution: Execution; operation: Operation } {
  functions.wake()
  const execution = world.lambda.executions.find(({ operations }) =>
    operations.some(({ callbackId }) => callbackId === id),
  )
  const operation = execution?.operations.find(({ callbackId }) => callbackId === id)
  if (!execution || !operation) throw invalid(`Invalid callback ID: ${id}`)
  if (isRunning(execution) && !isOver(operation)) return { execution, operation }
  const message = 'The callback has timed out or was answered already.'
  throw new lambda.CallbackTimeoutException({ Type: 'User', message, $metadata: {} })
}
