import { clusterOn, type DbCluster } from '../../rehearsal/aws/world/rds.ts'
import { keyOf } from '../../rehearsal/aws/world/snapshots.ts'
import { otherSide, type Side } from '../../src/flows/world.ts'
import { APP, plan, type Stage } from './stage.ts'

const { globalCluster, clusters } = plan.database
const MINUTE = 60_000

/** What AWS refuses is not done: whoever sits at the console sees the refusal, and leaves it. */
export function tries(work: () => unknown): void {
  try {
    work()
  } catch (refusal) {
    // What AWS has no word for is a fault of the rehearsal, and of no person.
    if (!(refusal instanceof Error) || refusal instanceof TypeError || refusal instanceof RangeError)
      throw refusal
  }
}

/** Has something done every minute until it says that it is done, or somebody loses patience. */
function bit(stage: Stage, next: () => boolean, left = 90): void {
  let isDone = false
  tries(() => {
    isDone = next()
  })
  if (!isDone && left > 0) stage.clock.after(MINUTE, () => bit(stage, next, left - 1))
}

/** A person's Terraform: the cluster of that side as a secondary, with an instance. */
export function build(stage: Stage, side: Side): void {
  bit(stage, () => {
    const cluster = clusterOn(stage.world, APP, side)
    const rds = stage.rds(side)
    if (!cluster)
      rds('CreateDBCluster', {
        DBClusterIdentifier: clusters[side],
        GlobalClusterIdentifier: globalCluster,
        KmsKeyId: keyOf(plan.regions[side]),
        DeletionProtection: true,
      })
    else if (cluster.instances.length) return true
    else
      rds('CreateDBInstance', {
        DBInstanceIdentifier: `${clusters[side]}-1`,
        DBClusterIdentifier: clusters[side],
      })
    return false
  })
}

/** A person with the commands that are shown for a stale cluster. */
export function remove(stage: Stage, side: Side): void {
  bit(stage, () => {
    const cluster = clusterOn(stage.world, APP, side)
    if (cluster && cluster.status !== 'deleting') takeApart(stage, side, cluster)
    if (!cluster) removeShell(stage, side)
    return !cluster
  })
}

function takeApart(stage: Stage, side: Side, { global, deletionProtection, instances }: DbCluster): void {
  const rds = stage.rds(side)
  const id = { DBClusterIdentifier: clusters[side] }
  const [instance] = instances.filter(({ status }) => status !== 'deleting')
  if (global) leave(stage, side)
  else if (deletionProtection) rds('ModifyDBCluster', { ...id, DeletionProtection: false })
  else if (instance) rds('DeleteDBInstance', { DBInstanceIdentifier: instance.id, SkipFinalSnapshot: true })
  else
    rds('DeleteDBCluster', {
      ...id,
      SkipFinalSnapshot: false,
      FinalDBSnapshotIdentifier: `by-hand-${clusters[side]}`,
      DeleteAutomatedBackups: false,
    })
}

function removeShell(stage: Stage, side: Side): void {
  const shell = stage.world.rds.globals.find(({ id, members }) => id === globalCluster && !members.length)
  if (shell) stage.rds(side)('DeleteGlobalCluster', { GlobalClusterIdentifier: globalCluster })
}

/** Takes a side's cluster out of its global cluster. */
export function leave(stage: Stage, side: Side): void {
  const cluster = clusterOn(stage.world, APP, side)
  if (cluster?.global)
    stage.rds(side)('RemoveFromGlobalCluster', {
      GlobalClusterIdentifier: cluster.global,
      DbClusterIdentifier: cluster.arn,
    })
}

/** Moves the writer to a side, come what may or without loss. */
export function move(stage: Stage, to: Side, how: 'failover' | 'switchover'): void {
  const target = clusterOn(stage.world, APP, to)?.arn
  const input = { GlobalClusterIdentifier: globalCluster, TargetDbClusterIdentifier: target }
  if (how === 'switchover') stage.rds(otherSide(to))('SwitchoverGlobalCluster', input)
  else stage.rds(to)('FailoverGlobalCluster', { ...input, AllowDataLoss: true })
}
