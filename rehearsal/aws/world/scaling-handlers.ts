import * as aas from '@aws-sdk/client-application-auto-scaling'
import type { Handlers } from '../wire/service.ts'
import { page, withTokens } from './page.ts'
import { noticeBounds, type ScalableTarget, serviceOf } from './scaling.ts'
import { accounts, type World } from './world.ts'

const about = (message: string) => ({ message, $metadata: {} })
const invalid = (message: string) => new aas.ValidationException(about(message))

export function scalingHandlers(world: World): Handlers<typeof aas> {
  return {
    DescribeScalableTargets: (input, call) => describeTargets(world, input, call.region),
    RegisterScalableTarget: (input, call) => register(world, input, call.region),
  }
}

function describeTargets(world: World, input: aas.DescribeScalableTargetsCommandInput, region: string) {
  if (input.ServiceNamespace !== 'ecs') return { ScalableTargets: [] }
  const { MaxResults: size = 50, NextToken: token, ResourceIds: ids, ScalableDimension: dimension } = input
  if (size < 1 || size > 50) throw invalid('MaxResults must be between 1 and 50.')
  if (ids && ids.length > 50) throw invalid('At most 50 ResourceIds can be given.')
  if (dimension !== undefined && ids === undefined)
    throw invalid('ResourceIds must be given with ScalableDimension.')
  const found = world.scaling.targets.filter(
    (target) => target.region === region && (!ids?.length || ids.includes(target.resourceId)),
  )
  const { items, next } = withTokens('InvalidNextTokenException', 'The next token is invalid.', () =>
    page(found, ({ resourceId }) => resourceId, { token, size }),
  )
  return { ScalableTargets: items.map(describe), NextToken: next }
}

const arnOf = (target: ScalableTarget): string =>
  `arn:aws:application-autoscaling:${target.region}:${accounts.workload}:scalable-target/${target.resourceId}`

function describe(target: ScalableTarget): aas.ScalableTarget {
  const { suspended } = target
  return {
    ServiceNamespace: 'ecs',
    ResourceId: target.resourceId,
    ScalableDimension: 'ecs:service:DesiredCount',
    MinCapacity: target.min,
    MaxCapacity: target.max,
    RoleARN: `arn:aws:iam::${accounts.workload}:role/aws-service-role/ecs.application-autoscaling.amazonaws.com/AWSServiceRoleForApplicationAutoScaling_ECSService`,
    CreationTime: new Date(target.createdAt),
    SuspendedState: {
      DynamicScalingInSuspended: suspended.in,
      DynamicScalingOutSuspended: suspended.out,
      ScheduledScalingSuspended: suspended.scheduled,
    },
    ScalableTargetARN: arnOf(target),
  }
}

/** What is not given stays as it is. */
function register(world: World, input: aas.RegisterScalableTargetCommandInput, region: string) {
  if (input.ServiceNamespace !== 'ecs' || input.ScalableDimension !== 'ecs:service:DesiredCount')
    throw invalid('Only the ecs namespace with ecs:service:DesiredCount is simulated.')
  const service = serviceOf(world, region, input.ResourceId ?? '')
  if (!service) throw invalid(`ECS service doesn't exist: ${input.ResourceId}`)
  const target = world.scaling.targets.find(
    (each) => each.region === region && each.resourceId === input.ResourceId,
  )
  if (!target) throw invalid(`No scalable target is registered for ${input.ResourceId}`)
  const { MinCapacity: min = target.min, MaxCapacity: max = target.max, SuspendedState: state } = input
  if (min < 0 || max < 0) throw invalid('Capacities cannot be negative.')
  if (min > max) throw invalid('Maximum capacity cannot be less than minimum capacity')
  target.min = min
  target.max = max
  target.suspended = {
    in: state?.DynamicScalingInSuspended ?? target.suspended.in,
    out: state?.DynamicScalingOutSuspended ?? target.suspended.out,
    scheduled: state?.ScheduledScalingSuspended ?? target.suspended.scheduled,
  }
  noticeBounds(world, service)
  return { ScalableTargetARN: arnOf(target) }
}
