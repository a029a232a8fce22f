import { attend } from '../app/terminal/carrying.ts'
import { pastRuns, type Usual, usualOf } from '../engine/past.ts'
import type { Run } from '../engine/run.ts'
import type { Seat } from './acting.ts'
import { exitOfRun, exits, inTerminal, type Told } from './exits.ts'
import { screenOn } from './screen.ts'

const NOTHING_USUAL: Usual = { runs: 0, steps: {} }

/** Shows how a run fares until it has ended, or somebody presses Ctrl-C; then says what that leaves behind. */
export async function stayWith({ terminal, given, stop }: Seat, runId: string): Promise<Told> {
  const { parts } = terminal
  const screen = given.json ? undefined : screenOn(process.stdout, () => parts.clock.now())
  const usual = new UsualTimes(terminal.parts.journal)
  const { run, here, left } = await attend(terminal, runId, {
    stop,
    shown: (run) => screen?.show(run, usual.of(run)),
  }).finally(() => screen?.done())
  const json = { run }
  if (left) return { text: here ? standsStill(run) : goesOn(run), json, exit: exits.left }
  const watch = here ? await watchLeft(terminal.parts.journal, run) : ''
  return {
    text: `${run.id} ${run.outcome}: ${inTerminal(run.ending ?? '')}${watch}`,
    json,
    exit: exitOfRun(run),
  }
}

const goesOn = ({ id }: Run) =>
  `Run ${id} goes on without this terminal: \`understudy watch ${id}\` follows it again, \`understudy abort ${id}\` ends it.`
const standsStill = ({ id }: Run) =>
  `Run ${id} STANDS STILL: this terminal carried it out. Nothing more is done until somebody types \`understudy resume ${id}\`, here or, as what was under way is finished, anywhere else.`

/** A watch over what a run leaves behind lasts for days: a terminal only begins it when it is told to. */
async function watchLeft(journal: Seat['terminal']['parts']['journal'], { id }: Run): Promise<string> {
  const watch = `ac-${id}`
  if ((await journal.events(watch)).length === 0) return ''
  return `\nWhat it leaves behind has to be watched: the bot begins with ${watch} when it is back. Until then nobody keeps the lost writes' snapshot or holds the old side still: \`understudy resume ${watch} --here\` does, as long as it stays open.`
}

/** What is usual for the runs that are shown; read once for each. */
class UsualTimes {
  readonly #journal: Seat['terminal']['parts']['journal']
  readonly #known = new Map<string, Usual>()

  constructor(journal: Seat['terminal']['parts']['journal']) {
    this.#journal = journal
  }

  of(run: Run): Usual {
    const known = this.#known.get(run.id)
    if (known) return known
    this.#known.set(run.id, NOTHING_USUAL)
    void pastRuns(this.#journal, run.proposal.plan)
      .then((past) =>
        this.#known.set(
          run.id,
          usualOf(
            past.filter(({ id }) => id !== run.id),
            run.proposal,
          ),
        ),
      )
      .catch(() => {})
    return NOTHING_USUAL
  }
}
