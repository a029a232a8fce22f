import * as ecs from '@aws-sdk/client-ecs'
import type { Handlers } from '../wire/service.ts'
import type { EcsService, EcsTask } from './ecs.ts'
import { describeService, describeTask, describeTaskDefinition } from './ecs-describe.ts'
import { deploy, reconcile, stop } from './ecs-tasks.ts'
import { page, withTokens } from './page.ts'
import { noticeBounds } from './scaling.ts'
import { accounts, type World } from './world.ts'

const about = (message: string) => ({ message, $metadata: {} })
const invalid = (message: string) => new ecs.InvalidParameterException(about(message))

const clusterArn = (region: string, name: string): string =>
  `arn:aws:ecs:${region}:${accounts.workload}:cluster/${name}`

export function ecsHandlers(world: World): Handlers<typeof ecs> {
  return {
    ListClusters: (input, call) => {
      const inRegion = world.ecs.services.filter(({ region }) => region === call.region)
      const arns = [...new Set(inRegion.map(({ region, cluster }) => clusterArn(region, cluster)))]
      const { rows, nextToken } = listing(arns, (arn) => arn, input, 100)
      return { clusterArns: rows, nextToken }
    },
    DescribeClusters: (input, call) => describeClusters(world, input, call.region),
    DescribeServices: (input, call) => describeServices(world, input, call.region),
    ListServices: (input, call) => {
      const inCluster = servicesIn(world, call.region, input.cluster)
      const { rows, nextToken } = listing(inCluster, ({ id }) => id, input, 10)
      return { serviceArns: rows.map(({ id }) => id), nextToken }
    },
    ListTasks: (input, call) => listTasks(world, input, call.region),
    DescribeTasks: (input, call) => describeTasks(world, input, call.region),
    DescribeTaskDefinition: (input, call) => {
      const wanted = input.taskDefinition ?? ''
      const service = world.ecs.services.find(
        ({ taskDefinition, region }) =>
          region === call.region && definitionNames(taskDefinition).includes(wanted),
      )
      if (!service) throw new ecs.ClientException(about('Unable to describe task definition.'))
      return describeTaskDefinition(service)
    },
    StopTask: (input, call) => stopTask(world, input, call.region),
    UpdateService: (input, call) => updateService(world, input, call.region),
  }
}

function describeClusters(world: World, input: ecs.DescribeClustersCommandInput, region: string) {
  const wanted = input.clusters?.length ? input.clusters : ['default']
  const inRegion = world.ecs.services.filter((service) => service.region === region)
  const known = wanted.map((name) => ({ name, services: inRegion.filter((each) => isCluster(each, name)) }))
  return {
    clusters: known.flatMap(({ services }) => {
      const [first] = services
      const tasks = services.flatMap((service) => service.tasks)
      const running = tasks.filter(({ startedAt }) => startedAt !== undefined).length
      if (!first) return []
      return {
        clusterArn: clusterArn(region, first.cluster),
        clusterName: first.cluster,
        status: 'ACTIVE',
        registeredContainerInstancesCount: 0,
        runningTasksCount: running,
        pendingTasksCount: tasks.length - running,
        activeServicesCount: services.length,
        capacityProviders: ['FARGATE'],
      }
    }),
    failures: known
      .filter(({ services }) => services.length === 0)
      .map(({ name }) => ({ arn: clusterArn(region, lastPart(name)), reason: 'MISSING' })),
  }
}

function describeServices(world: World, input: ecs.DescribeServicesCommandInput, region: string) {
  const wanted = input.services ?? []
  const inCluster = servicesIn(world, region, input.cluster)
  if (wanted.length === 0) throw invalid('Services cannot be empty.')
  if (wanted.length > 10) throw invalid('Cannot describe more than 10 services in one call.')
  const cluster = inCluster[0]?.cluster ?? ''
  const missing = wanted.filter((name) => !inCluster.some((service) => isService(service, name)))
  return {
    services: inCluster
      .filter((service) => wanted.some((name) => isService(service, name)))
      .map((service) => describeService(world, service)),
    failures: missing.map((name) => ({
      arn: `arn:aws:ecs:${region}:${accounts.workload}:service/${cluster}/${lastPart(name)}`,
      reason: 'MISSING',
    })),
  }
}

