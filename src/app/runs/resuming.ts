import { drError } from '../../engine/errors.ts'
import type { FlowEngine, Journal } from '../../engine/ports.ts'
import type { Proposal, Run } from '../../engine/run.ts'
import { type Ask, deathPhrase } from '../../slack/asks.ts'
import { start } from '../desk/starting.ts'
import type { Parts } from '../parts.ts'
import { runOf } from './runs.ts'

type ResumeAsk = Extract<Ask, { kind: 'resume' }>

/** How long a sign of life counts; whoever carries a run out in a terminal renews it. People's ms. */
export const SIGN_OF_LIFE_MS = 30_000
/** The lease that says that a terminal carries the run out. */
export const carryingLease = (runId: string): string => `carry:${runId}`

const stillness = (runId: string) => `still:${runId}`
/** An engine's own word that it does nothing more for this run until it is told to: it ended in the middle, in order. */
export const standsStill = (journal: Journal, { id, execution = '' }: Run): Promise<void> =>
  journal.point(stillness(id), execution)
const movesAgain = (journal: Journal, { id }: Run): Promise<void> => journal.point(stillness(id), '')

/**
 * Lets a run go on whose bot or terminal is gone, for somebody who was judged to be allowed to; answers the id of the run
 * that goes on. Where this engine carries it out, it is the same run; else a new one with the same choice, under the old
 * approval, which waits until the old one can do nothing more, takes its locks, and looks before it acts. Throws
 * RUN_ELSEWHERE while something still carries it out, or where nobody has said that nothing does.
 */
export async function resume(parts: Parts, run: Run, ask: ResumeAsk): Promise<string> {
  const { engine, journal } = parts
  // Whoever asks for a watch here means to stay for it.
  const { passing: _, ...staying } = parts
  if (run.phase === 'proposed') {
    await start(staying, run)
    return run.id
  }
  const own = await engine.get(run.id)
  if (own?.id === run.execution && own?.status === 'RUNNING') {
    await movesAgain(journal, run)
    return run.id
  }
  if (own?.id !== run.execution) await assertStill(parts, run, ask)
  const next = await successorOf(parts, run, ask)
  await start(staying, next)
  return next.id
}

/** Stops the old execution where it can be reached; where not, somebody has to have said that it is dead. */
async function assertStill(parts: Parts, run: Run, { dead }: ResumeAsk): Promise<void> {
  const { journal, others = [] } = parts
  await assertNoSign(journal, run)
  if ((await journal.pointer(stillness(run.id))) === run.execution) return
  for (const engine of others) if (await stopped(engine, run)) return
  if (dead !== undefined) return
  throw drError('RUN_ELSEWHERE', {
    runId: run.id,
    why: `whatever carries it out (${run.execution}) cannot be reached from here, so it cannot be stopped, nor seen to be dead`,
    remedy: `Find out, and end it if you can. Then resume with \`--old-execution-is-dead\` and type “${deathPhrase(run.id)}”; an approver or somebody of \`breakGlass\` may.`,
  })
}

async function assertNoSign(journal: Journal, run: Run): Promise<void> {
  const [name, holder] = [carryingLease(run.id), `resume-${run.id}`]
  if (await journal.lease(name, holder, SIGN_OF_LIFE_MS)) return journal.release(name, holder)
  throw drError('RUN_ELSEWHERE', {
    runId: run.id,
    why: `a terminal carries it out, and gave a sign of life less than ${SIGN_OF_LIFE_MS / 1000} s ago`,
    remedy: 'Follow it with `understudy watch`, or end that terminal with Ctrl-C and resume then.',
  })
}

/** Whether the run's execution was found there, and does nothing more now. One that does not answer is not known. */
async function stopped(engine: FlowEngine, run: Run): Promise<boolean> {
  try {
    const execution = await engine.get(run.id)
    if (execution?.id !== run.execution) return false
    if (execution?.status === 'RUNNING') await engine.stop(run.id, 'it goes on somewhere else')
    return true
  } catch {
    return false
  }
}

/** The run that goes on, journaled and approved; once, whoever is first. Throws ALREADY_DECIDED. */
async function successorOf({ journal }: Parts, run: Run, { by, reason }: ResumeAsk): Promise<Run> {
  const { approval } = run
  if (!approval) throw new Error(`run ${run.id} goes on without an approval`)
  const [, root = run.id, round = '1'] = /^(.*?)(?:-r(\d+))?$/.exec(run.id) ?? []
  const id = `${root}-r${Number(round) + 1}`
  await giveBackWhatItHadTakenOver(journal, run)
  await journal.append(id, 'proposed', { type: 'proposed', proposal: proposalOf(run) })
  const said = `resumed by <@${by}>${reason ? ` (${reason})` : ''}; ${run.id} was approved: ${approval.reason}`
  const { standing } = await journal.append(id, 'card-decided', {
    type: 'approved',
    by: approval.by,
    reason: said,
    ...(approval.breakGlass ? { breakGlass: true as const } : {}),
  })
  if (standing.type === 'approved' && standing.reason !== said)
    throw drError('ALREADY_DECIDED', { by: standing.by, choice: standing.reason })
  return runOf(journal, id)
}

/** A run that died before it could take over the locks of the one it stopped. */
async function giveBackWhatItHadTakenOver(journal: Journal, { proposal }: Run): Promise<void> {
  const { supersedes } = proposal
  if (supersedes && (await runOf(journal, supersedes)).phase === 'ended') await journal.unlock(supersedes)
}

function proposalOf({ id, proposal, steps }: Run): Proposal {
  const last = steps.findLast(({ state }) => state !== 'pending')
  const stood = last ? `it stood at “${last.title}”` : 'it had not begun'
  return {
    ...proposal,
    input: { ...proposal.input, supersedes: id, resumes: true },
    supersedes: id,
    facts: [{ label: 'Goes on from', value: `${id}: ${stood}`, known: true }, ...proposal.facts],
    calls: [],
  }
}
