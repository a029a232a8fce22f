import * as elb from '@aws-sdk/client-elastic-load-balancing-v2'
import { WireError } from '../wire/failure.ts'
import type { Call, Handlers } from '../wire/service.ts'
import { attachedTo, forwardsOf, targetsOf } from './elb.ts'
import {
  defaultRule,
  describeBalancer,
  describeGroup,
  describeListener,
  describeRule,
} from './elb-describe.ts'
import { page, withTokens } from './page.ts'
import type { World } from './world.ts'

type Listing = { readonly Marker?: string | undefined; readonly PageSize?: number | undefined }
const about = (message: string) => ({ message, $metadata: {} })

export function elbHandlers(world: World): Handlers<typeof elb> {
  return {
    DescribeLoadBalancers: (input, call) => describeBalancers(world, input, call),
    DescribeListeners: (input, call) => describeListeners(world, input, call),
    DescribeRules: (input, call) => describeRules(world, input, call),
    DescribeTargetGroups: (input, call) => describeGroups(world, input, call),
    DescribeTargetHealth: (input, call) => describeHealth(world, input, call),
    ModifyListener: (input, call) => modifyListener(world, input, call),
  }
}

const here = (arn: string, call: Call): boolean => arn.split(':')[3] === call.region

function describeBalancers(world: World, input: elb.DescribeLoadBalancersCommandInput, call: Call) {
  const all = world.elb.balancers.filter(({ arn }) => here(arn, call))
  const { LoadBalancerArns: arns, Names: names } = input
  const found = all.filter(({ arn, name }) => chosen(arns, arn) && chosen(names, name))
  if (found.length < (arns?.length ?? names?.length ?? 0))
    throw new elb.LoadBalancerNotFoundException(about('One or more load balancers not found'))
  const { rows, NextMarker } = listing(found, ({ arn }) => arn, input)
  return { LoadBalancers: rows.map((each) => describeBalancer(world, each)), NextMarker }
}

function describeListeners(world: World, input: elb.DescribeListenersCommandInput, call: Call) {
  const all = world.elb.listeners.filter(({ arn }) => here(arn, call))
  const { ListenerArns: arns, LoadBalancerArn: balancer } = input
  if (arns === undefined && balancer === undefined)
    throw new WireError('ValidationError', 'You must specify either listener ARNs or a load balancer ARN')
  if (balancer !== undefined && !world.elb.balancers.some(({ arn }) => arn === balancer && here(arn, call)))
    throw new elb.LoadBalancerNotFoundException(about('One or more load balancers not found'))
  const found = all.filter(
    ({ arn, loadBalancer }) => chosen(arns, arn) && (balancer === undefined || loadBalancer === balancer),
  )
  if (found.length < (arns?.length ?? 0))
    throw new elb.ListenerNotFoundException(about('One or more listeners not found'))
  const { rows, NextMarker } = listing(found, ({ arn }) => arn, input)
  return { Listeners: rows.map(describeListener), NextMarker }
}

function describeRules(world: World, input: elb.DescribeRulesCommandInput, call: Call) {
  const { ListenerArn: listenerArn, RuleArns: ruleArns } = input
  const listeners = world.elb.listeners.filter(
    ({ arn }) => here(arn, call) && (listenerArn === undefined || arn === listenerArn),
  )
  if (listenerArn !== undefined && listeners.length === 0)
    throw new elb.ListenerNotFoundException(about('One or more listeners not found'))
  const rules = listeners.flatMap((listener) => [
    ...world.elb.rules.filter((rule) => rule.listener === listener.arn).map(describeRule),
    defaultRule(listener),
  ])
  const found = rules.filter((rule) => chosen(ruleArns, rule.RuleArn ?? ''))
  if (found.length < (ruleArns?.length ?? 0))
    throw new elb.RuleNotFoundException(about('One or more rules not found'))
  const { rows, NextMarker } = listing(found, ({ RuleArn = '' }) => RuleArn, input)
  return { Rules: rows, NextMarker }
}

