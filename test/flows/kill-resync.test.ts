import { cpSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { isChange } from '../../rehearsal/aws/calls.ts'
import { clusterOn } from '../../rehearsal/aws/world/rds.ts'
import { loseSync } from '../../rehearsal/aws/world/rds-rejoin.ts'
import { manualClock } from '../../rehearsal/clock.ts'
import { Night, nightFolder } from '../../rehearsal/night.ts'
import { simulatedPlans } from '../../rehearsal/simulated-plans.ts'
import { approve } from '../../src/app/desk/approving.ts'
import { answerQuestion } from '../../src/app/desk/deciding.ts'
import { proposeRun } from '../../src/app/desk/proposing.ts'
import { reconcile } from '../../src/app/runs/reconciling.ts'
import { runOf } from '../../src/app/runs/runs.ts'
import { openQuestion, type Question, type Run } from '../../src/engine/run.ts'
import { planOf } from '../../src/plan/plans.ts'
import { boundedParts } from '../kill/boundaries.ts'

const START = Date.UTC(2026, 10, 21, 3)
const [MINUTE, HOUR] = [60_000, 3_600_000]
/** How long nobody restarts the bot. */
const AWAY = 20_000
const root = nightFolder('understudy-resync-')
afterAll(() => rmSync(root, { recursive: true, force: true }))

class Dead extends Error {}

/** What a process leaves that is killed: its files as they are, and the world without it. */
type Left = { readonly dir: string; readonly world: unknown; readonly now: number }
/** The first such place after that time is where it dies. */
type Kill = { readonly after: number; readonly where: RegExp }

/** Lives in a folder until `play` is over, or until it is killed: then it answers what it leaves. */
async function live<T>(
  left: Left,
  play: (night: Night) => Promise<T>,
  kill?: Kill,
): Promise<T | { left: Left }> {
  let next: Left | undefined
  let night: Night
  const passing = (where: string) => {
    if (next || !kill || night.clock.now() < kill.after || !kill.where.test(where)) return
    const dir = `${left.dir}+`
    // No process has a say in what is on its disk after it was killed: what is there now is what the next one finds.
    cpSync(left.dir, dir, { recursive: true })
    next = { dir, world: night.simulation.save(), now: night.clock.now() }
  }
  night = await Night.begin({
    seed: 1,
    plans: simulatedPlans,
    clock: manualClock(left.now),
    dir: left.dir,
    saved: left.world,
    parts: (own) => boundedParts(own, passing),
    onPause() {
      passing('waiting')
      if (next) throw new Dead()
    },
  })
  const { calls } = night.simulation
  const add = calls.add.bind(calls)
  calls.add = (call, at) => {
    passing(`asking ${call.operation}`)
    return add(call, at)
  }
  try {
    return await play(night)
  } catch (error) {
    if (!(error instanceof Dead) || !next) throw error
    return { left: next }
  }
}

/** dr serves; home was lost and is on its way back, which takes six hours from now. A failback is approved. */
async function begun(night: Night): Promise<string> {
  const { simulation, parts } = night
  simulation.addFault({ kind: 'resync', ms: 6 * HOUR })
  simulation.enter('orders', 'protected', 'dr')
  const home = clusterOn(simulation.world, 'orders', 'home')
  if (home) loseSync(simulation.world, home)
  await night.sleep(90_000)
  const wish = { flow: 'failback', dryRun: false, by: 'U0ASKS' } as const
  const proposed = await night.until(proposeRun(parts, planOf(parts.plans, 'orders'), wish, 'home-again'))
  if ('dryRun' in proposed) throw new Error('it was not to be a dry run')
  const { run } = proposed
  await night.until(approve(parts, run, { by: 'U0AGREES', reason: 'home is back', breakGlass: false }))
  return run.id
}

const OPTIONS = ['reconciled', 'applied']

/** Until the run has ended; people see within half a minute that they are asked. */
async function toTheEnd(night: Night, id: string): Promise<Run> {
  for (;;) {
    const run = await runOf(night.journal, id)
    const question = openQuestion(run)
    if (run.phase === 'ended') return run
    if (question) await night.until(answered(night, run, question))
    await night.sleep(30_000)
  }
}

function answered({ parts }: Night, run: Run, { id, title, detail, options }: Question): Promise<void> {
  const option = options.find((one) => OPTIONS.includes(one.id))?.id
  if (!option) throw new Error(`nobody expected a question: ${title} ${detail}`)
  const answer = {
    kind: 'answer',
    option,
    by: 'U0AGREES',
    channel: 'C0INCIDENT',
    reason: 'compared',
  } as const
  return answerQuestion(parts, run, { ...answer, runId: run.id, question: id })
}

const resumed = async (night: Night, id: string): Promise<Run> => {
  night.engine.recover()
  await night.until(reconcile(night.parts))
  return toTheEnd(night, id)
}

/** Nobody says whether each look of a watch is an operation to pay for: counted as if it were. */
function costs(night: Night, id: string) {
  const all = night.engine.operations(`local:${id}`)
  const looks = (one: (typeof all)[number]) => Math.max(1, one.StepDetails?.Attempt ?? 1)
  const sum = (some: typeof all) => some.reduce((total, one) => total + looks(one), 0)
  return {
    withLooks: sum(all),
    resync: sum(all.filter(({ Name = '' }) => Name.startsWith('await-resync#'))),
  }
}

const KINDS = [/^waiting$/, /^asking Describe/, /^noted await-resync/, /^asking GetMetricData$/]
const KILLS: readonly Kill[] = Array.from({ length: 10 }, (_, index) => ({
  after: START + (30 + index * 33) * MINUTE,
  where: KINDS[index % KINDS.length] ?? /^waiting$/,
}))

it('a failback waits six hours for home to catch up, through ten kills, with at most 1,000 durable operations', async () => {
  let left: Left = { dir: join(root, 'bot'), world: undefined, now: START }
  mkdirSync(left.dir)
  let id = ''
  const changes: string[] = []
  for (const kill of KILLS) {
    const died = await live(
      left,
      async (night) => {
        if (id) return resumed(night, id)
        id = await begun(night)
        return toTheEnd(night, id)
      },
      kill,
    )
    if (!('left' in died)) throw new Error(`it ended before it was killed: ${died.ending}`)
    left = { ...died.left, now: died.left.now + AWAY }
  }
  const told = await live(left, async (night) => {
    const run = await resumed(night, id)
    const cost = costs(night, id)
    await night.sleep(90_000)
    changes.push(
      ...night.simulation.calls
        .list()
        .filter(({ operation }) => isChange(operation))
        .map(({ operation }) => operation),
    )
    const { success, dns, sides } = night.simulation.state().apps.orders
    await night.end()
    return { run, cost, success, record: dns.record, writer: sides.home.writer }
  })
  if ('left' in told) throw new Error('nobody was to kill it')
  const { run, cost, ...at } = told
  const waited = run.steps.find((step) => step.id === 'await-resync')
  process.stdout.write(
    `six hours of resync, ten kills: ${cost.resync} operations for the wait, ${cost.withLooks} for the whole run, every look counted\n`,
  )
  expect(run).toMatchObject({ outcome: 'done' })
  expect(at).toEqual({ success: 1, record: 'home', writer: true })
  expect(waited?.state).toBe('done')
  expect((run.endedAt ?? 0) - (run.startedAt ?? 0)).toBeGreaterThan(6 * HOUR)
  expect(cost.resync).toBeGreaterThan(100)
  expect(cost.withLooks).toBeLessThanOrEqual(1_000)
  expect(changes.filter((operation) => operation === 'SwitchoverGlobalCluster')).toHaveLength(1)
}, 180_000)
