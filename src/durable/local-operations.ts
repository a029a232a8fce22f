import {
  DurableExecutionClientError,
  DurableExecutionClientErrorScope,
  type OperationUpdate,
  type WireOperation,
} from '@aws/durable-execution-sdk-js'

/** An operation as it is kept: the SDK's record of it, and what its timers need. Times in ms of the engine's clock. */
export type Kept = {
  readonly op: WireOperation
  /** When `wakened` is to be called. */
  readonly wakeAt?: number
  /** When a callback times out, whatever its heartbeats. */
  readonly deadline?: number
  readonly heartbeatMs?: number
}

const OVER: ReadonlySet<string> = new Set(['SUCCEEDED', 'FAILED', 'TIMED_OUT', 'CANCELLED', 'STOPPED'])

/** Nothing more will happen to the operation. */
export const isOver = ({ op }: Kept): boolean => OVER.has(op.Status ?? '')

/** The SDK is told that this execution cannot go on: it ends FAILED. */
export const permanent = (why: string) =>
  new DurableExecutionClientError(why, { scope: DurableExecutionClientErrorScope.EXECUTION })

/** The SDK is told that this invocation cannot go on: the engine starts another one. */
export const transient = (why: string) =>
  new DurableExecutionClientError(why, { scope: DurableExecutionClientErrorScope.INVOCATION })

/** The operation that carries an execution's input; the SDK expects it first. */
export const inputOperation = (execution: string, payload: string, now: number): Kept => ({
  op: {
    Id: `${execution}:input`,
    Type: 'EXECUTION',
    Status: 'STARTED',
    StartTimestamp: timestamp(now),
    ExecutionDetails: { InputPayload: payload },
  },
})

/** What an operation becomes by the SDK's update; `before` is undefined for its first. Throws `permanent` errors. */
export function updated(
  before: Kept | undefined,
  update: OperationUpdate,
  now: number,
  callbackId: string,
): Kept {
  if (before && isOver(before))
    throw permanent(`cannot ${update.Action} ${update.Name}: it is already ${before.op.Status}`)
  const op: WireOperation = before?.op ?? {
    Id: update.Id,
    ParentId: update.ParentId,
    Name: update.Name,
    Type: update.Type,
    SubType: update.SubType,
    StartTimestamp: timestamp(now),
    Status: 'STARTED',
  }
  switch (update.Action) {
    case 'START':
      return started(op, update, now, callbackId)
    case 'SUCCEED':
    case 'FAIL':
      return { op: ended(op, update, now) }
    case 'RETRY':
      return retried(op, update, now)
    default:
      throw permanent(`the local engine does not know ${update.Action}`)
  }
}

function started(op: WireOperation, update: OperationUpdate, now: number, callbackId: string): Kept {
  switch (update.Type) {
    case 'STEP':
      return { op: { ...op, Status: 'STARTED', StepDetails: withoutNextAttempt(op) } }
    case 'CONTEXT':
      return { op: { ...op, Status: 'STARTED', ContextDetails: {} } }
    case 'WAIT': {
      const wakeAt = now + (update.WaitOptions?.WaitSeconds ?? 0) * 1000
      return { op: { ...op, WaitDetails: { ScheduledEndTimestamp: timestamp(wakeAt) } }, wakeAt }
    }
    case 'CALLBACK':
      return awaited({ ...op, CallbackDetails: { CallbackId: callbackId } }, update, now)
    default:
      throw permanent(`the local engine has no ${update.Type}`)
  }
}

function withoutNextAttempt({ StepDetails }: WireOperation): NonNullable<WireOperation['StepDetails']> {
  const { NextAttemptTimestamp: _, ...details } = StepDetails ?? {}
  return details
}

function awaited(op: WireOperation, { CallbackOptions }: OperationUpdate, now: number): Kept {
  const timeout = CallbackOptions?.TimeoutSeconds
  const heartbeat = CallbackOptions?.HeartbeatTimeoutSeconds
  return alive(
    {
      op,
      ...(timeout ? { deadline: now + timeout * 1000 } : {}),
      ...(heartbeat ? { heartbeatMs: heartbeat * 1000 } : {}),
    },
    now,
  )
}

/** A callback whose answerer has just been heard of: it is waited for longer, but not beyond its deadline. */
export function alive(kept: Kept, now: number): Kept {
  const { wakeAt: _, ...rest } = kept
  const wakeAt = Math.min(
    kept.deadline ?? Number.POSITIVE_INFINITY,
    kept.heartbeatMs === undefined ? Number.POSITIVE_INFINITY : now + kept.heartbeatMs,
  )
  return Number.isFinite(wakeAt) ? { ...rest, wakeAt } : rest
}

function ended(op: WireOperation, update: OperationUpdate, now: number): WireOperation {
  const outcome = { Result: update.Payload, Error: update.Error }
  return {
    ...op,
    Status: update.Action === 'SUCCEED' ? 'SUCCEEDED' : 'FAILED',
    EndTimestamp: timestamp(now),
    ...(update.Type === 'STEP' ? { StepDetails: { Attempt: attempts(op), ...outcome } } : {}),
    ...(update.Type === 'CONTEXT'
      ? { ContextDetails: { ...outcome, ReplayChildren: update.ContextOptions?.ReplayChildren } }
      : {}),
  }
}

function retried(op: WireOperation, update: OperationUpdate, now: number): Kept {
  const wakeAt = now + (update.StepOptions?.NextAttemptDelaySeconds ?? 0) * 1000
  const StepDetails = {
    Attempt: attempts(op),
    Result: update.Payload,
    Error: update.Error,
    NextAttemptTimestamp: timestamp(wakeAt),
  }
  return { op: { ...op, Status: 'PENDING', StepDetails }, wakeAt }
}

const attempts = (op: WireOperation) => (op.StepDetails?.Attempt ?? 0) + 1

/** What an operation becomes when its time has come. */
export function wakened({ op, deadline }: Kept, now: number): Kept {
  switch (op.Type) {
    case 'WAIT':
      return { op: { ...op, Status: 'SUCCEEDED', EndTimestamp: timestamp(now) } }
    case 'CALLBACK': {
      const ErrorMessage =
        deadline !== undefined && deadline <= now ? 'Callback timed out' : 'Callback timed out on heartbeat'
      const CallbackDetails = { ...op.CallbackDetails, Error: { ErrorMessage } }
      return { op: { ...op, Status: 'TIMED_OUT', EndTimestamp: timestamp(now), CallbackDetails } }
    }
    default:
      return { op: { ...op, Status: 'READY' } }
  }
}

/** A callback that has been answered with this JSON. */
export const answered = ({ op }: Kept, Result: string, now: number): Kept => ({
  op: {
    ...op,
    Status: 'SUCCEEDED',
    EndTimestamp: timestamp(now),
    CallbackDetails: { ...op.CallbackDetails, Result },
  },
})

const timestamp = (ms: number) => new Date(ms).toISOString()
