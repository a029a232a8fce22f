import fc from 'fast-check'
import type { FaultKind } from '../../rehearsal/aws/faults.ts'
import { clusterOn, seedCluster, writable } from '../../rehearsal/aws/world/rds.ts'
import { unschedule } from '../../rehearsal/aws/world/world.ts'
import type { Mode, Side } from '../../src/flows/world.ts'
import { otherSide } from '../../src/flows/world.ts'
import { leave, move, tries } from './console.ts'
import { type Mood, someMoods } from './people.ts'
import { APP, plan, Stage } from './stage.ts'

/** What a region's end, and its return, do to the writes that were lost. Times in minutes after the writer has moved. */
export type Ordeal = {
  readonly seed: number
  /** The side that is lost. */
  readonly lost: Side
  readonly how: Extract<Mode, 'emergency' | 'detach'>
  /** When its region is back for the first time; 0: it was never away. */
  readonly back: number
  /** It goes again, and comes again; counted from its return. */
  readonly relapses: readonly { readonly after: number; readonly lasts: number }[]
  /** When people take the writer back to it at the console, only to lose it once more; counted from its return. */
  readonly twice: number | 'never'
  readonly rejoins: boolean
  /** AWS takes a snapshot of the old volume, and keeps it for so many hours. */
  readonly snapshotHours: number | 'none'
  readonly resyncMinutes: number
  /** So many of the copies that are asked for fail. */
  readonly failing: number
  readonly troubles: readonly { readonly after: number; readonly lasts: number; readonly what: Trouble }[]
  /** When somebody asks for the way home, counted from the return. */
  readonly failbacks: readonly { readonly after: number; readonly moods: readonly Mood[] }[]
  /** When somebody ends the watch, counted from the return. */
  readonly ended: number | 'never'
  readonly crashes: readonly number[]
}
type Trouble = (typeof troubles)[number]

const troubles = [
  { kind: 'throttle', service: 'rds' },
  { kind: 'lost-answer', operation: 'CopyDBClusterSnapshot' },
  { kind: 'denied', operation: 'CopyDBClusterSnapshot' },
  { kind: 'denied', operation: 'DescribeDBClusterSnapshots' },
  { kind: 'internal', service: 'rds', p: 0.5 },
  { kind: 'mute', service: 'rds' },
] as const satisfies readonly { kind: FaultKind; service?: string; operation?: string; p?: number }[]

const DAY = 24 * 60
const often = <T>(usual: T, ...rest: readonly T[]) =>
  fc.oneof({ weight: 3, arbitrary: fc.constant(usual) }, { weight: 2, arbitrary: fc.constantFrom(...rest) })
const minutes = (max: number) => fc.oneof(fc.nat({ max: Math.min(max, 30) }), fc.nat({ max }))

export const ordeals: fc.Arbitrary<Ordeal> = fc.record({
  seed: fc.integer({ min: 1, max: 1000 }),
  lost: often<Side>('home', 'home', 'dr'),
  how: often<Ordeal['how']>('emergency', 'emergency', 'detach'),
  back: fc.constantFrom(0, 3, 20, 90, 12 * 60, 3 * DAY),
  relapses: fc.array(fc.record({ after: minutes(240), lasts: fc.constantFrom(5, 40, 150, 9 * 60) }), {
    maxLength: 2,
  }),
  twice: often<Ordeal['twice']>('never', 'never', 60, 150, 300),
  rejoins: often(true, true, false),
  snapshotHours: often<Ordeal['snapshotHours']>(7 * 24, 2, 5, 'none'),
  resyncMinutes: fc.constantFrom(20, 45, 120),
  failing: often(0, 0, 1, 3),
  troubles: fc.array(
    fc.record({
      after: minutes(120),
      lasts: fc.constantFrom(4, 30, 200),
      what: fc.constantFrom(...troubles),
    }),
    { maxLength: 2 },
  ),
  failbacks: fc.array(fc.record({ after: minutes(300), moods: someMoods(6) }), { maxLength: 2 }),
  ended: often<Ordeal['ended']>('never', 'never', 1, 15, 60),
  crashes: fc.array(fc.integer({ min: 1, max: 150 }), { maxLength: 3 }),
})

const MINUTE = 60_000

