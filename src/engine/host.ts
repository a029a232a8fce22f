import type { Answer, Question, RunEvent, Signal } from './run.ts'

/** What the interpreter needs from wherever it runs: a durable Lambda, the local engine, a terminal, a test. */
export type Host = {
  /** The engine's own id of this execution: no other engine, on whatever machine, has one of that id. */
  readonly execution: string
  /** Runs `work` until it has answered once, and remembers the answer: at least once, so `work` must look first. */
  checkpoint<T>(name: string, work: () => Promise<T>): Promise<T>
  /** Starts `work` at most once, ever. After a crash in the middle it answers `interrupted`. */
  attempt<T>(name: string, work: () => Promise<T>): Promise<{ answer: T } | 'interrupted'>
  /** Calls `look` again and again until it says not to: `again` is the pause in seconds, `null` ends it. */
  watch<T>(
    name: string,
    look: (last: T | undefined) => Promise<{ value: T; again: number | null }>,
  ): Promise<T>
  /** Waits for a person's answer; `timeout` when a limit was given and nobody answered. */
  ask(question: Question, timeoutSeconds?: number): Promise<Answer | 'timeout'>
  /** Inside the work of the verbs above only: time, what people asked for, the journal, and whether we still may act. */
  readonly inside: {
    now(): number
    signal(): Promise<Signal | undefined>
    record(key: string, event: RunEvent): Promise<void>
    /** Throws LOCK_LOST when another run has taken a lock of ours. */
    mayAct(): Promise<void>
  }
}
