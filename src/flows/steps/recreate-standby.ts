import { duration } from '../../engine/duration.ts'
import { type Asking, defineStep, type Observation, type Step } from '../../engine/step.ts'
import type { Stack } from '../../plan/schema.ts'
import { buildVariables } from '../../plan/stacks.ts'
import { notedTime } from '../notes.ts'
import { unseen } from '../seen.ts'
import { type Standing, standingOf } from '../standing.ts'
import { memberOf } from '../topology.ts'
import type { SafeWorld } from '../world.ts'

/** How long AWS may take to show what a person said was applied, before they are asked again. */
const SHOWN_MS = 45 * 60_000
/** How the note of a build begins once the build is over. */
const ENDED = 'ended '

/** Terraform is the user's: it is shown what to apply, and believed only once AWS shows the cluster. */
export const recreateStandby = defineStep<SafeWorld>({
  id: 'recreate-standby',
  title: 'Have Terraform build the missing cluster as a secondary',
  timeoutMinutes: 'none',
  heartbeatMinutes: 15,
  pollSeconds: 10,
  unskippable: 'without it there is no standby',

  async observe(world) {
    const standing = await standingOf(world)
    if (!standing.seen) return standing
    const { to } = world
    if (standing.is === 'writer') return { state: 'done', detail: `${to} holds the writer already` }
    const missing = missingOf(world, standing)
    if (missing.length === 0)
      return { state: 'done', detail: `AWS shows the ${to} cluster as a secondary, with an instance` }
    return applied(world, standing, missing.join('; '))
  },

  asks: {
    async question(world) {
      const standing = await standingOf(world)
      const missing = standing.seen ? missingOf(world, standing).join('; ') : standing.detail
      return asking(world, missing)
    },

    async heard(world, { option }) {
      const { builds, notes, now, plan, from } = world
      const stack = stackOf(world)
      if (option !== 'build' || !stack?.codeBuild) {
        await notes.set('standby-applied', String(now()))
        return { evidence: [] }
      }
      // Terraform locks its state, so a build that was started twice waits for the first.
      const receipt = await builds.start(stack, buildVariables(plan, stack, from))
      const [id] = receipt.evidence
      if (id) await notes.set('standby-build', id)
      return receipt
    },
  },
})

/** Where AWS has the cluster back, only an instance may be missing: without one it cannot take over. */
export const addInstance: Step<SafeWorld> = {
  ...recreateStandby,
  id: 'add-instance',
  title: 'Have Terraform add an instance, if the cluster that comes back has none',
  async observe(world) {
    const standing = await standingOf(world)
    if (!standing.seen) return standing
    const { is, old } = standing
    const headless = is === 'follower' && old !== 'absent' && old.instances.length === 0
    return headless
      ? recreateStandby.observe(world)
      : {
          state: 'done',
          detail: is === 'follower' ? 'it has one' : `the ${world.to} cluster is no headless standby`,
        }
  },
}

async function applied(world: SafeWorld, { old }: Standing, missing: string): Promise<Observation> {
  const { now, to } = world
  if (old !== 'absent' && /creat/i.test(old.status))
    return { state: 'pending', detail: `the ${to} cluster is being created; ${missing}` }
  const build = await built(world, missing)
  if (build) return build
  const said = await notedTime(world, 'standby-applied')
  if (said !== undefined && now() - said < SHOWN_MS)
    return {
      state: 'pending',
      detail: `said to be applied ${duration(now() - said)} ago; AWS shows: ${missing}`,
    }
  return { state: 'asking', detail: missing }
}

/** What the build that was started does; undefined where none was, or it has ended. */
async function built(world: SafeWorld, missing: string): Promise<Observation | undefined> {
  const { builds, notes, now } = world
  const [id, stack] = [await notes.get('standby-build'), stackOf(world)]
  if (!id || id.startsWith(ENDED) || !stack) return undefined
  const look = await builds.look(stack, id)
  if (!look.ok) return unseen(`the build ${id}`, look)
  const { status, phase } = look.value
  if (status === 'IN_PROGRESS')
    return { state: 'pending', detail: `build ${id} is at ${phase}; AWS shows: ${missing}` }
  if (status === 'SUCCEEDED') await notes.set('standby-applied', String(now()))
  await notes.set('standby-build', `${ENDED}${status}: ${id}`)
  return undefined
}

/** What AWS does not show yet of a secondary that can take over. */
function missingOf({ plan, from, to }: SafeWorld, { is, active, old, global }: Standing): readonly string[] {
  if (is === 'absent' || old === 'absent') return [`the ${to} cluster does not exist`]
  const member = global === 'absent' ? undefined : memberOf(plan, global, to)
  return [
    ...(is === 'follower' && member && !member.isWriter
      ? []
      : [`the ${to} cluster is not a secondary of ${plan.database.globalCluster}`]),
    ...(old.engineVersion === active.engineVersion
      ? []
      : [`its engine is ${old.engineVersion}, ${from} has ${active.engineVersion}`]),
    ...(old.instances.length ? [] : ['it has no instance']),
    ...(active.encrypted && !old.encrypted ? ['it is not encrypted'] : []),
  ]
}

const stackOf = ({ plan, to }: SafeWorld): Stack | undefined =>
  plan.terraform?.stacks.find(({ side, layer }) => side === to && layer === 'platform')

async function asking(world: SafeWorld, missing: string): Promise<Asking> {
  const { terraform, notes } = world
  const { title, detail } = await terraform.gate('recreate')
  const last = await notes.get('standby-build')
  const stack = stackOf(world)
  return {
    title,
    detail: [`AWS shows: ${missing}.`, detail, ...(last ? [`The last build: ${last}.`] : [])].join('\n'),
    options: [
      { id: 'applied', label: 'Applied', style: 'primary' },
      ...(stack?.codeBuild
        ? [
            {
              id: 'build',
              label: `Start the build ${stack.codeBuild}`,
              explain: `Applies the stack ${stack.name} in ${world.plan.regions[world.to]}.`,
              approversOnly: true as const,
            },
          ]
        : []),
    ],
  }
}
