import fc from 'fast-check'
import type { FaultKind } from '../../rehearsal/aws/faults.ts'
import type { OutageKind } from '../../rehearsal/aws/outages.ts'
import { DrError } from '../../src/engine/errors.ts'
import { openQuestion, type Run } from '../../src/engine/run.ts'
import type { Mode } from '../../src/flows/world.ts'
import { BadNight } from './bad-night.ts'
import { wrongs } from './truth.ts'

/** Seconds since the approval. */
type Trouble = { readonly at: number; readonly lasts: number; readonly what: What }
type What =
  | { readonly kind: FaultKind; readonly region?: string; readonly service?: string; readonly p?: number }
  | { readonly place: string; readonly outage: OutageKind }

/** A night at random: what breaks and heals, what people press, when the bot dies. */
export type Schedule = {
  readonly seed: number
  readonly mode: Mode
  /** From dr to home: a planned failover went before. */
  readonly back: boolean
  readonly dark: boolean
  readonly troubles: readonly Trouble[]
  readonly answers: readonly ('retry' | 'skip' | 'abort' | 'remedy')[]
  readonly signals: readonly { readonly at: number; readonly signal: 'pause' | 'abort' }[]
  readonly restarts: readonly number[]
}

const region = fc.constantFrom('us-east-1', 'us-west-2')
const kind = fc.constantFrom<FaultKind[]>(
  ...([
    'lost-answer',
    'mute',
    'internal',
    'unavailable',
    'denied',
    'stale',
    'slow',
    'stuck',
    'capacity',
  ] as const),
)
const service = fc.constantFrom('rds', 'ecs', 'route53', 'applicationautoscaling', 'cloudwatch')
const what: fc.Arbitrary<What> = fc.oneof(
  fc.record({ kind, region, service, p: fc.constantFrom(0.3, 1) }),
  fc.record({ kind, region }),
  fc.record({
    place: fc.constantFrom('us-east-1', 'us-west-2', 'aws-global'),
    outage: fc.constantFrom<OutageKind[]>('mute', 'refuse', '5xx', 'slow'),
  }),
)

export const schedules: fc.Arbitrary<Schedule> = fc.record({
  seed: fc.integer({ min: 1, max: 1000 }),
  mode: fc.constantFrom<Mode[]>('emergency', 'emergency', 'planned', 'detach'),
  back: fc.oneof({ arbitrary: fc.constant(false), weight: 3 }, { arbitrary: fc.constant(true), weight: 1 }),
  dark: fc.boolean(),
  troubles: fc.array(
    fc.record({ at: fc.integer({ min: 0, max: 400 }), lasts: fc.integer({ min: 5, max: 500 }), what }),
    { maxLength: 4 },
  ),
  answers: fc.array(fc.constantFrom('retry', 'retry', 'skip', 'abort', 'remedy'), { maxLength: 5 }),
  signals: fc.array(
    fc.record({ at: fc.integer({ min: 1, max: 400 }), signal: fc.constantFrom('pause', 'pause', 'abort') }),
    { maxLength: 1 },
  ),
  restarts: fc.array(fc.integer({ min: 1, max: 500 }), { maxLength: 2 }),
})

const THINKING_MS = 25_000
/** Then nobody believes in it any more. */
const ANSWERS = 9

/** How a night went. */
export type Followed = { readonly outcome: string; readonly asked: number; readonly wrong: readonly string[] }

/** Plays a night, and answers how it went and what was wrong with it. */
export async function follow(schedule: Schedule): Promise<Followed> {
  const bad = await BadNight.begin('orders', schedule.seed)
  try {
    await bad.night.sleep(60_000)
    if (schedule.back) await thereFirst(bad)
    const approved = await begun(bad, schedule)
    if (!approved) return { outcome: 'refused', asked: 0, wrong: bad.lies }
    const { clock } = bad.night
    const quiet = clock.now() + 1000 * Math.max(0, ...schedule.troubles.map(({ at, lasts }) => at + lasts))
    const run = await lived(bad, approved, schedule)
    // What breaks after the run has ended says nothing about it.
    await bad.night.sleep(Math.max(0, quiet - clock.now()) + 180_000)
    const wrong = wrongs(bad, run, await bad.night.journal.events(run.id))
    return { outcome: run.outcome ?? run.phase, asked: run.questions.length, wrong }
  } finally {
    await bad.end()
  }
}

async function thereFirst(bad: BadNight): Promise<void> {
  const run = await bad.propose('planned', 'there-first')
  await bad.approve(run)
  const { outcome } = await bad.stands(run.id)
  if (outcome !== 'done') throw new Error('a planned failover without trouble did not end well')
  await bad.night.sleep(300_000)
  bad.forget()
}

/** The approved run, its troubles on their way; undefined where it is refused. */
async function begun(bad: BadNight, { mode, back, dark, troubles }: Schedule): Promise<Run | undefined> {
  const { night } = bad
  if (dark) await night.simulation.outage(back ? 'us-west-2' : 'us-east-1', 'mute')
  try {
    const run = await bad.propose(mode)
    await bad.approve(run)
    for (const { at, lasts, what } of troubles)
      night.clock.after(at * 1000, () => {
        const stop = happens(bad, what)
        night.clock.after(lasts * 1000, stop)
      })
    return run
  } catch (error) {
    if (error instanceof DrError && ['FLOW_REFUSED', 'CARD_STALE'].includes(error.code)) return undefined
    throw error
  }
}

/** Something goes wrong in the world as it is at that moment; answers how it ends. */
function happens(bad: BadNight, what: What): () => void {
  if ('place' in what) {
    void bad.night.simulation.outage(what.place, what.outage)
    return () => void bad.night.simulation.outage(what.place, undefined)
  }
  const share = what.kind === 'capacity' ? { share: 0.6 } : {}
  const id = bad.night.simulation.addFault({ ...what, ...share })
  return () => void bad.night.simulation.removeFaults(id)
}

/** Until the run has ended. Whoever has no answer left presses Retry, and gives up in the end. */
async function lived(bad: BadNight, { id }: Run, { restarts, signals, answers }: Schedule): Promise<Run> {
  const begun = bad.night.clock.now()
  const due = (at: number) => bad.night.clock.now() >= begun + at * 1000
  const events = [
    ...restarts.map((at) => ({ at, happen: () => bad.restart() })),
    ...signals.map(({ at, signal }) => ({ at, happen: () => bad.signal(id, signal) })),
  ].sort((a, b) => a.at - b.at)
  for (let asked = 0; !due(6 * 3600); ) {
    const run = await bad.stands(id, 5_000)
    if (run.phase === 'ended') return run
    if (events[0] && due(events[0].at)) await events.shift()?.happen()
    else if (openQuestion(run)) {
      await bad.night.sleep(THINKING_MS)
      await bad.tryAnswer(id, optionFor(run, asked < ANSWERS ? answers[asked] : 'abort'))
      asked++
    }
  }
  throw new Error('the run has neither ended nor asked for six hours')
}

function optionFor(run: Run, wanted = 'retry'): string {
  const options = openQuestion(run)?.options ?? []
  const ids = options.map(({ id }) => id)
  const remedy = options.find(({ id, style }) => style === 'danger' && id !== 'abort')?.id
  const chosen = wanted === 'remedy' ? remedy : wanted
  if (chosen && ids.includes(chosen)) return chosen
  return ids.includes('retry') ? 'retry' : 'resume'
}
