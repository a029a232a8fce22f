import type {
  DurableExecutionInvocationOutput,
  DurableLambdaHandler,
  ErrorObject,
} from '@aws/durable-execution-sdk-js'
import type { Clock } from '../engine/ports.ts'
import type { LocalStore } from './local-store.ts'

/** Pause before a store that could not be written is tried again. */
const STORE_PAUSE_MS = 5_000

/**
 * Calls the handler for executions that have something to do: never twice at a time for one, again when it broke off,
 * and again when something happened that the last invocation was not told of.
 */
export class Invocations {
  readonly #store: LocalStore
  readonly #clock: Clock
  readonly #handler: DurableLambdaHandler
  readonly #wakeDue: () => void
  readonly #onBreak: (execution: string, error: unknown) => void
  readonly #running = new Map<string, Promise<void>>()
  /** Wanted while they were running. */
  readonly #again = new Set<string>()
  #disarm = () => {}
  #closing = false
  #closed = false

  constructor(
    store: LocalStore,
    clock: Clock,
    handler: DurableLambdaHandler,
    wakeDue: () => void,
    onBreak: (execution: string, error: unknown) => void = () => {},
  ) {
    this.#store = store
    this.#clock = clock
    this.#handler = handler
    this.#wakeDue = wakeDue
    this.#onBreak = onBreak
  }

  get isClosing(): boolean {
    return this.#closing
  }

  get isClosed(): boolean {
    return this.#closed
  }

  /** The execution has something to do. */
  want(id: string): void {
    if (this.#closing) return
    if (this.#running.has(id)) {
      this.#again.add(id)
      return
    }
    this.#begin(id, () => this.#invoke(id))
  }

  #begin(id: string, invoke: () => Promise<void>): void {
    const invocation = this.#guarded(id, invoke).then(() => {
      this.#running.delete(id)
      if (this.#again.delete(id) && !this.#closing) this.#begin(id, () => this.#invokeForNews(id))
    })
    this.#running.set(id, invocation)
  }

  /** Has the clock wake this engine when something is next due. */
  arm(): void {
    this.#disarm()
    this.#disarm = () => {}
    if (this.#closing) return
    const at = this.#store.nextWake()
    if (at !== undefined) this.#wakeIn(at - this.#clock.now())
  }

  async idle(): Promise<void> {
    while (this.#running.size) {
      await Promise.all(this.#running.values())
      await new Promise((resolve) => setImmediate(resolve))
    }
  }

  async close(): Promise<void> {
    this.#closing = true
    this.#disarm()
    await this.idle()
    this.#closed = true
  }

  #wakeIn(ms: number): void {
    this.#disarm = this.#clock.after(ms, () => {
      try {
        this.#wakeDue()
        this.arm()
      } catch (error) {
        this.#onBreak('*', error)
        this.#wakeIn(STORE_PAUSE_MS)
      }
    })
  }

  /** Never rejects: a store that fails is tried again later. */
  async #guarded(id: string, invoke: () => Promise<void>): Promise<void> {
    try {
      await invoke()
    } catch (error) {
      this.#onBreak(id, error)
      this.#clock.after(STORE_PAUSE_MS, () => this.want(id))
    }
  }

  /** What was wanted meanwhile may have been learnt by the invocation that was under way. */
  async #invokeForNews(id: string): Promise<void> {
    if (this.#store.hasUnseen(id)) await this.#invoke(id)
  }

  async #invoke(id: string): Promise<void> {
    if (this.#store.execution(id)?.status !== 'RUNNING') return
    const { token, unseen, all } = this.#store.atomically('begin an invocation', () => ({
      token: this.#store.admit(id),
      unseen: this.#store.takeUnseen(id),
      all: this.#store.operations(id),
    }))
    let output: DurableExecutionInvocationOutput
    try {
      output = await this.#handler(
        {
          DurableExecutionArn: id,
          CheckpointToken: token,
          UpdatedOperationIds: unseen.flatMap(({ op }) => op.Id ?? []),
          InitialExecutionState: { Operations: all.map(({ op }) => op) },
        },
        invocationContext(token),
      )
    } catch (error) {
      return this.#broke(id, error)
    }
    this.#settle(id, output, stateOf(all))
  }

  #settle(id: string, output: DurableExecutionInvocationOutput, before: string): void {
    const now = Math.floor(this.#clock.now())
    this.#store.atomically('end an invocation', () => {
      this.#store.recovered(id)
      if (output.Status === 'SUCCEEDED') this.#store.end(id, 'SUCCEEDED', now, output.Result)
      else if (output.Status === 'FAILED') this.#store.end(id, 'FAILED', now, undefined, output.Error)
      else if (this.#store.hasUnseen(id)) this.#again.add(id)
      else if (this.#store.isWaiting(id)) return
      // What came due under way was told in answer to a checkpoint, when the invocation was ending already.
      else if (stateOf(this.#store.operations(id)) !== before) this.#store.retryAt(id, now)
      else this.#store.end(id, 'FAILED', now, undefined, NOTHING_PENDING)
    })
    this.arm()
  }

  #broke(id: string, error: unknown): void {
    if (this.#closing) return
    this.#onBreak(id, error)
    this.#store.atomically('try an invocation again', () => {
      const failures = this.#store.failed(id)
      const pause = Math.min(60_000, 1000 * 2 ** Math.min(failures, 6))
      this.#store.retryAt(id, Math.floor(this.#clock.now()) + pause)
    })
    this.arm()
  }
}

/** How far each operation of an execution is. */
const stateOf = (kept: ReturnType<LocalStore['operations']>): string =>
  kept.map(({ op }) => `${op.Id} ${op.Status} ${op.StepDetails?.Attempt ?? ''}`).join()

const NOTHING_PENDING: ErrorObject = {
  ErrorType: 'NothingPending',
  ErrorMessage: 'the run waits for something that cannot come',
}

/**
 * No time is left as far as the SDK can tell, so it sets no timers of its own: they would be the wall's, and all waiting
 * is this engine's, on the world's clock.
 */
const invocationContext = (token: string) =>
  ({
    awsRequestId: token,
    functionName: 'local',
    getRemainingTimeInMillis: () => 0,
  }) as Parameters<DurableLambdaHandler>[1]
