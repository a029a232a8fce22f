import { rmSync } from 'node:fs'
import { isChange, type JournalEntry } from '../../rehearsal/aws/calls.ts'
import type { App } from '../../rehearsal/aws/world/world.ts'
import { Night, type NightOptions, nightFolder } from '../../rehearsal/night.ts'
import { simulatedPlans } from '../../rehearsal/simulated-plans.ts'
import { approve } from '../../src/app/desk/approving.ts'
import { answerQuestion, signalRun } from '../../src/app/desk/deciding.ts'
import { proposeRun } from '../../src/app/desk/proposing.ts'
import { reconcile } from '../../src/app/runs/reconciling.ts'
import { runOf } from '../../src/app/runs/runs.ts'
import type { Journal } from '../../src/engine/ports.ts'
import { openQuestion, type Recorded, type Run, type Signal } from '../../src/engine/run.ts'
import type { Mode, Side } from '../../src/flows/world.ts'
import { planOf } from '../../src/plan/plans.ts'
import { untrue } from './truth.ts'

/** Promotes in about a minute: short nights have the same steps as long ones. */
const SEED = 227
const [REQUESTER, APPROVER, CHANNEL] = ['U0ASKS', 'U0AGREES', 'C0INCIDENT'] as const

type Told = Omit<Recorded, 'wall' | 'seq'>

/** A night on which somebody fails an application over while AWS and people do their worst. */
export class BadNight {
  readonly app: App
  readonly #dir: string
  #night: Night
  /** What AWS was asked for in earlier lives of the bot. */
  readonly #past: JournalEntry[] = []
  #since = 0
  /** What the run told that was not so at that moment. */
  readonly lies: string[] = []
  /** The side each run goes to. */
  readonly directions = new Map<string, Side>()
  /** The watch after the run has told that it stops the old side's writers. */
  watchFences = false
  /** Called with everything the journal is told, right after it was. */
  onTold: (told: Told) => void = () => {}

  static async begin(app: App, seed = SEED): Promise<BadNight> {
    const dir = nightFolder('understudy-bad-night-')
    const bad: BadNight = new BadNight(app, dir, await living({ seed, dir }, (told) => bad.#hear(told)))
    return bad
  }

  private constructor(app: App, dir: string, night: Night) {
    this.app = app
    this.#dir = dir
    this.#night = night
  }

  get night(): Night {
    return this.#night
  }

  /** The bot's process ends and comes up again, with nothing but its files; the world goes on. */
  async restart(): Promise<void> {
    const { clock, simulation } = this.#night
    await this.#night.end()
    this.#past.push(...simulation.calls.list())
    const saved = simulation.save()
    const { seed } = simulation.world
    this.#night = await living({ seed, dir: this.#dir, clock, saved }, (told) => this.#hear(told))
    this.#night.engine.recover()
    await this.#night.until(reconcile(this.#night.parts))
  }

  async end(): Promise<void> {
    await this.#night.end()
    rmSync(this.#dir, { recursive: true, force: true })
  }

  #hear(told: Told): void {
    const { event, runId } = told
    if (event.type === 'proposed') this.directions.set(runId, event.proposal.input.to as Side)
    if (event.type === 'step' && event.step === 'hold-fence' && event.state === 'acting')
      this.watchFences = true
    this.lies.push(...untrue(this, told))
    this.onTold(told)
  }

  get plan() {
    return planOf(this.night.parts.plans, this.app)
  }

  async propose(mode: Mode, source = `${mode}-asked`): Promise<Run> {
    const { night } = this
    const wish = { flow: 'failover', mode, dryRun: false, by: REQUESTER } as const
    const proposed = await night.until(proposeRun(night.parts, this.plan, wish, source))
    if ('dryRun' in proposed) throw new Error('it was not to be a dry run')
    return proposed.run
  }

  async approve(run: Run): Promise<void> {
    const wish = { by: APPROVER, reason: 'it is down', breakGlass: false }
    await this.night.until(approve(this.night.parts, run, wish))
  }

  async answer(run: Run, option: string): Promise<void> {
    const question = openQuestion(run)
    if (!question) throw new Error('nothing was asked')
    const ask = { kind: 'answer', option, by: APPROVER, channel: CHANNEL, reason: 'because' } as const
    await this.night.until(
      answerQuestion(this.night.parts, run, { ...ask, runId: run.id, question: question.id }),
    )
  }

  /** As `answer`, unless time or somebody else was faster. */
  async tryAnswer(id: string, option: string): Promise<void> {
    const run = await runOf(this.night.journal, id)
    if (openQuestion(run)?.options.some((one) => one.id === option)) await this.answer(run, option)
  }

  async signal(id: string, signal: Signal): Promise<void> {
    const run = await runOf(this.night.journal, id)
    const ask = { kind: 'signal', runId: id, signal, by: APPROVER, channel: CHANNEL } as const
    await this.night.until(signalRun(this.night.parts, run, ask))
  }

  /** The run when it has ended, asks something, or `patienceMs` are over. */
  async stands(id: string, patienceMs = 3 * 3_600_000): Promise<Run> {
    const { night } = this
    const until = night.clock.now() + patienceMs
    for (;;) {
      const run = await runOf(night.journal, id)
      if (run.phase === 'ended' || openQuestion(run) || night.clock.now() >= until) return run
      await night.sleep(5_000)
    }
  }

  /** Everything AWS was asked for since the last `forget`. */
  calls(): readonly JournalEntry[] {
    return [...this.#past, ...this.night.simulation.calls.list()].filter(({ at }) => at >= this.#since)
  }

  /** What was, does not count from here on. */
  forget(): void {
    this.#since = this.night.clock.now()
  }

  changes(): readonly JournalEntry[] {
    return this.calls().filter(({ operation }) => isChange(operation))
  }

  /** Desired counts of a side's services that write. */
  writers(side: 'home' | 'dr') {
    const names = this.plan.services.filter(({ writes }) => writes).map(({ name }) => name)
    const { services } = this.night.simulation.world.ecs
    return services.filter((one) => one.app === this.app && one.side === side && names.includes(one.name))
  }
}

/** A night whose journal is overheard. */
async function living(options: Omit<NightOptions, 'plans'>, hear: (told: Told) => void): Promise<Night> {
  const night: Night = await Night.begin({
    ...options,
    plans: simulatedPlans,
    parts: (own) => ({
      ...own,
      journal: overheard(own.journal, (runId, key, event) =>
        hear({ runId, key, event, at: night.clock.now() }),
      ),
    }),
  })
  return night
}

type Append = Journal['append']

function overheard(journal: Journal, told: (...event: Parameters<Append>) => void): Journal {
  const append: Append = async (...event) => {
    const answer = await journal.append(...event)
    if (answer.appended) told(...event)
    return answer
  }
  return new Proxy(journal, {
    get(target, name) {
      if (name === 'append') return append
      const member = Reflect.get(target, name)
      return typeof member === 'function' ? member.bind(target) : member
    },
  })
}
