import { aftercare } from '../../src/flows/aftercare.ts'
import type { ChoiceOf } from '../../src/flows/choice.ts'
import { failback } from '../../src/flows/failback.ts'
import { type Mode, otherSide, type Side } from '../../src/flows/world.ts'
import { chosen, doneBy, isApproved } from './going-home.ts'
import { Life } from './life.ts'
import { Truth } from './lost-writes.ts'
import { disaster, lastOf, type Ordeal } from './ordeal.ts'
import { peopleWith } from './people.ts'
import { plan, type Stage } from './stage.ts'
import { Witness } from './witness.ts'

const MINUTE = 60_000
/** After everything has come, the bot has this long. */
const REST = 4 * 60

const HANDED_ON = ['rescue', 'rescue-seen', 'rescue-across', 'region-answered', 'lost-writes']

/** How it went: what became of the lost writes, in one word, and what was wrong. */
export type Endured = {
  readonly became: string
  readonly runs: readonly string[]
  readonly wrong: readonly string[]
}

/** The bot of one night: a watch, and ways home that people ask for, one run at a time. */
class Bot {
  readonly lives: Life[] = []
  readonly stage: Stage
  readonly truth: Truth
  readonly #ordeal: Ordeal

  constructor(stage: Stage, ordeal: Ordeal) {
    this.stage = stage
    this.#ordeal = ordeal
    const { lost, back, failing } = ordeal
    this.truth = new Truth(stage, lost, back * MINUTE, this.lives, failing)
  }

  /** Everything that the bot does tonight. */
  async night(): Promise<void> {
    const { lost, how, back, failbacks } = this.#ordeal
    const begun = this.stage.clock.now()
    const till = (minute: number) => this.stage.sleep(begun + minute * MINUTE - this.stage.clock.now())
    this.#watch(how, otherSide(lost))
    for (const { after, moods } of failbacks.toSorted((a, b) => a.after - b.after)) {
      if (back + after > (this.stage.clock.now() - begun) / MINUTE) await till(back + after)
      const choice = await chosen(this.stage)
      if (typeof choice !== 'string') await this.#home(choice, moods)
    }
    await this.stage.sleep(Math.max(0, begun + lastOf(this.#ordeal) * MINUTE - this.stage.clock.now()))
    await this.stage.sleep(REST * MINUTE)
    for (const life of this.lives) life.stop()
  }

  async #home(
    { variant, from }: ChoiceOf<'failback'>,
    moods: Ordeal['failbacks'][number]['moods'],
  ): Promise<void> {
    for (const watch of this.lives) if (watch.world.from === from) watch.stop()
    const life: Life = this.#begin({
      flow: failback(variant),
      mode: 'planned',
      from,
      answer: peopleWith(moods, (option, question) => doneBy(this.stage, life, option, question)),
    })
    const end = await life.live(14)
    if (end?.outcome !== 'done' && leavesWatch(life)) this.#watch('emergency', from)
  }

  #watch(mode: Mode, from: Side): void {
    const life = this.#begin({ flow: aftercare, mode, from })
    const { ended, back } = this.#ordeal
    if (ended !== 'never')
      this.stage.clock.after((back + ended) * MINUTE, () => {
        life.memory.signal = 'abort'
      })
    void life.live(30 * 24)
  }

  #begin(options: Pick<Life['options'], 'flow' | 'mode' | 'from'> & Partial<Life['options']>): Life {
    const { stage } = this
    const id = `r${this.lives.length + 1}`
    const life: Life = new Life(stage, {
      id,
      crashes: this.#ordeal.crashes,
      atMost: () => this.#patience(options.flow),
      noted: (name, value) => this.truth.noted(life, name, value),
      ...options,
    })
    this.#inherits(life)
    this.lives.push(life)
    return life
  }

  /** As runs do: what those before it have settled, since the writer was brought to where it is. */
  #inherits({ notes, world: { from } }: Life): void {
    const last = this.lives.findLastIndex(({ memory }) => 'switch-over' in memory.ends)
    const movedTo = this.lives[last]?.world.to ?? otherSide(this.#ordeal.lost)
    if (movedTo !== from) return
    notes.set('last-move', last < 0 ? this.#ordeal.how : 'planned')
    for (const name of HANDED_ON) {
      const value = this.lives
        .slice(last + 1)
        .findLast((life) => life.notes.has(name))
        ?.notes.get(name)
      if (value !== undefined) notes.set(name, value)
    }
  }

  /** How late the bot may be: while the region is away there is nothing to see, however often it looks. */
  #patience({ duties }: Life['options']['flow']): number | undefined {
    const { outages } = this.stage.world
    if (outages[plan.regions[this.#ordeal.lost]]) return 12 * 60 * MINUTE
    return duties ? 15 * MINUTE : undefined
  }
}

/** As in the app: a failback that did not bring the writer home, or has not settled a loss, leaves what it found. */
const leavesWatch = ({ memory, notes, world }: Life): boolean =>
  world.from === 'dr'
    ? !['done', 'already'].includes(memory.ends['switch-over'] ?? '')
    : ['emergency', 'detach'].includes(notes.get('last-move') ?? '') && !notes.has('rescue')

export async function endure(ordeal: Ordeal): Promise<Endured> {
  const stage = await disaster(ordeal)
  const bot = new Bot(stage, ordeal)
  const witness = new Witness(stage, (cluster) => bot.lives.some((life) => isApproved(life, cluster)))
  await stage.until(bot.night())
  const { became, wrong } = bot.truth.judge()
  const runs = bot.lives.map(({ options, end }) => `${options.flow.title}: ${end?.outcome ?? 'stopped'}`)
  return { became, runs, wrong: [...witness.wrongs, ...wrong] }
}
