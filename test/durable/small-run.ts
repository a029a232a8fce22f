import { appendFileSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { DurableExecutionClient } from '@aws/durable-execution-sdk-js'
import { manualClock, type WorldClock } from '../../rehearsal/clock.ts'
import { durableHandler } from '../../src/durable/host.ts'
import { LocalEngine } from '../../src/durable/local-engine.ts'
import { SqliteJournal } from '../../src/durable/sqlite-journal.ts'
import { drError } from '../../src/engine/errors.ts'
import type { Host } from '../../src/engine/host.ts'
import type { Journal } from '../../src/engine/ports.ts'
import { runFlow } from '../../src/engine/run-flow.ts'
import { defineFlow, type Observation, type Receipt } from '../../src/engine/step.ts'
import { proposal, START } from './rig.ts'

/** Called wherever a process could die; `where` says where. */
export type Boundary = (where: string) => void

type SmallWorld = { look(step: string): Promise<Observation>; act(step: string): Promise<Receipt> }

const step = (id: string) => ({
  id,
  title: id,
  timeoutMinutes: 10,
  observe: (world: SmallWorld) => world.look(id),
})
const acting = (id: string, irreversible: false | string) => ({
  ...step(id),
  irreversible,
  act: (world: SmallWorld) => world.act(id),
})

/** Two changes that can be made again, between them one that cannot and is refused at first, and a wait at the end. */
export const smallFlow = defineFlow<SmallWorld>({
  name: 'small',
  title: 'Small',
  steps: [
    acting('quiesce', false),
    acting('promote', 'Writes that were not replicated are lost.'),
    acting('dns', false),
    step('verify'),
  ],
})

type WorldState = {
  now: number
  refusals: number
  acts: Record<string, number>
  looks: Record<string, number>
}

/** Looks after an act (or at all, without one) until a step is done. */
const LOOKS: Record<string, number> = { quiesce: 1, promote: 2, dns: 0, verify: 2 }

/** An outside that lives in a folder and outlives every process; `calls.log` has every call, with the process. */
export class FolderWorld implements SmallWorld {
  readonly #folder: string
  readonly #clock: WorldClock
  readonly #boundary: Boundary

  constructor(folder: string, boundary: Boundary) {
    this.#folder = folder
    this.#boundary = boundary
    this.#clock = manualClock(this.#state().now)
  }

  get clock(): WorldClock {
    return this.#clock
  }

  async look(step: string): Promise<Observation> {
    return this.#call('look', step, (state) => {
      if (step !== 'verify' && !state.acts[step]) return { state: 'ready', detail: 'as it was' }
      const looks = state.looks[step] ?? 0
      state.looks[step] = looks + 1
      return looks < (LOOKS[step] ?? 0)
        ? { state: 'pending', detail: `look ${looks}` }
        : { state: 'done', detail: 'as wanted' }
    })
  }

  async act(step: string): Promise<Receipt> {
    const refused = this.#state().refusals > 0 && step === 'promote'
    const receipt = this.#call(refused ? 'refused' : 'act', step, (state) => {
      if (refused) state.refusals--
      else state.acts[step] = (state.acts[step] ?? 0) + 1
      return { evidence: [`request ${step}`] }
    })
    if (refused)
      throw drError('PERMISSION_MISSING', {
        action: 'rds:FailoverGlobalCluster',
        role: 'r',
        region: 'us-west-2',
      })
    return receipt
  }

  /** Every call so far, as `<pid> <look|act|refused> <step>`. */
  calls(): string[] {
    const log = join(this.#folder, 'calls.log')
    return existsSync(log) ? readFileSync(log, 'utf8').trimEnd().split('\n') : []
  }

  #call<T>(kind: string, step: string, change: (state: WorldState) => T): T {
    this.#boundary(`before ${kind} ${step}`)
    const state = this.#state()
    const answer = change(state)
    appendFileSync(join(this.#folder, 'calls.log'), `${process.pid} ${kind} ${step}\n`)
    const file = join(this.#folder, 'world.json')
    writeFileSync(`${file}.new`, JSON.stringify({ ...state, now: this.#clock.now() }))
    renameSync(`${file}.new`, file)
    this.#boundary(`after ${kind} ${step}`)
    return answer
  }

  #state(): WorldState {
    const file = join(this.#folder, 'world.json')
    if (!existsSync(file)) return { now: START, refusals: 1, acts: {}, looks: {} }
    return JSON.parse(readFileSync(file, 'utf8'))
  }
}

/** Carries the small flow out as run `r1`. */
export async function carryOut(world: SmallWorld, host: Host): Promise<unknown> {
  const end = await runFlow(smallFlow, world, host)
  await host.checkpoint('close', () => host.inside.record('ended', { type: 'ended', ...end }))
  return end
}

const bounded = (client: DurableExecutionClient, boundary: Boundary): DurableExecutionClient => ({
  getExecutionState: (request) => client.getExecutionState(request),
  async checkpoint(request) {
    const what = (request.Updates ?? [])
      .map(({ Action, Name, Type }) => `${Action} ${Name ?? Type}`)
      .join(' + ')
    boundary(`before keeping ${what}`)
    const answer = await client.checkpoint(request)
    boundary(`after keeping ${what}`)
    return answer
  },
})

const boundedJournal = (journal: SqliteJournal, boundary: Boundary): Journal =>
  new Proxy<SqliteJournal>(journal, {
    get(target, name) {
      const member = Reflect.get(target, name)
      if (name !== 'append') return typeof member === 'function' ? member.bind(target) : member
      return async (...[runId, key, event]: Parameters<Journal['append']>) => {
        boundary(`before noting ${key}`)
        const answer = await target.append(runId, key, event)
        boundary(`after noting ${key}`)
        return answer
      }
    },
  })

/** Starts the run in its folder, or takes it up where the last process left it. */
export async function openSmallRun(folder: string, boundary: Boundary = () => {}, press = 'retry') {
  const world = new FolderWorld(folder, boundary)
  const { clock } = world
  const plain = new SqliteJournal({ file: join(folder, 'journal.db'), clock, people: clock })
  const journal = boundedJournal(plain, boundary)
  const proposed = { type: 'proposed' as const, proposal: proposal(smallFlow.steps.map(({ id }) => id)) }
  await plain.append('r1', 'proposed', proposed)
  const engine = new LocalEngine({
    file: join(folder, 'engine.db'),
    clock,
    handler: (client) =>
      durableHandler(
        (_, hostFor) =>
          carryOut(world, hostFor({ clock, runId: 'r1', journal, locks: { resources: [], token: 0 } })),
        { client: bounded(client, boundary) },
      ),
  })
  return { engine, journal, clock, world, drive: () => drive({ engine, journal, clock, boundary, press }) }
}

type Play = {
  readonly engine: LocalEngine
  readonly journal: Journal
  readonly clock: WorldClock
  readonly boundary: Boundary
  /** The option a person always chooses. */
  readonly press: string
}

/** Plays the clock and a person until the run is over. Answers what was asked on the way. */
async function drive(play: Play): Promise<string[]> {
  const { engine, clock, boundary } = play
  const asked: string[] = []
  engine.recover()
  await engine.start('r1', {})
  for (let turn = 0; turn < 500; turn++) {
    await engine.idle()
    if ((await engine.get('r1'))?.status !== 'RUNNING') return asked
    const open = await openQuestion(play)
    if (open) {
      asked.push(open.question)
      await pressButton(play, open)
    } else await pass(clock, boundary)
  }
  throw new Error('not over after 500 turns')
}

async function openQuestion({ engine, journal }: Play) {
  const events = await journal.events('r1')
  for (const { Type, Status, CallbackDetails } of engine.operations('local:r1')) {
    if (Type !== 'CALLBACK' || Status !== 'STARTED') continue
    for (const { event } of events)
      if (event.type === 'asked' && event.callbackId === CallbackDetails?.CallbackId)
        return { question: event.question.id, callbackId: event.callbackId }
  }
  return undefined
}

async function pressButton(
  { engine, journal, boundary, press }: Play,
  { question, callbackId }: { question: string; callbackId: string },
): Promise<void> {
  boundary(`waiting for an answer to ${question}`)
  const answer = { option: press, by: 'U1', reason: 'so be it' }
  const { standing } = await journal.append('r1', `answered:${question}`, {
    type: 'answered',
    question,
    answer,
  })
  await engine.answer(callbackId, standing.type === 'answered' ? standing.answer : answer)
  boundary(`after the answer to ${question} got through`)
}

async function pass(clock: WorldClock, boundary: Boundary): Promise<void> {
  const due = clock.next()
  if (due === undefined || due - clock.now() > 3_600_000)
    throw new Error('stuck: nothing is asked, nothing is to come')
  boundary('waiting for the clock')
  clock.advance(due - clock.now())
  await new Promise((resolve) => setImmediate(resolve))
}
