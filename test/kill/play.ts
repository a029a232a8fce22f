import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { JournalEntry } from '../../rehearsal/aws/calls.ts'
import { manualClock } from '../../rehearsal/clock.ts'
import { Night } from '../../rehearsal/night.ts'
import { approve } from '../../src/app/desk/approving.ts'
import { answerQuestion } from '../../src/app/desk/deciding.ts'
import { proposeRun } from '../../src/app/desk/proposing.ts'
import { reconcile } from '../../src/app/runs/reconciling.ts'
import { runOf } from '../../src/app/runs/runs.ts'
import { DrError } from '../../src/engine/errors.ts'
import { openQuestion, type Run } from '../../src/engine/run.ts'
import { type Plans, planOf } from '../../src/plan/plans.ts'
import { type Boundary, boundCalls, boundedParts, numbered } from './boundaries.ts'
import type { Story } from './stories.ts'

/** Promotes in about a minute: a short night has the same boundaries as a long one. */
const SEED = 227
const START = Date.UTC(2026, 10, 21, 3)
const [REQUESTER, APPROVER, CHANNEL] = ['U0ASKS', 'U0AGREES', 'C0INCIDENT'] as const
/** World ms until somebody presses a button. */
const THINKING_MS = 20_000

/** What outlives the bot: AWS, the time, and the calls that were made. */
type Outliving = {
  readonly world: unknown
  readonly now: number
  readonly calls: readonly JournalEntry[]
  readonly where: string
}

export type Play = {
  readonly story: Story
  readonly plans: Plans
  /** What the bot keeps, and where `leave` puts the world. */
  readonly folder: string
  readonly boundary?: Boundary
  /** How long nobody restarted the bot, world ms. */
  readonly deadMs?: number
}

/** Whether a run's id is not that of the watch that follows it. */
export const isFailover = (id: string): boolean => id.startsWith('fo-')

/** One life of the bot in a folder: it begins the night, or goes on where the last one died. */
export class Life {
  readonly night: Night
  /** Where the last life ended; undefined for the first one. */
  readonly left: Outliving | undefined
  readonly #play: Play

  static async begin(play: Play): Promise<Life> {
    const { folder, plans, deadMs = 5_000 } = play
    mkdirSync(folder, { recursive: true })
    const left = leftIn(folder)
    const { passing, pausing } = boundaries(play.boundary ?? (() => {}))
    const night = await Night.begin({
      seed: SEED,
      plans: () => plans,
      clock: manualClock(left ? left.now + deadMs : START),
      saved: left?.world,
      dir: folder,
      parts: (own) => boundedParts(own, passing),
      onPause: pausing,
    })
    boundCalls(night.simulation.calls, passing)
    return new Life(night, left, play)
  }

  private constructor(night: Night, left: Outliving | undefined, play: Play) {
    this.night = night
    this.left = left
    this.#play = play
  }

  /** Every call AWS was asked for in all lives. */
  get calls(): readonly JournalEntry[] {
    return [...(this.left?.calls ?? []), ...this.night.simulation.calls.list()]
  }

  /** Keeps the world for the next life. */
  leave(where: string): void {
    const { night, calls } = this
    const kept: Outliving = { world: night.simulation.save(), now: night.clock.now(), calls, where }
    writeFileSync(worldFile(this.#play.folder), JSON.stringify(kept))
  }

  /** Until the run has ended, with people who approve it and press Retry; then until customers' DNS has settled. */
  async live(): Promise<Run> {
    let run = await this.begun()
    while (run.phase !== 'ended') {
      if (openQuestion(run)) await this.retry(run)
      run = await this.stands(run)
    }
    await this.night.sleep(90_000)
    return run
  }

  /** The run, approved: whatever of that did not happen in an earlier life happens now. */
  async begun(): Promise<Run> {
    const { night } = this
    const { parts } = night
    if (this.left) {
      night.engine.recover()
      await night.until(reconcile(parts))
    } else await this.#evening()
    const run = await this.#proposed()
    if (run.approval) return run
    await night.sleep(THINKING_MS)
    await night.until(approve(parts, run, { by: APPROVER, reason: 'it is down', breakGlass: false }))
    return runOf(parts.journal, run.id)
  }

  /** The run when it has ended or asks something. */
  async stands({ id }: Run): Promise<Run> {
    for (;;) {
      const run = await runOf(this.night.journal, id)
      if (run.phase === 'ended' || openQuestion(run)) return run
      await this.night.sleep(5_000)
    }
  }

  /** Somebody presses Retry; a hold may have run out while they thought, and then the run asks again. */
  async retry(run: Run): Promise<void> {
    const question = openQuestion(run)
    if (!question) throw new Error('nothing was asked')
    await this.night.sleep(THINKING_MS)
    const wish = { kind: 'answer', option: 'retry', by: APPROVER, channel: CHANNEL } as const
    const answer = answerQuestion(this.night.parts, run, { ...wish, runId: run.id, question: question.id })
    await this.night.until(answer.catch(unlessDecided))
  }

  async #evening(): Promise<void> {
    const { night } = this
    const { dark, fault } = this.#play.story
    await night.sleep(60_000)
    if (fault) night.simulation.addFault(fault)
    if (!dark) return
    await night.simulation.outage('us-east-1', 'mute')
    await night.sleep(30_000)
  }

  async #proposed(): Promise<Run> {
    const { night } = this
    const { parts } = night
    const known = (await night.journal.runs()).find(isFailover)
    if (known) return runOf(night.journal, known)
    const { app, mode } = this.#play.story
    const wish = { flow: 'failover', mode, dryRun: false, by: REQUESTER } as const
    const proposed = await night.until(proposeRun(parts, planOf(parts.plans, app), wish, 'the-same-ask'))
    if ('dryRun' in proposed) throw new Error('it was not to be a dry run')
    return proposed.run
  }
}

/** What happens is told by `passing`; `pausing` tells the first wait after each such place as one more. */
function boundaries(boundary: Boundary): { passing: Boundary; pausing: () => void } {
  const visit = numbered(boundary)
  let last: string | undefined
  return {
    passing(where) {
      last = where
      visit(where)
    },
    pausing() {
      if (last) visit(`waiting after ${last}`)
      last = undefined
    },
  }
}

function unlessDecided(error: unknown): void {
  if (!(error instanceof DrError) || error.code !== 'ALREADY_DECIDED') throw error
}

const worldFile = (folder: string) => join(folder, 'world.json')

function leftIn(folder: string): Outliving | undefined {
  const file = worldFile(folder)
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined
}
