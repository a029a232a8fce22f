import fc from 'fast-check'
import { type State, states } from '../../rehearsal/aws/states.ts'
import { ownerOf } from '../../rehearsal/aws/world/dns.ts'
import { clusterOn, writable } from '../../rehearsal/aws/world/rds.ts'
import { lookAt } from '../../src/app/desk/look.ts'
import { DrError } from '../../src/engine/errors.ts'
import type { Question } from '../../src/engine/run.ts'
import type { ChoiceOf } from '../../src/flows/choice.ts'
import { chooseFailback } from '../../src/flows/choose-failback.ts'
import { failback } from '../../src/flows/failback.ts'
import type { Side } from '../../src/flows/world.ts'
import { build, remove } from './console.ts'
import { APPROVES, Life } from './life.ts'
import { type Meddling, meddle, meddlings } from './meddling.ts'
import { type Mood, peopleWith, someMoods } from './people.ts'
import { APP, plan, Stage } from './stage.ts'
import { Witness } from './witness.ts'

/** A way home on which the world changes under the run's feet. */
export type Journey = {
  readonly seed: number
  readonly state: State
  readonly active: Side
  /** Where customers are sent, if not to the active side. */
  readonly astray: boolean
  /** After how many operations of the run. */
  readonly meddlings: readonly { readonly after: number; readonly what: Meddling }[]
  readonly troubles: readonly Trouble[]
  readonly crashes: readonly number[]
  readonly moods: readonly Mood[]
}
type Trouble = { readonly after: number; readonly lasts: number; readonly what: (typeof troubles)[number] }

const troubles = [
  { kind: 'lost-answer', service: 'rds' },
  { kind: 'lost-answer', service: 'route53' },
  { kind: 'throttle', service: 'rds' },
  { kind: 'internal', service: 'rds', p: 0.5 },
  { kind: 'mute', region: 'us-east-1', p: 0.3 },
  { kind: 'denied', operation: 'DeleteDBInstance' },
  { kind: 'stale', service: 'rds', p: 0.3 },
] as const

const operations = fc.nat({ max: 160 })
const rare = <T>(arbitrary: fc.Arbitrary<T>, maxLength: number) =>
  fc.array(arbitrary, { maxLength, size: 'medium' })

export const journeys: fc.Arbitrary<Journey> = fc.record({
  seed: fc.integer({ min: 1, max: 1000 }),
  state: fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom<State[]>('orphaned', 'detached', 'no-global') },
    { weight: 2, arbitrary: fc.constantFrom(...states) },
  ),
  active: fc.oneof(
    { weight: 3, arbitrary: fc.constant<Side>('dr') },
    { weight: 1, arbitrary: fc.constant<Side>('home') },
  ),
  astray: fc.oneof({ weight: 9, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
  meddlings: rare(fc.record({ after: operations, what: fc.constantFrom(...meddlings) }), 4),
  troubles: rare(
    fc.record({
      after: operations,
      lasts: fc.integer({ min: 1, max: 12 }),
      what: fc.constantFrom(...troubles),
    }),
    2,
  ),
  crashes: rare(fc.integer({ min: 1, max: 400 }), 3),
  moods: someMoods(8),
})

/**
 * Goes every way once, unheeded: the first calls of a client take another course than all others, so that without this
 * the first journeys would not go again as they went.
 */
export async function warmUp(): Promise<void> {
  const calm = {
    seed: 1,
    active: 'dr',
    astray: false,
    meddlings: [],
    troubles: [],
    crashes: [],
    moods: [],
  } as const
  for (const state of ['orphaned', 'detached', 'protected', 'orphaned'] as const)
    await travel({ ...calm, state })
}

/** How a journey went, and what was wrong with it. */
export type Travelled = {
  readonly outcome: string
  readonly branch: string
  readonly took: readonly string[]
  readonly wrong: readonly string[]
}

