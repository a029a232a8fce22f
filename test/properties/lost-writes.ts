import type { DbSnapshot } from '../../rehearsal/aws/world/snapshots.ts'
import { rescueText } from '../../src/flows/rescue.ts'
import type { Side } from '../../src/flows/world.ts'
import type { Life } from './life.ts'
import type { Ordeal } from './ordeal.ts'
import { APP, plan, type Stage } from './stage.ts'
import { savedIn } from './witness.ts'

const MINUTE = 60_000
/** A watch that was refused before tries again within half an hour, and this bot may be a quarter of an hour late. */
const ENOUGH_MINUTES = 90
const STEP_MINUTES = 5

/** AWS's snapshots of a lost side, as they were; they may be gone by now. */
type Original = Pick<DbSnapshot, 'id' | 'arn' | 'createdAt' | 'lostWrites'>

/** For how long at a stretch a run could have copied AWS's snapshot: the region well, and nobody asked for anything. */
export class Chances {
  longest = 0
  /** Every snapshot that AWS took of its own. */
  readonly originals: Original[] = []
  #streak = 0

  constructor(stage: Stage, ordeal: Ordeal, now: () => Life | undefined) {
    const region = plan.regions[ordeal.lost]
    const look = () => {
      const { world } = stage
      const mine = world.rds.snapshots.filter((one) => one.rescue && one.app === APP && one.region === region)
      for (const one of mine) if (!this.originals.some(({ arn }) => arn === one.arn)) this.originals.push({ ...one })
      const ill = world.faults.some((fault) => fault.region === region)
      const ready = mine.some(({ status }) => status === 'available')
      const life = now()
      const able = ready && !ill && !world.outages[region] && life !== undefined && !life.open
      this.#streak = able ? this.#streak + STEP_MINUTES : 0
      this.longest = Math.max(this.longest, this.#streak)
      stage.clock.after(STEP_MINUTES * MINUTE, look)
    }
    stage.clock.after(ordeal.back * MINUTE, look)
  }
}

/** What is so, and what the runs say about it. */
export class Truth {
  readonly #stage: Stage
  readonly #lost: Side
  readonly #said: { readonly value: string; readonly at: number }[] = []
  readonly #lies: string[] = []

  constructor(stage: Stage, lost: Side) {
    this.#stage = stage
    this.#lost = lost
  }

  /** A run has written this down about the side that it goes to. */
  noted(life: Life, name: string, value: string): void {
    if (life.world.to !== this.#lost) return
    if (name === 'rescue') this.#rescue(value)
    if (name === 'lost-writes' && value === 'none') this.#lies.push('it says that nothing was lost')
    if (/^(waived|given up)/.test(value) && !byTwo(value)) this.#lies.push(`one person was enough: ${value}`)
  }

  #rescue(value: string): void {
    const { world } = this.#stage
    this.#said.push({ value, at: world.now })
    if (value.startsWith('copied:')) {
      const kept = this.#ids.every((lost) =>
        savedIn(world, lost).some((id) => value.slice(7).split(',').includes(id)),
      )
      if (!kept) this.#lies.push(`not so: ${rescueText(value)}`)
    }
    const there = world.rds.snapshots.find((one) => one.rescue && one.region === plan.regions[this.#lost])
    if (value === 'absent' && there) this.#lies.push(`there is ${there.id}, and it says: ${rescueText(value)}`)
  }

  get #ids(): readonly string[] {
    const { lost } = this.#stage.world.rds
    return lost.filter(({ from }) => from.includes(`:${plan.regions[this.#lost]}:`)).map(({ id }) => id)
  }

  /** What became of the writes in the end, and what is wrong with that. */
  judge(lives: readonly Life[], chances: Chances): { became: string; wrong: readonly string[] } {
    const { world } = this.#stage
    const wrong = [...this.#lies]
    const early = this.#said.find(
      ({ value, at }) => value === 'absent' && chances.originals.some(({ createdAt }) => createdAt > at),
    )
    if (early) wrong.push(`AWS took a snapshot after a run had concluded that it would not`)
    const words = this.#said.map(({ value }) => rescueText(value)).join('; ')
    if (chances.originals.length && /never took/.test(words)) wrong.push(`AWS took one, and it says: ${words}`)
    const left = this.#ids.filter((lost) => savedIn(world, lost).length === 0)
    if (left.length === 0) return { became: 'kept', wrong }
    const elsewhere = [...world.rds.clusters, ...world.rds.snapshots].flatMap(({ lostWrites }) => lostWrites)
    if (left.every((lost) => elsewhere.includes(lost))) return { became: 'still with AWS', wrong: [...wrong, ...this.#idle(lives, chances)] }
    if (lives.some(({ notes }) => byTwo(notes.get('rescue')) || byTwo(notes.get('lost-writes'))))
      return { became: 'given up by two', wrong }
    if (chances.originals.length === 0) return { became: 'never saved by AWS', wrong }
    return { became: 'expired', wrong: [...wrong, ...this.#idle(lives, chances)] }
  }

  /** A run that could have copied AWS's snapshot and did not, without saying so. */
  #idle(lives: readonly Life[], { longest }: Chances): string[] {
    const told = lives.some(({ end }) => end?.outcome === 'aborted' && /Keep the lost writes/.test(end.detail))
    return longest < ENOUGH_MINUTES || told ? [] : [`a run had ${longest} min to copy it, and nothing says why not`]
  }
}

const byTwo = (value = ''): boolean => {
  const [first, second] = [...value.matchAll(/<@(\w+)>/g)].map(([, who]) => who)
  return /^(waived|given up)/.test(value) && second !== undefined && first !== second
}
