import type { Journal } from '../engine/ports.ts'

/** What the journal knows of a message we posted. `at`: people's ms of the last write; `thread`: ts of its parent. */
export type Posted = {
  readonly state: 'posted'
  readonly ts: string
  readonly thread?: string
  readonly version: number
  readonly digest: string
  readonly at: number
}
/**
 * `sending`: a post was begun at that moment (people's ms) and its outcome is not known · `refused`: Slack will never
 * take it · `absent`: it is not there.
 */
export type Standing =
  | Posted
  | { readonly state: 'sending'; readonly at: number }
  | { readonly state: 'refused' | 'absent' }

const ABSENT: Standing = { state: 'absent' }

/** The pointers from a run's messages to Slack's: read from the journal once, and written through. */
export class PostedMessages {
  readonly #journal: Journal
  readonly #known = new Map<string, Standing>()
  constructor(journal: Journal) {
    this.#journal = journal
  }

  /** `settled`: what was posted once is never written again, and need not be read again. */
  async of(runId: string, key: string, settled = false): Promise<Standing> {
    const name = nameOf(runId, key)
    const known = this.#known.get(name)
    if (settled && known?.state === 'posted') return known
    const standing = standingOf(await this.#journal.pointer(name))
    this.#known.set(name, standing)
    return standing
  }

  async put(runId: string, key: string, standing: Standing): Promise<void> {
    const name = nameOf(runId, key)
    await this.#journal.point(name, JSON.stringify(standing))
    this.#known.set(name, standing)
  }

  remove(runId: string, key: string): Promise<void> {
    return this.put(runId, key, ABSENT)
  }

  /** From now on that message is the head of the run's thread. */
  heads(runId: string, channel: string, ts: string): Promise<void> {
    return this.#journal.point(threadName(channel, ts), runId)
  }

  /** Whether this run has to do without the newer blocks. */
  async isClassic(runId: string): Promise<boolean> {
    return (await this.#journal.pointer(nameOf(runId, 'style'))) === 'classic'
  }
  async makeClassic(runId: string): Promise<void> {
    await this.#journal.point(nameOf(runId, 'style'), 'classic')
  }

  forget(runId: string): void {
    const prefix = nameOf(runId, '')
    for (const name of this.#known.keys()) if (name.startsWith(prefix)) this.#known.delete(name)
  }
}

/** The run whose thread that message heads, if any. */
export const runOfThread = (journal: Journal, channel: string, ts: string): Promise<string | undefined> =>
  journal.pointer(threadName(channel, ts))

const threadName = (channel: string, ts: string) => `slack-thread:${channel}:${ts}`
const nameOf = (runId: string, key: string) => `slack:${runId}:${key}`

function standingOf(value: string | undefined): Standing {
  if (!value) return ABSENT
  try {
    const standing = JSON.parse(value) as Standing
    return standing.state ? standing : ABSENT
  } catch {
    return ABSENT
  }
}
