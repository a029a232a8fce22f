import type { Journal } from '../engine/ports.ts'
import { fold } from '../engine/run.ts'
import type { Mode, Outside, Side, World } from '../flows/world.ts'
import type { Plan } from '../plan/schema.ts'

/** What a durable execution of a failover is started with: canonical, the same for the same run. */
export type FlowInput = {
  readonly runId: string
  readonly plan: string
  readonly mode: Mode
  readonly from: Side
  readonly to: Side
  /** The run this one stopped, and whose locks it takes over. */
  readonly supersedes?: string
}

/** Under which key of the journal a run's note stands. */
export const noteKey = (name: string, value: string): string => `note:${name}:${value}`

/** The world of one run: the outside, the direction, and the notes its steps leave each other in the journal. */
export function worldOf(plan: Plan, outside: Outside, input: FlowInput, journal: Journal): World {
  const { runId, mode, from, to } = input
  return {
    ...outside,
    plan,
    runId,
    mode,
    from,
    to,
    notes: {
      get: async (name) => fold(await journal.events(runId))?.notes[name],
      async set(name, value) {
        await journal.append(runId, noteKey(name, value), { type: 'noted', name, value })
      },
    },
  }
}

/** The world a dry run looks at: its steps may leave each other notes, which end with it. */
export function rehearsedWorld(
  plan: Plan,
  outside: Outside,
  choice: Omit<FlowInput, 'runId' | 'plan'>,
): World {
  const notes = new Map<string, string>()
  return {
    ...outside,
    ...choice,
    plan,
    runId: 'dry-run',
    notes: {
      get: async (name) => notes.get(name),
      async set(name, value) {
        notes.set(name, value)
      },
    },
  }
}
