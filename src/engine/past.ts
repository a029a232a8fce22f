import type { Journal } from './ports.ts'
import { fold, type Proposal, type Run } from './run.ts'

/** What is usual, in ms of world time: medians and 90th percentiles of finished runs. */
export type Usual = {
  readonly runs: number
  /** Run time without waits for people, as the steps' times are. */
  readonly run?: number
  readonly runP90?: number
  readonly steps: Readonly<Record<string, number>>
  readonly stepsP90?: Readonly<Record<string, number>>
}

/** Enough past runs to say what is usual, few enough to read at three in the morning. */
const PAST_RUNS = 40

/** The newest runs of a plan, newest first. */
export async function pastRuns(journal: Journal, plan: string): Promise<readonly Run[]> {
  const ids = await journal.runs({ plan, limit: PAST_RUNS })
  const runs = await Promise.all(ids.map(async (id) => fold(await journal.events(id))))
  return runs.filter((run) => run !== undefined)
}

/**
 * What those of the runs took that reached their end. `like` leaves those that are the same flow, and in the same
 * variant where it has one; rehearsals count for a rehearsal only. Steps that were already so say nothing about
 * time, and neither does a run that began in the middle.
 */
export function usualOf(past: readonly Run[], like: Like = {}): Usual {
  const finished = past.filter(
    ({ outcome, proposal }) => outcome === 'done' && !proposal.input.resumes && isLike(proposal, like),
  )
  const runs = finished.map(({ startedAt = 0, endedAt = 0, waitedMs }) => endedAt - startedAt - waitedMs)
  const times = new Map<string, number[]>()
  for (const past of finished)
    for (const { id, state, startedAt, endedAt } of past.steps) {
      if (state !== 'done' || startedAt === undefined || endedAt === undefined) continue
      times.set(id, [...(times.get(id) ?? []), endedAt - startedAt - waitedIn(past, id)])
    }
  const [run, runP90] = [median(runs), p90(runs)]
  return {
    runs: runs.length,
    ...(run === undefined ? {} : { run }),
    ...(runP90 === undefined ? {} : { runP90 }),
    steps: each(times, median),
    stepsP90: each(times, p90),
  }
}

/** How long a step stood still for people. */
const waitedIn = ({ questions }: Run, id: string): number =>
  questions
    .filter(({ step }) => step === id)
    .reduce((sum, { askedAt, answeredAt = askedAt }) => sum + answeredAt - askedAt, 0)

type Like = Partial<Pick<Proposal, 'flow' | 'input' | 'rehearsal'>>

const isLike = ({ flow, input, rehearsal }: Proposal, like: Like): boolean =>
  rehearsal === like.rehearsal &&
  (like.flow === undefined || flow === like.flow) &&
  (like.input === undefined || input.variant === like.input.variant)

const each = (times: ReadonlyMap<string, number[]>, of: (values: readonly number[]) => number | undefined) =>
  Object.fromEntries([...times].map(([id, took]) => [id, of(took) ?? 0]))

const sorted = (values: readonly number[]) => values.toSorted((a, b) => a - b)
const median = (values: readonly number[]) => sorted(values)[Math.floor(values.length / 2)]
/** The smallest value that nine tenths of them do not exceed. */
const p90 = (values: readonly number[]) => sorted(values)[Math.ceil(values.length * 0.9) - 1]
