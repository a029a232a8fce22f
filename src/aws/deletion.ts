import {
  DeleteDBClusterCommand,
  DeleteDBInstanceCommand,
  DeleteGlobalClusterCommand,
  InvalidGlobalClusterStateFault,
  ModifyDBClusterCommand,
  ModifyGlobalClusterCommand,
  RemoveFromGlobalClusterCommand,
} from '@aws-sdk/client-rds'
import { DrError } from '../engine/errors.ts'
import type { Receipt } from '../engine/step.ts'
import type { ClusterFacts, Outside, Side } from '../flows/world.ts'
import type { Act } from './act.ts'
import { type Scene, sceneOf, unsafe } from './deletion-look.ts'
import type { Site } from './site.ts'

/** Whoever sends a stage's change, and through which region. */
type Send = {
  readonly site: Site
  readonly act: Act
  readonly side: Side
}

/** RDS: deletes a stale cluster of the home side, one stage at a time, as the role that may. */
export function deleteStale(site: Site): Outside['database']['deleteStale'] {
  return async (side, finalSnapshot) => {
    const { role, deletionRole = role } = site.plan.accounts.workload
    const act = site.act(side, deletionRole)
    if (side === 'dr') throw act.refuse('rds:DeleteDBCluster', 'NeverTheDrCluster', byHand(site))
    const scene = await sceneOf(site, side)
    const why = unsafe(scene)
    if (why) throw act.refuse('rds:DeleteDBCluster', why.code, why.words)
    const send = { site, act, side }
    return scene.stale === 'absent'
      ? emptied(send, scene)
      : clusterStage(send, scene, scene.stale, finalSnapshot)
  }
}

async function clusterStage(send: Send, scene: Scene, stale: ClusterFacts, final: string): Promise<Receipt> {
  const { act } = send
  if (stale.status !== 'available')
    return act.receipt(`${stale.arn} is ${stale.status}; nothing was asked for`)
  const member = scene.globals.find(({ members }) => members.some(({ arn }) => arn === stale.arn))
  if (member) {
    if (member.status !== 'available')
      return act.receipt(`${member.id} is ${member.status}; nothing was asked for`)
    return takeOut(send, stale, member.id)
  }
  if (stale.deletionProtection) return unprotect(send, stale)
  return stale.instances.length ? deleteInstances(send, stale) : deleteCluster(send, stale, final)
}

async function takeOut({ site, act, side }: Send, { arn }: ClusterFacts, id: string): Promise<Receipt> {
  const command = new RemoveFromGlobalClusterCommand({
    GlobalClusterIdentifier: id,
    DbClusterIdentifier: arn,
  })
  await act.change('rds:RemoveFromGlobalCluster', arn, (options) => site.deleter(side).send(command, options))
  return act.receipt(`asked to take ${arn} out of ${id}, in which it was alone`)
}

/** Before any instance: the protection of a cluster does not protect its last instance. */
async function unprotect({ site, act, side }: Send, { arn }: ClusterFacts): Promise<Receipt> {
  const command = new ModifyDBClusterCommand({
    DBClusterIdentifier: site.plan.database.clusters[side],
    DeletionProtection: false,
    ApplyImmediately: true,
  })
  await act.change('rds:ModifyDBCluster', arn, (options) => site.deleter(side).send(command, options))
  return act.receipt(`asked to end the deletion protection of ${arn}`)
}

/** Readers first, all of them; the writer, or whichever is left, once they are gone. */
async function deleteInstances(
  { site, act, side }: Send,
  { arn, instances }: ClusterFacts,
): Promise<Receipt> {
  const last = instances.find(({ isWriter }) => isWriter) ?? instances[0]
  const readers = instances.filter((instance) => instance !== last)
  const next = readers.length ? readers : instances
  const asked = next.filter(({ status }) => status !== 'deleting')
  for (const { id } of asked) {
    const command = new DeleteDBInstanceCommand({ DBInstanceIdentifier: id, SkipFinalSnapshot: true })
    await act.change('rds:DeleteDBInstance', id, (options) => site.deleter(side).send(command, options))
  }
  const waiting = next.filter(({ status }) => status === 'deleting').map(({ id }) => id)
  const told = waiting.length ? [`${waiting.join(', ')} of ${arn}: being deleted already`] : []
  return act.receipt(...told)
}

async function deleteCluster(
  { site, act, side }: Send,
  { arn }: ClusterFacts,
  final: string,
): Promise<Receipt> {
  const command = new DeleteDBClusterCommand({
    DBClusterIdentifier: site.plan.database.clusters[side],
    SkipFinalSnapshot: false,
    FinalDBSnapshotIdentifier: final,
    DeleteAutomatedBackups: false,
  })
  await act.change('rds:DeleteDBCluster', arn, (options) => site.deleter(side).send(command, options))
  return act.receipt(`asked to delete ${arn} with the final snapshot ${final}, its automated backups kept`)
}

/** The cluster is gone: what is left is an empty global cluster, whose name the new one will need. */
async function emptied({ site, act, side }: Send, { live, globals }: Scene): Promise<Receipt> {
  const id = site.plan.database.globalCluster
  const left = globals.filter((global) => global.id === id)
  const [global] = left
  const gone = `there is no ${site.plan.database.clusters[side]} in ${act.region}`
  if (!global) return act.receipt(`${gone}, and no global cluster ${id}; nothing was asked for`)
  const used = live !== 'absent' && live.globalCluster === id
  if (used || left.some(({ members }) => members.length))
    return act.receipt(`${gone}, and ${id} is in use; nothing was asked for`)
  if (left.some(({ status }) => status !== 'available'))
    return act.receipt(`${gone}, and ${id} is ${global.status}; nothing was asked for`)
  if (left.some(({ deletionProtection }) => deletionProtection)) {
    const open = new ModifyGlobalClusterCommand({ GlobalClusterIdentifier: id, DeletionProtection: false })
    await act.change('rds:ModifyGlobalCluster', id, (options) => site.deleter(side).send(open, options))
    return act.receipt(`asked to end the deletion protection of ${id}`)
  }
  return deleteGlobal({ site, act, side }, id)
}

/** RDS takes a while to notice that the last member has left, and refuses until then. */
async function deleteGlobal({ site, act, side }: Send, id: string): Promise<Receipt> {
  const command = new DeleteGlobalClusterCommand({ GlobalClusterIdentifier: id })
  try {
    await act.change('rds:DeleteGlobalCluster', id, (options) => site.deleter(side).send(command, options))
  } catch (error) {
    if (error instanceof DrError && error.cause instanceof InvalidGlobalClusterStateFault)
      return act.receipt(`${id} cannot be deleted yet: ${error.cause.message}`)
    throw error
  }
  return act.receipt(`asked to delete ${id}, which has no members`)
}

/** The dr cluster is the last one standing when home is lost: whoever wants it gone types this. */
function byHand({ plan }: Site): string {
  const { regions, database } = plan
  const cluster = `--region ${regions.dr} --db-cluster-identifier ${database.clusters.dr}`
  return [
    'the dr cluster is never deleted from here. A person who is sure that nobody needs it runs',
    `\`aws rds modify-db-cluster ${cluster} --no-deletion-protection --apply-immediately\`,`,
    `\`aws rds delete-db-instance --region ${regions.dr} --db-instance-identifier <each one>\` and`,
    `\`aws rds delete-db-cluster ${cluster} --final-db-snapshot-identifier <name> --no-delete-automated-backups\``,
  ].join(' ')
}
