import { actOn, changedNothing, faultIn, remedyWith } from './act.ts'
import { askPeople } from './asking.ts'
import { type FlowEnd, Stopped, undo, whatIsLeft } from './ending.ts'
import type { Fault } from './errors.ts'
import type { Host } from './host.ts'
import { didNotTake, hasNextPart, type Looked, lookAt } from './look.ts'
import { pausedQuestion, releasedQuestion, stuckQuestion } from './questions.ts'
import type { Answer, Signal } from './run.ts'
import type { Flow, Observation, Step } from './step.ts'
import { tendFlow } from './tend.ts'

export type { FlowEnd } from './ending.ts'

type StepEnd = 'done' | 'already' | 'skipped' | 'owed'

/** Throttled acts are tried again by themselves this often, 2, 4, 8 … s apart; then a person is asked. */
const THROTTLE_ROUNDS = 5

/**
 * Carries a flow out: for every step look, act only if needed and at most once if irreversible, verify by looking.
 * Resumes wherever it was killed; never throws for what the world or people do, only for bugs.
 * A flow of duties is tended instead. `begun`: what the run that this one resumes had asked for, which counts as this
 * one's own: it is undone with it, and what cannot be undone is looked for at length before it is asked for again.
 */
export async function runFlow<World>(
  flow: Flow<World>,
  world: World,
  host: Host,
  begun: Begun = {},
): Promise<FlowEnd> {
  if (flow.duties) return tendFlow(flow, world, host)
  const run = new Interpreter(flow, world, host, begun)
  try {
    await run.all()
    return { outcome: 'done', detail: `${flow.title}: done` }
  } catch (error) {
    if (!(error instanceof Stopped)) throw error
    return run.unwind(error.end)
  }
}

/** Ids of steps, and when they were asked for, in world ms. */
export type Begun = Readonly<Record<string, number>>

/** Where to go on: the next step, the same one again, or back to a step that was undone meanwhile. */
type Onward<World> = 'next' | 'again' | Step<World>

class Interpreter<World> {
  readonly #flow: Flow<World>
  readonly #world: World
  readonly #host: Host
  readonly #rounds = new Map<string, number>()
  readonly #throttled = new Map<string, number>()
  /** Steps that may have changed something, in order, and when (undefined after a crash in the middle). */
  readonly #acted = new Map<Step<World>, number | undefined>()
  /** Irreversible steps that were asked for, of which nothing was seen: they may still begin. */
  readonly #untraced = new Set<Step<World>>()
  /** Steps that were seen done, by whomever: there is no way back behind an irreversible one of them. */
  readonly #passed = new Set<Step<World>>()

  /** Irreversible steps that an earlier run asked for, as long as nobody has looked what came of it. */
  readonly #unsettled = new Set<Step<World>>()

  constructor(flow: Flow<World>, world: World, host: Host, begun: Begun) {
    this.#flow = flow
    this.#world = world
    this.#host = host
    for (const step of flow.steps) {
      if (begun[step.id] === undefined) continue
      this.#acted.set(step, begun[step.id])
      if (step.irreversible) this.#unsettled.add(step)
    }
  }

  async all(): Promise<void> {
    const { steps } = this.#flow
    for (let index = 0; index < steps.length; ) {
      const onward = await this.#round(steps[index] as Step<World>)
      if (onward === 'next') index++
      else if (onward !== 'again') index = steps.indexOf(onward)
    }
  }

  /** One round of a step: look, and act if need be. */
  async #round(step: Step<World>): Promise<Onward<World>> {
    const op = this.#nextRound(step)
    const before = await this.#look(step, `${op}:look`, 'before')
    if (before.signal) return this.#obey(before.signal, step)
    if (before.seen.state === 'done')
      return this.#end(step, op, this.#acted.has(step) || !step.act ? 'done' : 'already', before.seen)
    const asking = before.seen.state === 'asking'
    if (!asking && (before.seen.state !== 'ready' || !step.act)) return this.#stuck(step, op, before.seen)
    const holdEnds = this.#holdEnds()
    if (holdEnds !== undefined && before.at >= holdEnds) return this.#release()
    if (this.#unsettled.delete(step)) return this.#settle(step, op)
    return asking ? this.#ask(step, op, before.seen) : this.#act(step, op, before)
  }

