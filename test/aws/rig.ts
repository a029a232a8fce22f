import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { type Simulation, simulate } from '../../rehearsal/aws/simulator.ts'
import { manualClock, type WorldClock } from '../../rehearsal/clock.ts'
import { type ClientOptions, Clients } from '../../src/aws/clients.ts'
import { outside } from '../../src/aws/outside.ts'
import type { Look, Outside, Side } from '../../src/flows/world.ts'
import { type Plan, PlanSchema, type Stack } from '../../src/plan/schema.ts'

export const home = 'us-east-1'
export const dr = 'us-west-2'
export const arnOf = (side: Side, app = 'orders') =>
  `arn:aws:rds:${side === 'home' ? home : dr}:111122223333:cluster:${app}-${side}`
/** A Terraform stack as a plan names it. */
export const stack: Stack = {
  name: 'home-platform',
  side: 'home',
  layer: 'platform',
  directory: 'infra/home/platform',
  codeBuild: 'orders-home-platform',
}
export const ownKeys = { accessKeyId: 'AKIDTEST', secretAccessKey: 'test' }

/** A shipped plan; its ids are those of the simulated AWS. */
export function shipped(name: 'orders' | 'billing'): Plan {
  const file = new URL(`../../plans/${name}.yaml`, import.meta.url)
  return PlanSchema.parse(parse(readFileSync(file, 'utf8')))
}

export type Rig = {
  readonly aws: Simulation
  readonly clock: WorldClock
  readonly clients: Clients
  readonly outside: Outside
  readonly plan: Plan
  /** The changes that reached AWS since the rig was made: `us-west-2 UpdateService`. */
  changes(): readonly string[]
  /** How many calls of an operation reached AWS. */
  count(operation: string): number
  /** Moves the world's clock, letting what was woken act in between. */
  pass(ms: number): void
}

const start = Date.parse('2026-11-20T09:00:00Z')
const reads = /^(Describe|List|Get|BatchGet|Test|Assume)/

/** The real clients and adapters over the simulated AWS, in one process, on a clock that is moved by hand. */
export function rig(name: 'orders' | 'billing' = 'orders', change: Partial<Plan> = {}): Rig {
  const clock = manualClock(start)
  const aws = simulate({ clock, seed: 7 })
  const options: ClientOptions = {
    people: clock,
    credentials: ownKeys,
    requestHandler: ({ requestTimeout }) => aws.dispatcher.requestHandler({ requestTimeout }),
  }
  const clients = new Clients(options)
  const plan = { ...shipped(name), ...change }
  return {
    aws,
    clock,
    clients,
    plan,
    outside: outside({ plan, clients, clock }),
    changes: () =>
      aws.calls
        .list()
        .filter(({ operation }) => !reads.test(operation))
        .map(({ region, operation }) => `${region} ${operation}`),
    count: (operation) => aws.calls.list().filter((call) => call.operation === operation).length,
    pass: (ms) => clock.advance(ms),
  }
}

/** What a look saw; fails the test when it saw nothing. */
export async function seen<T>(look: Promise<Look<T>>): Promise<T> {
  const answer = await look
  if (!answer.ok) throw new Error(`the look failed: ${answer.why}: ${answer.detail}`)
  return answer.value
}

/** The error an act threw; fails the test when it threw none. */
export async function thrown(act: Promise<unknown>): Promise<{ code: string; message: string }> {
  const error = await act.then(
    () => undefined,
    (cause: unknown) => cause,
  )
  if (!(error instanceof Error)) throw new Error('nothing was thrown')
  return { code: (error as Error & { code?: string }).code ?? error.name, message: error.message }
}

/** The first of a list that has one. */
export function first<T>([one]: readonly T[]): T {
  if (one === undefined) throw new Error('there is none')
  return one
}
