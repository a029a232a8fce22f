import type { Journal } from '../engine/ports.ts'

/** A call to Slack takes half of this at most; whoever dies keeps the others waiting for the whole. */
const LEASE_MS = 6_000
const RENEWED_BEFORE_MS = 3_500

/** `mine`, since before this question or just now, when others may have written until then; or somebody else's. */
export type Turn = 'mine' | 'just now' | 'another’s'

/**
 * Whose turn it is to write a run's messages: one process at a time. Asked for only where there is something to write, so
 * that processes with nothing to do don't wake each other; kept while there is more, renewed on the way.
 */
export class Turns {
  readonly #journal: Journal
  readonly #holder: string
  readonly #now: () => number
  readonly #until = new Map<string, number>()

  constructor({ journal, holder, now }: { journal: Journal; holder: string; now: () => number }) {
    this.#journal = journal
    this.#holder = holder
    this.#now = now
  }

  async of(runId: string): Promise<Turn> {
    const now = this.#now()
    const until = this.#until.get(runId) ?? Number.NEGATIVE_INFINITY
    if (until - now > RENEWED_BEFORE_MS) return 'mine'
    this.#until.delete(runId)
    if (!(await this.#journal.lease(nameOf(runId), this.#holder, LEASE_MS))) return 'another’s'
    this.#until.set(runId, now + LEASE_MS)
    return until > now ? 'mine' : 'just now'
  }

  /** Lets the others have it. */
  async over(runId: string): Promise<void> {
    if (this.#until.delete(runId)) await this.#journal.release(nameOf(runId), this.#holder)
  }
}

const nameOf = (runId: string) => `render:${runId}`
