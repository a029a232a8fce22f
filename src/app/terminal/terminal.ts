import { randomUUID } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { askCaller, type SignedCaller, signCaller } from '../../aws/caller.ts'
import { type ClientOptions, Clients } from '../../aws/clients.ts'
import { outside } from '../../aws/outside.ts'
import type { Fetch } from '../../aws/probe.ts'
import { recordCalls } from '../../aws/recorder.ts'
import type { Session } from '../../aws/session.ts'
import { durableHandler } from '../../durable/host.ts'
import { drError, faultOf } from '../../engine/errors.ts'
import type { Clock, FlowEngine, Journal } from '../../engine/ports.ts'
import { openPlans } from '../../plan/open.ts'
import type { Plans } from '../../plan/plans.ts'
import type { Plan } from '../../plan/schema.ts'
import { type Command, parseCommand } from '../../slack/commands.ts'
import { boundTo, firstToAnswer, personOf } from '../desk/identity.ts'
import { type OpenJournal, openJournal } from '../journals.ts'
import { lambdaEngineAt } from '../own-lambda.ts'
import type { Parts } from '../parts.ts'
import type { EngineAt, JournalAt } from '../places.ts'
import { carryOut } from '../runs/carrying.ts'
import type { FlowInput } from '../runs/worlds.ts'
import { TerminalEngine } from './engine.ts'

type Keys = { readonly accessKeyId: string; readonly secretAccessKey: string }

/** Where a terminal works: the bot's plans and journal, the AWS it looks at, and a folder for what it carries out. */
export type TerminalPlace = {
  /** A folder of plan files, or the JSON they were compiled to. */
  readonly plans: string
  readonly journal: JournalAt
  /** The bot's engine, where it can be reached from here: what it carries out can be stopped and answered. */
  readonly engine?: EngineAt
  readonly stateDir: string
  /** Under which name the plans' roles are assumed; absent: as one who may act. */
  readonly session?: Session
  /** World time, and people's. */
  readonly clock: Clock
  readonly people: Clock
  /** A journal of this machine alone, because the bot's cannot be reached. */
  readonly alone?: true
  /**
   * A rehearsal's endpoints by region, with its keys, and those of its people by Slack id; absent: AWS's own, and the
   * SDK's provider chain.
   */
  readonly simulated?: {
    readonly endpoints: Readonly<Record<string, string>>
    readonly credentials: Keys
    readonly people: Readonly<Record<string, Keys>>
  }
}

/** The desk in a terminal: the same looks, the same journal and the same runs as the bot's, beside it, without Slack. */
export type Terminal = {
  readonly parts: Parts
  readonly engine: TerminalEngine
  /** Who this process is to others that share the journal. */
  readonly worker: string
  /** Proves, for an ask under that id and in that person's name, who asks. */
  readonly prove: (plan: Plan, bound: string, by: string) => Promise<readonly SignedCaller[]>
  /** Who asks: by the terminal's credentials, or as whom it was told in a rehearsal. Throws NOT_PROVEN. */
  readonly who: (plan: Plan, as: string | undefined) => Promise<string>
  readonly alone: boolean
  close(): Promise<void>
}

/** Opens the desk at a place. Throws JOURNAL_UNREACHABLE, and what loading plans throws. */
export async function openTerminal(place: TerminalPlace): Promise<Terminal> {
  const { clock, people, simulated, stateDir } = place
  const reach = simulated
    ? { endpoints: simulated.endpoints, credentials: simulated.credentials, allowForeignEndpoints: true }
    : place.session
      ? { session: place.session }
      : {}
  if (place.alone) mkdirSync(stateDir, { recursive: true, mode: 0o700 })
  const journal = place.alone
    ? await openJournal({ journal: { kind: 'sqlite', file: join(stateDir, 'alone.db') } }, place)
    : await reachedJournal(place)
  const plans = openPlans(place.plans)
  const others = await otherEngines(place)
  const terminal = terminalOver({
    ...{ journal, plans, clock, people, stateDir, others, reach: { clients: reach } },
    ...(simulated ? { keys: simulated.people } : {}),
    ...(place.alone ? { alone: true as const } : {}),
  })
  return {
    ...terminal,
    async close() {
      await terminal.close()
      journal.close()
    },
  }
}

/** What a terminal is made of. `keys`: of a rehearsal's people, by Slack id; absent, the SDK's provider chain. */
export type TerminalMakings = Pick<TerminalPlace, 'clock' | 'people' | 'stateDir' | 'alone'> & {
  readonly journal: Journal
  readonly plans: Plans
  readonly others?: readonly FlowEngine[]
  readonly reach: { readonly clients: Omit<ClientOptions, 'people'>; readonly fetch?: Fetch }
  readonly keys?: Readonly<Record<string, Keys>>
}

