import { isDeepStrictEqual } from 'node:util'
import type {
  CheckpointDurableExecutionRequest,
  CheckpointDurableExecutionResponse,
  DurableExecutionClient,
  DurableLambdaHandler,
  GetDurableExecutionStateRequest,
  GetDurableExecutionStateResponse,
  OperationUpdate,
  WireOperation,
} from '@aws/durable-execution-sdk-js'
import type { Clock, Execution, ExecutionStatus, FlowEngine } from '../engine/ports.ts'
import type { Answer } from '../engine/run.ts'
import { Invocations } from './local-invocations.ts'
import { alive, answered, permanent, transient, updated, wakened } from './local-operations.ts'
import { LocalStore, type StoredExecution } from './local-store.ts'
import { anotherInput, checkName } from './naming.ts'

const DAY = 24 * 3_600_000

export type LocalEngineOptions = {
  /** SQLite file of this engine alone; `:memory:` for one that forgets. Another process holding it: STORE_IN_USE. */
  readonly file: string
  /** Tells its executions from those of other engines that work on the same journal: their ids begin with it. */
  readonly host?: string
  /** All timers and timestamps. */
  readonly clock: Clock
  /** Makes the durable handler that carries executions out; it is given this engine as its client. */
  readonly handler: (client: DurableExecutionClient) => DurableLambdaHandler
  /** An execution running longer ends TIMED_OUT. Default a year, as AWS allows: a watch may wait for weeks. */
  readonly executionTimeoutMs?: number
  /** Told of every invocation that broke off; it is tried again, 2 s to 1 min later. */
  readonly onBreak?: (execution: string, error: unknown) => void
}

/**
 * Lambda durable functions on one machine: the same SDK, its operations in SQLite, its handler in this process.
 * Call `recover` once at start: what was running when the last process died goes on.
 */
export class LocalEngine implements FlowEngine, DurableExecutionClient {
  readonly #store: LocalStore
  readonly #host: string
  readonly #clock: Clock
  readonly #timeoutMs: number
  readonly #invocations: Invocations

  constructor(options: LocalEngineOptions) {
    const { file, host = 'local', clock, handler, executionTimeoutMs = 366 * DAY, onBreak } = options
    this.#store = new LocalStore(file)
    this.#host = host
    this.#clock = clock
    this.#timeoutMs = executionTimeoutMs
    this.#invocations = new Invocations(this.#store, clock, handler(this), () => this.#wakeDue(), onBreak)
  }

