import { isChange, type JournalEntry } from '../../rehearsal/aws/calls.ts'
import { ownerOf } from '../../rehearsal/aws/world/dns.ts'
import type { Answer, Question } from '../../src/engine/run.ts'
import { type FlowEnd, runFlow } from '../../src/engine/run-flow.ts'
import type { Flow } from '../../src/engine/step.ts'
import type { Mode, SafeWorld, Side } from '../../src/flows/world.ts'
import { type Answering, Crash, fakeHost, Memory } from '../engine/fake-host.ts'
import { HomeRig } from './failback-rig.ts'

/** What a run carries out, and what people answer where it is not the usual. */
export type Story = {
  readonly flow: Flow<SafeWorld>
  readonly mode?: Mode
  readonly from: Side
  readonly answer?: (question: Question) => Answer | undefined
}

/** A world to begin in. */
export type Begun = { readonly world: unknown; readonly now: number }
export const keep = ({ simulation, clock }: HomeRig): Begun => ({
  world: simulation.save(),
  now: clock.now(),
})
export const begin = (begun: Begun): HomeRig => new HomeRig('orders', 1, begun)

/** Told of every place where the bot can die; true: it does. */
type Boundary = (where: string) => boolean

/** How a run went: what the bot asked AWS for in all its lives, what it asked people, and what it left. */
type Told = {
  readonly end: FlowEnd
  /** How each step ended. */
  readonly steps: Readonly<Record<string, string>>
  readonly calls: readonly JournalEntry[]
  /** Questions in order, and when they were answered, world ms. */
  readonly asked: readonly (Question & { readonly at: number })[]
  readonly rest: ReturnType<typeof restOf>
}

/** Calls that must not be made a second time, whether or not they could be taken back. */
const ONCE = /^(Switchover|Failover|Remove|Delete|Create|Copy|ChangeResource|StartBuild)/
export const once = (calls: readonly JournalEntry[]): readonly string[] =>
  calls
    .filter(({ operation }) => ONCE.test(operation))
    .map(({ operation, region }) => `${operation} ${region}`)
    .toSorted()
/** The other ones: asked for again only by a bot that died while it asked. */
export const again = (calls: readonly JournalEntry[]): readonly string[] =>
  calls
    .filter(({ operation }) => !ONCE.test(operation))
    .map(({ operation, region }) => `${operation} ${region}`)

const CALLED = ' was carried out'
/** Where something is asked for, or heard: the places at which one death alone may do harm. */
const TOUCHY = /:(act|acted|question|asks|confirm|second|heard|undo)$|was carried out$/

/** The bot's calls, not those of people and of their Terraform. */
const byTheBot = ({ operation, accessKeyId }: JournalEntry) =>
  isChange(operation) && accessKeyId.startsWith('ASIA')
const madeIn = ({ simulation }: HomeRig) => simulation.calls.list().filter(byTheBot)

/** One life of a run: until it ends, or dies. */
async function live(rig: HomeRig, story: Story, boundary: Boundary): Promise<FlowEnd | 'dead'> {
  let dead = false
  const dies = (where: string) => {
    dead ||= boundary(where)
    return dead
  }
  const people: Answering = (question) => {
    rig.asked.push(question)
    rig.askedAt.push(rig.clock.now())
    return story.answer?.(question) ?? rig.usual(question)
  }
  const { host } = fakeHost(rig.memory, people, dies, rig.time)
  const world = rig.world(story.mode ?? 'planned', story.from)
  const set = async (name: string, value: string) => {
    if (dies(`before noting ${name}`)) throw new Crash()
    await world.notes.set(name, value)
    if (dies(`after noting ${name}`)) throw new Crash()
  }
  rig.simulation.calls.performed = (entry) => {
    if (byTheBot(entry)) boundary(`${entry.operation}${CALLED}`)
  }
  const work = runFlow(story.flow, { ...world, notes: { ...world.notes, set } }, host)
  return rig.until(work).catch((error: unknown) => {
    if (!dead) throw error
    return 'dead' as const
  })
}

const told = (rig: HomeRig, end: FlowEnd | 'dead', before: readonly JournalEntry[] = []): Told => ({
  end: end === 'dead' ? { outcome: 'failed', detail: 'it died' } : end,
  steps: rig.memory.ends,
  calls: [...before, ...madeIn(rig)],
  asked: rig.asked.map((question, index) => ({ ...question, at: rig.askedAt[index] ?? 0 })),
  rest: restOf(rig),
})

/** The run dies at every place it comes to, once each, and is back two seconds later. */
export async function dyingEverywhere(
  rig: HomeRig,
  story: Story,
): Promise<Told & { readonly died: readonly string[] }> {
  const died = new Set<string>()
  const boundary: Boundary = (where) => !where.endsWith(CALLED) && died.size < died.add(kindOf(where)).size
  for (;;) {
    const end = await live(rig, story, boundary)
    if (end !== 'dead') return { ...told(rig, end), died: [...died] }
    await rig.after(2)
  }
}

