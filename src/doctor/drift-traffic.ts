import {
  DescribeListenersCommand,
  DescribeRulesCommand,
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  type ElasticLoadBalancingV2Client,
  ListenerNotFoundException,
  TargetGroupNotFoundException,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import type { Side } from '../flows/world.ts'
import type { Asking } from './asking.ts'
import { type Finding, fault, ok } from './finding.ts'

/** Target groups and the listener of a side, and the API Gateway domains its records need. */
export async function driftOfTraffic(asked: Asking, side: Side): Promise<readonly Finding[]> {
  const { plan, see, judge, outside } = asked
  const elb = asked.client('elb', side) as ElasticLoadBalancingV2Client
  const about = `${plan.name} in ${plan.regions[side]}`
  const listener = plan.listener?.[side]
  const groups = new Set([
    ...plan.services.flatMap(({ targetGroup }) => (targetGroup ? [targetGroup[side]] : [])),
    ...(listener ? [listener.serves] : []),
  ])
  const all = [
    ...[...groups].map((arn) => see('drift', side, 'ELB', (budget) => group(elb, about, arn, budget))),
    ...(listener ? [see('drift', side, 'ELB', (budget) => listens(elb, about, listener.arn, budget))] : []),
    judge(
      asked.question('drift', side, 'API Gateway'),
      () => outside.dns.domains(side),
      (domains) =>
        domains.map(({ name, available }) =>
          available
            ? ok('drift', about, `domain ${name}`)
            : fault(
                'drift',
                about,
                `API Gateway has no domain ${name} that serves and is the record's target`,
              ),
        ),
    ),
  ]
  return (await Promise.all(all)).flat()
}

type Options = { readonly abortSignal: AbortSignal }

async function group(elb: ElasticLoadBalancingV2Client, about: string, arn: string, options: Options) {
  try {
    await elb.send(new DescribeTargetGroupsCommand({ TargetGroupArns: [arn] }), options)
    await elb.send(new DescribeTargetHealthCommand({ TargetGroupArn: arn }), options)
    return [ok('drift', about, `target group ${nameOf(arn)}`)]
  } catch (error) {
    if (!(error instanceof TargetGroupNotFoundException)) throw error
    return [fault('drift', about, `there is no target group ${nameOf(arn)}: ${arn}`)]
  }
}

async function listens(elb: ElasticLoadBalancingV2Client, about: string, arn: string, options: Options) {
  try {
    await elb.send(new DescribeListenersCommand({ ListenerArns: [arn] }), options)
    await elb.send(new DescribeRulesCommand({ ListenerArn: arn }), options)
    return [ok('drift', about, `listener ${nameOf(arn)}`)]
  } catch (error) {
    if (!(error instanceof ListenerNotFoundException)) throw error
    return [fault('drift', about, `there is no listener ${arn}`)]
  }
}

/** `targetgroup/NAME/ID` or `listener/app/NAME/…`: the name people know. */
const nameOf = (arn: string): string => {
  const [kind = '', ...rest] = (arn.split(':').at(-1) ?? '').split('/')
  return (kind === 'listener' ? rest[1] : rest[0]) ?? arn
}
