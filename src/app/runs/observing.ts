import type { Journal } from '../../engine/ports.ts'
import { fold, type Run, type RunEvent } from '../../engine/run.ts'
import { feltOf } from '../../flows/outage.ts'
import type { Log } from '../../slack/log.ts'
import type { Figures, Metrics } from './metrics.ts'
import { isAftercare } from './runs.ts'

export type Observers = { readonly log: Log; readonly metrics: Metrics; readonly now: () => number }

/**
 * The same journal, which says in the log what it writes about runs, and measures: once for each event, as only one who
 * appends it first is heard. What goes wrong with that is logged and nothing else. `now`: world ms.
 */
export function observed<J extends Journal>(journal: J, observers: Observers): J {
  const append: Journal['append'] = async (runId, key, event) => {
    const result = await journal.append(runId, key, event)
    if (result.appended)
      await tell(journal, observers, runId, event).catch((error) =>
        observers.log('warn', 'an event could not be measured', { run: runId, error }),
      )
    return result
  }
  return new Proxy(journal, {
    get(target, name) {
      if (name === 'append') return append
      const own: unknown = Reflect.get(target, name)
      return typeof own === 'function' ? own.bind(target) : own
    },
  })
}

async function tell(journal: Journal, observers: Observers, runId: string, event: RunEvent): Promise<void> {
  const run = fold(await journal.events(runId))
  if (!run) return
  const { plan, flow } = run.proposal
  observers.log('info', `run ${event.type}`, { run: runId, plan, flow, ...factsOf(event) })
  for (const { figures, step } of measured(run, event, observers.now()))
    observers.metrics(figures, { plan, ...(step ? { step } : {}) }, { run: runId })
}

/** What is said of an event beside its run; what people typed is not. */
function factsOf(event: RunEvent): Readonly<Record<string, unknown>> {
  switch (event.type) {
    case 'step':
      return { step: event.step, state: event.state, detail: event.detail }
    case 'asked':
      return { step: event.question.step, question: event.question.id }
    case 'answered':
      return { question: event.question, option: event.answer.option, by: event.answer.by }
    case 'approved':
      return { by: event.by, breakGlass: event.breakGlass === true }
    case 'ended':
      return { outcome: event.outcome, detail: event.detail }
    case 'probed':
      return { healthy: event.healthy, detail: event.detail }
    case 'signalled':
      return { signal: event.signal, by: event.by }
    case 'noted':
      return { note: event.name }
    case 'started':
      return { execution: event.execution }
    case 'proposed':
      return { title: event.proposal.title, by: event.proposal.requestedBy }
  }
}

type Measured = { readonly figures: Figures; readonly step?: string }

/** What an event completes, in the run as it stands with it. `now`: world ms. */
export function measured(run: Run, event: RunEvent, now: number): readonly Measured[] {
  if (event.type === 'ended') return endOf(run, now).map((figures) => ({ figures }))
  if (event.type === 'answered') {
    const { askedAt, answeredAt } = run.questions.find(({ id }) => id === event.question) ?? {}
    if (askedAt === undefined || answeredAt === undefined) return []
    return [{ figures: { DecisionWaitSeconds: seconds(answeredAt - askedAt) } }]
  }
  if (event.type !== 'step' || event.state !== 'done') return []
  const { startedAt, endedAt } = run.steps.find(({ id }) => id === event.step) ?? {}
  if (startedAt === undefined || endedAt === undefined) return []
  return [{ figures: { StepSeconds: seconds(endedAt - startedAt) }, step: event.step }]
}

/** How a run ended, and what it cost. A card that was turned down is no run, and the days a watch took measure nothing. */
function endOf(run: Run, now: number): readonly Figures[] {
  const { outcome, startedAt, endedAt = now } = run
  const failed = outcome === 'failed' || outcome === 'stopped'
  if (startedAt === undefined && !failed) return []
  const figures: Figures = {
    RunSucceeded: [outcome === 'done' ? 1 : 0, 'Count'],
    RunFailed: [failed ? 1 : 0, 'Count'],
  }
  if (isAftercare(run) || startedAt === undefined) return [figures]
  const outage = outageOf(run, now)
  const measures: Figures = outage === undefined ? {} : { OutageSeconds: seconds(outage) }
  return [{ ...figures, RunSeconds: seconds(endedAt - startedAt), ...measures }]
}

/** What customers felt, one that goes on up to now; undefined where nobody watched. ms. */
function outageOf(run: Run, now: number): number | undefined {
  const felt = feltOf(run)
  if (!felt) return undefined
  const outages = [...felt.out.outages, ...(felt.home?.outages ?? [])]
  return outages.reduce((sum, { from, to = now }) => sum + to - from, 0)
}

const seconds = (ms: number) => [Math.max(0, Math.round(ms / 100) / 10), 'Seconds'] as const