function describeGroups(world: World, input: elb.DescribeTargetGroupsCommandInput, call: Call) {
  const all = world.elb.groups.filter(({ arn }) => here(arn, call))
  const { TargetGroupArns: arns, Names: names, LoadBalancerArn: balancer } = input
  const found = all.filter(
    ({ arn, name }) =>
      chosen(arns, arn) &&
      chosen(names, name) &&
      (balancer === undefined || attachedTo(world, arn).includes(balancer)),
  )
  if (found.length < (arns?.length ?? names?.length ?? 0))
    throw new elb.TargetGroupNotFoundException(about('One or more target groups not found'))
  const { rows, NextMarker } = listing(found, ({ arn }) => arn, input)
  return { TargetGroups: rows.map((group) => describeGroup(world, group)), NextMarker }
}

function describeHealth(world: World, input: elb.DescribeTargetHealthCommandInput, call: Call) {
  const group = world.elb.groups.find(({ arn }) => arn === input.TargetGroupArn && here(arn, call))
  if (!group) throw new elb.TargetGroupNotFoundException(about('One or more target groups not found'))
  const asked = input.Targets?.map(({ Id }) => Id)
  const targets = targetsOf(world, group.arn).filter(({ address }) => !asked || asked.includes(address))
  return {
    TargetHealthDescriptions: targets.map(({ address, port, state }) => ({
      Target: { Id: address, Port: port, AvailabilityZone: `${call.region}a` },
      HealthCheckPort: String(port),
      TargetHealth: { State: state, ...reasons[state] },
    })),
  }
}

const reasons: Partial<Record<elb.TargetHealthStateEnum, Omit<elb.TargetHealth, 'State'>>> = {
  initial: { Reason: 'Elb.InitialHealthChecking', Description: 'Initial health checks in progress' },
  draining: {
    Reason: 'Target.DeregistrationInProgress',
    Description: 'Target deregistration is in progress',
  },
  unused: {
    Reason: 'Target.NotInUse',
    Description: 'Target group is not configured to receive traffic from the load balancer',
  },
}

/** The default actions are replaced as a whole, or not at all. */
function modifyListener(world: World, input: elb.ModifyListenerCommandInput, call: Call) {
  const listener = world.elb.listeners.find(({ arn }) => arn === input.ListenerArn && here(arn, call))
  if (!listener) throw new elb.ListenerNotFoundException(about('One or more listeners not found'))
  const { DefaultActions: actions } = input
  if (actions === undefined) return { Listeners: [describeListener(listener)] }
  if (!actions.some(({ Type }) => ['forward', 'fixed-response', 'redirect'].includes(Type ?? '')))
    throw new elb.InvalidLoadBalancerActionException(
      about('The actions must end with a forward, redirect or fixed-response action'),
    )
  for (const [arn, weight] of Object.entries(forwardsOf(actions))) {
    if (!world.elb.groups.some((group) => group.arn === arn && here(arn, call)))
      throw new elb.TargetGroupNotFoundException(about(`Target groups '${arn}' not found`))
    if (weight < 0 || weight > 999)
      throw new WireError('ValidationError', `Weight '${weight}' must be between 0 and 999 inclusive`)
  }
  listener.actions = actions.map((action, index) => bothForms(action, index + 1))
  return { Listeners: [describeListener(listener)] }
}

/** A forward to one group is described in both forms, however it was asked for. */
function bothForms(action: elb.Action, order: number): elb.Action {
  const told = { ...action, Order: action.Order ?? order }
  const groups = Object.entries(forwardsOf([action]))
  const [only] = groups
  if (action.Type !== 'forward' || !only) return told
  const { TargetGroupArn: _legacy, ...rest } = told
  return {
    ...rest,
    ...(groups.length === 1 ? { TargetGroupArn: only[0] } : {}),
    ForwardConfig: {
      TargetGroups: groups.map(([TargetGroupArn, Weight]) => ({ TargetGroupArn, Weight })),
      TargetGroupStickinessConfig: action.ForwardConfig?.TargetGroupStickinessConfig ?? { Enabled: false },
    },
  }
}

const chosen = (wanted: readonly string[] | undefined, value: string): boolean =>
  wanted === undefined || wanted.includes(value)

function listing<T>(items: readonly T[], key: (item: T) => string, { Marker, PageSize }: Listing) {
  if (PageSize !== undefined && (PageSize < 1 || PageSize > 400))
    throw new WireError('ValidationError', 'Page size must be between 1 and 400')
  const { items: rows, next } = withTokens('ValidationError', 'Invalid marker', () =>
    page(items, key, { token: Marker, size: PageSize ?? 400 }),
  )
  return { rows, NextMarker: next }
}
