import type {
  DescribeTaskDefinitionCommandOutput,
  Service,
  Task,
  Deployment as ToldDeployment,
} from '@aws-sdk/client-ecs'
import { type Deployment, type EcsService, type EcsTask, isHealthy } from './ecs.ts'
import { addressOf } from './elb.ts'
import { hex } from './random.ts'
import { accounts, type World } from './world.ts'

export function describeService(world: World, service: EcsService): Service {
  const { region, cluster, id, name } = service
  const running = service.tasks.filter(({ startedAt }) => startedAt !== undefined).length
  return {
    serviceArn: id,
    serviceName: name,
    clusterArn: `arn:aws:ecs:${region}:${accounts.workload}:cluster/${cluster}`,
    status: 'ACTIVE',
    desiredCount: service.desired,
    runningCount: running,
    pendingCount: service.tasks.length - running,
    launchType: 'FARGATE',
    schedulingStrategy: 'REPLICA',
    taskDefinition: service.taskDefinition,
    deploymentController: { type: 'ECS' },
    deploymentConfiguration: { maximumPercent: 200, minimumHealthyPercent: 100 },
    deployments: service.deployments.map((deployment, index) =>
      describeDeployment(service, deployment, index === 0),
    ),
    loadBalancers: [{ targetGroupArn: service.targetGroup, containerName: name, containerPort: 8080 }],
    events: service.events.map(({ id: event, at, message }) => ({
      id: event,
      createdAt: new Date(at),
      message,
    })),
    createdAt: new Date(world.startedAt - 90 * 86_400_000),
  }
}

function describeDeployment(service: EcsService, deployment: Deployment, primary: boolean): ToldDeployment {
  const tasks = service.tasks.filter((task) => task.deployment === deployment.id)
  const running = tasks.filter(({ startedAt }) => startedAt !== undefined).length
  return {
    id: deployment.id,
    status: primary ? 'PRIMARY' : 'ACTIVE',
    taskDefinition: service.taskDefinition,
    desiredCount: primary
      ? service.desired
      : tasks.filter(({ stoppingAt }) => stoppingAt === undefined).length,
    runningCount: running,
    pendingCount: tasks.length - running,
    failedTasks: 0,
    createdAt: new Date(deployment.createdAt),
    updatedAt: new Date(deployment.updatedAt),
    launchType: 'FARGATE',
    rolloutState: primary ? deployment.rollout : 'COMPLETED',
  }
}

export function describeTask(service: EcsService, task: EcsTask, taskArn: string): Task {
  const started = task.startedAt !== undefined
  const stopping = task.stoppingAt !== undefined
  const address = addressOf(service, task)
  return {
    taskArn,
    clusterArn: `arn:aws:ecs:${service.region}:${accounts.workload}:cluster/${service.cluster}`,
    taskDefinitionArn: service.taskDefinition,
    group: `service:${service.name}`,
    startedBy: task.deployment,
    launchType: 'FARGATE',
    desiredStatus: stopping ? 'STOPPED' : 'RUNNING',
    lastStatus: stopping ? 'DEACTIVATING' : started ? 'RUNNING' : 'PENDING',
    healthStatus: isHealthy(task) ? 'HEALTHY' : 'UNKNOWN',
    createdAt: new Date(task.requestedAt),
    ...(task.startedAt === undefined ? {} : { startedAt: new Date(task.startedAt) }),
    ...(task.stoppingAt === undefined ? {} : { stoppingAt: new Date(task.stoppingAt) }),
    attachments: [
      {
        id: hex(`${task.id}/eni`, 32),
        type: 'ElasticNetworkInterface',
        status: started ? 'ATTACHED' : 'PRECREATED',
        details: [{ name: 'privateIPv4Address', value: address }],
      },
    ],
  }
}

export function describeTaskDefinition(
  service: EcsService,
): Omit<DescribeTaskDefinitionCommandOutput, '$metadata'> {
  const registry = `${accounts.workload}.dkr.ecr.${service.region}.amazonaws.com`
  return {
    taskDefinition: {
      taskDefinitionArn: service.taskDefinition,
      family: service.name,
      revision: Number(service.taskDefinition.split(':').at(-1)),
      status: 'ACTIVE',
      networkMode: 'awsvpc',
      requiresCompatibilities: ['FARGATE'],
      cpu: '512',
      memory: '1024',
      containerDefinitions: [
        {
          name: service.name,
          image: `${registry}/${service.name}:42`,
          essential: true,
          portMappings: [{ containerPort: 8080 }],
        },
      ],
    },
    tags: [],
  }
}
