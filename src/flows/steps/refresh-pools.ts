import { defineStep, type Observation } from '../../engine/step.ts'
import { writerServices } from '../capacity.ts'
import { notedTime } from '../notes.ts'
import { lookAtDetachment, lookAtPromotion } from '../promotion.ts'
import { unseen } from '../seen.ts'
import type { ServiceFacts, World } from '../world.ts'

/**
 * Replaces tasks that may hold dead connections: those of writing services that started before the promotion. Done
 * when enough newer ones run and are healthy; the rollout's COMPLETED would wait for draining.
 */
export const refreshPools = defineStep<World>({
  id: 'refresh-pools',
  title: 'Replace tasks that hold connections to the old writer',
  timeoutMinutes: 10,
  pollSeconds: 2,
  irreversible: false,

  async observe(world) {
    const promotedAt = await notedTime(world, 'promoted-at')
    if (promotedAt === undefined) return notMovedByUs(world)
    const look = await world.services.look(world.to)
    if (!look.ok) return unseen(`the services of ${world.to}`, look)
    const judged = writersOf(world, look.value).map((service) => {
      const wanted = wantedOf(world, service)
      return { ...freshness(service, wanted, promotedAt), service: service.name, wanted }
    })
    const detail = judged
      .map(({ service, newer, wanted }) => `${service} ${newer}/${wanted} new tasks`)
      .join(', ')
    if (judged.every(({ fresh }) => fresh)) return { state: 'done', detail: detail || 'no service writes' }
    return { state: judged.some(({ stale }) => stale) ? 'ready' : 'pending', detail }
  },

  async act({ services, plan, to }) {
    return services.refresh(to, writerServices(plan))
  },
})

/** Nobody saw the writer move: it was there when the run came, or (in a dry run) it has not moved yet. */
async function notMovedByUs(world: World): Promise<Observation> {
  const promotion = world.mode === 'detach' ? await lookAtDetachment(world) : await lookAtPromotion(world)
  return promotion.state === 'done'
    ? { state: 'done', detail: 'the writer was there already when this run began' }
    : { state: 'pending', detail: 'the writer has not moved yet' }
}

const writersOf = ({ plan }: World, services: readonly ServiceFacts[]) =>
  services.filter(({ name }) => writerServices(plan).includes(name))

const wantedOf = ({ plan, to }: World, { name }: ServiceFacts) =>
  plan.services.find((service) => service.name === name)?.capacity[to].active ?? 0

/** `fresh`: enough newer tasks serve. `stale`: old ones run and nobody is replacing them. */
function freshness(service: ServiceFacts, wanted: number, promotedAt: number) {
  const { tasksStartedAt, healthyTargets, deployments } = service
  const newer = tasksStartedAt.filter((at) => at > promotedAt).length
  const older = tasksStartedAt.length - newer
  const replacing = deployments.some(
    ({ status, createdAt }) => status === 'PRIMARY' && createdAt >= promotedAt,
  )
  // ECS lowers the old deployment only as new tasks become healthy; before that, a healthy target may be an old task.
  const oldWanted = deployments
    .filter(({ status }) => status !== 'PRIMARY')
    .reduce((sum, { desired }) => sum + desired, 0)
  const healthy = healthyTargets === undefined || healthyTargets - Math.min(older, oldWanted) >= wanted
  return { newer, fresh: newer >= wanted && healthy, stale: older > 0 && newer === 0 && !replacing }
}
