import { randomUUID } from 'node:crypto'
import { DrError, drError, type Fault } from '../../engine/errors.ts'
import { terminalItemId } from '../../engine/origin.ts'
import type { Proposal } from '../../engine/run.ts'
import type { Plan } from '../../plan/schema.ts'
import { type Ask, itemOf } from '../../slack/asks.ts'
import { refusal } from '../../slack/judge.ts'
import { carryOutAsk } from '../desk/desk.ts'
import { boundTo } from '../desk/identity.ts'
import { proposeRun, type Way } from '../desk/proposing.ts'
import { runOf } from '../runs/runs.ts'
import { carriedOut } from './answers.ts'
import type { Terminal } from './terminal.ts'

/** As long as the bot's own: an item whose worker died is claimed again after it. People's ms. */
const LEASE_MS = 60_000
const LOOK_EVERY_MS = 250
/** How long a living bot may take to begin. People's ms. */
export const BOT_MS = 5_000

/** An ask before it is known who asks. */
export type AskFor = Omitted<Ask>
type Omitted<A> = A extends Ask ? Omit<A, 'by' | 'channel' | 'proof'> : never

/** How an ask is to be carried out. */
export type Manner = {
  /** By this process, and at once: whatever the bot does. */
  readonly here: boolean
  /** By a bot or not at all: this process does not stay. */
  readonly detach: boolean
  /** Aborted: it is taken back, if nobody has begun with it. */
  readonly stop?: AbortSignal
}

/** What came of it: the run it was about, and whether this process has carried it out. */
export type Answered = { readonly runId: string; readonly here: boolean }

/**
 * Why an ask would be refused, told before anything is written down. What counts is what whoever carries it out says.
 */
export async function judgeFirst({ parts }: Terminal, plan: Plan, ask: Ask): Promise<void> {
  const run = 'runId' in ask ? { run: await runOf(parts.journal, ask.runId) } : {}
  const refused = refusal(ask, { plan, now: parts.people.now(), ...run })
  if (refused) throw refused
}

/**
 * Puts an ask with its proof into the journal, as the front does with Slack's. A living bot takes it up; where none does
 * so within some seconds, this process claims it and carries it out itself. Rejects with what the ask was refused with.
 */
export async function put(terminal: Terminal, plan: Plan, ask: Ask, manner: Manner): Promise<Answered> {
  const { journal, people } = terminal.parts
  const id = terminalItemId(randomUUID())
  await journal.offer(itemOf(id, { ...ask, proof: await terminal.prove(plan, boundTo(id, ask), ask.by) }))
  const begun = people.now()
  for (let taken = false; ; ) {
    const carried = await carriedOut(journal, id)
    if (carried?.fault) throw refusedWith(carried.fault)
    if (carried) return { runId: carried.runId ?? '', here: taken }
    const isDue = manner.here || people.now() - begun >= BOT_MS || manner.stop?.aborted === true
    taken ||= isDue && (await takenUp(terminal, id, manner, people.now() - begun))
    if (!taken) await new Promise<void>((wake) => void people.after(LOOK_EVERY_MS, wake))
  }
}

/** Whether the item was still there to be taken, and is carried out by now. Taken back where this process is not to. */
async function takenUp(terminal: Terminal, id: string, manner: Manner, waitedMs: number): Promise<boolean> {
  const { parts, worker } = terminal
  const item = await parts.journal.claim(worker, LEASE_MS, id)
  if (!item) return false
  const isWithdrawn = manner.detach || manner.stop?.aborted === true
  if (!isWithdrawn) await carryOutAsk(parts, item)
  await parts.journal.settle(id)
  if (isWithdrawn) throw drError('BOT_SILENT', { waitedMs })
  return true
}

/** The refusal as whoever carried the ask out told it. */
const refusedWith = ({ code, ...text }: Fault): DrError => new DrError(code as DrError['code'], text)

/** What would be done: looked at from here, with this terminal's own credentials, and written down nowhere. */
export async function dryRun({ parts }: Terminal, plan: Plan, way: Way, by: string): Promise<Proposal> {
  const made = await proposeRun(parts, plan, { ...way, dryRun: true, by }, 'dry-run')
  if (!('dryRun' in made)) throw new Error('a dry run has proposed a run')
  return made.dryRun
}