function listTasks(world: World, input: ecs.ListTasksCommandInput, region: string) {
  const inCluster = servicesIn(world, region, input.cluster)
  const named = input.serviceName
  const services = named === undefined ? inCluster : [findService(inCluster, named)]
  const all = services.flatMap((service) => service.tasks.map((task) => ({ service, task })))
  const { rows, nextToken } = listing(
    input.desiredStatus === undefined ? all : all.filter(({ task }) => desired(task) === input.desiredStatus),
    ({ task }) => task.id,
    input,
    100,
  )
  return { taskArns: rows.map(({ service, task }) => taskArn(service, task)), nextToken }
}

function describeTasks(world: World, input: ecs.DescribeTasksCommandInput, region: string) {
  const inCluster = servicesIn(world, region, input.cluster)
  const wanted = input.tasks ?? []
  if (wanted.length === 0) throw invalid('Tasks cannot be empty.')
  if (wanted.length > 100) throw invalid('Cannot describe more than 100 tasks in one call.')
  const all = inCluster.flatMap((service) => service.tasks.map((task) => ({ service, task })))
  const found = wanted.map((name) => ({ name, row: all.find(({ task }) => task.id === lastPart(name)) }))
  return {
    tasks: found.flatMap(({ row }) =>
      row ? [describeTask(row.service, row.task, taskArn(row.service, row.task))] : [],
    ),
    failures: found.filter(({ row }) => !row).map(({ name }) => ({ arn: name, reason: 'MISSING' })),
  }
}

function updateService(world: World, input: ecs.UpdateServiceCommandInput, region: string) {
  const service = findService(servicesIn(world, region, input.cluster), input.service ?? '')
  const { desiredCount, forceNewDeployment } = input
  if (desiredCount !== undefined && (!Number.isInteger(desiredCount) || desiredCount < 0))
    throw invalid('desiredCount must be greater than or equal to 0.')
  if (desiredCount !== undefined) service.desired = desiredCount
  if (forceNewDeployment) deploy(world, service)
  reconcile(world, service)
  noticeBounds(world, service)
  return { service: describeService(world, service) }
}

/** A task that its service still wants is replaced. */
function stopTask(world: World, input: ecs.StopTaskCommandInput, region: string) {
  const inCluster = servicesIn(world, region, input.cluster)
  const id = lastPart(input.task ?? '')
  const service = inCluster.find(({ tasks }) => tasks.some((task) => task.id === id))
  const task = service?.tasks.find((each) => each.id === id)
  if (!service || !task) throw invalid('The referenced task was not found.')
  stop(world, service, task, true)
  reconcile(world, service)
  return { task: describeTask(service, task, taskArn(service, task)) }
}

function servicesIn(world: World, region: string, cluster = 'default'): readonly EcsService[] {
  const found = world.ecs.services.filter(
    (service) => service.region === region && isCluster(service, cluster),
  )
  if (found.length === 0) throw new ecs.ClusterNotFoundException(about('Cluster not found.'))
  return found
}

function findService(services: readonly EcsService[], name: string): EcsService {
  const found = services.find((service) => isService(service, name))
  if (!found) throw new ecs.ServiceNotFoundException(about('Service not found.'))
  return found
}

/** Names are case-sensitive in ECS; an ARN will do wherever a name does. */
const isCluster = (service: EcsService, name: string): boolean =>
  name === service.cluster || name === clusterArn(service.region, service.cluster)
const isService = (service: EcsService, name: string): boolean => name === service.name || name === service.id

const lastPart = (name: string): string => name.split('/').at(-1) ?? name
const taskArn = (service: EcsService, task: EcsTask): string =>
  `arn:aws:ecs:${service.region}:${accounts.workload}:task/${service.cluster}/${task.id}`
const desired = (task: EcsTask): string => (task.stoppingAt === undefined ? 'RUNNING' : 'STOPPED')

/** ARN, family and revision, family. */
function definitionNames(arn: string): readonly string[] {
  const revision = lastPart(arn)
  return [arn, revision, revision.split(':')[0] ?? '']
}

function listing<T>(
  items: readonly T[],
  key: (item: T) => string,
  { maxResults, nextToken }: { maxResults?: number | undefined; nextToken?: string | undefined },
  usual: number,
) {
  if (maxResults !== undefined && (maxResults < 1 || maxResults > 100))
    throw invalid('maxResults must be between 1 and 100.')
  const { items: rows, next } = withTokens('InvalidParameterException', 'Invalid token', () =>
    page(items, key, { token: nextToken, size: maxResults ?? usual }),
  )
  return { rows, nextToken: next }
}
