/** A step as the run's fold shows it; only what is needed here. */
type Seen = { readonly id: string; readonly state: string; readonly detail: string }

/** Ids of the steps that fence the old side, in the order they are tried: the last one that was tried counts. */
const FENCES: readonly string[] = ['fence-old-side', 'prove-fence']

/** Why a run's fence is still owed, in one sentence; undefined when it is proven, or the run has none. */
export function fenceOwed(steps: readonly Seen[]): string | undefined {
  const tried = steps.filter(({ id, state }) => FENCES.includes(id) && state !== 'pending').at(-1)
  if (!tried || tried.state === 'done' || tried.state === 'already') return undefined
  return tried.detail || 'it has not been proven that nothing there can write'
}
