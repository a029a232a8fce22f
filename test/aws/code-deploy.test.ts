import * as scaling from '@aws-sdk/client-application-auto-scaling'
import * as ecs from '@aws-sdk/client-ecs'
import { describe, expect, it } from 'vitest'
import { Dispatcher } from '../../rehearsal/aws/wire/dispatch.ts'
import { type Handlers, Service } from '../../rehearsal/aws/wire/service.ts'
import { Clients } from '../../src/aws/clients.ts'
import { outside } from '../../src/aws/outside.ts'
import { dr, first, ownKeys, seen, shipped } from './rig.ts'

const arn = (index: number) => `arn:aws:ecs:${dr}:111122223333:task/orders/${index}`
const pages = [[arn(1), arn(2)], [arn(3)]]
const startedAt = new Date('2026-11-20T08:00:00Z')

/** A service that CodeDeploy deploys: ECS tells of task sets, and refuses deployments of others. */
function deployedByOthers() {
  const stopped: (string | undefined)[] = []
  const handlers: Handlers<typeof ecs> = {
    DescribeServices: () => ({
      services: [
        {
          serviceName: 'orders-api',
          serviceArn: `arn:aws:ecs:${dr}:111122223333:service/orders/orders-api`,
          status: 'ACTIVE',
          deploymentController: { type: 'CODE_DEPLOY' },
          desiredCount: 3,
          runningCount: 3,
          deployments: [],
          taskSets: [
            { id: 'old', status: 'ACTIVE', createdAt: new Date(1_000), stabilityStatus: 'STEADY_STATE' },
            { id: 'new', status: 'PRIMARY', createdAt: new Date(2_000), stabilityStatus: 'STABILIZING' },
          ],
        },
      ],
    }),
    ListTasks: ({ nextToken }) =>
      nextToken ? { taskArns: pages[1] ?? [] } : { taskArns: pages[0] ?? [], nextToken: 'more' },
    DescribeTasks: ({ tasks = [] }) => ({
      tasks: tasks.map((taskArn) => ({ taskArn, lastStatus: 'RUNNING', startedAt })),
    }),
    StopTask: ({ task }) => {
      stopped.push(task)
      return {}
    },
  }
  const bounds: Handlers<typeof scaling> = { DescribeScalableTargets: () => ({ ScalableTargets: [] }) }
  const dispatcher = new Dispatcher([
    new Service('ecs', ecs, ecs.ECSClient, handlers),
    new Service('application-autoscaling', scaling, scaling.ApplicationAutoScalingClient, bounds),
  ])
  const clients = new Clients({
    people: Date,
    credentials: ownKeys,
    requestHandler: () => dispatcher.requestHandler(),
  })
  const { targetGroup: _none, ...api } = first(shipped('orders').services)
  const accounts = { workload: { id: '111122223333' }, dns: { id: '444455556666' } }
  const plan = { ...shipped('orders'), accounts, services: [api] }
  return { stopped, outside: outside({ plan, clients, clock: Date }) }
}

describe('a service that CodeDeploy deploys', () => {
  it('is seen by its task sets, newest first, without scaling or health where there is none', async () => {
    const [api] = await seen(deployedByOthers().outside.services.look('dr'))
    expect(api).toMatchObject({
      controller: 'CODE_DEPLOY',
      deployments: [
        { id: 'new', status: 'PRIMARY', rollout: 'IN_PROGRESS' },
        { id: 'old', rollout: 'COMPLETED' },
      ],
      tasksStartedAt: [startedAt, startedAt, startedAt].map((at) => at.getTime()),
    })
    expect(api).not.toHaveProperty('scaling')
    expect(api).not.toHaveProperty('healthyTargets')
  })

  it('is refreshed by stopping its tasks', async () => {
    const { outside: away, stopped } = deployedByOthers()
    await away.services.refresh('dr', ['orders-api'])
    expect(stopped).toEqual(pages.flat())
  })
})
