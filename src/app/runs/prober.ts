import type { Clock, Journal } from '../../engine/ports.ts'
import { fold, type Recorded, type Run } from '../../engine/run.ts'
import { feltOf, hasLasted, outageText } from '../../flows/outage.ts'
import type { Look, Outside, ProbeFacts } from '../../flows/world.ts'
import { planOf } from '../../plan/plans.ts'
import type { Parts } from '../parts.ts'
import { liveRuns } from './runs.ts'

/** What the prober needs of the desk's parts. */
export type Probing = Pick<Parts, 'plans' | 'journal' | 'clock' | 'outside'>

const SECOND_MS = 1_000
/** How often the run's events are read: its end, and what another prober has written. World ms. */
const READ_MS = 5_000
/** Customers are watched a little beyond the end: whether what it said was so. World ms. */
const TAIL_MS = 15_000

/** Runs whose customers are to be watched: those under way that move traffic. */
export async function probedRuns(journal: Journal): Promise<readonly string[]> {
  const runs = await liveRuns(journal)
  return runs.filter((run) => run.phase !== 'proposed' && movesTraffic(run)).map(({ id }) => id)
}

/**
 * Asks the public address once a second of the world, as a customer would, and journals every change of the answer
 * under the run: for `forMs` of the world, or until shortly after the run's end. Answers whether to go on, so a bounded
 * invocation can start its own successor. Two at once write nothing twice. Never rejects.
 */
export async function probeRun(
  parts: Probing,
  runId: string,
  forMs: number,
  stop?: AbortSignal,
): Promise<boolean> {
  const { clock } = parts
  const until = clock.now() + forMs
  const watched = new Watched(parts, runId)
  while (!stop?.aborted) {
    const begun = clock.now()
    if (begun >= until) return true
    if (!(await watched.once())) return false
    await pause(clock, SECOND_MS - (clock.now() - begun), stop)
  }
  return true
}

/**
 * The same for every run of one machine, as long as the process lives: `look` begins with those that are new, whenever
 * the journal has changed; `close` ends all of them.
 */
export function proberOf(parts: Probing): { look(): Promise<void>; close(): Promise<void> } {
  const under = new Map<string, Promise<unknown>>()
  const stop = new AbortController()
  return {
    async look() {
      const ids = await probedRuns(parts.journal).catch(() => [])
      for (const id of ids) {
        if (stop.signal.aborted || under.has(id)) continue
        const work = probeRun(parts, id, Number.POSITIVE_INFINITY, stop.signal)
        under.set(
          id,
          work.finally(() => under.delete(id)),
        )
      }
    },
    async close() {
      stop.abort()
      await Promise.all(under.values())
    },
  }
}

/** Those that send customers elsewhere: neither a watch, nor a repair of the standby, nor a drill of its capacity. */
const movesTraffic = ({ proposal: { flow, input } }: Run): boolean =>
  ['failover', 'failback', 'drill'].includes(flow) &&
  input.variant !== 'repair' &&
  input.variant !== 'capacity'

/** One run's customers. What was journaled is read again now and then, and before anything is written. */
class Watched {
  readonly #parts: Probing
  readonly #id: string
  #records: readonly Recorded[] = []
  #readAt = Number.NEGATIVE_INFINITY
  #outside: Outside | undefined

  constructor(parts: Probing, id: string) {
    this.#parts = parts
    this.#id = id
  }

  /** Probes once; answers whether there is a reason to go on. What goes wrong here costs a second, nothing else. */
  async once(): Promise<boolean> {
    const { clock } = this.#parts
    try {
      if (clock.now() - this.#readAt >= READ_MS) await this.#read()
      const run = fold(this.#records)
      if (!run || !isWatched(run, clock.now())) return false
      const seen = answerOf(await (await this.#probe(run.proposal.plan)).public())
      if (seen && seen.healthy !== run.probes.at(-1)?.healthy) await this.#tell(seen)
      await this.#sum(run)
    } catch {
      // The journal, or the plan, could not be read this second.
    }
    return true
  }

  async #probe(plan: string): Promise<Outside['probe']> {
    this.#outside ??= await this.#parts.outside(planOf(this.#parts.plans, plan))
    return this.#outside.probe
  }

  async #read(): Promise<void> {
    const { journal, clock } = this.#parts
    const after = this.#records.at(-1)?.seq
    this.#records = [...this.#records, ...(await journal.events(this.#id, after))]
    this.#readAt = clock.now()
  }

  /** A change has a number: whoever comes second with it finds it taken, and reads what is new. */
  async #tell(seen: Seen): Promise<void> {
    await this.#read()
    const probes = fold(this.#records)?.probes ?? []
    if (probes.at(-1)?.healthy === seen.healthy) return
    await this.#parts.journal.append(this.#id, `probed:${probes.length + 1}`, { type: 'probed', ...seen })
    await this.#read()
  }

  /** Keeps what the outage so far was, for whoever decides about the way home, once it is over. */
  async #sum(run: Run): Promise<void> {
    const out = feltOf(run)?.out
    if (!out?.outages.length || !hasLasted(run.probes, this.#parts.clock.now())) return
    const value = outageText(out)
    if (run.phase === 'ended' || run.notes['outage-so-far'] === value) return
    const event = { type: 'noted', name: 'outage-so-far', value } as const
    await this.#parts.journal.append(this.#id, `note:outage-so-far:${value}`, event)
    await this.#read()
  }
}

const isWatched = ({ phase, endedAt = 0 }: Run, now: number): boolean =>
  phase !== 'ended' || now - endedAt < TAIL_MS

type Seen = { readonly healthy: boolean; readonly detail: string }

/** What a customer would have met; undefined where it is us who could not ask. */
function answerOf(look: Look<ProbeFacts>): Seen | undefined {
  if (look.ok) return { healthy: look.value.healthy, detail: look.value.detail }
  const ours =
    look.why === 'denied' ||
    look.why === 'throttled' ||
    /could not be resolved|no way to it on the network/.test(look.detail)
  return ours ? undefined : { healthy: false, detail: look.detail }
}

/** A pause that a stop ends at once: the world's clock may stand still. */
export const pause = (clock: Clock, ms: number, stop?: AbortSignal) =>
  new Promise<void>((wake) => {
    if (stop?.aborted) return wake()
    const cancel = clock.after(ms, () => {
      stop?.removeEventListener('abort', end)
      wake()
    })
    const end = () => {
      cancel()
      wake()
    }
    stop?.addEventListener('abort', end, { once: true })
  })
