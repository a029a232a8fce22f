import {
  CallbackTimeoutError,
  type DurableContext,
  type DurableExecutionClient,
  type DurableLambdaHandler,
  retryPresets,
  StepError,
  StepSemantics,
  withDurableExecution,
} from '@aws/durable-execution-sdk-js'
import { DrError, drError, faultOf } from '../engine/errors.ts'
import type { Host } from '../engine/host.ts'
import type { Clock, Journal } from '../engine/ports.ts'
import { type Answer, fold, type Question, type Recorded, type RunEvent } from '../engine/run.ts'

/** What a host needs beside the durable context. */
export type HostDeps = {
  /** World time. */
  readonly clock: Clock
  readonly runId: string
  readonly journal: Journal
  /** What the run may change only while it holds it, and the token it was given for that. */
  readonly locks: { readonly resources: readonly string[]; readonly token: number }
}

/**
 * The handler of a durable function. `run` gets the execution's input, and `hostFor` for the interpreter; it is called
 * anew for every invocation, so outside the host's verbs it must do the same each time. `client` is where operations
 * are kept: AWS Lambda unless another is given.
 */
export function durableHandler<Input>(
  run: (input: Input, hostFor: (deps: HostDeps) => Host) => Promise<unknown>,
  { client }: { readonly client?: DurableExecutionClient } = {},
): DurableLambdaHandler {
  return withDurableExecution<Input, unknown>(
    (input, context) => run(input, (deps) => durableHost(context, deps)),
    client ? { durableExecutionClient: client } : {},
  )
}

/** The interpreter's host on a durable execution. */
export function durableHost(context: DurableContext, deps: HostDeps): Host {
  const { journal, runId } = deps
  let working = 0
  /** The body of every operation: only there may the outside be asked, and what it answers must survive as JSON. */
  const body = async <T>(work: () => Promise<T>): Promise<T> => {
    working++
    try {
      const answer = await work()
      JSON.stringify(answer)
      return answer
    } finally {
      working--
    }
  }

  const checkpoint = async <T>(name: string, work: () => Promise<T>): Promise<T> =>
    context.step(name, () => body(work), { retryStrategy: patiently })

  const settle = async (question: string, answer: Answer): Promise<Answer> => {
    const event: RunEvent = { type: 'answered', question, answer }
    const { standing } = await journal.append(runId, `answered:${question}`, event)
    return standing.type === 'answered' ? standing.answer : answer
  }

  return {
    get execution() {
      return context.executionContext.durableExecutionArn
    },
    checkpoint,

    async attempt<T>(name: string, work: () => Promise<T>): Promise<{ answer: T } | 'interrupted'> {
      try {
        return await context.step(name, async () => ({ answer: await body(work) }), {
          semantics: StepSemantics.AtMostOncePerRetry,
          retryStrategy: retryPresets.noRetry,
        })
      } catch (error) {
        if (error instanceof StepError) return 'interrupted'
        throw error
      }
    },

    watch: (name, look) => watched(context, name, (last) => body(() => look(last))),

    async ask(question: Question, timeoutSeconds?: number): Promise<Answer | 'timeout'> {
      const given = await called(context, question, timeoutSeconds, (callbackId) =>
        body(async () => {
          const event: RunEvent = { type: 'asked', question, callbackId }
          const { standing } = await journal.append(runId, `asked:${question.id}`, event)
          if (standing.type !== 'asked' || standing.callbackId !== callbackId)
            throw new Error(`another execution of run ${runId} has asked “${question.id}”`)
        }),
      )
      const answer = await checkpoint(`${question.id}:answered`, () => settle(question.id, given))
      return answer.option === TIMEOUT.option ? 'timeout' : answer
    },

    inside: insideOf(deps, () => working > 0),
  }
}

/** How the journal shows that nobody answered in time. */
const TIMEOUT: Answer = { option: 'timeout', by: 'nobody' }

