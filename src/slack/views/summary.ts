import type { KnownBlock } from '@slack/types'
import { duration } from '../../engine/duration.ts'
import type { Run } from '../../engine/run.ts'
import { feltOf, outageText } from '../../flows/outage.ts'
import { runTimeOf } from '../../flows/run-time.ts'
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
import { startsByItself } from '../judge.ts'
import { noStandbySince } from './board.ts'

const MARKS: Partial<Record<NonNullable<Run['outcome']>, string>> = {
  done: ':white_check_mark:',
  failed: ':x:',
}

/** How a run ended: its figures, what is owed, and who decided what. Broadcast to the channel. */
export function summary(run: Run, stamp?: string): Message {
  const { proposal, outcome = 'stopped' } = run
  const title = `${proposal.title}: ${outcome}`
  return message(
    `${title} after ${duration(runTimeOf(run) ?? 0)}`,
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

/** A run's id at the beginning keeps its letters. */
const sentence = (text: string) =>
  /^[a-z]+\b(?!-)/.test(text) ? text.charAt(0).toUpperCase() + text.slice(1) : text

function figures(run: Run): (readonly [string, string])[] {
  const { proposal, approval } = run
  const approved = approval ? `${person(approval.by)}${approval.breakGlass ? ', alone' : ''}` : 'nobody'
  if (startsByItself(run)) return [['Under the approval of', approved]]
  return [
    ['Run time', againstTarget(run)],
    outage(run),
    ...lost(run),
    ...(run.waitedMs ? ([['Waited for people', duration(run.waitedMs)]] as const) : []),
    ['Asked for by', person(proposal.requestedBy)],
    ['Approved by', approved],
  ]
}

/** Only a failover has a target to meet. */
function againstTarget(run: Run): string {
  const took = runTimeOf(run) ?? 0
  if (run.proposal.flow !== 'failover') return duration(took)
  const target = run.proposal.rtoTargetMinutes * 60_000
  const verdict = run.outcome === 'done' ? (took <= target ? ': met' : ': missed') : ''
  return `${duration(took)}, target ${duration(target)}${verdict}`
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

/**
 * What customers went without, where somebody asked the public address all the while; else, of a failover, what is
 * known: when it began, and when DNS answered with the new side.
 */
function outage(run: Run): readonly [string, string] {
  const felt = feltOf(run)
  if (felt) {
    const way = felt.home
      ? `out ${outageText(felt.out)}; home ${outageText(felt.home)}`
      : outageText(felt.out)
    return ['Outage, measured', way]
  }
  const { outcome, startedAt, proposal, steps, notes } = run
  if (proposal.flow !== 'failover') return ['Outage', 'not measured']
  if (outcome !== 'done' || startedAt === undefined)
    return ['Outage, an estimate', 'not known: the run did not finish']
  const last = steps.findLast(({ endedAt }) => endedAt !== undefined)?.endedAt ?? startedAt
  const reached = Number(notes['in-sync-at'] ?? last)
  return [
    'Outage, an estimate',
    `about ${duration(reached - startedAt)} from the start of the run, and the time before it was asked for`,
  ]
}

/** Whether anything that cannot be undone may have happened. */
const begun = ({ steps }: Run): boolean =>
  steps.some(({ irreversible, state }) => irreversible !== false && state !== 'pending')

/** Measured where heartbeat rows were read before and after the move; nothing for a run that moves nobody. */
function lost(run: Run): (readonly [string, string])[] {
  if (run.proposal.input.variant === 'repair' || run.proposal.input.variant === 'capacity') return []
  const [out, home] = [run.notes.rpo, run.notes['back:rpo']]
  if (out === undefined) return [['Data loss, an estimate', dataLoss(run)]]
  const way = duration(Number(out))
  return [['Data loss, measured', home === undefined ? way : `out ${way}; home ${duration(Number(home))}`]]
}

function dataLoss(run: Run): string {
  if (!begun(run)) return 'none: nothing irreversible was begun'
  if (run.proposal.input.mode === 'planned') return 'none: a switchover waits for replication'
  const lag = run.proposal.facts.find(({ label }) => /lag/i.test(label))
  const seen = run.notes['lag-before'] ?? (lag?.known ? lag.value : undefined)
  return seen ? `lag before: ${readable(seen)}` : 'not known: the lag could not be read before the promotion'
}
