import type * as lambda from '@aws-sdk/client-lambda'
import { type Execution, invalid, type Operation } from './lambda.ts'

const over: ReadonlySet<string> = new Set(['SUCCEEDED', 'FAILED', 'TIMED_OUT', 'CANCELLED', 'STOPPED'])

export const isOver = ({ status }: Operation): boolean => over.has(status)

/** What an operation becomes by the update; `before` is undefined for its first. Throws what Lambda refuses. */
export function updated(execution: Execution, update: lambda.OperationUpdate, now: number): Operation {
  const { Id = '', Type, ParentId, Name, SubType } = update
  const before = execution.operations.find(({ id }) => id === Id)
  if (before && isOver(before)) throw invalid(`Operation ${Id} is already ${before.status}`)
  if (before && before.type !== Type) throw invalid(`Operation ${Id} is a ${before.type}`)
  const operation: Operation = before ?? {
    id: Id,
    type: Type ?? 'STEP',
    ...(ParentId ? { parentId: ParentId } : {}),
    ...(Name ? { name: Name } : {}),
    ...(SubType ? { subType: SubType } : {}),
    startedAt: now,
    status: 'STARTED',
    unseen: true,
  }
  switch (update.Action) {
    case 'START':
      return started(execution, operation, update, now)
    case 'SUCCEED':
    case 'FAIL':
      return ended(operation, update, now)
    case 'RETRY':
      return retried(operation, update, now)
    default:
      throw invalid(`Action ${update.Action} is not simulated`)
  }
}

function started(
  execution: Execution,
  operation: Operation,
  update: lambda.OperationUpdate,
  now: number,
): Operation {
  const { wakeAt: _, ...awake } = operation
  const begun: Operation = { ...awake, status: 'STARTED', unseen: true }
  switch (operation.type) {
    case 'STEP':
    case 'CONTEXT':
      return begun
    case 'WAIT':
      return { ...begun, wakeAt: now + seconds(update.WaitOptions?.WaitSeconds, 'WaitSeconds') }
    case 'CALLBACK':
      return awaited(execution, begun, update.CallbackOptions, now)
    default:
      throw invalid(`Operations of type ${operation.type} are not simulated`)
  }
}

function seconds(given: number | undefined, what: string): number {
  if (given === undefined || !Number.isInteger(given) || given < 1 || given > 31_622_400)
    throw invalid(`${what} must be between 1 and 31622400`)
  return given * 1000
}

function awaited(
  { arn }: Execution,
  operation: Operation,
  { TimeoutSeconds, HeartbeatTimeoutSeconds }: lambda.CallbackOptions = {},
  now: number,
): Operation {
  const callbackId = Buffer.from(JSON.stringify({ arn, operation: operation.id })).toString('base64url')
  return alive(
    {
      ...operation,
      callbackId,
      ...(TimeoutSeconds ? { deadline: now + TimeoutSeconds * 1000 } : {}),
      ...(HeartbeatTimeoutSeconds ? { heartbeatMs: HeartbeatTimeoutSeconds * 1000 } : {}),
    },
    now,
  )
}

/** A callback whose answerer was just heard of: it is waited for longer, but not beyond its deadline. */
export function alive(operation: Operation, now: number): Operation {
  const { wakeAt: _, ...rest } = operation
  const { deadline = Number.POSITIVE_INFINITY, heartbeatMs = Number.POSITIVE_INFINITY } = operation
  const wakeAt = Math.min(deadline, now + heartbeatMs)
  return Number.isFinite(wakeAt) ? { ...rest, wakeAt } : rest
}

function ended(operation: Operation, update: lambda.OperationUpdate, now: number): Operation {
  const { wakeAt: _, result: _result, error: _error, ...rest } = operation
  return {
    ...rest,
    status: update.Action === 'SUCCEED' ? 'SUCCEEDED' : 'FAILED',
    endedAt: now,
    unseen: true,
    ...(operation.type === 'STEP' ? { attempt: (operation.attempt ?? 0) + 1 } : {}),
    ...(update.Payload === undefined ? {} : { result: update.Payload }),
    ...(update.Error ? { error: update.Error } : {}),
    ...(update.ContextOptions?.ReplayChildren ? { replayChildren: true } : {}),
  }
}

function retried(operation: Operation, update: lambda.OperationUpdate, now: number): Operation {
  const delay = seconds(update.StepOptions?.NextAttemptDelaySeconds, 'NextAttemptDelaySeconds')
  return {
    ...operation,
    status: 'PENDING',
    attempt: (operation.attempt ?? 0) + 1,
    wakeAt: now + delay,
    unseen: true,
    ...(update.Payload === undefined ? {} : { result: update.Payload }),
    ...(update.Error ? { error: update.Error } : {}),
  }
}

/** What an operation becomes when its time, `at`, has come. */
export function wakened(operation: Operation, at: number): Operation {
  const { wakeAt: _, ...rest } = operation
  if (operation.type === 'WAIT') return { ...rest, status: 'SUCCEEDED', endedAt: at, unseen: true }
  if (operation.type !== 'CALLBACK') return { ...rest, status: 'READY', unseen: true }
  const isLate = operation.deadline !== undefined && operation.deadline <= at
  const ErrorMessage = isLate ? 'Callback timed out' : 'Callback timed out on heartbeat'
  return { ...rest, status: 'TIMED_OUT', endedAt: at, unseen: true, error: { ErrorMessage } }
}

/** A callback that has been answered. */
export function answered(
  operation: Operation,
  outcome: { readonly result: string } | { readonly error: lambda.ErrorObject },
  at: number,
): Operation {
  const { wakeAt: _, ...rest } = operation
  const status = 'result' in outcome ? 'SUCCEEDED' : 'FAILED'
  return { ...rest, ...outcome, status, endedAt: at, unseen: true }
}

/** As Lambda tells it. */
export function told(operation: Operation): lambda.Operation {
  const { type, result: Result, error, wakeAt, attempt } = operation
  const time = (at: number) => new Date(at)
  const outcome = { ...(Result === undefined ? {} : { Result }), ...(error ? { Error: error } : {}) }
  return {
    Id: operation.id,
    ParentId: operation.parentId,
    Name: operation.name,
    Type: type,
    SubType: operation.subType,
    Status: operation.status,
    StartTimestamp: time(operation.startedAt),
    ...(operation.endedAt === undefined ? {} : { EndTimestamp: time(operation.endedAt) }),
    ...(type === 'CONTEXT'
      ? { ContextDetails: { ...outcome, ReplayChildren: operation.replayChildren } }
      : {}),
    ...(type === 'WAIT' && wakeAt !== undefined
      ? { WaitDetails: { ScheduledEndTimestamp: time(wakeAt) } }
      : {}),
    ...(type === 'CALLBACK' ? { CallbackDetails: { CallbackId: operation.callbackId, ...outcome } } : {}),
    ...(type === 'STEP'
      ? {
          StepDetails: {
            Attempt: attempt ?? 0,
            ...outcome,
            ...(wakeAt === undefined ? {} : { NextAttemptTimestamp: time(wakeAt) }),
          },
        }
      : {}),
  }
}

/** The operation that carries an execution's input; the function is told it first. */
export const inputOf = ({ arn, startedAt, input }: Execution): lambda.Operation => ({
  Id: arn.split('/').at(-1),
  Type: 'EXECUTION',
  Status: 'STARTED',
  StartTimestamp: new Date(startedAt),
  ExecutionDetails: { InputPayload: input },
})
