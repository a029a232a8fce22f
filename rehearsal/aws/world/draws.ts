import { random } from './random.ts'

/** How long things take for one application, in milliseconds of the world. */
export type Draws = {
  /** FailoverGlobalCluster with data loss, from the call to the new writer. */
  readonly failover: number
  readonly switchover: number
  /** A detached secondary from `promoting` to writable. */
  readonly detach: number
  /** The old region's cluster, from its return to `connected`. */
  readonly resync: number
  /** New tasks run in four steps: the first and the last of them. */
  readonly firstTask: number
  readonly lastTask: number
  /** A target from `initial` to `healthy`. */
  readonly healthy: number
  /** Application Auto Scaling, from the cause to the changed desired count. */
  readonly scaling: number
  /** A Route 53 change from PENDING to INSYNC. */
  readonly insync: number
  /** A cluster snapshot, or a copy of one, until it is available. */
  readonly snapshot: number
  /** The new volume of a cluster that rejoins, once its old one lies in a snapshot. */
  readonly volume: number
  /** A new global cluster, until its source is the writer in it. */
  readonly adopt: number
  /** A new cluster and a new instance until they are available. */
  readonly createCluster: number
  readonly createInstance: number
  /** A new secondary's first copy of all data. */
  readonly seeding: number
  readonly deleteCluster: number
  readonly deleteInstance: number
  readonly upgrade: number
}

/** Seconds, from and to. Sources and guesses: docs of the simulated AWS. */
const ranges: Readonly<Record<keyof Draws, readonly [number, number]>> = {
  failover: [60, 180],
  switchover: [45, 120],
  detach: [30, 60],
  resync: [5_400, 10_800],
  firstTask: [30, 40],
  lastTask: [45, 60],
  healthy: [20, 30],
  scaling: [10, 45],
  insync: [15, 45],
  snapshot: [60, 600],
  volume: [300, 900],
  adopt: [30, 60],
  createCluster: [60, 300],
  createInstance: [300, 900],
  seeding: [1_200, 5_400],
  deleteCluster: [60, 300],
  deleteInstance: [180, 600],
  upgrade: [180, 300],
}

/** Fixed by seed and application, so that the shortest possible outage can be told beforehand. */
export function drawsFor(seed: number, app: string): Draws {
  const draw = ([name, [from, to]]: [string, readonly [number, number]]) => [
    name,
    Math.round((from + random(`${seed}/${app}/${name}`)() * (to - from)) * 1000),
  ]
  return Object.fromEntries(Object.entries(ranges).map(draw)) as Draws
}
