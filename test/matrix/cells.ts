import type { Fault } from '../../rehearsal/aws/faults.ts'
import type { OutageKind } from '../../rehearsal/aws/outages.ts'
import type { App } from '../../rehearsal/aws/world/world.ts'
import type { Run } from '../../src/engine/run.ts'
import type { Mode, Side } from '../../src/flows/world.ts'
import { BadNight } from './bad-night.ts'
import { wrongs } from './truth.ts'

type CallFault = Omit<Fault, 'id' | 'past'>
/** What goes wrong: a fault of calls or of the world, or an outage of a side or of Route 53's control plane. */
export type Bad =
  | { readonly fault: CallFault }
  | { readonly place: Side | 'aws-global'; readonly outage: OutageKind }

/** One night of the matrix: what goes wrong, and at which step of which flow. */
export type Cell = {
  readonly app: App
  readonly mode: Mode
  /** Whether home is dark before anybody asks. */
  readonly dark: boolean
  /** The trouble begins with the first word about this step. */
  readonly at: string
  readonly bad: Bad
  readonly name: string
}

export type Row = {
  readonly cell: Cell
  readonly run: Run
  readonly asked: number
  readonly wrong: readonly string[]
}

const THINKING_MS = 30_000
/** The trouble is over after this, or with the second Retry, so that people can get through. */
const TROUBLE_MS = 7 * 60_000
const RETRIES_IN_TROUBLE = 2
const PATIENCE = 6

/** Plays a cell to its end: people press Retry, and give up when it does not help. */
export async function play(cell: Cell): Promise<Row> {
  const bad = await BadNight.begin(cell.app)
  try {
    const { night } = bad
    await night.sleep(60_000)
    if (cell.dark) await night.simulation.outage('us-east-1', 'mute')
    const trouble = new Trouble(bad, cell)
    bad.onTold = ({ event }) => {
      if (event.type === 'step' && event.step === cell.at) trouble.begin()
    }
    let run = await bad.propose(cell.mode)
    await bad.approve(run)
    let asked = 0
    for (run = await bad.stands(run.id); run.phase !== 'ended'; run = await bad.stands(run.id)) {
      if (asked > PATIENCE + 1) break
      await night.sleep(THINKING_MS)
      if (asked >= RETRIES_IN_TROUBLE - 1) trouble.end()
      const options = run.questions.at(-1)?.options.map(({ id }) => id) ?? []
      await bad.answer(run, asked++ >= PATIENCE ? 'abort' : options.includes('retry') ? 'retry' : 'resume')
    }
    await night.sleep(120_000)
    return { cell, run, asked, wrong: wrongs(bad, run, await night.journal.events(run.id)) }
  } finally {
    await bad.end()
  }
}

/** What goes wrong in a cell, from its beginning to its end; each comes once. */
class Trouble {
  readonly #bad: BadNight
  readonly #what: Bad
  #stop: (() => void) | undefined

  constructor(bad: BadNight, { bad: what }: Cell) {
    this.#bad = bad
    this.#what = what
  }

  begin(): void {
    if (this.#stop) return
    this.#stop = this.#start()
    this.#bad.night.clock.after(TROUBLE_MS, () => this.end())
  }

  end(): void {
    this.#stop?.()
    if (this.#stop) this.#stop = () => {}
  }

  #start(): () => void {
    const { simulation } = this.#bad.night
    if ('fault' in this.#what) {
      const id = simulation.addFault(this.#what.fault)
      return () => simulation.removeFaults(id)
    }
    const { place: where, outage } = this.#what
    const place = where === 'aws-global' ? where : this.#bad.plan.regions[where]
    void simulation.outage(place, outage)
    return () => void simulation.outage(place, undefined)
  }
}

/** Plays cells side by side, some at a time: most of a night is waiting. */
export function playAll(cells: readonly Cell[], atOnce = 12): ReadonlyMap<Cell, Promise<Row>> {
  const ended: Promise<unknown>[] = []
  return new Map(
    cells.map((cell, index) => {
      const turn = ended[index - atOnce] ?? Promise.resolve()
      const row = turn.then(() => play(cell))
      ended.push(row.catch(() => {}))
      return [cell, row] as const
    }),
  )
}

/** `switch-over × mute: done, asked 1`, for the summary. */
export const lineOf = ({ cell, run, asked, wrong }: Row): string =>
  [
    cell.mode.padEnd(9),
    cell.at.padEnd(25),
    cell.name.padEnd(26),
    (run.outcome ?? run.phase).padEnd(8),
    `asked ${asked}`,
    ...wrong.map((what) => `\n    WRONG: ${what}`),
  ].join('  ')
