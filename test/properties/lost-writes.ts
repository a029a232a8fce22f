import type { DbSnapshot } from '../../rehearsal/aws/world/snapshots.ts'
import type { World } from '../../rehearsal/aws/world/world.ts'
import { rescueText } from '../../src/flows/rescue.ts'
import type { Side } from '../../src/flows/world.ts'
import type { Life } from './life.ts'
import { APP, plan, type Stage } from './stage.ts'
import { savedIn } from './witness.ts'

const MINUTE = 60_000
/** A watch that was refused before tries again within half an hour, and this bot may be a quarter of an hour late. */
const ENOUGH_MINUTES = 90
/** A copy that AWS gives up costs another pause, and the copying itself. */
const ENOUGH_AGAIN_MINUTES = 45
const STEP_MINUTES = 10

/** AWS's snapshot of the lost side, as it was; it may be gone by now. */
type Original = Pick<DbSnapshot, 'id' | 'arn' | 'createdAt' | 'lostWrites' | 'status'>

/** What AWS took of the lost side, and what the runs did and said about it, against what is so. */
export class Truth {
  readonly #stage: Stage
  readonly #lost: Side
  readonly #lives: readonly Life[]
  readonly #enough: number
  readonly #said: { readonly value: string; readonly at: number }[] = []
  readonly #lies: string[] = []
  readonly #originals = new Map<string, Original>()
  /** What a run has seen of AWS's snapshots. */
  #seen: string | undefined
  /** For how long at a stretch, now and at most, it was for a run to copy a snapshot, and it could have. Minutes. */
  #streak = 0
  #longest = 0

  /** Looks on from `after` (ms) on: before that AWS has taken nothing. AWS gives `failing` copies up. */
  constructor(stage: Stage, lost: Side, after: number, lives: readonly Life[], failing: number) {
    this.#enough = ENOUGH_MINUTES + failing * ENOUGH_AGAIN_MINUTES
    this.#stage = stage
    this.#lost = lost
    this.#lives = lives
    const look = () => {
      this.#look(stage.world)
      stage.clock.after(STEP_MINUTES * MINUTE, look)
    }
    stage.clock.after(after, look)
  }

  /** AWS's snapshots that there are. */
  #there(world: World): readonly Original[] {
    const region = plan.regions[this.#lost]
    const there = world.rds.snapshots.filter((one) => one.rescue && one.app === APP && one.region === region)
    for (const one of there) this.#originals.set(one.arn, { ...one })
    return there
  }

