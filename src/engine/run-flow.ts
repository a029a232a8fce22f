import { type Fault, faultOf } from './errors.ts'
import type { Answer, Question, RunEvent, Signal, StepState } from './run.ts'
import type { Flow, Observation, Receipt, Step } from './step.ts'

/** What the interpreter needs from wherever it runs: a durable Lambda, the local engine, a terminal, a test. */
export type Host = {
  /** Runs `work` until it has answered once, and remembers the answer: at least once, so `work` must look first. */
  checkpoint<T>(name: string, work: () => Promise<T>): Promise<T>
  /** Starts `work` at most once, ever. After a crash in the middle it answers `interrupted`. */
  attempt<T>(name: string, work: () => Promise<T>): Promise<{ answer: T } | 'interrupted'>
  /** Calls `look` again and again until it says not to: `again` is the pause in seconds, `null` ends it. */
  watch<T>(
    name: string,
    look: (last: T | undefined) => Promise<{ value: T; again: number | null }>,
  ): Promise<T>
  /** Waits for a person's answer; `timeout` when a limit was given and nobody answered. */
  ask(question: Question, timeoutSeconds?: number): Promise<Answer | 'timeout'>
  /** Inside the work of the verbs above only: time, what people asked for, the journal, and whether we still may act. */
  readonly inside: {
    now(): number
    signal(): Promise<Signal | undefined>
    record(key: string, event: RunEvent): Promise<void>
    /** Throws LOCK_LOST when another run has taken a lock of ours. */
    mayAct(): Promise<void>
  }
}

export type StepEnd = 'done' | 'already' | 'skipped' | 'owed'
export type FlowEnd = {
  readonly outcome: 'done' | 'aborted' | 'failed'
  readonly detail: string
  readonly by?: string
}

/** After an act, how long `ready` may still be seen before we say the act did not take. World seconds. */
const SETTLE_SECONDS = 120
const POLL_SECONDS = 3
const THROTTLE_ROUNDS = 5

/** Why a flow stops before its end; thrown by steps, caught by `runFlow`. */
class Stopped extends Error {
  readonly end: FlowEnd
  constructor(end: FlowEnd) {
    super(end.detail)
    this.end = end
  }
}

/**
 * Carries a flow out: for every step look, act only if needed and at most once if irreversible, verify by looking.
 * Resumes wherever it was killed; never throws for what the world or people do, only for bugs.
 */
export async function runFlow<World>(flow: Flow<World>, world: World, host: Host): Promise<FlowEnd> {
  const run = new Interpreter(flow, world, host)
  try {
    await run.all()
    return { outcome: 'done', detail: `${flow.title}: done` }
  } catch (error) {
    if (!(error instanceof Stopped)) throw error
    return run.unwind(error.end)
  }
}

type Looked = {
  seen: Observation
  signal?: Signal
  since: number
  readySince?: number
  said: number
  at: number
}
type Acted = { receipt: Receipt } | { fault: Fault }

class Interpreter<World> {
  readonly #flow: Flow<World>
  readonly #world: World
  readonly #host: Host
  readonly #rounds = new Map<string, number>()
  readonly #acted: Step<World>[] = []

  constructor(flow: Flow<World>, world: World, host: Host) {
    this.#flow = flow
    this.#world = world
    this.#host = host
  }

  async all(): Promise<void> {
    for (let index = 0; index < this.#flow.steps.length; ) {
      const step = this.#flow.steps[index] as Step<World>
      const back = await this.#step(step)
      index = back === 'next' ? index + 1 : this.#flow.steps.indexOf(back)
    }
  }