/** A terminal over what is open already. */
export function terminalOver(makings: TerminalMakings): Terminal {
  const { journal, plans, clock, people, stateDir, others = [], reach, keys, alone } = makings
  const clients = new Clients({ ...reach.clients, people })
  const engine = new TerminalEngine({
    dir: join(stateDir, 'runs'),
    clock,
    handler: (client) =>
      durableHandler<FlowInput>((input, hostFor) => carryOut(parts, input, hostFor), { client }),
  })
  const fetching = reach.fetch ? { fetch: reach.fetch } : {}
  const caller = (signed: SignedCaller) => askCaller(clients, signed)
  const parts: Parts = {
    ...{ plans, journal, engine, others, clock, people, passing: true, record: recordCalls, caller },
    outside: async (plan) => outside({ plan, clients, clock, people, ...fetching }),
    readFile: notHere,
    ...(keys ? { rehearsal: true as const } : {}),
    ...(alone ? { alone } : {}),
  }
  const signers = signersOf(people, keys)
  const prove = (plan: Plan, bound: string, by: string) => {
    const signer = signers.of(by)
    const regions = [plan.regions.dr, plan.regions.home]
    return Promise.all(regions.map((region) => signCaller(signer, region, bound, people)))
  }
  return {
    ...{ parts, engine, prove, alone: alone === true },
    worker: `terminal-${hostname()}-${process.pid}-${randomUUID().slice(0, 8)}`,
    who: (plan, as) => whoAsks({ prove, caller, told: keys !== undefined }, plan, as),
    async close() {
      await engine.close()
      signers.close()
      clients.close()
    },
  }
}

/** Clients that sign as somebody: with a rehearsal's keys, or with whatever credentials this process has. */
function signersOf(people: Clock, keys: TerminalMakings['keys']) {
  const made = new Map<string, Clients>()
  return {
    of(by: string): Clients {
      const credentials = keys?.[by]
      if (keys && !credentials)
        throw drError('NOT_PROVEN', { why: `this rehearsal has no credentials for <@${by}>` })
      const signer = made.get(by) ?? new Clients({ people, ...(credentials ? { credentials } : {}) })
      made.set(by, signer)
      return signer
    },
    close() {
      for (const signer of made.values()) signer.close()
    },
  }
}

type Asking = Pick<Terminal, 'prove'> & {
  readonly caller: (signed: SignedCaller) => ReturnType<typeof askCaller>
  /** A rehearsal: whoever it is told to be. */
  readonly told: boolean
}

async function whoAsks({ prove, caller, told }: Asking, plan: Plan, as: string | undefined): Promise<string> {
  if (told && as !== undefined) return as
  const own = { kind: 'status', by: as ?? '', channel: plan.slack.channel } as const
  const signed = await prove(plan, boundTo('who-am-i', own), as ?? '').catch((error) => {
    throw drError('NOT_PROVEN', { why: `no AWS credentials were found (${faultOf(error).message})` }, error)
  })
  const person = personOf(plan, await firstToAnswer(signed, caller))
  if (as !== undefined && as !== person)
    throw drError('NOT_PROVEN', { why: `these credentials are those of <@${person}>, not of <@${as}>` })
  return person
}

/** How long the journal is waited for before it counts as out of reach. */
const JOURNAL_MS = 5_000

async function reachedJournal(place: TerminalPlace): Promise<OpenJournal> {
  const { journal: at, simulated } = place
  const endpoints = simulated ? { endpoints: simulated.endpoints } : {}
  const journal = await openJournal({ journal: at, ...endpoints }, place)
  if (at.kind === 'sqlite') return journal
  const tooLate = Promise.withResolvers<never>()
  const timer = setTimeout(() => tooLate.reject(new Error(`no answer in ${JOURNAL_MS / 1000} s`)), JOURNAL_MS)
  try {
    await Promise.race([journal.locks(), tooLate.promise])
    return journal
  } catch (error) {
    journal.close()
    const why = error instanceof Error ? error.message : String(error)
    throw drError(
      'JOURNAL_UNREACHABLE',
      { journal: `dynamodb:${at.region}/${at.table}`, why, phrase: alonePhrase('PLAN') },
      error,
    )
  } finally {
    clearTimeout(timer)
  }
}

/** What has to be typed to begin a run that shares no lock with anybody. */
export const alonePhrase = (plan: string): string => `${plan} shares no lock with anybody`

/** The bot's engine on AWS can be asked from anywhere; one of another machine cannot. */
async function otherEngines({ engine: at, simulated }: TerminalPlace): Promise<readonly FlowEngine[]> {
  if (at?.kind !== 'lambda') return []
  return [await lambdaEngineAt(at, simulated?.endpoints)]
}

async function notHere({ name }: { readonly name: string }): Promise<never> {
  throw drError('FILE_UNUSABLE', { name, why: 'a terminal reads its own files' })
}

/** The words of a command, understood as in Slack. */
export const commandOf = (words: readonly string[]): Command => parseCommand(words.join(' '))
