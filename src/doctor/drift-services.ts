import {
  type ApplicationAutoScalingClient,
  DescribeScalableTargetsCommand,
} from '@aws-sdk/client-application-auto-scaling'
import {
  BatchGetBuildsCommand,
  BatchGetProjectsCommand,
  type CodeBuildClient,
} from '@aws-sdk/client-codebuild'
import {
  ClusterNotFoundException,
  DescribeServicesCommand,
  DescribeTasksCommand,
  type ECSClient,
  ListTasksCommand,
} from '@aws-sdk/client-ecs'
import type { Budget } from '../aws/look.ts'
import type { Side } from '../flows/world.ts'
import type { Asking } from './asking.ts'
import { type Finding, fault, ok } from './finding.ts'

/** A task id that no task has: asked about to see whether asking is allowed. */
const NO_TASK = '0'.repeat(32)

/** ECS services and their scaling, and the builds that apply a side's Terraform. */
export async function driftOfServices(asked: Asking, side: Side): Promise<readonly Finding[]> {
  const { plan, see } = asked
  const ecs = asked.client('ecs', side) as ECSClient
  const scaling = asked.client('scaling', side) as ApplicationAutoScalingClient
  const names = plan.services.map((service) => service.ecs[side])
  const clusters = [...new Set(names.map(({ cluster }) => cluster))]
  const ids = names.map(({ cluster, service }) => `service/${cluster}/${service}`)
  const all = [
    ...names.map((name) => see('drift', side, 'ECS', (budget) => service(asked, side, name, ecs, budget))),
    ...clusters.flatMap((cluster) => [
      see(
        'drift',
        side,
        'ECS',
        orMissing(async (budget) => {
          await ecs.send(new ListTasksCommand({ cluster, maxResults: 1 }), budget)
        }),
      ),
      see(
        'drift',
        side,
        'ECS',
        orMissing(async (budget) => {
          await ecs.send(new DescribeTasksCommand({ cluster, tasks: [NO_TASK] }), budget)
        }),
      ),
    ]),
    see('drift', side, 'Application Auto Scaling', async (budget) => {
      const command = new DescribeScalableTargetsCommand({
        ServiceNamespace: 'ecs',
        ResourceIds: ids.slice(0, 50),
      })
      await scaling.send(command, budget)
      return []
    }),
    projects(asked, side),
  ]
  return (await Promise.all(all)).flat()
}

/** A cluster that does not exist is told with its services. */
const orMissing =
  (call: (budget: Budget) => Promise<void>) =>
  async (budget: Budget): Promise<readonly Finding[]> => {
    await call(budget).catch((error: unknown) => {
      if (!(error instanceof ClusterNotFoundException)) throw error
    })
    return []
  }

async function service(
  { plan }: Asking,
  side: Side,
  { cluster, service: name }: { readonly cluster: string; readonly service: string },
  ecs: ECSClient,
  budget: Budget,
): Promise<readonly Finding[]> {
  const about = `${plan.name} in ${plan.regions[side]}`
  try {
    const command = new DescribeServicesCommand({ cluster, services: [name] })
    const found = (await ecs.send(command, budget)).services?.find(({ serviceName }) => serviceName === name)
    return found && found.status !== 'INACTIVE'
      ? [ok('drift', about, `service ${cluster}/${name}`)]
      : [fault('drift', about, `there is no service ${name} in the ECS cluster ${cluster}`)]
  } catch (error) {
    if (!(error instanceof ClusterNotFoundException)) throw error
    return [fault('drift', about, `there is no ECS cluster ${cluster}, and so no service ${name}`)]
  }
}

async function projects(asked: Asking, side: Side): Promise<readonly Finding[]> {
  const { plan, see } = asked
  const stacks = plan.terraform?.stacks ?? []
  const names = stacks.flatMap((stack) => (stack.side === side && stack.codeBuild ? [stack.codeBuild] : []))
  if (!names.length) return []
  const codebuild = asked.client('codebuild', side) as CodeBuildClient
  const about = `${plan.name} in ${plan.regions[side]}`
  const all = [
    see('drift', side, 'CodeBuild', async (budget) => {
      const { projectsNotFound = [] } = await codebuild.send(new BatchGetProjectsCommand({ names }), budget)
      return names.map((name) =>
        projectsNotFound.includes(name)
          ? fault('drift', about, `there is no CodeBuild project ${name}`)
          : ok('drift', about, `CodeBuild project ${name}`),
      )
    }),
    see('drift', side, 'CodeBuild', async (budget) => {
      const ids = names.map((name) => `${name}:${NO_TASK}`)
      await codebuild.send(new BatchGetBuildsCommand({ ids }), budget)
      return []
    }),
  ]
  return (await Promise.all(all)).flat()
}
