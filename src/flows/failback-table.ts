import type { Branch } from './choice.ts'
import { type Stop, VERDICTS } from './choose-failback.ts'
import { failback } from './failback.ts'
import type { TopologyState } from './topology.ts'
import { wordOf } from './topology-words.ts'
import type { Side } from './world.ts'

/** One line of what a failback does: a state of the pair under its classic word, and the branch with its steps, or why none. */
export type FailbackRow = {
  readonly state: TopologyState
  readonly active: Side | 'unknown'
  readonly word: string
} & ({ readonly branch: Branch; readonly steps: readonly string[] } | { readonly stop: Stop })

const SIDES = ['dr', 'home'] as const
const EITHER = [...SIDES, 'unknown'] as const
const NOBODY = ['unknown'] as const

/** By which sides a state can be served; that nobody can say who serves is a state of its own in most. */
const SERVED_BY: Readonly<Record<TopologyState, readonly (Side | 'unknown')[]>> = {
  protected: SIDES,
  headless: SIDES,
  unprotected: SIDES,
  orphaned: SIDES,
  alone: SIDES,
  detached: EITHER,
  'no-global': EITHER,
  'in-flight': NOBODY,
  unknown: NOBODY,
}

/** Every state of the classifier with every side that can be the active one, and what a failback makes of it. */
export const failbackTable = (): readonly FailbackRow[] =>
  (Object.keys(SERVED_BY) as TopologyState[]).flatMap((state) =>
    SERVED_BY[state].map((active): FailbackRow => {
      const verdict = VERDICTS[state][active]
      const at = { state, active, word: wordOf({ state, active, because: '' }) }
      return typeof verdict === 'string'
        ? { ...at, branch: verdict, steps: failback(verdict).steps.map(({ title }) => title) }
        : { ...at, stop: verdict }
    }),
  )
