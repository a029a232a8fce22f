import {
  DescribeTargetHealthCommand,
  type ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import type { Budget } from './look.ts'

/** How many targets of a target group are healthy now. */
export async function healthyTargets(
  elb: ElasticLoadBalancingV2Client,
  group: string,
  options: Budget,
): Promise<number> {
  const command = new DescribeTargetHealthCommand({ TargetGroupArn: group })
  const { TargetHealthDescriptions: targets = [] } = await elb.send(command, options)
  return targets.filter(({ TargetHealth }) => TargetHealth?.State === 'healthy').length
}