async function called(
  context: DurableContext,
  { id }: Question,
  timeoutSeconds: number | undefined,
  tell: (callbackId: string) => Promise<void>,
): Promise<Answer> {
  try {
    const answer = await context.waitForCallback<Answer | undefined>(id, tell, {
      retryStrategy: patiently,
      serdes: { deserialize: async (text) => answerOf(text) },
      ...(timeoutSeconds === undefined ? {} : { timeout: { seconds: wholeSeconds(timeoutSeconds) } }),
    })
    if (!answer) throw new Error(`“${id}” was answered from outside with something that is not an answer`)
    return answer
  } catch (error) {
    if (error instanceof CallbackTimeoutError) return TIMEOUT
    throw error
  }
}

/** Must not throw: what cannot be read back would be tried again for ever. */
function answerOf(text: string | undefined): Answer | undefined {
  try {
    const answer: unknown = JSON.parse(text ?? '')
    const isAnswer =
      typeof answer === 'object' &&
      answer !== null &&
      'option' in answer &&
      typeof answer.option === 'string' &&
      'by' in answer &&
      typeof answer.by === 'string'
    return isAnswer ? (answer as Answer) : undefined
  } catch {
    return undefined
  }
}

async function watched<T>(context: DurableContext, name: string, look: Look<T>): Promise<T> {
  const end = await context.waitForCondition<Watched<T>>(name, (last) => looked(last, look), {
    initialState: { again: 0, faults: 0 },
    waitStrategy: ({ again }) =>
      again === null
        ? { shouldContinue: false }
        : { shouldContinue: true, delay: { seconds: wholeSeconds(again) } },
  })
  if (end.gaveUp !== undefined) throw new Error(`“${name}” could not be watched: ${end.gaveUp}`)
  return end.value as T
}

type Look<T> = (last: T | undefined) => Promise<{ value: T; again: number | null }>

/** What a watch remembers between two looks. `again` in seconds, null = no more; `faults` in a row. */
type Watched<T> = {
  readonly value?: T
  readonly again: number | null
  readonly faults: number
  readonly gaveUp?: string
}

/** One look. It never throws: a throw would end the watch at once, however patient it is. */
async function looked<T>(last: Watched<T>, look: Look<T>): Promise<Watched<T>> {
  try {
    return { ...(await look(last.value)), faults: 0 }
  } catch (error) {
    const faults = last.faults + 1
    const { shouldRetry, delay } = patiently(error, faults)
    return shouldRetry
      ? { ...last, faults, again: delay.seconds }
      : { ...last, again: null, gaveUp: faultOf(error).message }
  }
}

/** A journal that cannot be written is waited for about an hour; anything else is a bug, tried for half a minute. */
function patiently(error: unknown, attempt: number) {
  if (error instanceof Superseded) return { shouldRetry: false, delay: { seconds: 1 } }
  const isStore = error instanceof DrError && error.code === 'STORE_FAILED'
  return { shouldRetry: attempt < (isStore ? 60 : 5), delay: { seconds: Math.min(60, 2 ** attempt) } }
}

/** Durable timers know whole seconds only, from 1. */
const wholeSeconds = (seconds: number) => Math.max(1, Math.ceil(seconds))

/**
 * Another run has taken this one over, and this engine was not told: it may have been away when it happened. Ends the
 * execution; nothing more is written to a run that has been handed on.
 */
class Superseded extends Error {
  override readonly name = 'Superseded'
}

function insideOf({ clock, runId, journal, locks }: HostDeps, isWorking: () => boolean): Host['inside'] {
  const records: Recorded[] = []
  const check = () => {
    if (!isWorking()) throw new Error('the outside was asked between two operations: a replay would differ')
  }
  const asItStands = async () => {
    records.push(...(await journal.events(runId, records.at(-1)?.seq)))
    const run = fold(records)
    if (run?.outcome === 'superseded') throw new Superseded(`run ${runId} was taken over: ${run.ending}`)
    return run
  }
  return {
    now() {
      check()
      return clock.now()
    },
    async signal() {
      check()
      return (await asItStands())?.signal
    },
    async record(key, event) {
      check()
      await asItStands()
      await journal.append(runId, key, event)
    },
    async mayAct() {
      check()
      if (!(await journal.holds(runId, locks.resources, locks.token)))
        throw drError('LOCK_LOST', { runId, resource: locks.resources.join(', ') })
    },
  }
}
