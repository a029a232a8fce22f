import type { Fault } from './errors.ts'

/** An API call a step would make, as a dry run shows it. */
export type PlannedCall = {
  readonly step: string
  readonly service: string
  readonly operation: string
  readonly region: string
  readonly input: Readonly<Record<string, unknown>>
}

/** What is shown on the plan card, and what an approval of it binds to. */
export type Proposal = {
  readonly plan: string
  readonly flow: string
  readonly title: string
  /** What the durable execution gets; canonical JSON, no times or trigger ids in it. */
  readonly input: Readonly<Record<string, unknown>>
  readonly steps: readonly {
    readonly id: string
    readonly title: string
    readonly irreversible: string | false
    /** It asks people again before it acts. */
    readonly asks?: true
  }[]
  /** Lines of the card: label and value; `known: false` is shown as unknown, never as fine. */
  readonly facts: readonly { readonly label: string; readonly value: string; readonly known: boolean }[]
  readonly warnings: readonly string[]
  readonly calls: readonly PlannedCall[]
  /** The facts the approval binds to (product.md, From command to start); read again at approval. */
  readonly binding: Readonly<Record<string, string>>
  /** sha256 over `binding` and the step ids. */
  readonly hash: string
  readonly requestedBy: string
  readonly approvers: readonly string[]
  readonly twoPeople: boolean
  readonly breakGlass: readonly string[]
  /** What the approver has to type. */
  readonly phrase: string
  readonly channel: string
  /** People's clock, ms since the epoch. */
  readonly expiresAt: number
  readonly supersedes?: string
  readonly rtoTargetMinutes: number
  /** Against the simulated AWS: shown, marked, and never counted. */
  readonly rehearsal?: true
}

/** A question a run waits on; it stays open until somebody answers. */
export type Question = {
  /** Unique in the run: `<step>#<round>`, or `pause@<step>`. */
  readonly id: string
  readonly step: string
  readonly title: string
  readonly detail: string
  readonly options: readonly {
    readonly id: string
    readonly label: string
    readonly style?: 'primary' | 'danger'
    readonly needsReason?: true
    readonly explain?: string
    /** Has to be typed, exactly: such a choice is an approval of its own, and only approvers may make it. */
    readonly phrase?: string
    /** Only approvers may choose it. */
    readonly approversOnly?: true
    /** Who may not choose it, because their word counts already. */
    readonly notBy?: readonly string[]
    /** Counts only once a second person has confirmed it, in a question of its own. */
    readonly twoPeople?: true
  }[]
}
export type Answer = {
  readonly option: string
  readonly by: string
  readonly reason?: string
  /** Who confirmed it, where the choice needed two people. */
  readonly confirmedBy?: string
}

/** The question that asks somebody else to confirm what was chosen in the question `id`, and the option that does. */
export const confirmationOf = (id: string): string => `${id}:confirm`
export const CONFIRM = 'confirm'

export type StepState =
  | 'pending'
  | 'looking'
  | 'acting'
  | 'waiting'
  | 'done'
  | 'already'
  | 'skipped'
  | 'owed'
  | 'failed'
  | 'undone'

export type RunOutcome = 'done' | 'failed' | 'aborted' | 'expired' | 'superseded' | 'refused' | 'stopped'

/** Everything that can happen to a run. Appended exactly once under a key; the run is a fold over these. */
export type RunEvent =
  | { readonly type: 'proposed'; readonly proposal: Proposal }
  | { readonly type: 'approved'; readonly by: string; readonly reason: string; readonly breakGlass?: true }
  | { readonly type: 'started'; readonly execution: string }
  | {
      readonly type: 'step'
      readonly step: string
      readonly state: StepState
      readonly detail: string
      readonly evidence?: readonly string[]
      readonly fault?: Fault
    }
  | { readonly type: 'asked'; readonly question: Question; readonly callbackId: string }
  | { readonly type: 'answered'; readonly question: string; readonly answer: Answer }
  | { readonly type: 'signalled'; readonly signal: Signal; readonly by: string }
  | { readonly type: 'noted'; readonly name: string; readonly value: string }
  /** What a customer met at the public address, told only when it changes. `at` of the record is when. */
  | { readonly type: 'probed'; readonly healthy: boolean; readonly detail: string }
  | { readonly type: 'ended'; readonly outcome: RunOutcome; readonly detail: string; readonly by?: string }

/** What people may ask of a running run; the run obeys at its next look. */
export type Signal = 'pause' | 'abort'

/** An event as the journal keeps it: `at` in world time, `wall` in people's time, both ms since the epoch. */
export type Recorded = {
  readonly runId: string
  readonly seq: number
  readonly key: string
  readonly at: number
  readonly wall: number
  readonly event: RunEvent
}

export type StepView = {
  readonly id: string
  readonly title: string
  readonly irreversible: string | false
  readonly state: StepState
  readonly detail: string
  readonly evidence: readonly string[]
  readonly startedAt?: number
  readonly endedAt?: number
}

