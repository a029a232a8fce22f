import type { Answer, Recorded, RunEvent } from './run.ts'

/** A source of time that can be scaled, moved by hand, or be the wall's. */
export type Clock = {
  /** Milliseconds since the epoch. */
  now(): number
  /** Calls `wake` once, `ms` of this clock from now (at once for ms <= 0, but never synchronously). Returns cancel. */
  after(ms: number, wake: () => void): () => void
}

export type ExecutionStatus = 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'STOPPED' | 'TIMED_OUT'
export type Execution = {
  /** The engine's own id (an ARN on AWS). */
  readonly id: string
  /** The run's id: starting the same name twice is the same start. */
  readonly name: string
  readonly status: ExecutionStatus
  readonly error?: string
}

/**
 * Where flows run: AWS Lambda durable functions, or SQLite on one machine.
 * Contract: `start` is idempotent by name (same input answers with the running execution; another input is refused);
 * an execution survives SIGKILL and resumes by itself; `stop` lets no further operation begin, and does not interrupt
 * the call under way; the first `answer` to a callback wins, later ones answer `false`.
 */
export type FlowEngine = {
  start(name: string, input: Readonly<Record<string, unknown>>): Promise<Execution>
  get(name: string): Promise<Execution | undefined>
  list(status?: ExecutionStatus): Promise<readonly Execution[]>
  stop(name: string, why: string): Promise<void>
  answer(callbackId: string, answer: Answer): Promise<boolean>
}

/** Something the front was asked to do and has not done: the worker claims each once. */
export type WorkItem = {
  /** Derived from the request's signature: offering the same request twice is refused (replay memory). */
  readonly id: string
  readonly kind: string
  readonly body: Readonly<Record<string, unknown>>
}

export type Lock = {
  readonly resource: string
  readonly runId: string
  readonly token: number
  readonly since: number
}

/**
 * What must outlive a process: work items, events, locks, pointers. SQLite here, DynamoDB on AWS.
 * Contract: every write is one conditional write; nothing is ever updated blindly. Rejects with `STORE_FAILED` when
 * the store cannot be written (disk full), in which case nothing was written; over a network it may have been, and the
 * same call made again says so.
 */
export type Journal = {
  /** Writes the item unless one with its id was ever written; `false` then. */
  offer(item: WorkItem): Promise<boolean>
  /** The oldest item nobody holds, or that of that `id`, now held by `worker` for `leaseMs` of people's time. */
  claim(worker: string, leaseMs: number, id?: string): Promise<WorkItem | undefined>
  /** The item is dealt with and never claimed again. Its id stays known. */
  settle(id: string): Promise<void>

  /** Appends under a key that is unique in the run: the first wins, and a later one is told what stands there. */
  append(
    runId: string,
    key: string,
    event: RunEvent,
  ): Promise<{ readonly appended: boolean; readonly standing: RunEvent }>
  /** A run's events in order; only those after `afterSeq` when given. */
  events(runId: string, afterSeq?: number): Promise<readonly Recorded[]>
  /** Ids of runs, newest first; `live` = proposed and not ended. */
  runs(filter?: { plan?: string; live?: boolean; limit?: number }): Promise<readonly string[]>

  /**
   * Takes all the resources or none. A lock has no expiry; the token grows with every taking. `over` names a run whose
   * locks may be taken over. Taking what one holds already answers the same token.
   */
  lock(
    runId: string,
    resources: readonly string[],
    over?: string,
  ): Promise<{ token: number } | { heldBy: Lock }>
  /** Whether the run still holds every one of the resources under that token. */
  holds(runId: string, resources: readonly string[], token: number): Promise<boolean>
  unlock(runId: string): Promise<void>
  locks(): Promise<readonly Lock[]>

  /**
   * Whether `holder` is now the one that does what `name` says, for `ms` of people's time: nobody is, or it was already.
   * For work that must not be done by two at once and may be lost by the one that does it, such as writing to Slack.
   */
  lease(name: string, holder: string, ms: number): Promise<boolean>
  /** Gives the lease back early; nothing when another one has it. */
  release(name: string, holder: string): Promise<void>

  /** Small facts about what was rendered where (a message's timestamp). Last write wins. */
  point(name: string, value: string): Promise<void>
  pointer(name: string): Promise<string | undefined>
}