  #look(world: World): void {
    const there = this.#there(world)
    const region = plan.regions[this.#lost]
    const well = !world.outages[region] && !world.faults.some((fault) => fault.region === region)
    const life = this.#lives.findLast(({ world: { to } }) => to === this.#lost)
    const able = well && there.some((one) => this.#isUncopied(one) && isFor(life, lostAt(world, one)))
    this.#streak = able ? this.#streak + STEP_MINUTES : 0
    this.#longest = Math.max(this.#longest, this.#streak)
  }

  #isUncopied({ status, lostWrites }: Original): boolean {
    return status === 'available' && lostWrites.some((lost) => savedIn(this.#stage.world, lost).length === 0)
  }

  /** A run has written this down. */
  noted(life: Life, name: string, value: string): void {
    if (life.world.to !== this.#lost) return
    if (name === 'rescue-seen') this.#seen = value
    if (name === 'rescue') this.#rescue(value)
    if (name === 'lost-writes' && value === 'none') this.#lies.push('it says that nothing was lost')
    if (/^(waived|given up)/.test(value) && !byTwo(value)) this.#lies.push(`one person was enough: ${value}`)
  }

  #rescue(value: string): void {
    const { world } = this.#stage
    const [there] = this.#there(world)
    this.#said.push({ value, at: world.now })
    if (value.startsWith('copied:') && !this.#isIn(value.slice(7).split(',')))
      this.#lies.push(`not so: ${rescueText(value)}`)
    if (value === 'absent' && (there || this.#seen))
      this.#lies.push(`there is or was ${there?.id ?? this.#seen}, and it says: ${rescueText(value)}`)
    const isThere = this.#there(world).some(({ id }) => value.slice(5).split(',').includes(id))
    if (value.startsWith('gone:') && isThere)
      this.#lies.push(`it is there, and it says: ${rescueText(value)}`)
  }

  /** Whether these copies have everything that AWS took, as far as it is there or a run has seen it. */
  #isIn(copies: readonly string[]): boolean {
    const { world } = this.#stage
    this.#there(world)
    const known = ({ id, arn }: Original) =>
      this.#seen?.includes(`"${id}"`) || world.rds.snapshots.some((one) => one.arn === arn)
    const taken = [...this.#originals.values()].filter(known).flatMap(({ lostWrites }) => lostWrites)
    return taken.every((lost) => savedIn(world, lost).some((id) => copies.includes(id)))
  }

  /** What became of the writes in the end, and what is wrong with that. */
  judge(): { readonly became: string; readonly wrong: readonly string[] } {
    const { world } = this.#stage
    const wrong = [...this.#lies, ...this.#early(), ...this.#idle()]
    const left = world.rds.lost.filter(
      ({ id, from }) => from.includes(`:${plan.regions[this.#lost]}:`) && savedIn(world, id).length === 0,
    )
    const elsewhere = [...world.rds.clusters, ...world.rds.snapshots].flatMap(({ lostWrites }) => lostWrites)
    const gone = left.filter(({ id }) => !elsewhere.includes(id))
    if (left.length === 0) return { became: 'kept', wrong }
    if (gone.length === 0) return { became: 'still with AWS', wrong }
    if (this.#lives.some(({ notes }) => byTwo(notes.get('rescue')) || byTwo(notes.get('lost-writes'))))
      return { became: 'given up by two', wrong }
    const had = [...this.#originals.values()].flatMap(({ lostWrites }) => lostWrites)
    return { became: gone.some(({ id }) => had.includes(id)) ? 'expired' : 'never saved by AWS', wrong }
  }

  /** AWS took a snapshot of what was lost before a run concluded that there would be none. */
  #early(): string[] {
    const { world } = this.#stage
    const late = this.#said.find(
      ({ value, at }) =>
        value === 'absent' &&
        [...this.#originals.values()].some((one) => one.createdAt > at && lostAt(world, one) < at),
    )
    return late ? ['AWS took a snapshot after a run had concluded that it would not'] : []
  }

  #idle(): string[] {
    return this.#longest < this.#enough
      ? []
      : [`a run had ${this.#longest} min to copy AWS's snapshot, and nothing says why not`]
  }
}

/** When what is in it was lost. */
const lostAt = ({ rds }: World, { lostWrites }: Pick<Original, 'lostWrites'>): number =>
  Math.max(...rds.lost.filter(({ id }) => lostWrites.includes(id)).map(({ at }) => at))

/**
 * Whether it is for this run, the last there was, to copy what was lost then: it lives and asks nobody, or it was stopped
 * half-way and left it to no other. What is lost once a run has settled the matter, or has ended well, is a new disaster.
 */
function isFor(life: Life | undefined, lost: number): boolean {
  if (!life || life.open || life.end?.outcome === 'done' || isCalledOff(life)) return false
  const rescue = life.notes.get('rescue')
  return rescue === undefined || (life.begunAt > lost && !byTwo(rescue))
}

/** Somebody ended the watch, and read what it had not done. */
const isCalledOff = ({ end, options }: Life): boolean =>
  options.flow.duties === true && end?.outcome === 'aborted' && /Keep the lost writes/.test(end.detail)

const byTwo = (value = ''): boolean => {
  const [first, second] = [...value.matchAll(/<@(\w+)>/g)].map(([, who]) => who)
  return /^(waived|given up)/.test(value) && second !== undefined && first !== second
}
