import type { Journal } from './ports.ts'
import { fold, type Run } from './run.ts'

/** What is usual, in ms of world time: medians of finished runs. */
export type Usual = {
  readonly runs: number
  /** Run time without waits for people. */
  readonly run?: number
  readonly steps: Readonly<Record<string, number>>
}

/** Enough past runs to say what is usual, few enough to read at three in the morning. */
const PAST_RUNS = 20

/** The newest runs of a plan, newest first. */
export async function pastRuns(journal: Journal, plan: string): Promise<readonly Run[]> {
  const ids = await journal.runs({ plan, limit: PAST_RUNS })
  const runs = await Promise.all(ids.map(async (id) => fold(await journal.events(id))))
  return runs.filter((run) => run !== undefined)
}

/** What those of the runs took that reached their end. Steps that were already so say nothing about time. */
export function usualOf(past: readonly Run[]): Usual {
  const finished = past.filter(({ outcome }) => outcome === 'done')
  const run = median(
    finished.map(({ startedAt = 0, endedAt = 0, waitedMs }) => endedAt - startedAt - waitedMs),
  )
  const times = new Map<string, number[]>()
  for (const { id, state, startedAt, endedAt } of finished.flatMap(({ steps }) => steps)) {
    if (state !== 'done' || startedAt === undefined || endedAt === undefined) continue
    times.set(id, [...(times.get(id) ?? []), endedAt - startedAt])
  }
  const steps = Object.fromEntries([...times].map(([id, took]) => [id, median(took) ?? 0]))
  return { runs: finished.length, steps, ...(run === undefined ? {} : { run }) }
}

function median(values: readonly number[]): number | undefined {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]
}
