import { duration } from '../../engine/duration.ts'
import { openQuestion, type Run } from '../../engine/run.ts'
import { list, type Message, message, person, plain, section } from '../blocks.ts'

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
    return `\`${plain(run.id)}\` *${plain(proposal.title)}* · ${doing(run)} · for ${since} · asked for by ${person(proposal.requestedBy)} in <#${proposal.channel}>`
  })
  return message(`${runs.length} under way`, [list('Under way', lines)], stamp)
}

/** What a run is doing, in a few words. */
export function doing(run: Run): string {
  const question = openQuestion(run)
  if (question) return `waits for an answer: ${plain(question.title)}`
  if (run.phase === 'proposed') return run.approval ? 'approved, starting' : 'waits for approval'
  if (run.phase === 'ended') return run.outcome ?? 'ended'
  const step = run.steps.find(({ state }) => state === 'looking' || state === 'acting' || state === 'waiting')
  return step ? plain(step.title) : 'between two steps'
}
