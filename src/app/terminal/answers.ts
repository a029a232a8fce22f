import type { Fault } from '../../engine/errors.ts'
import type { Journal } from '../../engine/ports.ts'

/** What a terminal's ask came to: the run it was about, or what stood against it. */
export type Carried = { readonly runId?: string; readonly fault?: Fault }

const pointerOf = (itemId: string) => `carried:${itemId}`

/** Leaves the answer where the terminal that asked looks for it, however long it takes to do so. */
export const tellTerminal = (journal: Journal, itemId: string, carried: Carried): Promise<void> =>
  journal.point(pointerOf(itemId), JSON.stringify(carried))

/** The answer, once there is one. */
export async function carriedOut(journal: Journal, itemId: string): Promise<Carried | undefined> {
  const text = await journal.pointer(pointerOf(itemId))
  return text === undefined ? undefined : (JSON.parse(text) as Carried)
}