  /** Takes up every execution that was running. */
  recover(): void {
    this.#store.atomically('take up what was running', () => this.#fireDue())
    for (const { id } of this.#store.executions('RUNNING')) this.#invocations.want(id)
    this.#invocations.arm()
  }

  async start(name: string, input: Readonly<Record<string, unknown>>): Promise<Execution> {
    checkName(name)
    const payload = JSON.stringify(input)
    const { execution, isNew } = this.#store.atomically('start the run', () => {
      const standing = this.#store.named(name)
      if (standing) return { execution: standing, isNew: false }
      const now = this.#now()
      this.#store.create({
        id: `${this.#host}:${name}`,
        name,
        input: payload,
        now,
        deadline: now + this.#timeoutMs,
      })
      return { execution: this.#store.named(name) as StoredExecution, isNew: true }
    })
    if (!isDeepStrictEqual(JSON.parse(execution.input), JSON.parse(payload))) throw anotherInput(name)
    if (isNew) this.#invocations.want(execution.id)
    this.#invocations.arm()
    return shown(execution)
  }

  async get(name: string): Promise<Execution | undefined> {
    const execution = this.#store.named(name)
    return execution && shown(execution)
  }

  async list(status?: ExecutionStatus): Promise<readonly Execution[]> {
    return this.#store.executions(status).map(shown)
  }

  async stop(name: string, why: string): Promise<void> {
    this.#store.atomically('stop the run', () => {
      const execution = this.#store.named(name)
      const error = { ErrorType: 'Stopped', ErrorMessage: why }
      if (execution) this.#store.end(execution.id, 'STOPPED', this.#now(), undefined, error)
    })
  }

  async answer(callbackId: string, answer: Answer): Promise<boolean> {
    const execution = this.#store.atomically('keep the answer', () => {
      const callback = this.#store.callback(callbackId)
      if (callback)
        this.#store.put(
          callback.execution,
          answered(callback.kept, JSON.stringify(answer), this.#now()),
          true,
        )
      return callback?.execution
    })
    if (execution === undefined) return false
    this.#invocations.want(execution)
    this.#invocations.arm()
    return true
  }

  /** Whoever is to answer is still there; false when nobody waits for the answer any more. */
  async heartbeat(callbackId: string): Promise<boolean> {
    const isAwaited = this.#store.atomically('keep the heartbeat', () => {
      const callback = this.#store.callback(callbackId)
      if (callback) this.#store.put(callback.execution, alive(callback.kept, this.#now()), false)
      return callback !== undefined
    })
    this.#invocations.arm()
    return isAwaited
  }

  /** Everything an execution has begun, in order, its input first. */
  operations(execution: string): readonly WireOperation[] {
    return this.#store.operations(execution).map(({ op }) => op)
  }

  /** Resolves when no invocation is under way: all wait for the clock or for people. */
  idle(): Promise<void> {
    return this.#invocations.idle()
  }

  /** Lets the operation under way finish and be kept, begins no other, and gives the file up. */
  async close(): Promise<void> {
    await this.#invocations.close()
    this.#store.close()
  }

  async getExecutionState({
    DurableExecutionArn,
    CheckpointToken,
  }: GetDurableExecutionStateRequest): Promise<GetDurableExecutionStateResponse> {
    this.#admitted(DurableExecutionArn, CheckpointToken)
    return { Operations: [...this.operations(DurableExecutionArn ?? '')] }
  }

  async checkpoint(request: CheckpointDurableExecutionRequest): Promise<CheckpointDurableExecutionResponse> {
    const { Updates = [], CheckpointToken } = request
    if (this.#invocations.isClosed) throw transient('the engine is closed')
    const unseen = this.#store.atomically('keep the progress of the run', () => {
      const { id } = this.#admitted(request.DurableExecutionArn, CheckpointToken)
      for (const update of Updates) this.#apply(id, update)
      this.#fireDue(id)
      return this.#store.takeUnseen(id)
    })
    this.#invocations.arm()
    if (this.#invocations.isClosing && Updates.some(({ Action }) => Action !== 'START'))
      throw transient('the engine is closing')
    return { CheckpointToken, NewExecutionState: { Operations: unseen.map(({ op }) => op) } }
  }

  /** Only the newest invocation of a running execution may write: one thought dead that wakes up must not. */
  #admitted(id: string | undefined, token: string | undefined): StoredExecution {
    const execution = this.#store.execution(id ?? '')
    if (execution?.status !== 'RUNNING') throw permanent(`the execution is ${execution?.status ?? 'unknown'}`)
    if (execution.token !== token) throw transient('a newer invocation has taken over')
    return execution
  }

  #apply(id: string, update: OperationUpdate): void {
    const now = this.#now()
    if (update.Type === 'EXECUTION') {
      const status = update.Action === 'SUCCEED' ? 'SUCCEEDED' : 'FAILED'
      this.#store.end(id, status, now, update.Payload, update.Error)
      return
    }
    const operation = update.Id ?? ''
    const before = this.#store.operation(id, operation)
    this.#store.put(id, updated(before, update, now, `${id}/${operation}`), true)
  }

  #fireDue(only?: string): Set<string> {
    const now = this.#now()
    const due = this.#store.dueOperations(now).filter(({ execution }) => !only || execution === only)
    for (const { execution, kept } of due) this.#store.put(execution, wakened(kept, now), true)
    return new Set(due.map(({ execution }) => execution))
  }

  #wakeDue(): void {
    const due = this.#store.atomically('wake what is due', () => {
      const now = this.#now()
      for (const id of this.#store.overdueExecutions(now))
        this.#store.end(id, 'TIMED_OUT', now, undefined, {
          ErrorType: 'ExecutionTimeout',
          ErrorMessage: `it ran longer than ${this.#timeoutMs / 3_600_000} hours`,
        })
      return new Set([...this.#fireDue(), ...this.#store.takeRetries(now)])
    })
    for (const id of due) this.#invocations.want(id)
  }

  #now(): number {
    return Math.floor(this.#clock.now())
  }
}

function shown({ id, name, status, error }: StoredExecution): Execution {
  return { id, name, status, ...(error === undefined ? {} : { error }) }
}
