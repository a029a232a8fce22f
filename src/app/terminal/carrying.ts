import type { Run } from '../../engine/run.ts'
import { decideCard } from '../desk/card.ts'
import { proberOf } from '../runs/prober.ts'
import { tellAnswers } from '../runs/reconciling.ts'
import { carryingLease, SIGN_OF_LIFE_MS, standsStill } from '../runs/resuming.ts'
import { liveRuns, runOf } from '../runs/runs.ts'
import type { Terminal } from './terminal.ts'

/** How often the journal is looked at, people's ms. */
const LOOK_EVERY_MS = 300
const SIGN_EVERY_MS = SIGN_OF_LIFE_MS / 3

export type Attending = {
  /** Gets the run whenever it was looked at. `here`: this process carries it out. */
  readonly shown: (run: Run, here: boolean) => void
  /** Aborted: whoever sits here wants to go. */
  readonly stop: AbortSignal
}

/** How it went: to the end, or until somebody left; then `here` says that the run stands still with that. */
export type Attended = { readonly run: Run; readonly here: boolean; readonly left: boolean }

/**
 * Stays with a run until it has ended, or until somebody leaves. Where this process carries it out, it is told what
 * people answer elsewhere, gives signs of life, and watches its customers; when somebody leaves, it finishes what is
 * under way and says in the journal that it stands still. A run that goes on as another one is followed there.
 */
export async function attend(terminal: Terminal, runId: string, attending: Attending): Promise<Attended> {
  const attendant = new Attendant(terminal, attending)
  try {
    return await attendant.stay(runId)
  } finally {
    await attendant.close()
  }
}

class Attendant {
  readonly #terminal: Terminal
  readonly #attending: Attending
  readonly #prober: ReturnType<typeof proberOf>
  /** Questions whose answer the engine has been told. */
  readonly #told = new Set<string>()
  #signedAt = Number.NEGATIVE_INFINITY

  constructor(terminal: Terminal, attending: Attending) {
    this.#terminal = terminal
    this.#attending = attending
    this.#prober = proberOf(terminal.parts)
  }

  async stay(runId: string): Promise<Attended> {
    const { parts } = this.#terminal
    for (let id = runId; ; ) {
      const run = await runOf(parts.journal, id)
      const here = await this.#isHere(run)
      this.#attending.shown(run, here)
      const next = await successor(this.#terminal, run)
      if (!next && run.phase === 'ended') return atTheEnd(this.#terminal, run, here)
      if (!next && this.#attending.stop.aborted) return leave(this.#terminal, run, here)
      if (next) this.#signedAt = Number.NEGATIVE_INFINITY
      id = next?.id ?? id
      if (here && !next) await this.#keepGoing(run)
      await expireCard(this.#terminal, run)
      await new Promise<void>((wake) => void parts.people.after(LOOK_EVERY_MS, wake))
    }
  }

  close(): Promise<void> {
    return this.#prober.close()
  }

  async #isHere({ id, execution }: Run): Promise<boolean> {
    const carried = await this.#terminal.engine.carried(id)
    return carried !== undefined && (execution === undefined || carried.id === execution)
  }

  async #keepGoing(run: Run): Promise<void> {
    const { parts, worker } = this.#terminal
    if (parts.people.now() - this.#signedAt > SIGN_EVERY_MS) {
      this.#signedAt = parts.people.now()
      await parts.journal.lease(carryingLease(run.id), worker, SIGN_OF_LIFE_MS)
    }
    const news = run.questions.filter(({ answer, callbackId }) => answer && !this.#told.has(callbackId))
    await tellAnswers(parts, { questions: news })
    for (const { callbackId } of news) this.#told.add(callbackId)
    void this.#prober.look()
  }
}

/** The run that goes on where this one was taken over. */
async function successor({ parts }: Terminal, run: Run): Promise<Run | undefined> {
  if (run.outcome !== 'superseded') return undefined
  const live = await liveRuns(parts.journal, run.proposal.plan)
  return live.find(({ proposal }) => proposal.supersedes === run.id && proposal.input.resumes === true)
}

/** Nobody else may be there to say that a card's time is up. */
async function expireCard({ parts: { journal, people } }: Terminal, run: Run): Promise<void> {
  if (run.phase !== 'proposed' || run.approval || people.now() < run.proposal.expiresAt) return
  const detail = 'nobody approved it in time; nothing was changed'
  await decideCard(journal, run.id, { type: 'ended', outcome: 'expired', detail })
}

/** A run has said that it ended; what it does last, such as giving its locks back, is waited for. */
async function atTheEnd({ parts, engine, worker }: Terminal, run: Run, here: boolean): Promise<Attended> {
  for (let tries = 0; here && tries < 40; tries++) {
    if ((await engine.carried(run.id))?.status !== 'RUNNING') break
    await new Promise<void>((wake) => void parts.people.after(LOOK_EVERY_MS, wake))
  }
  if (here) await parts.journal.release(carryingLease(run.id), worker)
  return { run, here, left: false }
}

async function leave({ parts, engine, worker }: Terminal, run: Run, here: boolean): Promise<Attended> {
  if (!here) return { run, here, left: true }
  await engine.close()
  const stood = await runOf(parts.journal, run.id)
  if (stood.phase !== 'ended') await standsStill(parts.journal, stood)
  await parts.journal.release(carryingLease(run.id), worker)
  return { run: stood, here, left: true }
}
