import type { Call } from '../../rehearsal/aws/wire/service.ts'
import { ownerOf } from '../../rehearsal/aws/world/dns.ts'
import { clusterOn, type DbCluster, writable } from '../../rehearsal/aws/world/rds.ts'
import { sideOf, type World } from '../../rehearsal/aws/world/world.ts'
import { otherSide, type Side } from '../../src/flows/world.ts'
import { APP, type Stage } from './stage.ts'

type Input = Readonly<Record<string, unknown>>

/** Whether somebody has approved that this cluster is deleted, as far as the people know. */
export type Approved = (cluster: string) => boolean

/**
 * Looks over the bot's shoulder: every call that takes something away is judged by the world as it is in the moment
 * before AWS carries it out. What it finds is what must never be.
 */
export class Witness {
  readonly wrongs: string[] = []
  /** Calls that take something away, in order. */
  readonly seen: string[] = []

  /** `knows`: whether the run has looked since somebody meddled last; snapshots may have been deleted since. */
  constructor(stage: Stage, approved: Approved, knows: () => boolean = () => true) {
    const { calls } = stage.simulation
    const add = calls.add.bind(calls)
    calls.add = (call, at) => {
      if (call.accessKeyId.startsWith('ASIA')) this.#judge(stage.simulation.world, call, approved, knows())
      return add(call, at)
    }
  }

  #judge(world: World, { operation, params, region }: Call, approved: Approved, knows: boolean): void {
    const input = params as Input
    const say = (what: string) => void this.wrongs.push(`${operation}: ${what}`)
    if (operation === 'FailoverGlobalCluster') say('a way home must not lose writes')
    if (!TAKES_AWAY.has(operation)) return
    this.seen.push(operation)
    const side = sideOf(region)
    const cluster = world.rds.clusters.find((one) => one.region === region && isMeant(one, input))
    // What is not there AWS refuses by itself.
    if (!cluster || !side) return
    for (const wrong of wrongsOf(world, cluster, side)) say(wrong)
    if (!approved(cluster.id)) say(`nobody has approved that ${cluster.id} is deleted`)
    if (
      operation === 'DeleteDBCluster' &&
      (input.SkipFinalSnapshot || input.DeleteAutomatedBackups !== false)
    )
      say('without a final snapshot, or with its backups')
    if (knows && operation !== 'ModifyDBCluster' && unsaved(world, cluster).length)
      say(`${unsaved(world, cluster).join()} is in no manual snapshot`)
  }
}

const TAKES_AWAY: ReadonlySet<string> = new Set([
  'DeleteDBCluster',
  'DeleteDBInstance',
  'RemoveFromGlobalCluster',
  'ModifyDBCluster',
])

const isMeant = ({ id, arn, instances }: DbCluster, input: Input): boolean =>
  input.DBClusterIdentifier === id ||
  input.DbClusterIdentifier === arn ||
  instances.some((instance) => instance.id === input.DBInstanceIdentifier)

function wrongsOf(world: World, cluster: DbCluster, side: Side): string[] {
  const other = clusterOn(world, APP, otherSide(side))
  const others = world.rds.globals.flatMap(({ members }) =>
    members.includes(cluster.arn) ? members.filter((arn) => arn !== cluster.arn) : [],
  )
  return [
    ...(side === 'dr' ? ['the dr cluster is never deleted by a run'] : []),
    ...(others.length ? [`${cluster.id} is a live member, together with ${others.join()}`] : []),
    ...(ownerOf(world.dns.records, APP) === otherSide(side)
      ? []
      : [`customers are not sent to ${otherSide(side)}`]),
    ...(other && writable(world, other) ? [] : [`${otherSide(side)} cannot write`]),
  ]
}

/** Lost writes in a cluster's volume that no manual snapshot has. */
export const unsaved = (world: World, { lostWrites }: DbCluster): readonly string[] =>
  lostWrites.filter((lost) => !savedIn(world, lost).length)

/** The manual snapshots that have it, and are whole. */
export const savedIn = (world: World, lost: string): readonly string[] =>
  world.rds.snapshots
    .filter(
      ({ type, status, lostWrites }) =>
        type === 'manual' && status === 'available' && lostWrites.includes(lost),
    )
    .map(({ id }) => id)
