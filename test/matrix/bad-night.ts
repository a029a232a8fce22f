import { isChange, type JournalEntry } from '../../rehearsal/aws/calls.ts'
import type { App } from '../../rehearsal/aws/world/world.ts'
import { Night, type NightOptions } from '../../rehearsal/night.ts'
import { simulatedPlans } from '../../rehearsal/simulated-plans.ts'
import { approve } from '../../src/app/approving.ts'
import { answerQuestion, signalRun } from '../../src/app/deciding.ts'
import { proposeFailover } from '../../src/app/proposing.ts'
import { reconcile } from '../../src/app/reconciling.ts'
import { runOf } from '../../src/app/runs.ts'
import { openQuestion, type Recorded, type Run, type Signal } from '../../src/engine/run.ts'
import type { Mode, Side } from '../../src/flows/world.ts'
import { planOf } from '../../src/plan/plans.ts'
import { untrue } from './truth.ts'

/** Promotes in about a minute: short nights have the same steps as long ones. */
export const SEED = 227
const [REQUESTER, APPROVER, CHANNEL] = ['U0ASKS', 'U0AGREES', 'C0INCIDENT'] as const

/** A night on which somebody fails an application over while AWS and people do their worst. */
export class BadNight {
  readonly app: App
  readonly night: Night
  /** What the run told that was not so at that moment. */
  readonly lies: string[] = []
  /** The side each run goes to. */
  readonly directions = new Map<string, Side>()
  /** Called with everything the journal is told, right after it was. */
  onTold: (told: Omit<Recorded, 'wall' | 'seq'>) => void = () => {}

  static async begin(app: App, options: Partial<NightOptions> = {}): Promise<BadNight> {
    let watch: (told: Omit<Recorded, 'wall' | 'seq'>) => void = () => {}
    const night = await Night.begin({
      seed: SEED,
      plans: simulatedPlans,
      ...options,
      parts: (own) => ({
        ...own,
        journal: watched(own.journal as Night['journal'], (...told) => watch(toldAt(night, ...told))),
      }),
    })
    const bad = new BadNight(app, night)
    watch = (told) => {
      const { event, runId } = told
      if (event.type === 'proposed') bad.directions.set(runId, event.proposal.input.to as Side)
      bad.lies.push(...untrue(bad, told))
      bad.onTold(told)
    }
    return bad
  }

  private constructor(app: App, night: Night) {
    this.app = app
    this.night = night
  }

  get plan() {
    return planOf(this.night.parts.plans, this.app)
  }

  async propose(mode: Mode, source = `${mode}-asked`): Promise<Run> {
    const { night } = this
    const wish = { mode, dryRun: false, by: REQUESTER }
    const proposed = await night.until(proposeFailover(night.parts, this.plan, wish, source))
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

  async signal(run: Run, signal: Signal): Promise<void> {
    const ask = { kind: 'signal', runId: run.id, signal, by: APPROVER, channel: CHANNEL } as const
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

  /** What a bot does when it comes up again. */
  async recover(): Promise<void> {
    this.night.engine.recover()
    await this.night.until(reconcile(this.night.parts))
  }

  changes(): readonly JournalEntry[] {
    return this.night.simulation.calls.list().filter(({ operation }) => isChange(operation))
  }

  /** Desired counts of a side's services that write. */
  writers(side: 'home' | 'dr') {
    const names = this.plan.services.filter(({ writes }) => writes).map(({ name }) => name)
    const { services } = this.night.simulation.world.ecs
    return services.filter((one) => one.app === this.app && one.side === side && names.includes(one.name))
  }
}

type Append = Night['journal']['append']

function watched(journal: Night['journal'], told: (...event: Parameters<Append>) => void): Night['journal'] {
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

const toldAt = (night: Night, ...[runId, key, event]: Parameters<Append>) => ({
  runId,
  key,
  event,
  at: night.clock.now(),
})
