import { LocalDurableTestRunner } from '@aws/durable-execution-sdk-js-testing'
import { afterEach, describe, expect, it } from 'vitest'
import { manualClock, type WorldClock } from '../../rehearsal/clock.ts'
import { Night } from '../../rehearsal/night.ts'
import { inProcess, type Reach } from '../../rehearsal/reach.ts'
import { PEOPLE, simulatedPlans } from '../../rehearsal/simulated-plans.ts'
import { proposeRun } from '../../src/app/desk/proposing.ts'
import { start } from '../../src/app/desk/starting.ts'
import type { Parts } from '../../src/app/parts.ts'
import { carryOut } from '../../src/app/runs/carrying.ts'
import { runOf } from '../../src/app/runs/runs.ts'
import type { FlowInput } from '../../src/app/runs/worlds.ts'
import { wallPatience } from '../../src/aws/patience.ts'
import { durableHandler } from '../../src/durable/host.ts'
import type { Run } from '../../src/engine/run.ts'
import type { Mode, Outside } from '../../src/flows/world.ts'
import { planOf } from '../../src/plan/plans.ts'

/** The runner skips the waits of a run, so the world moves on by itself: this much with every look. */
const LOOK_MS = 2_000

const nights: Night[] = []
afterEach(async () => {
  for (const night of nights.splice(0)) await night.end()
})

/** A world in which calls cost nothing and looks cost time, with a run that waits to be carried out. */
async function approved(mode: Mode): Promise<{ night: Night; run: Run }> {
  const clock = manualClock(Date.UTC(2026, 10, 21, 3))
  const night = await Night.begin({
    seed: 7,
    clock,
    plans: simulatedPlans,
    reach: withoutWaits,
    parts: (own) => movingOn(own, clock),
  })
  nights.push(night)
  const { parts, simulation } = night
  clock.advance(120_000)
  if (mode !== 'planned') await simulation.outage('us-east-1', '5xx')
  const [by = '', approver = ''] = PEOPLE.approvers
  const wish = { flow: 'failover', mode, dryRun: false, by } as const
  const proposed = await proposeRun(parts, planOf(parts.plans, 'billing'), wish, 'crosscheck')
  if ('dryRun' in proposed) throw new Error('it was not to be a dry run')
  await parts.journal.append(proposed.run.id, 'approved', {
    type: 'approved',
    by: approver,
    reason: 'both engines',
  })
  return { night, run: proposed.run }
}

const patiently = (reach: Reach): Reach => ({
  ...reach,
  clients: { ...reach.clients, patience: wallPatience },
})

/** Time jumps with every look, so nobody's patience may run on that clock. */
const withoutWaits: NonNullable<Parameters<typeof Night.begin>[0]['reach']> = (simulation, clock) => ({
  ...patiently(inProcess(simulation, clock, 0)),
  async fetch(url) {
    const answer = await simulation.request(String(url))
    if (answer === 'no-answer') throw new DOMException('nobody answers', 'TimeoutError')
    return new Response(answer.body, { status: answer.status })
  },
})

function movingOn(own: Parts, clock: WorldClock): Parts {
  const moving = <T extends object>(verbs: T): T =>
    new Proxy(verbs, {
      get(target, name) {
        const verb = Reflect.get(target, name)
        if (typeof verb === 'object' && verb !== null) return moving(verb)
        if (typeof verb !== 'function' || name === 'now') return verb
        return (...given: unknown[]) => {
          clock.advance(LOOK_MS)
          return Reflect.apply(verb, target, given)
        }
      },
    })
  return { ...own, outside: async (plan) => moving<Outside>(await own.outside(plan)) }
}

async function onAwsRunner(mode: Mode) {
  await LocalDurableTestRunner.setupTestEnvironment({ skipTime: true })
  try {
    const { night, run } = await approved(mode)
    const handler = (input: FlowInput, hostFor: Parameters<typeof carryOut>[2]) =>
      carryOut(night.parts, input, hostFor)
    const runner = new LocalDurableTestRunner({ handlerFunction: durableHandler(handler) })
    const result = await runner.run({ payload: { ...run.proposal.input, runId: run.id } })
    const names = result.getOperations().map((operation) => operation.getName())
    return { names, ...(await endOf(night, run.id)) }
  } finally {
    await LocalDurableTestRunner.teardownTestEnvironment()
  }
}

async function onLocalEngine(mode: Mode) {
  const { night, run } = await approved(mode)
  await start(night.parts, run)
  await night.runWhen(run.id, ({ phase }) => phase === 'ended' || phase === 'waiting')
  await night.engine.idle()
  const names = night.engine
    .operations(`local:${run.id}`)
    .flatMap(({ Type, Name }) => (Type === 'EXECUTION' ? [] : [Name]))
  return { names, ...(await endOf(night, run.id)) }
}

async function endOf({ journal, simulation }: Night, runId: string) {
  const { outcome, ending, steps, questions } = await runOf(journal, runId)
  const { sides, dns } = simulation.state().apps.billing
  return {
    outcome,
    ending,
    steps: steps.map(({ id, state }) => `${id}: ${state}`),
    asked: questions.map(({ detail }) => detail),
    changes: simulation.calls
      .list()
      .filter(({ operation }) => !/^(Describe|List|Get|Test|Assume)/.test(operation))
      .map(({ operation, region, outcome: how }) => `${operation} in ${region}: ${how}`),
    world: { drWrites: sides.dr.writer, record: dns.record },
  }
}

describe('a failover on AWS’s own test runner and on the local engine', () => {
  it.each<Mode>(['emergency', 'planned', 'detach'])(
    '%s: the same operations, the same steps, the same end',
    async (mode) => {
      const aws = await onAwsRunner(mode)
      const local = await onLocalEngine(mode)
      expect(aws).toMatchObject({ outcome: 'done', asked: [], world: { drWrites: true, record: 'dr' } })
      expect(local).toEqual(aws)
      // A step renamed or moved would break the runs under way during an upgrade.
      await expect(`${aws.names.join('\n')}\n`).toMatchFileSnapshot(`./${mode}.operations.txt`)
    },
  )
})
