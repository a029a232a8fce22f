import type * as lambda from '@aws-sdk/client-lambda'
import type { Execution, Operation } from './lambda.ts'

type Event = Omit<lambda.Event, 'EventId'>

/** An execution's events, oldest first; `data` = with inputs, results and errors. Of a step only its last try. */
export function historyOf(execution: Execution, data: boolean): lambda.Event[] {
  const payload = (text: string | undefined) => (data ? { Payload: text } : { Truncated: true })
  const failure = (error: lambda.ErrorObject | undefined) => ({ Error: data ? { Payload: error } : {} })
  const events = [
    {
      EventType: 'ExecutionStarted' as const,
      Name: execution.name,
      EventTimestamp: new Date(execution.startedAt),
      ExecutionStartedDetails: {
        Input: payload(execution.input),
        ExecutionTimeout: execution.timeoutSeconds,
      },
    },
    ...execution.operations.flatMap((operation) => eventsOf(operation, payload, failure)).sort(oldestFirst),
    ...endOf(execution, payload, failure),
  ]
  return events.map((event, index) => ({ EventId: index + 1, ...event }))
}

const oldestFirst = (a: Event, b: Event): number =>
  (a.EventTimestamp?.getTime() ?? 0) - (b.EventTimestamp?.getTime() ?? 0)

type Payload = (text: string | undefined) => lambda.EventResult
type Failure = (error: lambda.ErrorObject | undefined) => { Error: lambda.EventError }

function endOf(execution: Execution, payload: Payload, failure: Failure): Event[] {
  const { status, endedAt, error, name } = execution
  if (endedAt === undefined) return []
  const common = { Name: name, EventTimestamp: new Date(endedAt) }
  switch (status) {
    case 'SUCCEEDED':
      return [
        {
          ...common,
          EventType: 'ExecutionSucceeded',
          ExecutionSucceededDetails: { Result: payload(execution.result) },
        },
      ]
    case 'STOPPED':
      return [{ ...common, EventType: 'ExecutionStopped', ExecutionStoppedDetails: failure(error) }]
    case 'TIMED_OUT':
      return [{ ...common, EventType: 'ExecutionTimedOut', ExecutionTimedOutDetails: failure(error) }]
    default:
      return [{ ...common, EventType: 'ExecutionFailed', ExecutionFailedDetails: failure(error) }]
  }
}

const kinds = { STEP: 'Step', WAIT: 'Wait', CALLBACK: 'Callback', CONTEXT: 'Context' } as const
const ends = { SUCCEEDED: 'Succeeded', FAILED: 'Failed', TIMED_OUT: 'TimedOut' } as const

function eventsOf(operation: Operation, payload: Payload, failure: Failure): Event[] {
  const kind = kinds[operation.type as keyof typeof kinds]
  const { id: Id, name: Name, parentId: ParentId, subType: SubType, status } = operation
  const common = { Id, Name, ParentId, SubType }
  const begun: Event = {
    ...common,
    EventType: `${kind}Started` as lambda.EventType,
    EventTimestamp: new Date(operation.startedAt),
    [`${kind}StartedDetails`]: startOf(operation),
  }
  const end = ends[status as keyof typeof ends]
  if (!end || operation.endedAt === undefined) return [begun]
  const outcome = end === 'Succeeded' ? { Result: payload(operation.result) } : failure(operation.error)
  const retry = kind === 'Step' ? { RetryDetails: { CurrentAttempt: operation.attempt ?? 1 } } : {}
  return [
    begun,
    {
      ...common,
      EventType: `${kind}${end}` as lambda.EventType,
      EventTimestamp: new Date(operation.endedAt),
      [`${kind}${end}Details`]:
        kind === 'Wait' ? { Duration: secondsOf(operation) } : { ...outcome, ...retry },
    },
  ]
}

function startOf(operation: Operation): object {
  const { type, callbackId, deadline, heartbeatMs, startedAt } = operation
  if (type === 'CALLBACK')
    return {
      CallbackId: callbackId,
      ...(deadline === undefined ? {} : { Timeout: (deadline - startedAt) / 1000 }),
      ...(heartbeatMs === undefined ? {} : { HeartbeatTimeout: heartbeatMs / 1000 }),
    }
  const until = operation.wakeAt ?? operation.endedAt ?? startedAt
  return type === 'WAIT' ? { Duration: secondsOf(operation), ScheduledEndTimestamp: new Date(until) } : {}
}

const secondsOf = ({ startedAt, endedAt, wakeAt }: Operation): number =>
  ((endedAt ?? wakeAt ?? startedAt) - startedAt) / 1000
