import { duration } from '../engine/duration.ts'
import type { Run } from '../engine/run.ts'

/** A good answer counts as the end of an outage once it has lasted this long. */
const LASTING_MS = 10_000

/** What customers felt: from the first failed probe to the first good one that lasted. World ms. */
export type Outage = {
  readonly from: number
  /** Absent while it goes on. */
  readonly to?: number
  /** It had begun before anybody probed, so it was longer. */
  readonly atLeast?: true
}

/** The outages of one way; `ms` adds those up that are over. */
export type Felt = { readonly outages: readonly Outage[]; readonly ms: number; readonly open: boolean }

/** Outages as the prober saw them, in order. A good answer that nothing came after counts as it stands. */
export function outagesOf(probes: Run['probes']): readonly Outage[] {
  const outages: Outage[] = []
  let open: { from: number; atLeast?: true } | undefined
  for (const [index, { at, healthy }] of probes.entries()) {
    if (!healthy) open ??= index === 0 ? { from: at, atLeast: true } : { from: at }
    const next = probes[index + 1]
    const lasts = healthy && (!next || next.at - at >= LASTING_MS)
    if (!open || !lasts) continue
    outages.push({ ...open, to: at })
    open = undefined
  }
  return open ? [...outages, open] : outages
}

/** Whether customers are served again, and have been for long enough that the last outage is over. */
export const hasLasted = (probes: Run['probes'], now: number): boolean => {
  const last = probes.at(-1)
  return last?.healthy === true && now - last.at >= LASTING_MS
}

/** What customers felt on the way out, and on the way home where the run has one. Undefined: nobody probed. */
export function feltOf(run: Run): { readonly out: Felt; readonly home?: Felt } | undefined {
  if (run.probes.length === 0) return undefined
  const all = outagesOf(run.probes)
  const turned = turnedAt(run)
  if (turned === undefined) return { out: felt(all) }
  return {
    out: felt(all.filter(({ from }) => from < turned)),
    home: felt(all.filter(({ from }) => from >= turned)),
  }
}

/** When a drill turned round: the decision to go home had been made. Undefined for runs that go one way. */
function turnedAt({ steps }: Run): number | undefined {
  const decided = steps.findIndex(({ id }) => id === 'go-home')
  return steps[decided + 1]?.startedAt && decided >= 0 ? steps[decided]?.endedAt : undefined
}

const felt = (outages: readonly Outage[]): Felt => ({
  outages,
  ms: outages.reduce((sum, { from, to }) => sum + (to === undefined ? 0 : to - from), 0),
  open: outages.some(({ to }) => to === undefined),
})

/** `41 s`, `0.0 s`, `41 s in 2 parts`, `41 s, and it still goes on`. */
export const outageText = ({ outages, ms, open }: Felt): string =>
  [
    duration(ms),
    ...(outages.length > 1 ? [`in ${outages.length} parts`] : []),
    ...(outages.some(({ atLeast }) => atLeast) ? ['at least, as it began before the run'] : []),
  ].join(' ') + (open ? ', and it still goes on' : '')
