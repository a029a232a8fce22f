import { duration } from '../../engine/duration.ts'
import { openQuestion, type Run } from '../../engine/run.ts'
import { list, type Message, message, person, plain, section } from '../blocks.ts'
import { startsByItself } from '../judge.ts'

/** What is running or waiting for somebody now. `now` in world ms. */
export function runsList(runs: readonly Run[], now: number, stamp?: string): Message {
  if (!runs.length)
    return message(
      'Nothing is running.',
      [section('Nothing is running, and nothing waits for anybody.')],
      stamp,
    )
  const lines = runs.map((run) => {
    const { proposal } = run
    const since = duration(now - (run.startedAt ?? run.proposedAt))
    const whose = startsByItself(run)
      ? `follows a run ${person(proposal.requestedBy)} asked for`
      : `asked for by ${person(proposal.requestedBy)}`
    return `\`${plain(run.id)}\` *${plain(proposal.title)}* · ${doing(run)} · for ${since} · ${whose} in <#${proposal.channel}>`
  })
  return message(`${runs.length} under way`, [list('Under way', lines)], stamp)
}

/** What a run is doing, in a few words. */
export function doing(run: Run): string {
  const question = openQuestion(run)
  if (question) return `waits for an answer: ${plain(question.title)}`
  if (run.phase === 'proposed') return run.approval ? 'approved, starting' : 'waits for approval'
  if (run.phase === 'ended') return run.outcome ?? 'ended'
  if (startsByItself(run)) return waitsFor(run)
  const step = run.steps.find(({ state }) => state === 'looking' || state === 'acting' || state === 'waiting')
  return step ? plain(step.title) : 'between two steps'
}

/** What a watch has not seen settled yet. */
function waitsFor({ steps }: Run): string {
  const open = steps.filter(({ state }) => state !== 'done' && state !== 'already' && state !== 'skipped')
  return open.length ? `waits for ${open.map(({ title }) => `“${plain(title)}”`).join(', ')}` : 'all settled'
}
