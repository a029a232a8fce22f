import { isStillReady, receiptOf } from './act.ts'
import { acted, type Duty, isDue, isFirstAttempt, sighted, UNSEEN } from './duty.ts'
import type { FlowEnd } from './ending.ts'
import type { Fault } from './errors.ts'
import type { Host } from './host.ts'
import { observe, POLL_SECONDS, patience } from './look.ts'
import { isAbort, pausedQuestion } from './questions.ts'
import type { Signal } from './run.ts'
import { assertDuties, type Flow, type Step } from './step.ts'

/** What is known of all duties, by step id; `calmSince`: when anything was told last. World ms. */
type Watch = {
  readonly duties: Readonly<Record<string, Duty>>
  readonly calmSince: number
  /** Why the watch ended: somebody wants something, or a duty is to be acted on; neither when all are done. */
  readonly signal?: Signal
  readonly due?: string
  /** When that duty was looked at. */
  readonly at?: number
}

/**
 * Carries out a flow of duties: looks at all of them again and again, acts on what is ready, waits for none of them,
 * and asks nobody. Ends when all are done in the same round, or somebody ends it. May last days: however long, its
 * looks between two acts are one durable operation, and acts that come to nothing grow rare.
 */
export async function tendFlow<World>(flow: Flow<World>, world: World, host: Host): Promise<FlowEnd> {
  assertDuties(flow)
  let known: Watch | undefined
  for (let round = 1; ; round++) {
    const before: Watch | undefined = known
    known = await host.watch<Watch>(`tend#${round}`, (last) => look(flow, world, host, last ?? before))
    const { signal, due, duties } = known
    const step = flow.steps.find(({ id }) => id === due)
    if (signal) {
      const end = await obey(flow, signal, known, round, host)
      if (end) return end
    } else if (step) {
      const { fault, duty, newsAt } = await act(step, `${step.id}#${round}`, known, world, host)
      if (fault?.code === 'LOCK_LOST')
        return { outcome: 'failed', detail: `${fault.message} ${fault.changed} ${fault.remedy}` }
      known = { duties: { ...duties, [step.id]: duty }, calmSince: newsAt ?? known.calmSince }
    } else return { outcome: 'done', detail: whatWasSeen(flow, known) }
  }
}

/** What each duty found in the end. */
const whatWasSeen = <World>({ title, steps }: Flow<World>, known: Watch): string =>
  [...new Set(steps.map((step) => dutyOf(known, step).told.detail))].filter(Boolean).join('; ') ||
  `${title}: done`

const dutyOf = <World>(known: Watch | undefined, { id }: Step<World>): Duty => known?.duties[id] ?? UNSEEN

/** One round of looks. */
async function look<World>(
  { steps }: Flow<World>,
  world: World,
  host: Host,
  before: Watch | undefined,
): Promise<{ value: Watch; again: number | null }> {
  const { inside } = host
  const signal = await inside.signal()
  const calm = { duties: before?.duties ?? {}, calmSince: before?.calmSince ?? inside.now() }
  if (signal) return { value: { ...calm, signal }, again: null }

  const duties: Record<string, Duty> = {}
  for (const step of steps) {
    const seen = await observe(step, world)
    if (seen.state === 'asking') throw new Error(`the duty “${step.id}” is asking, and duties ask nobody`)
    duties[step.id] = await sighted(step, dutyOf(before, step), seen, host)
  }
  const now = inside.now()
  const isCalm = steps.every(({ id }) => duties[id]?.told.times === before?.duties[id]?.told.times)
  const value = { duties, calmSince: isCalm ? calm.calmSince : now }
  const due = steps.find((step) => isDue(step, duties[step.id] ?? UNSEEN, now))
  if (due) return { value: { ...value, due: due.id, at: now }, again: null }
  if (steps.every(({ id }) => duties[id]?.seen === 'done')) return { value, again: null }
  const poll = Math.min(...steps.map(({ pollSeconds = POLL_SECONDS }) => pollSeconds))
  return { value, again: patience(poll, now - value.calmSince) }
}

async function act<World>(
  step: Step<World>,
  op: string,
  known: Watch,
  world: World,
  host: Host,
): Promise<{ readonly duty: Duty; readonly fault?: Fault; readonly newsAt?: number }> {
  const { inside } = host
  const duty = dutyOf(known, step)
  const event = { type: 'step', step: step.id } as const
  return host.checkpoint(`${op}:act`, async () => {
    const heldBack = await whyNot(step, known, world, host)
    if (heldBack) return { duty: heldBack }
    const isFirst = isFirstAttempt(duty)
    if (isFirst) await inside.record(`${op}:act`, { ...event, state: 'acting', detail: step.title })
    const done = await receiptOf(async () => {
      await inside.mayAct()
      return (await step.act?.(world)) ?? { evidence: [] }
    })
    const fault = 'fault' in done ? done.fault : undefined
    const after = acted(step, duty, inside.now(), fault)
    if ('receipt' in done)
      await inside.record(`${op}:acted`, {
        ...event,
        state: 'waiting',
        detail: 'asked for',
        evidence: done.receipt.evidence,
      })
    else if (after.isNews)
      await inside.record(`${op}:failed`, {
        ...event,
        state: 'failed',
        detail: toldOf(done.fault),
        fault: done.fault,
      })
    return { duty: after.duty, ...(fault ? { fault } : {}), ...(isFirst ? { newsAt: inside.now() } : {}) }
  })
}

/** The duty as it stands where nothing is to be changed now: it is looked at again. */
async function whyNot<World>(
  step: Step<World>,
  known: Watch,
  world: World,
  host: Host,
): Promise<Duty | undefined> {
  const duty = dutyOf(known, step)
  // Whoever asked for the end since the look is obeyed at the next one: nothing is changed until then.
  if (await host.inside.signal()) return duty
  if (await isStillReady(step, known.at ?? 0, world, host)) return undefined
  // It may have been asked for before the bot died.
  return { ...duty, hasActed: true }
}

const toldOf = ({ message, changed }: Fault) => `${message} ${changed} It is tried again by itself.`

/** Ends on an abort; a pause is asked about as everywhere, and nothing is looked at until somebody answers. */
async function obey<World>(
  { steps }: Flow<World>,
  signal: Signal,
  known: Watch,
  round: number,
  host: Host,
): Promise<FlowEnd | undefined> {
  const open = steps.filter((step) => dutyOf(known, step).seen !== 'done')
  const titles = open.map(({ title }) => `“${title}”`).join(', ')
  const detail = open.length ? `not done: ${titles}` : 'everything was done'
  if (signal === 'abort') return { outcome: 'aborted', detail: `ended; ${detail}` }
  const step = open[0] ?? steps[0]
  if (!step) return undefined
  const answer = await host.ask(pausedQuestion(`tend#${round}`, step))
  if (answer === 'timeout' || !isAbort(answer)) return undefined
  return { outcome: 'aborted', detail: `ended while paused; ${detail}`, by: answer.by }
}
