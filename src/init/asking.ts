import type { Account, Clients, ServiceName } from '../aws/clients.ts'
import { clueTo, troubleOf } from '../aws/faults.ts'
import { limit } from '../aws/patience.ts'
import type { Fact, Thing } from './facts.ts'

/** All looks together; after that the plan is written with what is known. */
const ALL_MS = 25_000
const PAUSE_MS = 1_000
const TRIES = 4

type Budget = { readonly abortSignal: AbortSignal }
type Asked<T> = (budget: Budget) => Promise<T>

/** What the looks at AWS have in common: whom they ask, what they found, and what could not be seen. */
export class Asking {
  readonly facts: Fact[] = []
  readonly gaps: string[] = []
  readonly #clients: Clients
  readonly #budget: Budget

  constructor(clients: Clients) {
    this.#clients = clients
    this.#budget = { abortSignal: limit(clients.patience, ALL_MS) }
  }

  /** A client that gives up quickly; `through`: the regions whose STS may give it its role. */
  client<S extends ServiceName>(service: S, region: string, account: Account, through = [region]) {
    return this.#clients.of(service, { region, profile: 'probe', account, stsRegions: through })
  }

  note(from: string, things: readonly Thing[]): void {
    this.facts.push(...things.map((thing) => ({ ...thing, from })))
  }

  /** What a look saw; undefined, and a gap, when it saw nothing. `what`: `ECS in us-east-1`. Never throws. */
  async look<T>(
    what: string,
    see: (call: <R>(work: Asked<R>) => Promise<R>) => Promise<T>,
  ): Promise<T | undefined> {
    try {
      return await see((work) => this.#call(work))
    } catch (error) {
      this.gaps.push(`${what} ${whyNot(error)}`)
      return undefined
    }
  }

  /** One call; a throttled one is tried again, for nobody is in a hurry here. */
  async #call<R>(work: Asked<R>): Promise<R> {
    for (let tried = 1; ; tried++)
      try {
        this.#budget.abortSignal.throwIfAborted()
        return await work(this.#budget)
      } catch (error) {
        if (tried === TRIES || troubleOf(error).why !== 'throttled') throw error
        await new Promise<void>((wake) => void this.#clients.patience.after(PAUSE_MS * tried, wake))
      }
  }
}

function whyNot(error: unknown): string {
  const trouble = troubleOf(error)
  const { why, code, message } = trouble
  const clue = clueTo(trouble)
  const words = {
    unreachable: `gave no answer${clue ? `: ${clue}` : ' in time'}.`,
    denied: `refused to be looked at (${code}): ${message}`,
    throttled: `throttled every try (${code}).`,
    failed: `could not be looked at (${code}): ${message}`,
  }
  return words[why]
}

/** Every page of a listing, at most `most` of them: more is told by `more`. */
export async function pages<T>(
  next: (
    token: string | undefined,
  ) => Promise<{ readonly items: readonly T[]; readonly token: string | undefined }>,
  most: number,
): Promise<{ readonly items: T[]; readonly more: boolean }> {
  const items: T[] = []
  let token: string | undefined
  for (let number = 0; number < most; number++) {
    const page = await next(token)
    items.push(...page.items)
    token = page.token
    if (!token) return { items, more: false }
  }
  return { items, more: true }
}

export function chunks<T>(all: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, index) =>
    all.slice(index * size, (index + 1) * size),
  )
}
