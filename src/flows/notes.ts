import type { SafeWorld } from './world.ts'

/** Small facts a run keeps because AWS does not; each outlives a crash. Times in world ms. */
export type NoteName =
  /** The writer was seen elsewhere, or on its way: so this run, and not an earlier one, saw it move. */
  | 'promotion-seen'
  | 'promoted-at'
  | 'refresh-asked-at'
  /** When the old side's writers were first seen at nothing. */
  | 'fenced-at'
  /** The old side's writers before they were fenced, as JSON capacities: the undo goes back to these. */
  | 'capacity-before-fence'
  /** This run asked for a fence of its own, and answers for it. */
  | 'fence-asked'
  | 'lag-before'
  /** The records as last verified, as JSON: the DELETE half of the swap when they can't be listed any more. */
  | 'records-seen'
  | 'dns-change'
  | 'in-sync-at'

type Notes = Pick<SafeWorld, 'notes'>

/** Writes a note unless it stands already. */
export async function noteOnce({ notes }: Notes, name: NoteName, value: string | number): Promise<void> {
  if ((await notes.get(name)) === undefined) await notes.set(name, String(value))
}

/** A noted time, if it was noted. */
export async function notedTime({ notes }: Notes, name: NoteName): Promise<number | undefined> {
  const value = await notes.get(name)
  return value === undefined ? undefined : Number(value)
}

/** A noted value that was written as JSON. */
export async function notedJson<T>({ notes }: Notes, name: NoteName): Promise<T | undefined> {
  const value = await notes.get(name)
  return value === undefined ? undefined : (JSON.parse(value) as T)
}