/** One execution of a flow, as every view shows it. Times in world ms. */
export type Run = {
  readonly id: string
  readonly proposal: Proposal
  /** `proposed` waits for approval · `running` · `waiting` for an answer · `ended`. */
  readonly phase: 'proposed' | 'running' | 'waiting' | 'ended'
  readonly outcome?: RunOutcome
  readonly ending?: string
  readonly endedBy?: string
  readonly steps: readonly StepView[]
  readonly questions: readonly (Question & {
    readonly callbackId: string
    readonly askedAt: number
    readonly answer?: Answer
    readonly answeredAt?: number
  })[]
  readonly notes: Readonly<Record<string, string>>
  /** How customers fared while it ran: every change of what the public address answers, in order. World ms. */
  readonly probes: readonly { readonly at: number; readonly healthy: boolean; readonly detail: string }[]
  readonly signal?: Signal
  readonly signalBy?: string
  readonly approval?: {
    readonly by: string
    readonly reason: string
    readonly at: number
    readonly breakGlass: boolean
  }
  readonly execution?: string
  readonly proposedAt: number
  readonly startedAt?: number
  readonly endedAt?: number
  /** World ms the run stood still for people. */
  readonly waitedMs: number
  /** Number of events folded: the version stale clicks are held against. */
  readonly version: number
}

const RUNNING: ReadonlySet<StepState> = new Set(['looking', 'acting', 'waiting'])

/** A run out of its events, in order. Returns undefined for no events. */
export function fold(records: readonly Recorded[]): Run | undefined {
  const first = records[0]
  if (first?.event.type !== 'proposed') return undefined
  const { proposal } = first.event
  let run: Run = {
    id: first.runId,
    proposal,
    phase: 'proposed',
    steps: proposal.steps.map((step) => ({ ...step, state: 'pending', detail: '', evidence: [] })),
    questions: [],
    notes: {},
    probes: [],
    proposedAt: first.at,
    waitedMs: 0,
    version: 1,
  }
  for (const record of records.slice(1)) run = { ...apply(run, record), version: run.version + 1 }
  return run
}

function apply(run: Run, { event, at }: Recorded): Run {
  // What customers met right after the end tells whether it was one.
  if (run.phase === 'ended' && event.type !== 'probed') return run
  switch (event.type) {
    case 'proposed':
      return run
    case 'approved':
      return {
        ...run,
        approval: { by: event.by, reason: event.reason, at, breakGlass: event.breakGlass === true },
      }
    case 'started':
      return { ...run, phase: 'running', execution: event.execution, startedAt: at }
    case 'step':
      return {
        ...run,
        steps: run.steps.map((step) => (step.id === event.step ? moved(step, event, at) : step)),
      }
    case 'asked':
      return {
        ...run,
        phase: 'waiting',
        questions: [...run.questions, { ...event.question, callbackId: event.callbackId, askedAt: at }],
      }
    case 'answered':
      return answered(run, event, at)
    case 'signalled':
      return { ...run, signal: event.signal, signalBy: event.by }
    case 'noted':
      return { ...run, notes: { ...run.notes, [event.name]: event.value } }
    case 'probed':
      return { ...run, probes: [...run.probes, { at, healthy: event.healthy, detail: event.detail }] }
    case 'ended':
      return {
        ...run,
        phase: 'ended',
        outcome: event.outcome,
        ending: event.detail,
        endedAt: at,
        ...(event.by ? { endedBy: event.by } : {}),
      }
  }
}

function moved(step: StepView, event: Extract<RunEvent, { type: 'step' }>, at: number): StepView {
  // Whatever it had come to, it goes on.
  const { endedAt: _, ...going } = step
  return {
    ...(RUNNING.has(event.state) ? going : step),
    state: event.state,
    detail: event.detail,
    evidence: [...step.evidence, ...(event.evidence ?? [])],
    startedAt: step.startedAt ?? at,
    ...(RUNNING.has(event.state) ? {} : { endedAt: at }),
  }
}

function answered(run: Run, event: Extract<RunEvent, { type: 'answered' }>, at: number): Run {
  const question = run.questions.find(({ id }) => id === event.question)
  if (!question || question.answer) return run
  const questions = run.questions.map((q) => {
    if (q === question) return { ...q, answer: event.answer, answeredAt: at }
    const isConfirmed = q.answer && question.id === confirmationOf(q.id) && event.answer.option === CONFIRM
    return isConfirmed ? { ...q, answer: { ...q.answer, confirmedBy: event.answer.by } } : q
  })
  const { signal: _obeyed, signalBy: _by, ...rest } = run
  return {
    ...(question.id.startsWith('pause@') ? rest : run),
    phase: questions.every((q) => q.answer) ? 'running' : 'waiting',
    questions,
    waitedMs: run.waitedMs + (at - question.askedAt),
  }
}

/** The question a run is waiting on now, if any. */
export const openQuestion = (run: Run) =>
  run.phase === 'ended' ? undefined : run.questions.find((q) => !q.answer)
