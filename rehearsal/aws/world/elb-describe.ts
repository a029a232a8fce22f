import type {
  LoadBalancer as Balancer,
  TargetGroup as Group,
  Listener,
  Rule,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import { attachedTo, type ElbListener, type ElbRule, type LoadBalancer, type TargetGroup } from './elb.ts'
import { hex } from './random.ts'
import { accounts, type World } from './world.ts'

export const describeListener = ({ arn, loadBalancer, actions }: ElbListener): Listener => ({
  ListenerArn: arn,
  LoadBalancerArn: loadBalancer,
  Port: 443,
  Protocol: 'HTTPS',
  SslPolicy: 'ELBSecurityPolicy-TLS13-1-2-2021-06',
  Certificates: [
    { CertificateArn: `arn:aws:acm:${arn.split(':')[3]}:${accounts.workload}:certificate/${hex(arn, 32)}` },
  ],
  DefaultActions: actions,
})

export const describeRule = (rule: ElbRule): Rule => ({
  RuleArn: rule.arn,
  Priority: rule.priority,
  Conditions: [{ Field: 'path-pattern', Values: [rule.path], PathPatternConfig: { Values: [rule.path] } }],
  Actions: [...rule.actions],
  IsDefault: false,
})

export const defaultRule = ({ arn, actions }: ElbListener): Rule => ({
  RuleArn: `${arn.replace(':listener/', ':listener-rule/')}/${hex(`${arn}/default`, 16)}`,
  Priority: 'default',
  Conditions: [],
  Actions: actions,
  IsDefault: true,
})

export const describeBalancer = (world: World, balancer: LoadBalancer): Balancer => ({
  LoadBalancerArn: balancer.arn,
  LoadBalancerName: balancer.name,
  DNSName: balancer.dnsName,
  CanonicalHostedZoneId: balancer.hostedZoneId,
  CreatedTime: new Date(world.startedAt - 90 * 86_400_000),
  Scheme: 'internet-facing',
  Type: 'application',
  IpAddressType: 'ipv4',
  State: { Code: 'active' },
})

export const describeGroup = (world: World, group: TargetGroup): Group => ({
  TargetGroupArn: group.arn,
  TargetGroupName: group.name,
  Protocol: 'HTTP',
  Port: 8080,
  TargetType: 'ip',
  HealthCheckProtocol: 'HTTP',
  HealthCheckPath: '/health',
  HealthCheckIntervalSeconds: 10,
  HealthyThresholdCount: 2,
  UnhealthyThresholdCount: 2,
  Matcher: { HttpCode: '200' },
  LoadBalancerArns: [...attachedTo(world, group.arn)],
})
