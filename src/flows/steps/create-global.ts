import { defineStep, type Observation, type Receipt } from '../../engine/step.ts'
import { snapshotName } from '../snapshots.ts'
import { serves, standingOf } from '../standing.ts'
import { memberOf, writerOf } from '../topology.ts'
import type { SafeWorld } from '../world.ts'

/** AWS refuses to delete a global cluster that is protected, and needs a while to let go of that. */
export const unprotectEmptyGlobal = defineStep<SafeWorld>({
  id: 'unprotect-empty-global',
  title: 'End the deletion protection of the global cluster that is left empty, if it has one',
  irreversible: false,
  timeoutMinutes: 15,
  pollSeconds: 5,
  unskippable: 'AWS refuses to delete what is protected',

  async observe(world) {
    const seen = await lookAtEmpty(world)
    return seen.state === 'ready' && !seen.isProtected ? { state: 'done', detail: seen.detail } : seen
  },

  async act(world) {
    const seen = await lookAtEmpty(world)
    // The verb does whatever comes next, which would be the deletion.
    return seen.state === 'ready' && seen.isProtected
      ? deleteNext(world)
      : { evidence: [`nothing was asked for: ${seen.detail}`] }
  },
})

/** The global cluster that the deletion has left without a member is in the way of a new one with the same name. */
export const deleteEmptyGlobal = defineStep<SafeWorld>({
  id: 'delete-empty-global',
  title: 'Delete the global cluster that is left empty',
  irreversible: 'Its name is used for the new one; it holds no data.',
  timeoutMinutes: 15,
  pollSeconds: 5,
  unskippable: 'its name is needed for the new one',
  observe: lookAtEmpty,
  act: deleteNext,
})

function deleteNext({ database, plan, runId, to }: SafeWorld): Promise<Receipt> {
  return database.deleteStale(to, snapshotName(runId, 'final', plan, to))
}

/** `ready`: nothing but an empty shell is left of the global cluster, and nobody needs it. */
async function lookAtEmpty(world: SafeWorld): Promise<Observation & { readonly isProtected?: boolean }> {
  const { plan, from } = world
  const look = await standingOf(world)
  if (!look.seen) return look
  const { global } = look
  const name = plan.database.globalCluster
  if (global === 'absent') return { state: 'done', detail: `there is no ${name}` }
  if (memberOf(plan, global, from)) return { state: 'done', detail: `${from} is a member of ${name}` }
  if (global.members.length)
    return {
      state: 'blocked',
      detail: `${name} still has ${global.members.map(({ arn }) => arn).join(', ')}`,
    }
  if (/delet|modif/i.test(global.status)) return { state: 'pending', detail: `${name} is ${global.status}` }
  // The verb deletes a cluster where there still is one: here it must find nothing but the empty shell.
  if (look.is !== 'absent') return { state: 'blocked', detail: `the ${world.to} cluster still exists` }
  const isProtected = global.deletionProtection
  return serves(world, look)
    ? { state: 'ready', detail: `${name} is empty${isProtected ? ', and protected' : ''}`, isProtected }
    : { state: 'blocked', detail: `the ${from} cluster does not accept writes` }
}

/** A detached side serves by itself: a standby can only be built for a cluster that leads a global one. */
export const createGlobal = defineStep<SafeWorld>({
  id: 'create-global',
  title: 'Make the cluster that serves the writer of a global cluster again',
  irreversible: false,
  timeoutMinutes: 30,
  pollSeconds: 5,
  unskippable: 'a standby can only be built for a cluster that leads a global one',
  observe: lookAtGlobal,
  act: ({ database, from }) => database.createGlobal(from),
})

async function lookAtGlobal(world: SafeWorld): Promise<Observation> {
  const { plan, from, to } = world
  const standing = await standingOf(world)
  if (!standing.seen) return standing
  const { active, global, is } = standing
  const name = plan.database.globalCluster
  if (is === 'writer') return { state: 'done', detail: `${to} holds the writer already` }
  if (global !== 'absent') {
    if (writerOf(plan, global) === from && global.status === 'available')
      return { state: 'done', detail: `${from} leads ${name}` }
    if (memberOf(plan, global, from) || global.members.length === 0)
      return { state: 'pending', detail: `${name} is ${global.status}, and ${from} does not lead it yet` }
    return {
      state: 'blocked',
      detail: `${name} still belongs to others: it has to be emptied and deleted first`,
    }
  }
  if (active.globalCluster)
    return { state: 'pending', detail: `the ${from} cluster says it belongs to ${active.globalCluster}` }
  return serves(world, standing)
    ? { state: 'ready', detail: `the ${from} cluster serves by itself, in no global cluster` }
    : { state: 'blocked', detail: `the ${from} cluster does not accept writes (${active.status})` }
}
