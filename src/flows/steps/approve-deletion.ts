import { type Asking, defineStep, type Observation } from '../../engine/step.ts'
import { deletionApproval, type Objection, objectionsTo } from '../deletion.ts'
import { notedTime, noteOnce } from '../notes.ts'
import { newestFirst, snapshotLine, snapshotName } from '../snapshots.ts'
import { type Standing, standingOf } from '../standing.ts'
import type { SafeWorld } from '../world.ts'

/** As long as the metric of its connections looks back, and some. */
const IDLE_MS = 20 * 60_000

/** A deletion has an approval of its own, by somebody else than the run's, after everything that forbids it was looked at. */
export const approveDeletion = defineStep<SafeWorld>({
  id: 'approve-deletion',
  title: 'Have a second person approve that the stale cluster is deleted',
  timeoutMinutes: 30,
  pollSeconds: 10,
  unskippable: 'nothing is deleted without a second approval',

  async observe(world) {
    const standing = await standingOf(world)
    if (!standing.seen) return standing
    const { to } = world
    if (standing.is === 'absent')
      return { state: 'done', detail: `there is no ${to} cluster: nothing is deleted` }
    if (standing.is !== 'stale')
      return { state: 'done', detail: `the ${to} cluster belongs to the pair: nothing is deleted` }
    const objections = await objectionsTo(world, standing)
    const given = await deletionApproval(world)
    if (given && objections.length === 0)
      return { state: 'done', detail: `approved by <@${given.by}>: ${given.reason}` }
    return judge(world, objections, await idleFor(world))
  },

  asks: {
    async question(world) {
      const standing = await standingOf(world)
      if (!standing.seen) return nothingToAsk(standing.detail)
      const use = (await objectionsTo(world, standing)).find(({ kind }) => kind === 'use')
      return use ? inUse(world, use) : deletion(world, standing)
    },

    async heard(world, { option, by, confirmedBy, reason = '' }) {
      const { notes, plan, to } = world
      if (option === 'unused') await notes.set('connections-waived', `${by} ${confirmedBy ?? ''}: ${reason}`)
      if (option === 'delete')
        await notes.set(
          'deletion-approved',
          JSON.stringify({ cluster: plan.database.clusters[to], by, reason }),
        )
      return { evidence: [] }
    },
  },
})

/** How long connections have been looked at: those of services that were just stopped are in the metric a while longer. */
async function idleFor(world: SafeWorld): Promise<number> {
  await noteOnce(world, 'deletion-looked-at', world.now())
  return world.now() - ((await notedTime(world, 'deletion-looked-at')) ?? world.now())
}

function judge({ plan, to }: SafeWorld, objections: readonly Objection[], waited: number): Observation {
  const detail = objections.map(({ why }) => why).join('; ')
  if (objections.some(({ kind }) => kind === 'no')) return { state: 'blocked', detail }
  if (objections.some(({ kind }) => kind === 'unknown')) return { state: 'unknown', detail }
  if (objections.length && waited < IDLE_MS) return { state: 'pending', detail }
  return {
    state: 'asking',
    detail: detail || `somebody has to approve that ${plan.database.clusters[to]} is deleted`,
  }
}

const nothingToAsk = (detail: string): Asking => ({
  title: 'The stale cluster could not be seen',
  detail,
  options: [],
})

const inUse = ({ plan, to }: SafeWorld, { why }: Objection): Asking => ({
  title: `Somebody still uses ${plan.database.clusters[to]}`,
  detail: `${why}. Find out who it is and stop them; then retry. Whatever they write is lost with it.`,
  options: [
    {
      id: 'unused',
      label: 'Nobody needs these connections',
      style: 'danger',
      explain: 'The deletion then no longer asks whether anybody is connected.',
      needsReason: true,
      approversOnly: true,
      twoPeople: true,
    },
    { id: 'look-again', label: 'Look again', style: 'primary' },
  ],
})

async function deletion(world: SafeWorld, { old }: Standing): Promise<Asking> {
  const { database, people, plan, runId, to } = world
  const [{ approvedBy, twoPeople }, look] = await Promise.all([people(), database.snapshots(to)])
  const name = plan.database.clusters[to]
  const kept = look.ok ? newestFirst(look.value).map(snapshotLine) : [`unknown: ${look.detail}`]
  const state =
    old === 'absent'
      ? 'absent'
      : `${old.status}, ${old.instances.length} instances, ${old.globalCluster ? `in ${old.globalCluster}` : 'in no global cluster'}, deletion protection ${old.deletionProtection ? 'on: it is ended first' : 'off'}`
  return {
    title: `Delete ${name} in ${plan.regions[to]} (${to})?`,
    detail: [
      `It is ${state}.`,
      `Snapshots of it: ${kept.join('; ') || 'none'}.`,
      `A final one, ${snapshotName(runId, 'final', plan, to)}, is taken as it goes; manual snapshots and automated backups are kept.`,
      'Terraform builds it anew afterwards.',
    ].join(' '),
    options: [
      {
        id: 'delete',
        label: `Delete ${name}`,
        style: 'danger',
        explain: 'The cluster and its instances are gone for good; what they hold stays in the snapshots.',
        needsReason: true,
        phrase: name,
        approversOnly: true,
        ...(twoPeople && approvedBy ? { notBy: [approvedBy] } : {}),
      },
      { id: 'look-again', label: 'Look again', style: 'primary' },
    ],
  }
}
