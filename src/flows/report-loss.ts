import { duration } from '../engine/duration.ts'
import type { Run } from '../engine/run.ts'

/** What a move lost: `measured` by heartbeat rows, else an `estimate`, and `text` says which and why. */
export type Loss = { readonly kind: 'measured' | 'estimate'; readonly ms?: number; readonly text: string }

const MOVES = ['promote-standby', 'detach-standby', 'switch-over']
const MOVED: readonly string[] = ['done', 'already', 'waiting', 'acting']
/** Choices of a stuck planned move that may lose writes after all. */
const LOSSY: readonly string[] = ['failover-anyway', 'detach']

/** What was lost on the way out and home, as far as the writer was moved by this run. */
export function lossOf(run: Run): { readonly out: Loss; readonly home?: Loss } | undefined {
  if (!hasMoved(run, '')) return undefined
  return { out: lossOn(run, ''), ...(hasMoved(run, '-back') ? { home: lossOn(run, '-back') } : {}) }
}

const hasMoved = ({ steps }: Run, way: '' | '-back'): boolean =>
  steps.some(
    ({ id, state, detail }) =>
      MOVES.some((move) => id === `${move}${way}`) && MOVED.includes(state) && !detail.startsWith('not gone'),
  )

function lossOn({ notes, proposal, questions }: Run, way: '' | '-back'): Loss {
  const of = (name: string) => notes[way ? `back:${name}` : name]
  const measured = of('rpo')
  if (measured !== undefined)
    return {
      kind: 'measured',
      ms: Number(measured),
      text: `${duration(Number(measured))}, measured: the newest heartbeat row acknowledged before the move against the newest one after it`,
    }
  const planned = proposal.input.mode === 'planned'
  if (planned && !questions.some(({ answer }) => answer && LOSSY.includes(answer.option)))
    return {
      kind: 'estimate',
      ms: 0,
      text: 'an estimate: 0.0 s, as a switchover waits for every write; no heartbeat row measured it',
    }
  return estimated(of('lag-at-switch'), of('lag-before'), of('promoted-at'))
}

/** Lag at the promotion plus the age of that reading: never a bound. */
function estimated(noted: string | undefined, said: string | undefined, promoted: string | undefined): Loss {
  const later = 'later writes may be lost too'
  if (noted !== undefined) {
    const { seconds, readAt, notedAt } = JSON.parse(noted) as Record<'seconds' | 'readAt' | 'notedAt', number>
    const ms = seconds * 1000 + Math.max(0, Number(promoted ?? notedAt) - readAt)
    return {
      kind: 'estimate',
      ms,
      text: `an estimate: ${duration(ms)}, the last lag known and the age of that reading; ${later}`,
    }
  }
  if (said !== undefined && !said.startsWith('unknown'))
    return { kind: 'estimate', text: `an estimate: lag was ${said}, before the move; ${later}` }
  return { kind: 'estimate', text: 'not known: there was no reading of the lag before the move' }
}