  /** One step to its end. Answers where to go on: the next step, or back to a step that was undone meanwhile. */
  async #step(step: Step<World>): Promise<'next' | Step<World>> {
    for (let throttled = 0; ; ) {
      const op = this.#nextRound(step)
      const before = await this.#look(step, `${op}:look`, 'before')
      if (before.signal) {
        await this.#obey(before.signal, step)
        continue
      }
      const { seen } = before
      if (seen.state === 'done')
        return this.#end(step, op, this.#acted.includes(step) ? 'done' : 'already', seen)
      if (seen.state !== 'ready' || !step.act) {
        const next = await this.#stuck(step, op, before)
        if (next) return next
        continue
      }

      const acted = await this.#act(step, op, step.act)
      if (acted !== 'interrupted' && 'fault' in acted) {
        if (acted.fault.code === 'THROTTLED' && ++throttled <= THROTTLE_ROUNDS) {
          await this.#host.watch<number>(`${op}:backoff`, async (n = 0) => ({
            value: n + 1,
            again: n ? null : 2 ** throttled,
          }))
          continue
        }
        if (acted.fault.code !== 'OUTCOME_UNKNOWN') {
          const next = await this.#stuck(step, op, before, acted.fault)
          if (next) return next
          continue
        }
      }
      const after = await this.#look(step, `${op}:settle`, 'after')
      if (after.signal === 'abort') await this.#obey('abort', step)
      if (after.seen.state === 'done') return this.#end(step, op, 'done', after.seen)
      const next = await this.#stuck(step, op, after)
      if (next) return next
    }
  }

  #nextRound(step: Step<World>): string {
    const round = (this.#rounds.get(step.id) ?? 0) + 1
    this.#rounds.set(step.id, round)
    return `${step.id}#${round}`
  }

  /** Looks until there is something to do about what is seen. Says a changed sight once. */
  #look(step: Step<World>, name: string, when: 'before' | 'after'): Promise<Looked> {
    const { inside } = this.#host
    return this.#host.watch<Looked>(name, async (last) => {
      const at = inside.now()
      const since = last?.since ?? at
      const signal = await inside.signal()
      if (signal && (when === 'before' || signal === 'abort'))
        return {
          value: { seen: last?.seen ?? NOT_LOOKED, signal, since, said: last?.said ?? 0, at },
          again: null,
        }

      const seen = await this.#observe(step)
      let said = last?.said ?? 0
      if (seen.detail !== last?.seen.detail || seen.state !== last.seen.state) {
        said++
        const state: StepState = when === 'after' || seen.state === 'pending' ? 'waiting' : 'looking'
        await inside.record(`${name}:${said}`, { type: 'step', step: step.id, state, detail: seen.detail })
      }
      const readySince = seen.state === 'ready' ? (last?.readySince ?? at) : undefined
      const value: Looked = { seen, since, said, at, ...(readySince === undefined ? {} : { readySince }) }
      return { value, again: this.#again(step, value, when) }
    })
  }

  async #observe(step: Step<World>): Promise<Observation> {
    try {
      return await step.observe(this.#world)
    } catch (error) {
      const { message } = faultOf(error)
      return { state: 'unknown', detail: message }
    }
  }

  /** Seconds until the next look, or null when looking longer changes nothing. */
  #again(
    step: Step<World>,
    { seen, since, readySince, at }: Looked,
    when: 'before' | 'after',
  ): number | null {
    if (seen.state === 'done' || seen.state === 'blocked') return null
    if (when === 'before' && seen.state === 'ready' && step.act) return null
    if (when === 'before' && seen.state === 'unknown' && step.bestEffort) return null
    if (when === 'after' && readySince !== undefined && at - readySince >= SETTLE_SECONDS * 1000) return null
    if (step.timeoutMinutes === 'none')
      return Math.min(60, Math.max(step.pollSeconds ?? POLL_SECONDS, (at - since) / 60_000))
    return at - since >= step.timeoutMinutes * 60_000 ? null : (step.pollSeconds ?? POLL_SECONDS)
  }

  async #act(
    step: Step<World>,
    op: string,
    act: (world: World) => Promise<Receipt>,
  ): Promise<Acted | 'interrupted'> {
    const { inside } = this.#host
    const work = async (): Promise<Acted> => {
      await inside.record(`${op}:act`, { type: 'step', step: step.id, state: 'acting', detail: step.title })
      try {
        await inside.mayAct()
        const receipt = await act(this.#world)
        await inside.record(`${op}:acted`, {
          type: 'step',
          step: step.id,
          state: 'waiting',
          detail: 'asked for',
          evidence: receipt.evidence,
        })
        return { receipt }
      } catch (error) {
        return { fault: faultOf(error) }
      }
    }
    this.#acted.push(step)
    if (step.irreversible) {
      const tried = await this.#host.attempt(`${op}:act`, work)
      return tried === 'interrupted' ? tried : tried.answer
    }
    return this.#host.checkpoint(`${op}:act`, work)
  }

  async #end(step: Step<World>, op: string, end: StepEnd, seen: Observation): Promise<'next'> {
    await this.#host.checkpoint(`${op}:${end}`, () =>
      this.#host.inside.record(`${op}:end`, { type: 'step', step: step.id, state: end, detail: seen.detail }),
    )
    return 'next'
  }

  /** The step does not get there by itself: owed if it may be, else a person decides. `undefined` = look again. */
  async #stuck(
    step: Step<World>,
    op: string,
    { seen }: Looked,
    fault?: Fault,
  ): Promise<'next' | Step<World> | undefined> {
    const detail = fault ? `${fault.message} ${fault.changed} ${fault.remedy}` : seen.detail
    if (step.bestEffort) return this.#end(step, op, 'owed', { ...seen, detail })
    if (fault?.code === 'LOCK_LOST') throw new Stopped({ outcome: 'failed', detail })
    const answer = await this.#decide(step, op, detail, fault)
    if (answer === 'timeout') return this.#release()
    if (answer.option === 'abort')
      throw new Stopped({
        outcome: 'aborted',
        detail: `stopped at “${step.title}”: ${detail}`,
        by: answer.by,
      })
    if (answer.option === 'skip')
      return this.#end(step, op, 'skipped', {
        ...seen,
        detail: `skipped by <@${answer.by}>: ${answer.reason ?? ''}`,
      })
    const remedy = step.whenStuck?.find(({ id }) => id === answer.option)
    if (remedy) {
      const tried = await this.#host.attempt(`${op}:${remedy.id}`, () => this.#remedy(step, op, remedy.act))
      const refused = tried !== 'interrupted' && 'fault' in tried.answer ? tried.answer.fault : undefined
      if (refused) return this.#stuck(step, `${op}:${remedy.id}`, { seen, since: 0, said: 0, at: 0 }, refused)
    }
    return this.#held() ? this.#back() : undefined
  }

  async #remedy(step: Step<World>, op: string, act: (world: World) => Promise<Receipt>): Promise<Acted> {
    const { inside } = this.#host
    try {
      await inside.mayAct()
      const receipt = await act(this.#world)
      await inside.record(`${op}:remedied`, {
        type: 'step',
        step: step.id,
        state: 'waiting',
        detail: 'asked for',
        evidence: receipt.evidence,
      })
      return { receipt }
    } catch (error) {
      return { fault: faultOf(error) }
    }
  }

  async #decide(step: Step<World>, op: string, detail: string, fault?: Fault): Promise<Answer | 'timeout'> {
    await this.#host.checkpoint(`${op}:failed`, () =>
      this.#host.inside.record(`${op}:failed`, {
        type: 'step',
        step: step.id,
        state: 'failed',
        detail,
        ...(fault ? { fault } : {}),
      }),
    )
    const question: Question = {
      id: op,
      step: step.id,
      title: `“${step.title}” needs a decision`,
      detail,
      options: [
        { id: 'retry', label: 'Retry (looks first)', style: 'primary' },
        ...(step.whenStuck ?? []).map(({ id, label, explain }) => ({
          id,
          label,
          explain,
          style: 'danger' as const,
        })),
        ...(step.unskippable
          ? []
          : [{ id: 'skip', label: 'Skip with a reason', needsReason: true as const }]),
        { id: 'abort', label: 'Abort', style: 'danger' as const },
      ],
    }
    return this.#host.ask(question, this.#held()?.holdSeconds)
  }

  /** A hold (a quiesce) that must not outlast a person's hesitation. */
  #held(): Step<World> | undefined {
    return this.#acted.find((step) => step.holdSeconds !== undefined && !this.#released(step))
  }
  #released(step: Step<World>): boolean {
    const until = this.#flow.steps.find(({ id }) => id === step.heldUntil)
    return until !== undefined && this.#acted.includes(until)
  }
  #back(): Step<World> {
    return this.#held() as Step<World>
  }

  /** Undoes the hold because nobody answered in time, then starts again from it when somebody does. */
  async #release(): Promise<'next' | Step<World>> {
    const held = this.#back()
    await this.#undo(held)
    this.#acted.splice(this.#acted.indexOf(held), 1)
    const answer = await this.#host.ask({
      id: `${this.#nextRound(held)}:released`,
      step: held.id,
      title: 'Nobody answered, so customers were let in again',
      detail: `“${held.title}” was undone after ${held.holdSeconds} s without an answer. Nothing is lost.`,
      options: [
        { id: 'retry', label: 'Try again from there', style: 'primary' },
        { id: 'abort', label: 'Abort', style: 'danger' },
      ],
    })
    if (answer === 'timeout' || answer.option === 'abort')
      throw new Stopped({
        outcome: 'aborted',
        detail: `stopped after “${held.title}” was undone`,
        ...(answer === 'timeout' ? {} : { by: answer.by }),
      })
    return held
  }

  async #obey(signal: Signal, step: Step<World>): Promise<void> {
    if (signal === 'abort')
      throw new Stopped({ outcome: 'aborted', detail: `aborted before “${step.title}” was finished` })
    const answer = await this.#host.ask({
      id: `pause@${this.#nextRound(step)}`,
      step: step.id,
      title: `Paused before “${step.title}”`,
      detail: 'Nothing is changed while the run is paused.',
      options: [
        { id: 'resume', label: 'Resume', style: 'primary' },
        { id: 'abort', label: 'Abort', style: 'danger' },
      ],
    })
    if (answer !== 'timeout' && answer.option === 'abort')
      throw new Stopped({
        outcome: 'aborted',
        detail: `aborted while paused before “${step.title}”`,
        by: answer.by,
      })
  }

  /** After an abort: undoes what can be undone if nothing irreversible was begun, and says what is left. */
  async unwind(end: FlowEnd): Promise<FlowEnd> {
    const begun = this.#acted.find((step) => step.irreversible)
    const left: string[] = []
    for (const step of [...new Set(this.#acted)].reverse()) {
      const undone = begun ? false : await this.#undo(step)
      if (!undone) left.push(`“${step.title}”`)
    }
    const half = left.length
      ? ` Left as it is: ${left.reverse().join(', ')}.`
      : ' Everything that was changed was undone.'
    return { ...end, detail: `${end.detail}.${this.#acted.length ? half : ' Nothing was changed.'}` }
  }

  async #undo(step: Step<World>): Promise<boolean> {
    const undo = step.undo
    if (!undo) return false
    const op = `${this.#nextRound(step)}:undo`
    return this.#host.checkpoint(op, async () => {
      try {
        const { evidence } = await undo(this.#world)
        await this.#host.inside.record(op, {
          type: 'step',
          step: step.id,
          state: 'undone',
          detail: 'undone',
          evidence,
        })
        return true
      } catch (error) {
        const fault = faultOf(error)
        await this.#host.inside.record(op, {
          type: 'step',
          step: step.id,
          state: 'failed',
          detail: `undo failed: ${fault.message}`,
          fault,
        })
        return false
      }
    })
  }
}

const NOT_LOOKED: Observation = { state: 'unknown', detail: 'not looked at' }
