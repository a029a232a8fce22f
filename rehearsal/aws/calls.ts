import type { Call } from './wire/service.ts'

/** One call as the journal keeps it. */
export type JournalEntry = {
  readonly number: number
  /** World ms. */
  readonly at: number
  readonly region: string
  readonly accessKeyId: string
  readonly service: string
  readonly operation: string
  /** JSON of the input, cut at 2,000 characters. */
  readonly params: string
  /** `ok`, an error's code, `no-answer` (it may have been done), or `rejected` before it was looked at. */
  outcome: string
}

const longest = 2_000

/** Whether an operation changes something of what the simulated world is. */
export const isChange = (operation: string): boolean =>
  !/^(Describe|List|Get|Test|AssumeRole)/.test(operation)

/** Whether a call changes an application: what the bot's own runs keep with Lambda does not. */
export const isActing = ({ service, operation }: Pick<JournalEntry, 'service' | 'operation'>): boolean =>
  isChange(operation) && service !== 'Lambda'

/** The last 1,000 calls at least, and of those before them the changes. */
export class Calls {
  #entries: JournalEntry[] = []
  #count = 0
  /** Told of every call that was carried out, before it is answered: whoever keeps the world writes it down now. */
  performed: (entry: JournalEntry) => void = () => {}

  add(call: Call, at: number): JournalEntry {
    const { region, accessKeyId, service, operation } = call
    const params = JSON.stringify(call.params)?.slice(0, 2_000) ?? ''
    const entry: JournalEntry = {
      number: ++this.#count,
      at,
      region,
      accessKeyId,
      service,
      operation,
      params,
      outcome: 'rejected',
    }
    this.#entries.push(entry)
    if (this.#entries.length > longest) this.#forget(longest / 2)
    return entry
  }

  /** Of what is older than the last `kept` calls only changes are remembered: looking for hours must not push them out. */
  #forget(kept: number): void {
    const changes = this.#entries.slice(0, -kept).filter(isActing)
    this.#entries = [...changes.slice(-kept / 2), ...this.#entries.slice(-kept)]
  }

  /** Newest last; only those after `after` when given. */
  list(after = 0): readonly JournalEntry[] {
    return this.#entries.filter(({ number }) => number > after)
  }
}
