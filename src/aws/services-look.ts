import { DescribeScalableTargetsCommand, type ScalableTarget } from '@aws-sdk/client-application-auto-scaling'
import {
  DescribeServicesCommand,
  DescribeTasksCommand,
  type ECSClient,
  ListTasksCommand,
  type Service,
} from '@aws-sdk/client-ecs'
import type { ServiceFacts, Side } from '../flows/world.ts'
import type { Plan } from '../plan/schema.ts'
import type { Budget } from './look.ts'
import type { Site } from './site.ts'
import { healthyTargets } from './targets.ts'

type Planned = Plan['services'][number]
/** What a call is sent with: a look's budget or an act's limit. */
type Options = Budget

/** `service/<cluster>/<service>`, as Application Auto Scaling calls it. */
export const resourceOf = ({ ecs }: Planned, side: Side): string =>
  `service/${ecs[side].cluster}/${ecs[side].service}`

/** DescribeServices takes at most ten services, all of one cluster. */
const BATCH = 10
const TASK_BATCH = 100
const EVENTS = 5

/** Everything about a side's services. Rejects with what the SDK rejects with, or when ECS knows one of them not. */
export async function lookAtServices(
  site: Site,
  side: Side,
  options: Options,
): Promise<readonly ServiceFacts[]> {
  const planned = site.plan.services
  const [services, targets, healthy, tasks] = await Promise.all([
    describeServices(site.client('ecs', side, 'probe'), planned, side, options),
    describeScaling(site, planned, side, 'probe', options),
    Promise.all(planned.map((service) => healthyOf(site, service, side, options))),
    Promise.all(planned.map((service) => taskStarts(site, service, side, options))),
  ])
  return planned.map((service, index) => ({
    ...serviceFacts(service, services.get(service.name) as Service),
    ...scalingFacts(targets.get(resourceOf(service, side))),
    ...(healthy[index] === undefined ? {} : { healthyTargets: healthy[index] }),
    tasksStartedAt: tasks[index] ?? [],
  }))
}

/** The services as ECS has them, by their name in the plan. Throws when one is missing. */
export async function describeServices(
  ecs: ECSClient,
  planned: readonly Planned[],
  side: Side,
  options: Options,
): Promise<ReadonlyMap<string, Service>> {
  const found = new Map<string, Service>()
  const clusters = Map.groupBy(planned, ({ ecs }) => ecs[side].cluster)
  const batches = [...clusters].flatMap(([cluster, all]) =>
    chunks(all, BATCH).map(async (batch) => {
      const services = batch.map(({ ecs }) => ecs[side].service)
      const answer = await ecs.send(new DescribeServicesCommand({ cluster, services }), options)
      for (const service of batch) {
        const seen = answer.services?.find(({ serviceName }) => serviceName === service.ecs[side].service)
        if (!seen || seen.status === 'INACTIVE')
          throw new Error(`there is no service ${service.ecs[side].service} in cluster ${cluster}`)
        found.set(service.name, seen)
      }
    }),
  )
  await Promise.all(batches)
  return found
}

/** What Application Auto Scaling has registered of the services, by resource id. */
export async function describeScaling(
  site: Site,
  planned: readonly Planned[],
  side: Side,
  profile: 'probe' | 'act',
  options: Options,
): Promise<ReadonlyMap<string, ScalableTarget>> {
  const scaling = site.client('scaling', side, profile)
  const pages = chunks(planned, 50).map(async (batch) => {
    const command = new DescribeScalableTargetsCommand({
      ServiceNamespace: 'ecs',
      ScalableDimension: 'ecs:service:DesiredCount',
      ResourceIds: batch.map((service) => resourceOf(service, side)),
    })
    return (await scaling.send(command, options)).ScalableTargets ?? []
  })
  return new Map((await Promise.all(pages)).flat().map((target) => [target.ResourceId ?? '', target]))
}

/** Ids of a service's running tasks. */
export async function runningTasks(
  ecs: ECSClient,
  { ecs: names }: Planned,
  side: Side,
  options: Options,
): Promise<readonly string[]> {
  const tasks: string[] = []
  let nextToken: string | undefined
  do {
    const command = new ListTasksCommand({
      cluster: names[side].cluster,
      serviceName: names[side].service,
      desiredStatus: 'RUNNING',
      ...(nextToken ? { nextToken } : {}),
    })
    const page = await ecs.send(command, options)
    tasks.push(...(page.taskArns ?? []))
    nextToken = page.nextToken
  } while (nextToken)
  return tasks
}

async function taskStarts(site: Site, service: Planned, side: Side, options: Options): Promise<number[]> {
  const ecs = site.client('ecs', side, 'probe')
  const { cluster } = service.ecs[side]
  const arns = await runningTasks(ecs, service, side, options)
  const answers = await Promise.all(
    chunks(arns, TASK_BATCH).map((tasks) => ecs.send(new DescribeTasksCommand({ cluster, tasks }), options)),
  )
  return answers
    .flatMap(({ tasks }) => tasks ?? [])
    .filter(({ lastStatus }) => lastStatus === 'RUNNING')
    .flatMap(({ startedAt }) => (startedAt ? [startedAt.getTime()] : []))
}

async function healthyOf(site: Site, service: Planned, side: Side, options: Options) {
  const group = service.targetGroup?.[side]
  return group ? healthyTargets(site.client('elb', side, 'probe'), group, options) : undefined
}

function serviceFacts({ name }: Planned, service: Service): Omit<ServiceFacts, 'tasksStartedAt'> {
  return {
    name,
    desired: service.desiredCount ?? 0,
    running: service.runningCount ?? 0,
    pending: service.pendingCount ?? 0,
    controller: service.deploymentController?.type ?? 'ECS',
    deployments: deploymentFacts(service),
    events: (service.events ?? []).slice(0, EVENTS).map(({ message }) => message ?? ''),
  }
}

/** Where CodeDeploy or somebody else deploys, ECS tells of task sets instead of deployments. */
function deploymentFacts({ deployments = [], taskSets = [] }: Service): ServiceFacts['deployments'] {
  const own = deployments.map((deployment) => ({
    id: deployment.id ?? '',
    status: deployment.status ?? '',
    createdAt: deployment.createdAt?.getTime() ?? 0,
    desired: deployment.desiredCount ?? 0,
    running: deployment.runningCount ?? 0,
    rollout: deployment.rolloutState ?? 'COMPLETED',
  }))
  const foreign = taskSets.map((set) => ({
    id: set.id ?? '',
    status: set.status ?? '',
    createdAt: set.createdAt?.getTime() ?? 0,
    desired: set.computedDesiredCount ?? 0,
    running: set.runningCount ?? 0,
    rollout: set.stabilityStatus === 'STEADY_STATE' ? 'COMPLETED' : 'IN_PROGRESS',
  }))
  return [...own, ...foreign].sort((a, b) => b.createdAt - a.createdAt)
}

function scalingFacts(target: ScalableTarget | undefined): Pick<ServiceFacts, 'scaling'> {
  if (!target) return {}
  const { SuspendedState: suspended = {} } = target
  return {
    scaling: {
      min: target.MinCapacity ?? 0,
      max: target.MaxCapacity ?? 0,
      suspended: {
        in: suspended.DynamicScalingInSuspended ?? false,
        out: suspended.DynamicScalingOutSuspended ?? false,
        scheduled: suspended.ScheduledScalingSuspended ?? false,
      },
    },
  }
}

function chunks<T>(all: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, index) =>
    all.slice(index * size, (index + 1) * size),
  )
}
