import { type DomainName, GetDomainNamesCommand } from '@aws-sdk/client-apigatewayv2'
import { DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch'
import {
  type Action,
  DescribeListenersCommand,
  DescribeLoadBalancersCommand,
  DescribeTargetGroupsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import { type Asking, chunks, pages } from './asking.ts'
import { bare } from './facts.ts'
import type { Wish } from './gather.ts'
import { isAbout } from './names.ts'

/** The load balancers in front of target groups, with their listeners. */
export async function gatherBalancers(
  asking: Asking,
  { workload }: Wish,
  region: string,
  groups: readonly string[],
): Promise<void> {
  if (groups.length === 0) return
  const from = `ELB in ${region}`
  await asking.look(from, async (call) => {
    const elb = asking.client('elb', region, workload)
    const balancers = new Set<string>()
    for (const batch of chunks([...new Set(groups)], 20)) {
      const command = new DescribeTargetGroupsCommand({ TargetGroupArns: batch })
      const { TargetGroups = [] } = await call((budget) => elb.send(command, budget))
      for (const { TargetGroupArn: arn = '', HealthCheckPath: path, LoadBalancerArns = [] } of TargetGroups) {
        asking.note(from, [{ kind: 'group', region, arn, ...(path ? { healthPath: path } : {}) }])
        for (const balancer of LoadBalancerArns) balancers.add(balancer)
      }
    }
    for (const batch of chunks([...balancers], 20)) {
      const command = new DescribeLoadBalancersCommand({ LoadBalancerArns: batch })
      const { LoadBalancers = [] } = await call((budget) => elb.send(command, budget))
      for (const { DNSName: dnsName, CanonicalHostedZoneId: zone } of LoadBalancers)
        if (dnsName)
          asking.note(from, [{ kind: 'balancer', region, dnsName, ...(zone ? { hostedZoneId: zone } : {}) }])
    }
    for (const LoadBalancerArn of balancers) {
      const { items } = await pages(async (Marker) => {
        const command = new DescribeListenersCommand({ LoadBalancerArn, ...(Marker ? { Marker } : {}) })
        const told = await call((budget) => elb.send(command, budget))
        return { items: told.Listeners ?? [], token: told.NextMarker }
      }, 5)
      asking.note(
        from,
        items.map(({ ListenerArn: arn = '', Port: port, DefaultActions = [] }) => ({
          kind: 'listener',
          region,
          arn,
          forwards: forwardsOf(DefaultActions),
          ...(port === undefined ? {} : { port }),
        })),
      )
    }
  })
}

function forwardsOf(actions: readonly Action[]): Record<string, number> {
  const action = actions.find(({ Type }) => Type === 'forward')
  const groups = action?.ForwardConfig?.TargetGroups ?? []
  if (groups.length)
    return Object.fromEntries(groups.map(({ TargetGroupArn = '', Weight = 1 }) => [TargetGroupArn, Weight]))
  return action?.TargetGroupArn ? { [action.TargetGroupArn]: 1 } : {}
}

/** The API Gateway custom domains that are the application's by their name, or are the record's. */
export async function gatherDomains(
  asking: Asking,
  wish: Wish,
  region: string,
  stems: readonly string[],
): Promise<void> {
  const from = `API Gateway in ${region}`
  const isMine = ({ DomainName: name = '' }: DomainName) =>
    wish.record === undefined ? isAbout(name, stems) : bare(name) === bare(wish.record)
  await asking.look(from, async (call) => {
    const gateway = asking.client('gateway', region, wish.workload)
    const { items } = await pages(async (NextToken) => {
      const command = new GetDomainNamesCommand({ MaxResults: '100', ...(NextToken ? { NextToken } : {}) })
      const told = await call((budget) => gateway.send(command, budget))
      return { items: told.Items ?? [], token: told.NextToken }
    }, 10)
    for (const domain of items.filter(isMine))
      for (const { ApiGatewayDomainName: dnsName, HostedZoneId: zone } of domain.DomainNameConfigurations ??
        [])
        if (dnsName)
          asking.note(from, [
            {
              kind: 'domain',
              region,
              dnsName,
              ...(domain.DomainName ? { name: domain.DomainName } : {}),
              ...(zone ? { hostedZoneId: zone } : {}),
            },
          ])
  })
}

/** The alarms that are the application's by their name; those that auto scaling keeps for itself are not. */
export async function gatherAlarms(
  asking: Asking,
  { workload }: Wish,
  region: string,
  stems: readonly string[],
): Promise<void> {
  const from = `CloudWatch in ${region}`
  await asking.look(from, async (call) => {
    const cloudwatch = asking.client('cloudwatch', region, workload)
    const { items, more } = await pages(async (NextToken) => {
      const command = new DescribeAlarmsCommand({
        AlarmTypes: ['MetricAlarm', 'CompositeAlarm'],
        MaxRecords: 100,
        ...(NextToken ? { NextToken } : {}),
      })
      const told = await call((budget) => cloudwatch.send(command, budget))
      const metric = (told.MetricAlarms ?? []).map(({ AlarmName: name = '', MetricName }) => ({
        name,
        ofLag: /^AuroraGlobalDB/.test(MetricName ?? ''),
      }))
      const composite = (told.CompositeAlarms ?? []).map(({ AlarmName: name = '' }) => ({
        name,
        ofLag: false,
      }))
      return { items: [...metric, ...composite], token: told.NextToken }
    }, 30)
    if (more) asking.gaps.push(`${from} has more alarms than were looked at.`)
    const mine = items.filter(({ name }) => isAbout(name, stems) && !name.startsWith('TargetTracking-'))
    asking.note(
      from,
      mine.map(({ name, ofLag }) => ({ kind: 'alarm', region, name, ...(ofLag ? { ofLag } : {}) })),
    )
  })
}
