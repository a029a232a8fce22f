import { pastRuns } from '../../engine/past.ts'
import type { Run } from '../../engine/run.ts'
import type { Choice } from '../../flows/choice.ts'
import type { NoteName } from '../../flows/notes.ts'
import type { Mode, Side } from '../../flows/world.ts'
import type { Parts } from '../parts.ts'
import { isAftercare } from './runs.ts'
import { type FlowInput, noteIn } from './worlds.ts'

/** What one run has settled, and the next need neither wait for nor ask again, while it is about the same move. */
const HANDED_ON: readonly NoteName[] = [
  'rescue',
  'rescue-seen',
  'rescue-across',
  'region-answered',
  'lost-writes',
]

/**
 * Tells a run that begins what earlier ones knew: how the writer last moved, whether AWS could block it before, what
 * became of the lost writes since, and since when there is no standby. At least once.
 */
export async function inherit({ journal }: Pick<Parts, 'journal'>, input: FlowInput): Promise<void> {
  const { runId, plan, flow } = input
  if (flow !== 'failback' && flow !== 'aftercare') return
  const past = (await pastRuns(journal, plan)).filter(({ id }) => id !== runId)
  const last = past.findIndex((run) => moveOf(run) !== undefined)
  const move = past[last]
  // Whoever moved the writer on since then has made a new loss, of which no run knows anything yet.
  if (!move || movedTo(move) !== input.from) return
  const note = (name: NoteName, value: string | undefined) =>
    value === undefined ? undefined : noteIn(journal, runId, name, value)
  await note('last-move', moveOf(move))
  const lossy = past.find((run) => (moveOf(run) ?? 'planned') !== 'planned')
  await note('lost-at', lossy?.approval && String(lossy.approval.at))
  await note('fence-said', move.notes['fence-said' satisfies NoteName])
  for (const name of HANDED_ON)
    await note(name, past.slice(0, last).find(({ notes }) => notes[name] !== undefined)?.notes[name])
  const lost = flow === 'aftercare' && input.mode !== 'planned'
  if (lost) await note('no-standby-since', standbyLostAt(past, move))
}

/** How a run moved the writer, or may have; undefined when it certainly did not. What people chose on the way counts. */
export function moveOf(run: Run): Mode | undefined {
  if (isAftercare(run) || !run.steps.some(({ id, state }) => MOVES.has(id) && state !== 'pending'))
    return undefined
  const chosen = new Set(run.questions.map(({ answer }) => answer?.option))
  if (chosen.has('detach')) return 'detach'
  if (chosen.has('failover-anyway')) return 'emergency'
  return (run.proposal.input as Choice).mode
}

/** The side that a run has brought the writer to: a drill may have brought it back. */
function movedTo({ steps, proposal }: Run): Side {
  const { from, to } = proposal.input as Choice
  const isBack = steps.some(({ id, state }) => id === 'switch-over-back' && state !== 'pending')
  return isBack ? from : to
}

const MOVES: ReadonlySet<string> = new Set([
  'promote-standby',
  'switch-over',
  'detach-standby',
  'switch-over-back',
])

/** As an earlier watch over the same loss had it, else when the writer was promoted. */
const standbyLostAt = (past: readonly Run[], move: Run): string | undefined =>
  past
    .slice(0, past.indexOf(move))
    .map(({ notes }) => notes['no-standby-since' satisfies NoteName])
    .find((since) => since !== undefined) ?? move.notes['promoted-at' satisfies NoteName]
