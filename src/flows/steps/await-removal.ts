import { duration } from '../../engine/duration.ts'
import { type Asking, defineStep } from '../../engine/step.ts'
import { notedTime } from '../notes.ts'
import { snapshotName } from '../snapshots.ts'
import { type Standing, standingOf } from '../standing.ts'
import { memberOf } from '../topology.ts'
import type { SafeWorld } from '../world.ts'

/** How long AWS may take to show what a person said was done, before they are asked again. */
const SHOWN_MS = 45 * 60_000

/** The dr cluster is what a disaster needs: no run ever deletes it. A person does, with the commands at hand. */
export const awaitRemoval = defineStep<SafeWorld>({
  id: 'await-removal',
  title: 'Wait until a person has removed the stale cluster, if there is one',
  timeoutMinutes: 'none',
  heartbeatMinutes: 15,
  pollSeconds: 10,
  unskippable: 'a new standby needs the name of the stale one',

  async observe(world) {
    const { plan, to, from, now } = world
    const standing = await standingOf(world)
    if (!standing.seen) return standing
    const { is, global } = standing
    if (is === 'follower' || is === 'writer')
      return { state: 'done', detail: `the ${to} cluster is not stale` }
    const shell = global !== 'absent' && !memberOf(plan, global, from)
    if (is === 'absent' && !shell) return { state: 'done', detail: `there is no stale ${to} cluster` }
    const left =
      is === 'absent'
        ? `${plan.database.globalCluster} is left without ${from}`
        : `the stale ${to} cluster still exists`
    const said = await notedTime(world, 'removal-said')
    if (said !== undefined && now() - said < SHOWN_MS)
      return { state: 'pending', detail: `said to be removed ${duration(now() - said)} ago; ${left}` }
    return { state: 'asking', detail: left }
  },

  asks: {
    async question(world) {
      const standing = await standingOf(world)
      return asking(world, standing.seen ? standing : undefined)
    },
    async heard({ notes, now }) {
      await notes.set('removal-said', String(now()))
      return { evidence: [] }
    },
  },
})

function asking(world: SafeWorld, standing: Standing | undefined): Asking {
  const { plan, to } = world
  const name = plan.database.clusters[to]
  return {
    title: `Remove the stale cluster ${name} in ${plan.regions[to]} (${to})`,
    detail: [
      `No run deletes a ${to} cluster. It is not the standby of the side that serves; what it alone knows is in the snapshot of this run.`,
      'Make sure that nobody uses it, then run, waiting for each to finish:',
      ...commands(world, standing).map((command) => `\n\`${command}\``),
    ].join(' '),
    options: [{ id: 'removed', label: 'It is removed', style: 'primary', approversOnly: true }],
  }
}

function commands({ plan, runId, to, from }: SafeWorld, standing: Standing | undefined): readonly string[] {
  const { globalCluster, clusters } = plan.database
  const region = `--region ${plan.regions[to]}`
  const id = `--db-cluster-identifier ${clusters[to]}`
  const old = standing && standing.old !== 'absent' ? standing.old : undefined
  const shell = standing && standing.global !== 'absent' && !memberOf(plan, standing.global, from)
  return [
    ...(old?.globalCluster
      ? [
          `aws rds remove-from-global-cluster ${region} --global-cluster-identifier ${old.globalCluster} --db-cluster-identifier ${old.arn}`,
        ]
      : []),
    ...(old?.deletionProtection
      ? [`aws rds modify-db-cluster ${region} ${id} --no-deletion-protection --apply-immediately`]
      : []),
    ...(old?.instances ?? [])
      .toSorted((a, b) => Number(a.isWriter) - Number(b.isWriter))
      .map((instance) => `aws rds delete-db-instance ${region} --db-instance-identifier ${instance.id}`),
    ...(old
      ? [
          `aws rds delete-db-cluster ${region} ${id} --final-db-snapshot-identifier ${snapshotName(runId, 'final', plan, to)} --no-delete-automated-backups`,
        ]
      : []),
    ...(shell
      ? [`aws rds delete-global-cluster ${region} --global-cluster-identifier ${globalCluster}`]
      : []),
  ]
}
