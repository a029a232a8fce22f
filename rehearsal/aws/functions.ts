import type { Clock } from '../../src/engine/ports.ts'
import { Invocations } from './invocations.ts'
import { isDark } from './outages.ts'
import { deadlineOf, type Execution, end, forgetOld, functionArn, isRunning, keep } from './world/lambda.ts'
import { wakened } from './world/lambda-operations.ts'
import type { World } from './world/world.ts'

/** One call of a function's code. */
export type Invocation = {
  readonly requestId: string
  /** As it was invoked: with its alias or version. */
  readonly functionArn: string
  /** JSON. */
  readonly payload: string
  /** False once nobody needs it any more: one that has not begun by then must not. */
  isWanted(): boolean
}

export type Deployed = {
  readonly region: string
  readonly name: string
  /** All of them name version 1. */
  readonly aliases: readonly string[]
  readonly durable?: { readonly executionTimeoutSeconds: number; readonly retentionDays: number }
  /** Runs the code and answers its JSON; rejects when that threw, or its process ended. */
  readonly invoke: (invocation: Invocation) => Promise<string>
}

/**
 * The functions that are deployed to the simulated Lambda, and the one that calls them: at once when an execution begins
 * or is answered, on the world's clock when a timer of it is due, and again when an invocation broke off.
 */
export class Functions {
  readonly #world: () => World
  readonly #clock: Clock
  readonly #deployed = new Map<string, Deployed>()
  readonly #invocations: Invocations
  #disarm = () => {}
  #closed = false

  constructor(world: () => World, clock: Clock) {
    this.#world = world
    this.#clock = clock
    this.#invocations = new Invocations({
      now: () => this.#now(),
      functionOf: ({ region, functionName }) => this.find(region, functionName),
      isReachable: ({ region }) => !isDark(this.#world(), region),
      settled: () => this.arm(),
    })
  }

  /** Makes the function known, or its code another. Its executions that were running go on. */
  deploy(deployed: Deployed): void {
    this.#deployed.set(functionArn(deployed.region, deployed.name), deployed)
    this.goOn(deployed.region)
  }

  arnOf({ region, name }: Pick<Deployed, 'region' | 'name'>): string {
    return functionArn(region, name)
  }

  find(region: string, name: string): Deployed | undefined {
    return this.#deployed.get(functionArn(region, name))
  }

  /** The execution has something to do. */
  want(execution: Execution): void {
    this.#invocations.want(execution)
    this.arm()
  }

  /** Runs `work`, and again after each of the pauses (world ms) as long as it fails. Nobody hears of the end. */
  patiently(work: () => Promise<unknown>, [pause, ...pauses]: readonly number[]): void {
    work().catch(() => {
      if (pause !== undefined) this.#clock.after(pause, () => this.patiently(work, pauses))
    })
  }

  /** Invokes everything that runs in a region: it is back, or its code is. */
  goOn(region: string): void {
    for (const execution of this.#world().lambda.executions)
      if (execution.region === region && isRunning(execution)) this.#invocations.want(execution)
    this.arm()
  }

  /** Resolves when no invocation is under way. */
  idle(): Promise<void> {
    return this.#invocations.idle()
  }

  /** Lets happen what is due by now, of one execution only when given. */
  wake(only?: Execution): void {
    const now = this.#now()
    const { executions } = this.#world().lambda
    for (const execution of only ? [only] : executions.filter(isRunning)) {
      if (this.#overdue(execution, now)) continue
      const due = execution.operations.filter(({ wakeAt }) => wakeAt !== undefined && wakeAt <= now)
      for (const operation of due) keep(execution, wakened(operation, operation.wakeAt ?? now))
      const isRetry = execution.retryAt !== undefined && execution.retryAt <= now
      if (isRetry) delete execution.retryAt
      if (!only && (due.length || isRetry)) this.#invocations.want(execution)
    }
    forgetOld(this.#world(), now)
  }

  /** Has the clock wake this when something is next due. */
  arm(): void {
    this.#disarm()
    this.#disarm = () => {}
    if (this.#closed) return
    const times = this.#world().lambda.executions.filter(isRunning).flatMap(timesOf)
    if (!times.length) return
    this.#disarm = this.#clock.after(Math.min(...times) - this.#clock.now(), () => {
      this.wake()
      this.arm()
    })
  }

  /** Nothing is woken any more. */
  close(): void {
    this.#closed = true
    this.#disarm()
  }

  #overdue(execution: Execution, now: number): boolean {
    const at = deadlineOf(execution)
    if (at > now) return false
    const ErrorMessage = `Execution timed out after ${execution.timeoutSeconds} seconds`
    end(execution, 'TIMED_OUT', at, { error: { ErrorType: 'ExecutionTimeout', ErrorMessage } })
    return true
  }

  #now(): number {
    return Math.floor(this.#clock.now())
  }
}

const timesOf = (execution: Execution): number[] => [
  deadlineOf(execution),
  ...(execution.retryAt === undefined ? [] : [execution.retryAt]),
  ...execution.operations.flatMap(({ wakeAt }) => wakeAt ?? []),
]
