import { duration } from '../../engine/duration.ts'
import type { Recorded, Run } from '../../engine/run.ts'
import { type Message, plain, readable, section, threaded } from '../blocks.ts'
import { startsByItself } from '../judge.ts'
import { isTransition, type StepEvent } from './replies.ts'

/** How long a thread may be silent about a long wait; world ms. A watch of days has less to say. */
const SILENCE_MS = { run: 14 * 60_000, watch: 55 * 60_000 } as const

/** What the thread says beside transitions: signs of life by the key of the event that is one, and what it leaves out. */
export type Pulse = {
  readonly beats: ReadonlyMap<string, Message>
  /** Events that would only repeat what was said a moment ago. */
  readonly quiet: ReadonlySet<string>
}

type Kind = 'news' | 'quiet' | 'beat' | 'look'

/**
 * Finds the signs of life among a run's events, from the events alone: a look is one when nothing was said about its
 * step for a while. A watch gives one for all that it waits for; what it finds first is on its board, and a state that
 * comes and goes is not repeated.
 */
export function pulseOf(run: Run, records: readonly Recorded[], stamp?: string): Pulse {
  const isWatch = startsByItself(run)
  const beats = new Map<string, Message>()
  const quiet = new Set<string>()
  const said = new Map<string, number>()
  const seen = new Map<string, StepEvent>()
  for (const { key, at, event } of records) {
    if (event.type !== 'step') continue
    const before = seen.get(event.step)
    seen.set(event.step, event)
    const kind = isWatch ? kindOfWatch(event, before, at, said) : kindOf(event, at, said)
    if (kind === 'quiet') quiet.add(key)
    if (kind === 'beat') beats.set(key, isWatch ? watchBeat(run, seen, stamp) : beat(run, event, at, stamp))
  }
  return { beats, quiet }
}

/** Keeps in `said` when something was last said about each step. */
function kindOf(event: StepEvent, at: number, said: Map<string, number>): Kind {
  const last = said.get(event.step)
  const fresh = last === undefined || at - last >= SILENCE_MS.run
  const transition = isTransition(event)
  if (fresh || transition) said.set(event.step, at)
  if (transition) return 'news'
  // The first look at something begins the silence; it does not end one.
  return fresh && last !== undefined ? 'beat' : 'look'
}

const LOOKS = 'looks'

/** The same of a watch, about each state of each duty, and about all looks together. */
function kindOfWatch(
  event: StepEvent,
  before: StepEvent | undefined,
  at: number,
  said: Map<string, number>,
): Kind {
  const transition = isTransition(event)
  const asked = (event.evidence ?? []).length > 0
  const about = `${event.step} ${event.state}`
  if (!transition || (before?.state === event.state && !asked)) {
    const last = said.get(LOOKS)
    const fresh = last === undefined || at - last >= SILENCE_MS.watch
    if (fresh) said.set(LOOKS, at)
    return fresh && last !== undefined ? 'beat' : 'quiet'
  }
  const last = said.get(about)
  if (last !== undefined && at - last < SILENCE_MS.watch) return 'quiet'
  said.set(about, at)
  if (before) return 'news'
  if (!said.has(LOOKS)) said.set(LOOKS, at)
  return 'quiet'
}

function beat({ steps }: Run, { step: id, detail }: StepEvent, at: number, stamp?: string): Message {
  const step = steps.find((one) => one.id === id)
  const title = plain(step?.title ?? id)
  const since = duration(at - (step?.startedAt ?? at))
  return threaded(
    `${title}: still waiting, for ${since}`,
    [section(`:hourglass_flowing_sand: *${title}* · still waiting, for ${since}\n${readable(detail)}`)],
    stamp,
  )
}

/** Everything a watch still waits for, as it was seen last. */
function watchBeat({ steps }: Run, seen: ReadonlyMap<string, StepEvent>, stamp?: string): Message {
  const open = steps.flatMap(({ id, title }) => {
    const event = seen.get(id)
    return event && !SETTLED.has(event.state) ? [`• *${plain(title)}*: ${readable(event.detail)}`] : []
  })
  const lines = [':hourglass_flowing_sand: Still watching:', ...open]
  return threaded(`Still watching, ${open.length} open`, [section(lines.join('\n'))], stamp)
}

const SETTLED: ReadonlySet<StepEvent['state']> = new Set(['done', 'already', 'skipped'])
