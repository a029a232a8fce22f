import { RegisterScalableTargetCommand, type ScalableTarget } from '@aws-sdk/client-application-auto-scaling'
import { type Service, StopTaskCommand, UpdateServiceCommand } from '@aws-sdk/client-ecs'
import type { Capacity, Outside, Side } from '../flows/world.ts'
import type { Plan } from '../plan/schema.ts'
import type { Act } from './act.ts'
import {
  describeScaling,
  describeServices,
  lookAtServices,
  resourceOf,
  runningTasks,
} from './services-look.ts'
import type { Site } from './site.ts'

type Planned = Plan['services'][number]
type Suspended = { readonly in: boolean; readonly out: boolean; readonly scheduled: boolean }
type Bounds = { readonly min: number; readonly max: number; readonly suspended: Suspended }
/** One service as it is right before it is changed. */
type Present = { readonly planned: Planned; readonly service: Service; readonly target?: ScalableTarget }

const raised: Suspended = { in: true, out: false, scheduled: true }
const fenced: Suspended = { in: true, out: true, scheduled: true }
const free: Suspended = { in: false, out: false, scheduled: false }

/** ECS services and the bounds of Application Auto Scaling. Bounds change first, or auto scaling would undo the count. */
export function services(site: Site): Outside['services'] {
  return {
    look: (side) => site.look('ECS', side, (budget) => lookAtServices(site, side, budget)),

    raise: (side, wanted) =>
      each(site, side, namesOf(wanted), async (act, present) => {
        const { desired, min, max } = wantedFor(present, wanted)
        const lowest = Math.max(min, present.target?.MinCapacity ?? 0)
        const highest = Math.max(max, lowest, present.target?.MaxCapacity ?? 0)
        await bind(site, side, act, present, { min: lowest, max: highest, suspended: raised })
        if (desired > (present.service.desiredCount ?? 0)) await count(site, side, act, present, desired)
      }),

    refresh: (side, names) =>
      each(site, side, names, async (act, present) => {
        const rolling = (present.service.deploymentController?.type ?? 'ECS') === 'ECS'
        await (rolling ? redeploy(site, side, act, present) : stopTasks(site, side, act, present))
      }),

    fence: (side, names) =>
      each(site, side, names, async (act, present) => {
        const max = present.target?.MaxCapacity ?? 0
        await bind(site, side, act, present, { min: 0, max, suspended: fenced })
        if (present.service.desiredCount !== 0) await count(site, side, act, present, 0)
      }),

    restore: (side, capacities) =>
      each(site, side, namesOf(capacities), async (act, present) => {
        const { desired, min, max } = wantedFor(present, capacities)
        await bind(site, side, act, present, { min, max, suspended: free })
        if (desired !== present.service.desiredCount) await count(site, side, act, present, desired)
      }),
  }
}

const namesOf = (capacities: readonly Capacity[]): string[] => capacities.map(({ service }) => service)

const wantedFor = ({ planned }: Present, wanted: readonly Capacity[]): Capacity =>
  wanted.find(({ service }) => service === planned.name) as Capacity

/** Looks at the services right now, then changes them side by side. Every one is tried; the first fault is thrown. */
async function each(
  site: Site,
  side: Side,
  names: readonly string[],
  change: (act: Act, present: Present) => Promise<void>,
) {
  const act = site.act(side)
  const planned = site.plan.services.filter(({ name }) => names.includes(name))
  const ecs = site.client('ecs', side, 'act')
  const [found, targets] = await Promise.all([
    act.read('ecs:DescribeServices', (options) => describeServices(ecs, planned, side, options)),
    act.read('application-autoscaling:DescribeScalableTargets', (options) =>
      describeScaling(site, planned, side, 'act', options),
    ),
  ])
  const changes = planned.map((service) => {
    const target = targets.get(resourceOf(service, side))
    const present = { planned: service, service: found.get(service.name) as Service }
    return change(act, target ? { ...present, target } : present)
  })
  for (const result of await Promise.allSettled(changes))
    if (result.status === 'rejected') throw result.reason
  return act.receipt()
}

/** Sets what auto scaling may do, where it is registered and where it differs. */
async function bind(site: Site, side: Side, act: Act, { planned, target }: Present, bounds: Bounds) {
  if (!target || same(target, bounds)) return
  const { min, max, suspended } = bounds
  const command = new RegisterScalableTargetCommand({
    ServiceNamespace: 'ecs',
    ScalableDimension: 'ecs:service:DesiredCount',
    ResourceId: resourceOf(planned, side),
    MinCapacity: min,
    MaxCapacity: max,
    SuspendedState: {
      DynamicScalingInSuspended: suspended.in,
      DynamicScalingOutSuspended: suspended.out,
      ScheduledScalingSuspended: suspended.scheduled,
    },
  })
  await act.change(
    'application-autoscaling:RegisterScalableTarget',
    `${resourceOf(planned, side)} (min ${min}, max ${max})`,
    (options) => site.client('scaling', side, 'act').send(command, options),
  )
}

function same(target: ScalableTarget, { min, max, suspended }: Bounds): boolean {
  const now = target.SuspendedState ?? {}
  return (
    target.MinCapacity === min &&
    target.MaxCapacity === max &&
    (now.DynamicScalingInSuspended ?? false) === suspended.in &&
    (now.DynamicScalingOutSuspended ?? false) === suspended.out &&
    (now.ScheduledScalingSuspended ?? false) === suspended.scheduled
  )
}

async function count(site: Site, side: Side, act: Act, { planned, service }: Present, desiredCount: number) {
  const command = new UpdateServiceCommand({ ...where(planned, side), desiredCount })
  await act.change('ecs:UpdateService', `${service.serviceArn} (desired ${desiredCount})`, (options) =>
    site.client('ecs', side, 'act').send(command, options),
  )
}

async function redeploy(site: Site, side: Side, act: Act, { planned, service }: Present) {
  const command = new UpdateServiceCommand({ ...where(planned, side), forceNewDeployment: true })
  await act.change('ecs:UpdateService', `${service.serviceArn} (new tasks)`, (options) =>
    site.client('ecs', side, 'once').send(command, options),
  )
}

/** Services deployed by others refuse a new deployment of ours; ECS replaces tasks that stop. */
async function stopTasks(site: Site, side: Side, act: Act, { planned }: Present) {
  const ecs = site.client('ecs', side, 'act')
  const { cluster } = planned.ecs[side]
  const tasks = await act.read('ecs:ListTasks', (options) => runningTasks(ecs, planned, side, options))
  for (const task of tasks) {
    const command = new StopTaskCommand({ cluster, task, reason: 'connections to the former writer' })
    await act.change('ecs:StopTask', task, (options) => ecs.send(command, options))
  }
}

const where = ({ ecs }: Planned, side: Side) => ({ cluster: ecs[side].cluster, service: ecs[side].service })
