import { parseDocument } from 'yaml'
import { type Simulation, simulate } from '../../rehearsal/aws/simulator.ts'
import { manualClock, type WorldClock } from '../../rehearsal/clock.ts'
import { inProcess } from '../../rehearsal/reach.ts'
import { Clients } from '../../src/aws/clients.ts'
import type { Found } from '../../src/init/facts.ts'
import { gather } from '../../src/init/gather.ts'
import { planText, type Sources } from '../../src/init/plan-text.ts'
import type { Wish } from '../../src/init/wish.ts'
import { parsePlan } from '../../src/plan/parse.ts'

const START = Date.parse('2026-11-20T09:00:00Z')
export const dnsRole = {
  role: 'arn:aws:iam::444455556666:role/understudy-dns',
  externalId: 'understudy',
}

export type Rig = {
  readonly aws: Simulation
  readonly clock: WorldClock
  /** Looks at the simulated AWS; the world's clock goes on whenever nothing else does. */
  look(wish: Wish): Promise<Found>
  /** Seconds of world time since the rig was made. */
  seconds(): number
}

/** The real clients over the simulated AWS, in one process. */
export function rig(): Rig {
  const clock = manualClock(START)
  const aws = simulate({ clock, seed: 7 })
  const clients = new Clients({ people: clock, ...inProcess(aws, clock, 0).clients })
  return {
    aws,
    clock,
    look: (wish) => passing(clock, gather(wish, clients)),
    seconds: () => (clock.now() - START) / 1000,
  }
}

async function passing<T>(clock: WorldClock, work: Promise<T>): Promise<T> {
  let done = false
  void work.finally(() => {
    done = true
  })
  while (!done) {
    for (let turn = 0; turn < 50 && !done; turn++) await new Promise((wake) => setImmediate(wake))
    if (!done) clock.advance(100)
  }
  return work
}

/** Sources with what every draft needs. */
export const from = (sources: Partial<Sources>): Sources => ({
  name: 'orders',
  files: [],
  regions: {},
  workload: {},
  dns: {},
  ...sources,
})

/** From AWS alone, as people call it. */
export const onAws = (name: string, more: Partial<Sources> = {}): Sources =>
  from({ name, globalCluster: `${name}-global`, regions: { home: 'us-east-1' }, ...more })

/** A draft that must not ask AWS. */
export const offline = (sources: Partial<Sources>) =>
  planText(from(sources), async () => {
    throw new Error('AWS was asked')
  })

/** Fields that a draft leaves to people, in the order of the file. */
export const toFill = (text: string): string[] =>
  parsePlan(text).faults.flatMap(({ field, message }) =>
    message.startsWith('is to be filled in') ? [field] : [`${field}: ${message}`],
  )

/** The text with what people would write; a path is one of `toFill`, or of a guess. */
export function filled(text: string, answers: Readonly<Record<string, unknown>>): string {
  const document = parseDocument(text)
  for (const [field, answer] of Object.entries(answers)) {
    const path = field
      .split(/[.[\]]+/)
      .flatMap((part) => (part === '' ? [] : /^\d+$/.test(part) ? Number(part) : part))
    document.setIn(path, answer)
  }
  return document.toString({ lineWidth: 0 })
}
