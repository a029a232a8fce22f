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
  /** What AWS said about blocking the old side's writes, for people. */
  | 'fence-said'
  | 'lag-before'
  /** The newest lag reading before the move, as JSON: what an estimate of the loss is made of. */
  | 'lag-at-switch'
  /** The records as last verified, as JSON: the DELETE half of the swap when they can't be listed any more. */
  | 'records-seen'
  | 'dns-change'
  | 'in-sync-at'
  /** Since when a region has answered every look, and when it last did, as JSON. */
  | 'well'
  /** Since when the old side's region has answered without a break, as JSON: AWS has had time for its snapshot since. */
  | 'region-answered'
  /** AWS's snapshots of lost writes that were seen, as JSON: should they vanish, it can be said which. */
  | 'rescue-seen'
  /** How the writer last moved, as the journal knows it, by whoever starts the run: `planned` lost nothing. */
  | 'last-move'
  /** When the newest run that may have lost writes was approved: only what AWS took since then holds them. */
  | 'lost-at'
  /** What became of the lost writes' snapshot: `copied:<ids>` · `absent` · `gone:<ids>` · `waived: <by whom, why>`. */
  | 'rescue'
  /** When what AWS took of them vanishes, as long as there is no copy; world ms. */
  | 'rescue-lasts'
  /** How the copies of it in the other region fare, as JSON. */
  | 'rescue-across'
  /** How many copies had failed when a person said to try again. */
  | 'rescue-again'
  /** Lag readings of the side that catches up, as JSON, oldest first: the forecast is made of them. */
  | 'lag-samples'
  | 'resync-seen-at'
  /** `none` · `reconciled …` · `waived …`: what people said about writes that were lost. */
  | 'lost-writes'
  /** Which snapshot of the stale cluster this run relies on. */
  | 'stale-snapshot'
  /** The second approval, as JSON: which cluster, by whom, why. */
  | 'deletion-approved'
  | 'deletion-looked-at'
  | 'connections-waived'
  /** When a person said that the stale cluster was removed by hand. */
  | 'removal-said'
  /** When a person said that Terraform was applied; the id of the build that was started instead. */
  | 'standby-applied'
  | 'standby-build'
  | 'reconciled'
  /** How the builds that reconcile the stacks fare, as JSON. */
  | 'reconcile-builds'
  | 'no-standby-since'

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
