import { defineStep, type Observation } from '../../engine/step.ts'
import { writerServices } from '../capacity.ts'
import { notedTime, noteOnce } from '../notes.ts'
import { lookAtDetachment, lookAtPromotion } from '../promotion.ts'
import { unseen } from '../seen.ts'
import { dnsOwner } from '../topology.ts'
import type { SafeWorld, ServiceFacts } from '../world.ts'

/** How long stopped tasks of services that ECS does not deploy may take to be replaced. */
const STOPPING_MS = 180_000

/**
 * Replaces tasks that may hold dead connections: those of writing services that started before the promotion. Done
 * when enough newer ones run and are healthy; the rollout's COMPLETED would wait for draining.
 */
export const refreshPools = defineStep<SafeWorld>({
  id: 'refresh-pools',
  title: 'Replace tasks that hold connections to the old writer',
  timeoutMinutes: 10,
  pollSeconds: 2,
  irreversible: false,

  async observe(world) {
    const promotedAt = (await notedTime(world, 'promoted-at')) ?? (await finishedFrom(world))
    if (promotedAt === undefined) return notMovedByUs(world)
    const look = await world.services.look(world.to)
    if (!look.ok) return unseen(`the services of ${world.to}`, look)
    const asked = await notedTime(world, 'refresh-asked-at')
    const stopping = asked !== undefined && world.now() - asked < STOPPING_MS
    const judged = writersOf(world, look.value).map((service) => {
      const wanted = wantedOf(world, service)
      return { ...freshness(service, wanted, promotedAt, stopping), service: service.name, wanted }
    })
    const detail = judged
      .map(({ service, newer, wanted }) => `${service} ${newer}/${wanted} new tasks`)
      .join(', ')
    if (judged.every(({ fresh }) => fresh)) return { state: 'done', detail: detail || 'no service writes' }
    return { state: judged.some(({ stale }) => stale) ? 'ready' : 'pending', detail }
  },

  async act(world) {
    await world.notes.set('refresh-asked-at', String(world.now()))
    return world.services.refresh(world.to, writerServices(world.plan))
  },
})

/**
 * The writer was there when the run came, and customers are not sent there yet: another run began this, and whether it
 * replaced the tasks nobody knows. They are replaced now, when it costs no customer anything.
 */
async function finishedFrom(world: SafeWorld): Promise<number | undefined> {
  const records = await world.dns.records()
  if (!records.ok || dnsOwner(records.value) === world.to || (await promoted(world)).state !== 'done') return
  await noteOnce(world, 'promoted-at', world.now())
  return notedTime(world, 'promoted-at')
}

const promoted = (world: SafeWorld): Promise<Observation> =>
  world.mode === 'detach' ? lookAtDetachment(world) : lookAtPromotion(world)

/** Nobody saw the writer move: it was there when the run came, or (in a dry run) it has not moved yet. */
async function notMovedByUs(world: SafeWorld): Promise<Observation> {
  return (await promoted(world)).state === 'done'
    ? { state: 'done', detail: 'the writer was there already when this run began' }
    : { state: 'pending', detail: 'the writer has not moved yet' }
}

const writersOf = ({ plan }: SafeWorld, services: readonly ServiceFacts[]) =>
  services.filter(({ name }) => writerServices(plan).includes(name))

const wantedOf = ({ plan, to }: SafeWorld, { name }: ServiceFacts) =>
  plan.services.find((service) => service.name === name)?.capacity[to].active ?? 0

/** `fresh`: enough newer tasks serve. `stale`: old ones run and nobody is replacing them. */
function freshness(service: ServiceFacts, wanted: number, promotedAt: number, stopping: boolean) {
  const { tasksStartedAt, healthyTargets, deployments, controller } = service
  const newer = tasksStartedAt.filter((at) => at > promotedAt).length
  const older = tasksStartedAt.length - newer
  const [primary, ...others] = deployments.toSorted((a, b) => b.createdAt - a.createdAt)
  const replacing = controller === 'ECS' ? (primary?.createdAt ?? 0) >= promotedAt : stopping
  // ECS lowers the old deployment only as new tasks become healthy; before that, a healthy target may be an old task.
  const oldWanted = others.reduce((sum, { desired }) => sum + desired, 0)
  const healthy = healthyTargets === undefined || healthyTargets - Math.min(older, oldWanted) >= wanted
  const fresh = newer >= wanted && healthy
  return { newer, fresh, stale: !fresh && older > 0 && !replacing }
}
