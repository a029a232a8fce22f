import type { Fault } from '../../rehearsal/aws/faults.ts'
import type { OutageKind } from '../../rehearsal/aws/outages.ts'
import type { App } from '../../rehearsal/aws/world/world.ts'
import type { Run } from '../../src/engine/run.ts'
import type { Mode, Side } from '../../src/flows/world.ts'
import { BadNight } from './bad-night.ts'
import { wrongs } from './truth.ts'

type Trouble = Omit<Fault, 'id' | 'past'>
/** What goes wrong: a fault of calls or of the world, or an outage of a side or of Route 53's control plane. */
export type Bad = { readonly fault: Trouble } | { readonly place: Side | 'aws-global'; readonly outage: OutageKind }

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

export type Row = { readonly cell: Cell; readonly run: Run; readonly asked: number; readonly wrong: readonly string[] }

const THINKING_MS = 30_000
/** By then the trouble is over, so that whoever presses Retry can get through. */
const TROUBLE_MS = 7 * 60_000
const PATIENCE = 4

/** Plays a cell to its end: people press Retry, and give up at the fifth question. */
export async function play(cell: Cell): Promise<Row> {
  const bad = await BadNight.begin(cell.app)
  try {
    const { night } = bad
    await night.sleep(60_000)
    if (cell.dark) await night.simulation.outage('us-east-1', 'mute')
    bad.onTold = begins(bad, cell)
    let run = await bad.propose(cell.mode)
    await bad.approve(run)
    let asked = 0
    for (run = await bad.stands(run.id); run.phase !== 'ended'; run = await bad.stands(run.id)) {
      if (asked > PATIENCE + 1) break
      await night.sleep(THINKING_MS)
      const options = run.questions.at(-1)?.options.map(({ id }) => id) ?? []
      await bad.answer(run, asked++ >= PATIENCE ? 'abort' : options.includes('retry') ? 'retry' : 'resume')
    }
    await night.sleep(120_000)
    return { cell, run, asked, wrong: wrongs(bad, run, await night.journal.events(run.id)) }
  } finally {
    await bad.night.end()
  }
}

function begins(bad: BadNight, { at, bad: trouble }: Cell): BadNight['onTold'] {
  const { simulation, clock } = bad.night
  let begun = false
  return ({ event }) => {
    if (begun || event.type !== 'step' || event.step !== at) return
    begun = true
    if ('fault' in trouble) {
      const id = simulation.addFault(trouble.fault)
      clock.after(TROUBLE_MS, () => simulation.removeFaults(id))
      return
    }
    const place = trouble.place === 'aws-global' ? trouble.place : bad.plan.regions[trouble.place]
    void simulation.outage(place, trouble.outage)
    clock.after(TROUBLE_MS, () => void simulation.outage(place, undefined))
  }
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