  /** A person's part in the step; whatever came of it, the step is looked at again. */
  async #ask(step: Step<World>, op: string, seen: Observation): Promise<Onward<World>> {
    const heard = await askPeople(step, op, this.#world, this.#host, this.#holdEnds())
    if (heard === 'anew') return 'again'
    if (heard === 'timeout') return this.#release()
    if ('signal' in heard) return this.#obey(heard.signal, step)
    if ('fault' in heard) return this.#stuck(step, op, seen, heard.fault)
    if ('abortedBy' in heard)
      throw new Stopped('aborted', `stopped at “${step.title}”: ${seen.detail}`, heard.abortedBy)
    // Where the step has an act of its own, that is what changes the world.
    if (!step.act && heard.kept.evidence.length) this.#acted.set(step, heard.at)
    return 'again'
  }

  async #act(step: Step<World>, op: string, { seen, at }: Looked): Promise<Onward<World>> {
    const tried = await actOn(step, op, at, this.#world, this.#host)
    if (tried === 'outdated') {
      // What is asked for at least once may have been asked for before the bot died.
      if (!step.irreversible) this.#acted.set(step, at)
      return 'again'
    }
    const fault = faultIn(tried)
    if (!fault || !step.irreversible || !changedNothing(fault))
      this.#acted.set(step, tried === 'interrupted' ? undefined : tried.at)
    if (fault?.code === 'THROTTLED' && (await this.#backOff(step, op))) return 'again'
    if (fault && fault.code !== 'OUTCOME_UNKNOWN') return this.#stuck(step, op, seen, fault)
    return this.#settle(step, op)
  }

  /** After an act: waits for it to be seen in the world. An irreversible act that left no trace counts as not begun. */
  async #settle(step: Step<World>, op: string): Promise<Onward<World>> {
    const after = await this.#look(step, `${op}:settle`, 'after')
    if (after.signal === 'abort') return this.#obey('abort', step)
    if (after.seen.state === 'done') return this.#end(step, op, 'done', after.seen)
    if (after.seen.state === 'asking' || hasNextPart(step, after)) return 'again'
    if (step.irreversible && didNotTake(after)) {
      this.#acted.delete(step)
      this.#untraced.add(step)
    }
    return this.#stuck(step, op, after.seen)
  }

  #nextRound(step: Step<World>): string {
    const round = (this.#rounds.get(step.id) ?? 0) + 1
    this.#rounds.set(step.id, round)
    return `${step.id}#${round}`
  }

  #look(step: Step<World>, name: string, when: 'before' | 'after'): Promise<Looked> {
    const deadline = this.#holdEnds()
    const watching = { name, when, ...(deadline === undefined ? {} : { deadline }) }
    return lookAt(step, this.#world, this.#host, watching)
  }

  async #backOff(step: Step<World>, op: string): Promise<boolean> {
    const times = (this.#throttled.get(step.id) ?? 0) + 1
    this.#throttled.set(step.id, times)
    if (times > THROTTLE_ROUNDS) return false
    await this.#host.watch<number>(`${op}:backoff`, async (n = 0) => ({
      value: n + 1,
      again: n ? null : 2 ** times,
    }))
    return true
  }

  async #end(step: Step<World>, op: string, state: StepEnd, { detail }: Observation): Promise<'next'> {
    if (state === 'done' || state === 'already') {
      this.#passed.add(step)
      this.#untraced.delete(step)
    }
    await this.#host.checkpoint(`${op}:${state}`, () =>
      this.#host.inside.record(`${op}:end`, { type: 'step', step: step.id, state, detail }),
    )
    return 'next'
  }

  /** The step does not get there by itself: owed if it may be, else a person decides. */
  async #stuck(step: Step<World>, op: string, seen: Observation, fault?: Fault): Promise<Onward<World>> {
    const detail = fault ? `${fault.message} ${fault.changed} ${fault.remedy}` : seen.detail
    if (fault?.code === 'LOCK_LOST') throw new Stopped('failed', detail)
    if (step.bestEffort) return this.#end(step, op, 'owed', { ...seen, detail })
    const answer = await this.#decide(step, op, detail, fault)
    if (answer === 'timeout') return this.#release()
    switch (answer.option) {
      case 'abort':
        throw new Stopped('aborted', `stopped at “${step.title}”: ${detail}`, answer.by)
      case 'skip':
        return this.#end(step, op, 'skipped', {
          ...seen,
          detail: `skipped by <@${answer.by}>: ${answer.reason ?? ''}`,
        })
      default:
        return this.#remedied(step, op, seen, answer.option)
    }
  }

  /** Retry, or a remedy and then retry. While something is held, the flow starts again from there. */
  async #remedied(step: Step<World>, op: string, seen: Observation, option: string): Promise<Onward<World>> {
    const remedy = step.whenStuck?.find(({ id }) => id === option)
    if (remedy) {
      const tried = await remedyWith(remedy, step.id, op, this.#world, this.#host)
      const fault = faultIn(tried)
      if (!this.#acted.has(step) && !(fault && changedNothing(fault))) this.#acted.set(step, undefined)
      if (fault && fault.code !== 'OUTCOME_UNKNOWN')
        return this.#stuck(step, `${op}:${remedy.id}`, seen, fault)
    }
    this.#throttled.delete(step.id)
    return this.#held() ?? 'again'
  }

  async #decide(
    step: Step<World>,
    op: string,
    detail: string,
    fault: Fault | undefined,
  ): Promise<Answer | 'timeout'> {
    const { inside } = this.#host
    const { now, signal } = await this.#host.checkpoint(`${op}:failed`, async () => {
      const event = {
        type: 'step',
        step: step.id,
        state: 'failed',
        detail,
        ...(fault ? { fault } : {}),
      } as const
      await inside.record(`${op}:failed`, event)
      return { now: inside.now(), signal: await inside.signal() }
    })
    // Whoever asked for the end between the last look and this question is not asked again.
    if (signal === 'abort') throw new Stopped('aborted', `aborted at “${step.title}”: ${detail}`)
    const ends = this.#holdEnds()
    if (ends !== undefined && now >= ends) return 'timeout'
    return this.#host.ask(
      stuckQuestion(op, step, detail),
      ends === undefined ? undefined : Math.ceil((ends - now) / 1000),
    )
  }

  /** A change that must not outlast hesitation, and whose end has not begun. */
  #held(): Step<World> | undefined {
    return [...this.#acted.keys()].find((step) => step.holdSeconds !== undefined && !this.#isReleased(step))
  }

  #isReleased({ heldUntil }: Step<World>): boolean {
    return [...this.#acted.keys(), ...this.#passed].some(({ id }) => id === heldUntil)
  }

  /** When the hold runs out, world ms. */
  #holdEnds(): number | undefined {
    const held = this.#held()
    const since = held && this.#acted.get(held)
    return since === undefined ? undefined : since + (held?.holdSeconds ?? 0) * 1000
  }

  /** Seconds until the hold runs out; 0 when it has, undefined where nothing is held. */
  async #holdLeft(name: string): Promise<number | undefined> {
    const ends = this.#holdEnds()
    if (ends === undefined) return undefined
    const now = await this.#host.checkpoint(name, async () => this.#host.inside.now())
    return Math.max(0, Math.ceil((ends - now) / 1000))
  }

  /** Undoes the hold because it took too long, and starts again from it when somebody says so. */
  async #release(): Promise<Step<World>> {
    const held = this.#held()
    if (!held) throw new Error('a question without a hold has no time limit')
    await undo(held, `${this.#nextRound(held)}:undo`, this.#world, this.#host)
    this.#acted.delete(held)
    const answer = await this.#host.ask(releasedQuestion(this.#nextRound(held), held))
    if (answer === 'timeout' || answer.option === 'abort')
      throw new Stopped(
        'aborted',
        `stopped after “${held.title}” was undone`,
        answer === 'timeout' ? undefined : answer.by,
      )
    return held
  }

  async #obey(signal: Signal, step: Step<World>): Promise<Onward<World>> {
    if (signal === 'abort') throw new Stopped('aborted', `aborted before “${step.title}” was finished`)
    const round = this.#nextRound(step)
    const left = await this.#holdLeft(`pause@${round}:begun`)
    const answer =
      left === 0 ? 'timeout' : await this.#host.ask(pausedQuestion(round, step, this.#held()), left)
    if (answer === 'timeout') return this.#release()
    if (answer.option === 'abort')
      throw new Stopped('aborted', `aborted while paused before “${step.title}”`, answer.by)
    return 'again'
  }

  /** After an abort: undoes what can be undone if nothing irreversible was begun, and says what is left. */
  async unwind(end: FlowEnd): Promise<FlowEnd> {
    const acted = [...this.#acted.keys()]
    const begun = [...acted, ...this.#passed].some((step) => step.irreversible)
    // However far a run has come, people who were made to wait for a step that has not begun are let in again.
    const held = this.#held()
    const left: string[] = []
    for (const step of acted.toReversed()) {
      const undone =
        (begun && step !== held) || end.outcome === 'failed'
          ? false
          : await undo(step, `${this.#nextRound(step)}:undo`, this.#world, this.#host)
      if (!undone) left.unshift(`“${step.title}”`)
    }
    const underWay = acted.filter((step) => step.irreversible && !this.#passed.has(step))
    const goesOn = underWay.map(
      ({ title }) =>
        ` “${title}” was asked for and goes on by itself: look with \`/dr status\` before anything else.`,
    )
    const half = whatIsLeft(acted.length, left, [...this.#untraced]) + goesOn.join('')
    return { ...end, detail: `${end.detail}. ${half}` }
  }
}
