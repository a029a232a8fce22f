import type { HostDeps } from '../../durable/host.ts'
import type { Host } from '../../engine/host.ts'
import { type Begun, type FlowEnd, runFlow } from '../../engine/run-flow.ts'
import { flowOf } from '../../flows/index.ts'
import type { NoteName } from '../../flows/notes.ts'
import { resourcesOf } from '../../flows/resources.ts'
import { planOf } from '../../plan/plans.ts'
import type { Parts } from '../parts.ts'
import { endAftercare, startAftercare } from './aftercaring.ts'
import { inherit } from './inheriting.ts'
import { inProgress, runOf } from './runs.ts'
import { begunBy } from './succession.ts'
import { type FlowInput, noteIn, worldOf } from './worlds.ts'

/** How long an act of a stopped run may still be under way: the act profile's deadline, and some. World seconds. */
const LONGEST_ACT_SECONDS = 25

type Opened =
  | { readonly token: number }
  | { readonly refused: string }
  /** Another execution has opened this run: it is carried out there. */
  | { readonly elsewhere: string }

/**
 * Carries one approved run out, from its locks to its end. Called anew for every invocation of the durable execution,
 * so everything that reads or writes stands inside the host's verbs.
 */
export async function carryOut(
  parts: Parts,
  input: FlowInput,
  hostFor: (deps: HostDeps) => Host,
): Promise<FlowEnd> {
  const { runId } = input
  const { clock, journal } = parts
  const plan = planOf(parts.plans, input.plan)
  // A watch must not keep the run out that ends it.
  const resources = input.flow === 'aftercare' ? [] : resourcesOf(plan)
  const closed = hostFor({ clock, runId, journal, locks: { resources: [], token: 0 } })

  const opened = await closed.checkpoint<Opened>('open', async () => {
    const elsewhere = await startedElsewhere(parts, runId, closed.execution)
    if (elsewhere !== undefined) return { elsewhere }
    const taken = await journal.lock(runId, resources, input.supersedes)
    if ('heldBy' in taken) return { refused: await heldMessage(parts, taken.heldBy) }
    if (input.flow !== 'aftercare') await endAftercare(parts, plan, input)
    await inherit(parts, input)
    return taken
  })
  if ('elsewhere' in opened)
    return { outcome: 'failed', detail: `nothing was done here: ${opened.elsewhere} carries the run out` }
  if ('refused' in opened) return close(parts, closed, input, { outcome: 'refused', detail: opened.refused })
  const begun = input.supersedes ? await succeed(parts, closed, input, input.supersedes) : {}

  const host = hostFor({ clock, runId, journal, locks: { resources, token: opened.token } })
  const world = worldOf(plan, await parts.outside(plan), input, journal)
  return close(parts, host, input, await runFlow(flowOf(input), world, host, begun))
}

/** The execution that has opened this run before; undefined when this one is it. One run is carried out by one engine. */
async function startedElsewhere(
  { journal }: Parts,
  runId: string,
  execution: string,
): Promise<string | undefined> {
  const run = await runOf(journal, runId)
  // Stopped before anybody had begun.
  if (run.phase === 'ended' && run.execution === undefined) return 'nobody'
  const { standing } = await journal.append(runId, 'started', { type: 'started', execution })
  return standing.type === 'started' && standing.execution !== execution ? standing.execution : undefined
}

/**
 * Waits until the stopped run can do nothing more, and takes over what it leaves: its other locks, and its fence; all
 * that it knew and had begun where it is resumed, which is what is answered then.
 */
async function succeed(
  { journal }: Parts,
  host: Host,
  { runId, from, resumes }: FlowInput,
  stopped: string,
): Promise<Begun> {
  await host.watch<boolean>('outwait-the-stopped-run', async (waited) => ({
    value: true,
    again: waited ? null : LONGEST_ACT_SECONDS,
  }))
  return host.checkpoint<Begun>('take-over-from-the-stopped-run', async () => {
    const { proposal, notes } = await runOf(journal, stopped)
    if (resumes) {
      for (const [name, value] of Object.entries(notes)) await noteIn(journal, runId, name, value)
      await journal.unlock(stopped)
      return begunBy(journal, stopped)
    }
    const fenced: NoteName = 'capacity-before-fence'
    // A drill on its way home has stopped the writers of the side it went to.
    const value = notes[proposal.input.from === from ? fenced : `back:${fenced}`]
    if (value !== undefined) await noteIn(journal, runId, fenced, value)
    await journal.unlock(stopped)
    return {}
  })
}

type End = Omit<FlowEnd, 'outcome'> & { readonly outcome: FlowEnd['outcome'] | 'refused' }

async function close(parts: Parts, host: Host, { runId }: FlowInput, end: End): Promise<FlowEnd> {
  await host.checkpoint('close', async () => {
    await host.inside.record('ended', { type: 'ended', ...end })
    await parts.journal.unlock(runId)
    if (end.outcome !== 'refused') await startAftercare(parts, runId)
  })
  return { ...end, outcome: end.outcome === 'refused' ? 'failed' : end.outcome }
}

async function heldMessage(
  { journal }: Parts,
  held: { runId: string; resource: string; since: number },
): Promise<string> {
  return inProgress(await runOf(journal, held.runId), held).told
}
