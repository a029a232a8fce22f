import type { KnownBlock } from '@slack/types'
import { duration } from '../../engine/duration.ts'
import type { Run } from '../../engine/run.ts'
import {
  header,
  list,
  type Message,
  message,
  pairs,
  people,
  person,
  plain,
  prose,
  readable,
  section,
} from '../blocks.ts'
import { noStandbySince, runTime } from './board.ts'

const MARKS: Partial<Record<NonNullable<Run['outcome']>, string>> = {
  done: ':white_check_mark:',
  failed: ':x:',
}

/** How a run ended: its figures, what is owed, and who decided what. Broadcast to the channel. */
export function summary(run: Run, stamp?: string): Message {
  const { proposal, outcome = 'stopped' } = run
  const title = `${proposal.title}: ${outcome}`
  return message(
    `${title} after ${duration(runTime(run, run.endedAt ?? 0))}`,
    [
      header(title),
      section(`${MARKS[outcome] ?? ':heavy_minus_sign:'} ${ending(run)}`),
      ...pairs(figures(run)),
      ...leftOpen(run),
    ],
    stamp,
  )
}

/** A run that reached its end says by what it is known that customers are served. */
function ending({ outcome, ending, steps }: Run): string {
  if (outcome !== 'done') return prose(sentence(ending ?? ''))
  const green = steps.find(({ id }) => id === 'verify-green')
  return green?.state === 'done' ? `Customers are served: ${readable(green.detail)}.` : prose(ending ?? '')
}

const sentence = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)

function figures(run: Run): (readonly [string, string])[] {
  const { proposal, approval, outcome } = run
  const took = runTime(run, run.endedAt ?? 0)
  const target = proposal.rtoTargetMinutes * 60_000
  const verdict = outcome === 'done' ? (took <= target ? ': met' : ': missed') : ''
  return [
    ['Run time', `${duration(took)}, target ${duration(target)}${verdict}`],
    ['Outage, an estimate', outage(run)],
    ['Data loss, an estimate', dataLoss(run)],
    ...(run.waitedMs ? ([['Waited for people', duration(run.waitedMs)]] as const) : []),
    ['Asked for by', person(proposal.requestedBy)],
    ['Approved by', approval ? `${person(approval.by)}${approval.breakGlass ? ', alone' : ''}` : 'nobody'],
  ]
}

/** What somebody still has to do after this run. */
function leftOpen(run: Run): KnownBlock[] {
  // A fence is owed for the sake of the promotion: without one, the old side may go on writing.
  const open = run.steps.filter(
    ({ state }) => (state === 'owed' && begun(run)) || state === 'skipped' || state === 'failed',
  )
  const lines = open.map(
    ({ title, state, detail }) =>
      `*${plain(title)}* · ${state === 'owed' ? 'still owed' : state} · ${readable(detail)}`,
  )
  const reviewers = people(run.proposal.approvers)
  return [
    ...(lines.length ? [list('Still open', lines)] : []),
    ...(noStandbySince(run) === undefined
      ? []
      : [
          section(':warning: There may be no standby now: protect the active side next. `/dr status` knows.'),
        ]),
    ...(run.approval?.breakGlass
      ? [section(`:rotating_light: The glass was broken: ${reviewers} have to review this run.`)]
      : []),
  ]
}

/** The bot does not see customers: what it knows is when it began, and when DNS answered with the new side. */
function outage(run: Run): string {
  if (run.outcome !== 'done' || run.startedAt === undefined) return 'not known: the run did not finish'
  const last = run.steps.findLast(({ endedAt }) => endedAt !== undefined)?.endedAt ?? run.startedAt
  const reached = Number(run.notes['in-sync-at'] ?? last)
  return `about ${duration(reached - run.startedAt)} from the start of the run, and the time before it was asked for`
}

/** Whether anything that cannot be undone may have happened. */
const begun = ({ steps }: Run): boolean =>
  steps.some(({ irreversible, state }) => irreversible !== false && state !== 'pending')

function dataLoss(run: Run): string {
  if (!begun(run)) return 'none: nothing irreversible was begun'
  if (run.proposal.input.mode === 'planned') return 'none: a switchover waits for replication'
  const lag = run.proposal.facts.find(({ label }) => /lag/i.test(label))
  const seen = run.notes['lag-before'] ?? (lag?.known ? lag.value : undefined)
  return seen ? `lag before: ${readable(seen)}` : 'not known: the lag could not be read before the promotion'
}
