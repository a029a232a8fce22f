import type { Journal } from '../../engine/ports.ts'
import type { RunEvent } from '../../engine/run.ts'

/** How a card stops waiting: approved, or taken down by a person, a newer card, or time. */
export type Decision = Extract<RunEvent, { type: 'approved' | 'ended' }>

/**
 * Decides a card, once: approving and taking down are the same conditional write, so that a card that was taken down
 * cannot start. Answers the decision that stood already, undefined when this one counts.
 */
export async function decideCard(
  journal: Journal,
  runId: string,
  decision: Decision,
): Promise<Decision | undefined> {
  const { appended, standing } = await journal.append(runId, 'card-decided', decision)
  return appended ? undefined : (standing as Decision)
}
