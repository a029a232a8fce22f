import type { Journal } from '../../engine/ports.ts'
import { fold } from '../../engine/run.ts'
import type { Choice } from '../../flows/choice.ts'
import type { Outside, World } from '../../flows/world.ts'
import type { Plan } from '../../plan/schema.ts'
import { gateText } from '../../terraform/gate.ts'
import { runOf } from './runs.ts'

/** What a durable execution is started with: canonical, the same for the same run. */
export type FlowInput = Choice & {
  readonly runId: string
  readonly plan: string
  /** The run this one stopped, and whose locks it takes over. */
  readonly supersedes?: string
  /** It goes on with what that run was doing. */
  readonly resumes?: true
}

/** Leaves a note in a run's journal. The last one of a name counts; the same value again is no new note. */
export async function noteIn(journal: Journal, runId: string, name: string, value: string): Promise<void> {
  const written = (await journal.events(runId)).flatMap(({ event }) =>
    event.type === 'noted' && event.name === name ? [event.value] : [],
  )
  if (written.at(-1) === value) return
  await journal.append(runId, `note:${name}:${written.length}`, { type: 'noted', name, value })
}

/** The world of one run: the outside, the direction, and the notes its steps leave each other in the journal. */
export function worldOf(plan: Plan, outside: Outside, input: FlowInput, journal: Journal): World {
  const { runId, mode, from, to } = input
  return {
    ...allowed(outside, input),
    plan,
    runId,
    mode,
    from,
    to,
    notes: {
      get: async (name) => fold(await journal.events(runId))?.notes[name],
      set: (name, value) => noteIn(journal, runId, name, value),
    },
    async people() {
      const { proposal, approval } = await runOf(journal, runId)
      const { requestedBy, twoPeople } = proposal
      return { requestedBy, twoPeople, ...(approval ? { approvedBy: approval.by } : {}) }
    },
    terraform: gates(plan, outside, input),
  }
}

/** The world a dry run looks at: its steps may leave each other notes, which end with it. */
export function rehearsedWorld(plan: Plan, outside: Outside, choice: Choice): World {
  const notes = new Map<string, string>()
  const { mode, from, to } = choice
  return {
    ...allowed(outside, choice),
    mode,
    from,
    to,
    plan,
    runId: 'dry-run',
    notes: {
      get: async (name) => notes.get(name),
      async set(name, value) {
        notes.set(name, value)
      },
    },
    people: async () => ({ requestedBy: 'nobody', twoPeople: plan.slack.twoPeople }),
    terraform: gates(plan, outside, choice),
  }
}

/** What people are asked to do with their Terraform: to build `to` anew while `from` serves, or once home serves again. */
function gates(plan: Plan, { database }: Outside, { from, to }: Choice): World['terraform'] {
  return {
    async gate(kind) {
      const active = kind === 'recreate' ? from : 'home'
      const standby = kind === 'recreate' ? to : 'dr'
      const cluster = await database.cluster(active)
      const known = cluster.ok && cluster.value !== 'absent'
      return gateText(plan, kind, {
        active,
        standby,
        ...(known ? { engineVersion: cluster.value.engineVersion } : {}),
      })
    },
  }
}

/** Only a failover may lose writes: to every other flow AWS can't even be asked for it, whatever its types say. */
function allowed(outside: Outside, { flow }: Choice): Outside {
  if (flow === 'failover') return outside
  const refuse = async (): Promise<never> => {
    throw new Error(`a ${flow} must not lose writes`)
  }
  return { ...outside, database: { ...outside.database, failoverTo: refuse, detach: refuse } }
}