/** Goes on one journey. */
export async function travel(journey: Journey): Promise<Travelled> {
  const stage = await Stage.begin(journey.seed)
  const { state, active, astray } = journey
  stage.simulation.addFault({ kind: 'resync', ms: 25 * 60_000 })
  stage.simulation.addFault({ kind: 'seeding', ms: 25 * 60_000 })
  stage.simulation.enter(APP, state, active, astray ? other(active) : active)
  stage.clock.advance(60_000)
  const choice = await chosen(stage)
  if (typeof choice === 'string') return { outcome: choice, branch: 'none', took: [], wrong: [] }
  const run = setOff(stage, choice, journey)
  const witness = new Witness(stage, (cluster) => isApproved(run.life, cluster), run.isSettled)
  const end = await stage.until(run.life.live(14))
  const wrong = [...witness.wrongs, ...(end?.outcome === 'done' ? astrayAt(stage, run.isSettled()) : [])]
  return { outcome: end?.outcome ?? 'none', branch: choice.variant, took: witness.seen, wrong }
}

const other = (side: Side): Side => (side === 'home' ? 'dr' : 'home')

/** The way home from here; `refused` where there is none. */
export async function chosen(stage: Stage): Promise<ChoiceOf<'failback'> | string> {
  const { clock } = stage
  try {
    return chooseFailback(plan, await stage.until(lookAt(plan, stage.outside, { clock, people: clock })))
  } catch (error) {
    if (error instanceof DrError && error.code === 'FLOW_REFUSED') return 'refused'
    throw error
  }
}

function setOff(stage: Stage, { variant, from }: ChoiceOf<'failback'>, journey: Journey) {
  let operation = 0
  let lastLook = 0
  let lastMeddling = -1
  const life: Life = new Life(stage, {
    id: 'fb-1',
    flow: failback(variant),
    mode: 'planned',
    from,
    crashes: journey.crashes,
    answer: peopleWith(journey.moods, (option, question) => doneBy(stage, life, option, question)),
    before(name) {
      operation++
      if (/:look$/.test(name)) lastLook = operation
      for (const { after, what } of journey.meddlings)
        if (after === operation) {
          meddle(stage, what)
          lastMeddling = operation
        }
      for (const trouble of journey.troubles) afflict(stage, trouble, operation)
    },
  })
  /** Whether the world was left alone since the run looked at it last. */
  return { life, isSettled: () => lastMeddling <= lastLook }
}

const faults = new WeakMap<Trouble, string>()
function afflict(stage: Stage, trouble: Trouble, operation: number): void {
  const { after, lasts, what } = trouble
  if (operation === after)
    faults.set(
      trouble,
      stage.touch(() => stage.simulation.addFault(what)),
    )
  const fault = faults.get(trouble)
  if (operation === after + lasts && fault) stage.touch(() => stage.simulation.removeFaults(fault))
}

/** People do what they say. */
export function doneBy(stage: Stage, life: Life, option: string, { step }: Question): void {
  const { to } = life.world
  if (option === 'applied' && step !== 'reconcile') build(stage, to)
  if (option === 'removed') remove(stage, to)
}

/** As the people remember it: somebody who may has chosen to delete that cluster, and was asked about it. */
export function isApproved({ memory }: Life, cluster: string): boolean {
  return memory.asked.some((question) => {
    const answer = memory.answers.get(`ask ${question.id}`) as { option: string; by: string } | undefined
    const option = question.options.find(({ id }) => id === 'delete')
    return answer?.option === 'delete' && option?.phrase === cluster && answer.by !== APPROVES
  })
}

/** Where customers are sent there must be a writer, unless somebody changed that after the run's last look. */
function astrayAt(stage: Stage, isSettled: boolean): string[] {
  const owner = ownerOf(stage.world.dns.records, APP)
  const cluster = owner === 'other' ? undefined : clusterOn(stage.world, APP, owner)
  if (!isSettled || (cluster && writable(stage.world, cluster))) return []
  return [`done, and customers are sent to ${owner}, where nothing can be written`]
}