/** The night so far: one side is lost with what it alone knew, the other one serves, and what comes is on its way. */
export async function disaster(ordeal: Ordeal): Promise<Stage> {
  const stage = await Stage.begin(ordeal.seed)
  const { simulation, clock } = stage
  const { lost, how, back } = ordeal
  const [region, taker] = [plan.regions[lost], otherSide(lost)]
  simulation.enter(APP, 'protected', taker)
  writesAt(stage, lost)
  nature(stage, ordeal)
  if (back > 0) await simulation.outage(region, 'mute')
  clock.advance(5 * MINUTE)
  if (how === 'emergency') move(stage, taker, 'failover')
  else leave(stage, taker)
  clock.advance(5 * MINUTE)
  const cluster = clusterOn(stage.world, APP, taker)
  if (!cluster || !writable(stage.world, cluster)) throw new Error(`${taker} did not take over`)
  for (const service of stage.world.ecs.services)
    if (service.side === taker) for (const task of service.tasks) task.startedAt = stage.world.now
  later(stage, ordeal)
  return stage
}

/** The pair as it was before: the side that will be lost holds the writer. */
function writesAt({ world }: Stage, side: Side): void {
  const { rds } = world
  rds.clusters = rds.clusters.map((cluster) =>
    cluster.app === APP
      ? seedCluster(APP, cluster.region === plan.regions.home ? 'home' : 'dr', world.now, side)
      : cluster,
  )
  for (const global of rds.globals) global.writer = clusterOn(world, global.app, side)?.arn ?? ''
}

/** How AWS is tonight. */
function nature({ simulation, world }: Stage, ordeal: Ordeal): void {
  const { rejoins, snapshotHours, resyncMinutes } = ordeal
  simulation.addFault({ kind: 'resync', ms: resyncMinutes * MINUTE })
  simulation.addFault({ kind: 'seeding', ms: resyncMinutes * MINUTE })
  if (!rejoins) simulation.addFault({ kind: 'no-rejoin' })
  if (snapshotHours === 'none') simulation.addFault({ kind: 'no-rescue' })
  else simulation.addFault({ kind: 'early-expiry', ms: snapshotHours * 60 * MINUTE })
  const { calls } = simulation
  const { performed } = calls
  let left = ordeal.failing
  calls.performed = (entry) => {
    performed(entry)
    if (entry.operation !== 'CopyDBClusterSnapshot' || left-- <= 0) return
    const copy = world.rds.snapshots.at(-1)
    if (copy?.status !== 'copying') return
    unschedule(world, 'snapshot-ready', copy.arn)
    Object.assign(copy, { status: 'failed', lostWrites: [] })
  }
}

/** The region comes back, goes and comes again; and AWS is ill for a while. */
function later(stage: Stage, { lost, back, twice, relapses, troubles: ills }: Ordeal): void {
  const { simulation } = stage
  const region = plan.regions[lost]
  const at = (minute: number, work: () => unknown) => stage.later((back + minute) * MINUTE, work)
  if (back > 0) at(0, () => simulation.outage(region, undefined))
  if (twice !== 'never') at(twice, () => loseAgain(stage, lost))
  for (const { after, lasts } of relapses) {
    at(after, () => simulation.outage(region, 'mute'))
    at(after + lasts, () => simulation.outage(region, undefined))
  }
  for (const { after, lasts, what } of ills) {
    let fault = ''
    at(after, () => {
      fault = simulation.addFault({ ...what, region })
    })
    at(after + lasts, () => simulation.removeFaults(fault))
  }
}

/** Takes the writer back without loss, where AWS lets anybody; then the region goes again, and the other side is forced. */
function loseAgain(stage: Stage, lost: Side): void {
  const isWriter = () => globalWriter(stage) === clusterOn(stage.world, APP, lost)?.arn
  tries(() => move(stage, lost, 'switchover'))
  stage.later(4 * MINUTE, () => {
    if (!isWriter()) return
    void stage.simulation.outage(plan.regions[lost], 'mute')
    stage.later(3 * MINUTE, () => tries(() => move(stage, otherSide(lost), 'failover')))
    stage.later(30 * MINUTE, () => stage.simulation.outage(plan.regions[lost], undefined))
  })
}

const globalWriter = ({ world }: Stage) => world.rds.globals.find(({ app }) => app === APP)?.writer

/** When everything that was to come has come, in minutes. */
export const lastOf = ({ back, twice, relapses, troubles: ills, failbacks }: Ordeal): number =>
  back +
  Math.max(
    0,
    twice === 'never' ? 0 : twice + 40,
    ...relapses.map(ends),
    ...ills.map(ends),
    ...failbacks.map(({ after }) => after),
  )
const ends = ({ after, lasts }: { after: number; lasts: number }) => after + lasts
