import type { Deployed } from './functions.ts'
import { type Execution, end, functionArn, isRunning, newToken, takeUnseen } from './world/lambda.ts'
import { inputOf, isOver, told } from './world/lambda-operations.ts'

type Parts = {
  readonly now: () => number
  readonly functionOf: (execution: Execution) => Deployed | undefined
  /** Whether Lambda works where the execution is. */
  readonly isReachable: (execution: Execution) => boolean
  /** Told after each invocation. */
  readonly settled: () => void
}

/** An invocation is handed as much of the state; the rest is asked for with GetDurableExecutionState. */
const firstPageBytes = 256 * 1024

/** Invokes durable functions: never twice at a time for one execution, and once more for what it was not told. */
export class Invocations {
  readonly #parts: Parts
  readonly #running = new Map<Execution, Promise<void>>()
  /** Wanted while they were running. */
  readonly #again = new Set<Execution>()

  constructor(parts: Parts) {
    this.#parts = parts
  }

  want(execution: Execution): void {
    if (this.#running.has(execution)) {
      this.#again.add(execution)
      return
    }
    const invocation = this.#invoke(execution).then(() => {
      this.#running.delete(execution)
      if (this.#again.delete(execution) && hasNews(execution)) this.want(execution)
      this.#parts.settled()
    })
    this.#running.set(execution, invocation)
  }

  async idle(): Promise<void> {
    while (this.#running.size) {
      await Promise.all(this.#running.values())
      await new Promise((resolve) => setImmediate(resolve))
    }
  }

  async #invoke(execution: Execution): Promise<void> {
    const deployed = this.#parts.functionOf(execution)
    if (!isRunning(execution) || !deployed || !this.#parts.isReachable(execution)) return
    const { region, functionName, version } = execution
    const before = stateOf(execution)
    let answer: string
    try {
      answer = await deployed.invoke({
        requestId: crypto.randomUUID(),
        functionArn: `${functionArn(region, functionName)}:${version}`,
        payload: JSON.stringify(eventOf(execution)),
        isWanted: () => isRunning(execution),
      })
      this.#settle(execution, outcomeOf(answer), before)
    } catch {
      this.#broke(execution)
    }
  }

  #settle(execution: Execution, { Status, Result, Error: error }: Outcome, before: string): void {
    const now = this.#parts.now()
    execution.failures = 0
    if (Status === 'SUCCEEDED') end(execution, 'SUCCEEDED', now, { result: Result })
    else if (Status === 'FAILED') end(execution, 'FAILED', now, { error })
    else if (hasNews(execution)) this.#again.add(execution)
    else if (isWaiting(execution)) return
    // What came due under way was told in answer to a checkpoint, when the invocation was ending already.
    else if (stateOf(execution) !== before) execution.retryAt = now
    else end(execution, 'FAILED', now, { error: nothingPending })
  }

  #broke(execution: Execution): void {
    if (!isRunning(execution)) return
    execution.failures++
    execution.retryAt = this.#parts.now() + Math.min(60_000, 1000 * 2 ** Math.min(execution.failures, 6))
  }
}

/** The event of an invocation; whoever holds the token of an earlier one can write no more. */
function eventOf(execution: Execution) {
  const CheckpointToken = newToken(execution)
  const UpdatedOperationIds = takeUnseen(execution).map(({ id }) => id)
  return {
    DurableExecutionArn: execution.arn,
    CheckpointToken,
    UpdatedOperationIds,
    InitialExecutionState: firstPage(execution),
  }
}

function firstPage(execution: Execution): { Operations: object[]; NextMarker?: string } {
  const Operations: object[] = [inputOf(execution)]
  let bytes = 0
  for (const operation of execution.operations) {
    if (bytes > firstPageBytes) return { Operations, NextMarker: markerAt(Operations.length - 1) }
    const next = told(operation)
    bytes += JSON.stringify(next).length
    Operations.push(next)
  }
  return { Operations }
}

/** A marker of GetDurableExecutionState: so many operations have been told. */
export const markerAt = (count: number): string => Buffer.from(`state:${count}`).toString('base64url')

type Outcome = {
  readonly Status: 'SUCCEEDED' | 'FAILED' | 'PENDING'
  readonly Result?: string
  readonly Error?: { readonly ErrorType?: string; readonly ErrorMessage?: string }
}

/** Throws for anything that is not what a durable function answers. */
function outcomeOf(answer: string): Outcome {
  const outcome = JSON.parse(answer) as Outcome | null
  if (outcome && ['SUCCEEDED', 'FAILED', 'PENDING'].includes(outcome.Status)) return outcome
  throw new Error('The function did not answer as a durable function does.')
}

const hasNews = (execution: Execution): boolean =>
  isRunning(execution) && execution.operations.some(({ unseen }) => unseen)

/** Whether anything is still to come: a timer, or somebody's answer. */
const isWaiting = ({ operations }: Execution): boolean =>
  operations.some((each) => !isOver(each) && (each.wakeAt !== undefined || each.callbackId !== undefined))

/** How far each operation of an execution is. */
const stateOf = ({ operations }: Execution): string =>
  operations.map(({ id, status, attempt }) => `${id} ${status} ${attempt ?? ''}`).join()

const nothingPending = {
  ErrorType: 'InvalidParameterValueException',
  ErrorMessage: 'Cannot return PENDING status with no pending operations.',
}
