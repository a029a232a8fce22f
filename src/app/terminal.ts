import { randomBytes } from 'node:crypto'
import { Clients } from '../aws/clients.ts'
import { outside } from '../aws/outside.ts'
import { recordCalls } from '../aws/recorder.ts'
import { SqliteJournal } from '../durable/sqlite-journal.ts'
import { drError } from '../engine/errors.ts'
import type { Clock, FlowEngine } from '../engine/ports.ts'
import { readCompiledPlans } from '../plan/compiled.ts'
import { loadPlans } from '../plan/loader.ts'
import { planOf, plansOf } from '../plan/plans.ts'
import type { Ask } from '../slack/asks.ts'
import { type Command, parseCommand } from '../slack/commands.ts'
import { refusal } from '../slack/judge.ts'
import type { Parts } from './parts.ts'
import { type Proposed, proposeRun, type Way } from './proposing.ts'

/** Where a terminal works: the bot's plans and journal, and the AWS it looks at. */
export type TerminalPlace = {
  /** A folder of plan files, or the JSON they were compiled to. */
  readonly plans: string
  readonly journal: string
  /** World time, and people's. */
  readonly clock: Clock
  readonly people: Clock
  /** A rehearsal's endpoints by region, with its keys; absent: AWS's own, and the SDK's provider chain. */
  readonly simulated?: {
    readonly endpoints: Readonly<Record<string, string>>
    readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string }
  }
}

/** The desk for a terminal: the same looks and the same journal as the bot's, beside it and without Slack. */
export function openTerminal(place: TerminalPlace): { readonly parts: Parts; close(): void } {
  const { clock, people, simulated } = place
  const clients = new Clients({ people, ...(simulated ? { ...simulated, allowForeignEndpoints: true } : {}) })
  const journal = new SqliteJournal({ file: place.journal, clock, people })
  const parts: Parts = {
    plans: plansOf(place.plans.endsWith('.json') ? readCompiledPlans(place.plans) : loadPlans(place.plans)),
    journal,
    engine: elsewhere,
    clock,
    people,
    outside: (plan) => outside({ plan, clients, clock, people }),
    readFile: notHere,
    record: recordCalls,
    ...(simulated ? { rehearsal: true as const } : {}),
  }
  return {
    parts,
    close() {
      clients.close()
      journal.close()
    },
  }
}

async function notHere({ name }: { readonly name: string }): Promise<never> {
  throw drError('FILE_UNUSABLE', { name, why: 'a terminal reads its own files' })
}

/** Runs are carried out by the bot's process alone: the terminal reaches it through the journal. */
const elsewhere: FlowEngine = {
  start: refused,
  get: refused,
  list: refused,
  stop: refused,
  answer: refused,
}
async function refused(): Promise<never> {
  throw drError('STORE_IN_USE', { file: 'the engine' })
}

/** The words of a command, understood as in Slack. */
export const commandOf = (words: readonly string[]): Command => parseCommand(words.join(' '))

export type TerminalWish = Way & {
  readonly plan: string
  readonly dryRun: boolean
  /** The Slack user in whose name it is asked. */
  readonly by: string
}

/** Asks for a run as `by`: looked at now, and put to the approvers in Slack. Throws what Slack would be told. */
export async function askRun(parts: Parts, { plan: name, ...wish }: TerminalWish): Promise<Proposed> {
  const plan = planOf(parts.plans, name)
  const { flow, ...rest } = wish
  const ask = { kind: flow, plan: name, channel: plan.slack.channel, ...rest } as Ask
  const why = refusal(ask, { plan, now: parts.people.now() })
  if (why) throw why
  return proposeRun(parts, plan, wish, randomBytes(8).toString('hex'))
}
