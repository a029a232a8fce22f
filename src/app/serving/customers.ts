import { randomUUID } from 'node:crypto'
import type { Bot } from '../compose.ts'
import { probedRuns, probeRun } from '../runs/prober.ts'
import type { Wish } from './waking.ts'

/** Nobody watches for this long after the one who did has died, people's ms. */
const LEASE_MS = 30_000
/** A watch that was asked for may take this long to begin before it is asked for again, people's ms. */
const BEGIN_MS = 15_000

const nameOf = (runId: string) => `probe:${runId}`

/**
 * Sees to it that somebody watches the customers of each run that moves traffic: where nobody does, `call` asks the worker
 * to. A wish that is lost is made again. Never rejects.
 */
export function proberCaller(bot: Bot, call: (wish: Wish) => Promise<void>): () => Promise<void> {
  const { journal, people } = bot.parts
  const asked = new Map<string, number>()
  const me = randomUUID()
  return async () => {
    try {
      for (const runId of await probedRuns(journal)) {
        if (people.now() - (asked.get(runId) ?? Number.NEGATIVE_INFINITY) < BEGIN_MS) continue
        asked.set(runId, people.now())
        if (!(await journal.lease(nameOf(runId), me, LEASE_MS))) continue
        await journal.release(nameOf(runId), me)
        await call({ probe: runId })
      }
    } catch (error) {
      bot.log('warn', 'nobody could be asked to watch a run’s customers', { error })
    }
  }
}

/**
 * Watches a run's customers for `ms` of the world, and keeps its messages' clocks going meanwhile, unless somebody else
 * does already. `call` asks for the next one when there is more to watch. Never rejects.
 */
export async function watchCustomers(
  bot: Bot,
  runId: string,
  ms: number,
  call: (wish: Wish) => Promise<void>,
): Promise<void> {
  const { parts, announcer, log } = bot
  const me = randomUUID()
  try {
    const turn = await heldTurn(bot, nameOf(runId), me)
    if (!turn) return
    void announcer.render(runId)
    const goesOn = await probeRun(parts, runId, ms, turn.lost)
    await announcer.still()
    await turn.end()
    if (goesOn && !turn.lost.aborted) await call({ probe: runId })
  } catch (error) {
    log('warn', 'a run’s customers are not watched for a while', { run: runId, error })
  }
}

/** A lease that is renewed until its `end`; `lost` tells when somebody else has it. Undefined: somebody has. */
async function heldTurn({ parts: { journal, people } }: Bot, name: string, me: string) {
  if (!(await journal.lease(name, me, LEASE_MS))) return undefined
  const lost = new AbortController()
  let ended = false
  let cancel = () => {}
  const renewLater = () => {
    if (ended) return
    cancel = people.after(LEASE_MS / 3, async () => {
      // A journal that gives no answer now may give one before the lease is over.
      const mine = await journal.lease(name, me, LEASE_MS).catch(() => true)
      if (mine) renewLater()
      else lost.abort()
    })
  }
  renewLater()
  return {
    lost: lost.signal,
    async end() {
      ended = true
      cancel()
      await journal.release(name, me)
    },
  }
}
