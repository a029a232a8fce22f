import { join } from 'node:path'
import type { DurableExecutionClient } from '@aws/durable-execution-sdk-js'
import type { WorldClock } from '../../rehearsal/clock.ts'
import { durableHandler } from '../../src/durable/host.ts'
import { LocalEngine } from '../../src/durable/local-engine.ts'
import { SqliteJournal } from '../../src/durable/sqlite-journal.ts'
import type { Host } from '../../src/engine/host.ts'
import type { Journal } from '../../src/engine/ports.ts'
import type { Answer } from '../../src/engine/run.ts'
import { runFlow } from '../../src/engine/run-flow.ts'
import { type Asking, defineFlow, type Flow } from '../../src/engine/step.ts'
import { type Boundary, FolderWorld, type SmallWorld } from './folder-world.ts'
import { proposal } from './rig.ts'

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

const question: Asking = {
  title: 'Lost writes',
  detail: 'Three rows.',
  options: [{ id: 'waive', label: 'Waive', twoPeople: true }],
}

/** What two people have to say before something is changed that cannot be changed back. */
const askingFlow = defineFlow<SmallWorld>({
  name: 'asking',
  title: 'Asking',
  steps: [
    {
      ...step('settle'),
      asks: { question: async () => question, heard: (world, answer) => world.hear('settle', answer) },
    },
    acting('promote', 'The cluster is gone.'),
  ],
})

/** A duty that acts and is refused at first, beside one that takes its time. */
const dutiesFlow = defineFlow<SmallWorld>({
  name: 'duties',
  title: 'Duties',
  duties: true,
  steps: [
    { ...acting('rescue', false), pollSeconds: 30 },
    { ...step('rejoin'), pollSeconds: 30 },
  ],
})

/** A change, then hours in which there is nothing to do but to look, then another change. */
const patientFlow = defineFlow<SmallWorld>({
  name: 'patient',
  title: 'Patient',
  steps: [
    acting('quiesce', false),
    { ...step('resync'), timeoutMinutes: 'none', heartbeatMinutes: 15 },
    acting('dns', false),
  ],
})

export const flows = {
  small: smallFlow,
  asking: askingFlow,
  duties: dutiesFlow,
  patient: patientFlow,
} satisfies Record<string, Flow<SmallWorld>>
export type FlowName = keyof typeof flows

/** Carries the flow out as run `r1`. */
export async function carryOut(world: SmallWorld, host: Host, flow = smallFlow): Promise<unknown> {
  const end = await runFlow(flow, world, host)
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
export async function openSmallRun(
  folder: string,
  boundary: Boundary = () => {},
  { press = 'retry', flow: name = 'small' }: { press?: string; flow?: FlowName } = {},
) {
  const flow = flows[name]
  const world = new FolderWorld(folder, boundary)
  const { clock } = world
  const plain = new SqliteJournal({ file: join(folder, 'journal.db'), clock, people: clock })
  const journal = boundedJournal(plain, boundary)
  const proposed = { type: 'proposed' as const, proposal: proposal(flow.steps.map(({ id }) => id)) }
  await plain.append('r1', 'proposed', proposed)
  const engine = new LocalEngine({
    file: join(folder, 'engine.db'),
    clock,
    handler: (client) =>
      durableHandler(
        (_, hostFor) =>
          carryOut(world, hostFor({ clock, runId: 'r1', journal, locks: { resources: [], token: 0 } }), flow),
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
  /** The option a person chooses where a step is stuck. */
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
  const answer = answerTo(question, press)
  const { standing } = await journal.append('r1', `answered:${question}`, {
    type: 'answered',
    question,
    answer,
  })
  await engine.answer(callbackId, standing.type === 'answered' ? standing.answer : answer)
  boundary(`after the answer to ${question} got through`)
}

/** Two people waive, and the second thinks better of it the first time. */
function answerTo(question: string, press: string): Answer {
  const reason = 'so be it'
  if (question === 'settle#1:asks:confirm') return { option: 'withdraw', by: 'U2', reason }
  if (question.endsWith(':confirm')) return { option: 'confirm', by: 'U2', reason }
  return { option: question.endsWith(':asks') ? 'waive' : press, by: 'U1', reason }
}

async function pass(clock: WorldClock, boundary: Boundary): Promise<void> {
  const due = clock.next()
  if (due === undefined || due - clock.now() > 3_600_000)
    throw new Error('stuck: nothing is asked, nothing is to come')
  boundary('waiting for the clock')
  clock.advance(due - clock.now())
  await new Promise((resolve) => setImmediate(resolve))
}