/** Rounds, and what a watch tells next, are the same place again. */
const kindOf = (where: string) => where.replace(/#\d+/g, '').replace(/:(look|settle):\d+$/, ':$1')

/** All that outlives the bot, in one moment. */
type Left = Begun & {
  readonly where: string
  /** The step under way; none in a watch over duties. */
  readonly step: string
  readonly memory: Memory
  readonly notes: ReadonlyMap<string, string>
  readonly calls: readonly JournalEntry[]
}
export type Death = Told & Pick<Left, 'where' | 'step'> & { readonly calm: Pick<Told, 'calls' | 'rest'> }

/**
 * The run in peace, and from each place where something is asked for or heard another one, in a world of its own, that
 * dies there and goes on until that step is over: beside it, how the calm one was then. `skip`: steps that die elsewhere.
 */
export async function dyingOnce(rig: HomeRig, story: Story, skip: (step: string) => boolean = () => false) {
  const over = new Map<string, Pick<Told, 'calls' | 'rest'>>()
  const passed = new Set<string>()
  const lefts: Left[] = []
  let step = ''
  const end = await live(rig, story, (where) => {
    const next = beginning(where) ?? step
    if (next !== step) over.set(step, { calls: madeIn(rig), rest: restOf(rig) })
    step = next
    const isNew = passed.size < passed.add(where).size
    const isTouchy = TOUCHY.test(where) && !where.startsWith('after telling')
    if (isTouchy && !skip(step) && (isNew || where.endsWith(CALLED))) lefts.push(leftBy(rig, where, step))
    return false
  })
  const calm = told(rig, end)
  const deaths: Death[] = []
  for (const left of lefts) deaths.push({ ...(await goOn(left, story)), calm: over.get(left.step) ?? calm })
  return { calm, deaths }
}

const beginning = (where: string) => /^before ([a-z-]+)#1:look$/.exec(where)?.[1]

async function goOn(left: Left, story: Story): Promise<Omit<Death, 'calm'>> {
  const { where, step, calls } = left
  const rig = revive(left)
  await rig.after(2)
  // Whoever was at it with the commands did not die with the bot.
  if (step === 'await-removal') rig.removing()
  const { steps } = story.flow
  const next = steps[steps.findIndex(({ id }) => id === step) + 1]?.id
  const end = await live(rig, story, (place) => next !== undefined && beginning(place) === next)
  return { ...told(rig, end, calls), where, step }
}

function revive(left: Left): HomeRig {
  const rig = begin(left)
  rig.memory = left.memory
  for (const [name, value] of left.notes) rig.notes.set(name, value)
  return rig
}

/** The run up to the first such place, where it dies; what it left goes on in another world. */
export async function dyingAt(rig: HomeRig, story: Story, place: string): Promise<HomeRig> {
  const end = await live(rig, story, (where) => where === place)
  if (end !== 'dead') throw new Error(`it never came to ${place}: ${end.detail}`)
  return revive(leftBy(rig, place, ''))
}

/** Goes on with a run that died. */
export async function goingOn(rig: HomeRig, story: Story): Promise<Told> {
  return told(rig, await live(rig, story, () => false))
}

function leftBy(rig: HomeRig, where: string, step: string): Left {
  const memory = new Memory()
  for (const [name, answer] of rig.memory.answers) memory.answers.set(name, answer)
  for (const [key, event] of rig.memory.events) memory.events.set(key, event)
  return { ...keep(rig), where, step, memory, notes: new Map(rig.notes), calls: madeIn(rig) }
}

/** Where everything is, but for what moves by itself. */
function restOf({ simulation }: HomeRig) {
  const { rds, ecs, scaling, dns } = simulation.world
  const ours = <T extends { readonly app: string }>(all: readonly T[]) =>
    all.filter(({ app }) => app === 'orders')
  return structuredClone({
    records: ownerOf(dns.records, 'orders'),
    globals: ours(rds.globals).map(({ id, writer, members }) => ({ id, writer, members })),
    clusters: ours(rds.clusters).map(({ id, global, deletionProtection, instances }) => ({
      id,
      global,
      deletionProtection,
      instances: instances.length,
    })),
    snapshots: ours(rds.snapshots)
      .filter(({ type }) => type === 'manual')
      .map(({ id, region, lostWrites }) => ({ id, region, lostWrites })),
    services: ours(ecs.services).map(({ id, desired }) => ({ id, desired })),
    scaling: scaling.targets.map(({ resourceId, region, min, suspended }) => ({
      resourceId,
      region,
      min,
      suspended,
    })),
  })
}
