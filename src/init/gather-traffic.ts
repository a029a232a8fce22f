import { type DomainName, GetDomainNamesCommand } from '@aws-sdk/client-apigatewayv2'
import { DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch'
import {
  type Action,
  DescribeListenersCommand,
  DescribeLoadBalancersCommand,
  DescribeTargetGroupsCommand,
  type ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import { type Asking, chunks, pages } from './asking.ts'
import { sameName, type Thing } from './facts.ts'
import { isAbout } from './names.ts'
import type { Wish } from './wish.ts'

type Call = Parameters<Parameters<Asking['look']>[1]>[0]
/** ELB of one region, as everything here asks it. */
type Elb = {
  readonly client: ElasticLoadBalancingV2Client
  readonly call: Call
  note(things: readonly Thing[]): void
  readonly region: string
}

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
    const client = asking.client('elb', region, workload)
    const elb: Elb = { client, call, region, note: (things) => asking.note(from, things) }
    const balancers = await inFrontOf(elb, [...new Set(groups)])
    await noteBalancers(elb, balancers)
    for (const balancer of balancers) await noteListeners(elb, balancer)
  })
}

async function inFrontOf({ client, call, note, region }: Elb, arns: readonly string[]): Promise<string[]> {
  const balancers = new Set<string>()
  for (const TargetGroupArns of chunks(arns, 20)) {
    const command = new DescribeTargetGroupsCommand({ TargetGroupArns })
    const { TargetGroups = [] } = await call((budget) => client.send(command, budget))
    for (const { TargetGroupArn: arn = '', HealthCheckPath: path, LoadBalancerArns = [] } of TargetGroups) {
      note([{ kind: 'group', region, arn, ...(path ? { healthPath: path } : {}) }])
      for (const balancer of LoadBalancerArns) balancers.add(balancer)
    }
  }
  return [...balancers]
}

async function noteBalancers({ client, call, note, region }: Elb, arns: readonly string[]): Promise<void> {
  for (const LoadBalancerArns of chunks(arns, 20)) {
    const command = new DescribeLoadBalancersCommand({ LoadBalancerArns })
    const { LoadBalancers = [] } = await call((budget) => client.send(command, budget))
    for (const { DNSName: dnsName = '', CanonicalHostedZoneId: zone } of LoadBalancers)
      note([{ kind: 'balancer', region, dnsName, ...(zone ? { hostedZoneId: zone } : {}) }])
  }
}

async function noteListeners({ client, call, note, region }: Elb, balancer: string): Promise<void> {
  const { items } = await pages(async (Marker) => {
    const command = new DescribeListenersCommand({ LoadBalancerArn: balancer, ...(Marker ? { Marker } : {}) })
    const told = await call((budget) => client.send(command, budget))
    return { items: told.Listeners ?? [], token: told.NextMarker }
  }, 5)
  note(
    items.map(({ ListenerArn: arn = '', Port: port, DefaultActions = [] }) => ({
      kind: 'listener',
      region,
      arn,
      forwards: forwardsOf(DefaultActions),
      ...(port === undefined ? {} : { port }),
    })),
  )
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
    wish.record === undefined ? isAbout(name, stems) : sameName(name, wish.record)
  await asking.look(from, async (call) => {
    const gateway = asking.client('gateway', region, wish.workload)
    const { items } = await pages(async (NextToken) => {
      const command = new GetDomainNamesCommand({ MaxResults: '100', ...(NextToken ? { NextToken } : {}) })
      const told = await call((budget) => gateway.send(command, budget))
      return { items: told.Items ?? [], token: told.NextToken }
    }, 10)
    asking.note(
      from,
      items.filter(isMine).flatMap((domain) => domainsOf(domain, region)),
    )
  })
}

const domainsOf = (
  { DomainName: name, DomainNameConfigurations = [] }: DomainName,
  region: string,
): Thing[] =>
  DomainNameConfigurations.flatMap(({ ApiGatewayDomainName: dnsName, HostedZoneId: zone }) =>
    dnsName
      ? {
          kind: 'domain',
          region,
          dnsName,
          ...(name ? { name } : {}),
          ...(zone ? { hostedZoneId: zone } : {}),
        }
      : [],
  )

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
