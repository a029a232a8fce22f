import type { Action, TargetHealthStateEnum } from '@aws-sdk/client-elastic-load-balancing-v2'
import { type EcsService, type EcsTask, type ServiceSpec, specs } from './ecs.ts'
import { random } from './random.ts'
import { type App, accounts, apps, regions, type Side, sides, type World } from './world.ts'

export type LoadBalancer = {
  readonly app: App
  readonly side: Side
  readonly region: string
  readonly name: string
  readonly arn: string
  readonly dnsName: string
  readonly hostedZoneId: string
}
export type TargetGroup = {
  readonly app: App
  readonly side: Side
  readonly region: string
  readonly name: string
  readonly arn: string
}
export type ElbListener = { readonly arn: string; readonly loadBalancer: string; actions: Action[] }
export type ElbRule = {
  readonly arn: string
  readonly listener: string
  readonly path: string
  readonly priority: string
  readonly actions: Action[]
}
export type ElbState = {
  balancers: LoadBalancer[]
  groups: TargetGroup[]
  listeners: ElbListener[]
  rules: ElbRule[]
}

/** The hosted zones of ELB's own names. */
const zones: Readonly<Record<Side, string>> = { home: 'Z35SXDOTRQ7X7K', dr: 'Z1H1FL5HABSF5' }

const balancerIds: Readonly<Record<App, Readonly<Record<Side, readonly [string, string]>>>> = {
  orders: {
    home: ['a4b5c6d7e8f90a1b', 'b5c6d7e8f90a1b2c'],
    dr: ['c6d7e8f90a1b2c3d', 'd7e8f90a1b2c3d4e'],
  },
  billing: {
    home: ['60718293a4b5c6d7', '718293a4b5c6d7e8'],
    dr: ['8293a4b5c6d7e8f9', '93a4b5c6d7e8f90a'],
  },
}

const groupIds: Readonly<Record<string, Readonly<Record<Side, string>>>> = {
  'orders-api': { home: '0a1b2c3d4e5f6071', dr: '1b2c3d4e5f607182' },
  'orders-web': { home: '2c3d4e5f60718293', dr: '3d4e5f60718293a4' },
  'billing-blue': { home: '4e5f60718293a4b5', dr: '5f60718293a4b5c6' },
  'billing-green': { home: '6a718293a4b5c6d8', dr: '7b8293a4b5c6d7e9' },
}

const arn = (side: Side, rest: string): string =>
  `arn:aws:elasticloadbalancing:${regions[side]}:${accounts.workload}:${rest}`

const groupArn = (side: Side, name: string): string =>
  arn(side, `targetgroup/${name}/${groupIds[name]?.[side]}`)

export const listenerArn = (app: App, side: Side): string =>
  arn(side, `listener/app/${app}/${balancerIds[app][side].join('/')}`)

/** Where a service's tasks register. */
export const targetGroupOf = (spec: Pick<ServiceSpec, 'app' | 'name'>, side: Side): string =>
  groupArn(side, spec.app === 'billing' ? 'billing-blue' : spec.name)

/** One ALB an app and side. Billing's is blue/green, and its dr listener still forwards to the empty green group. */
export function seedElb(): ElbState {
  const pairs = apps.flatMap((app) => sides.map((side) => ({ app, side })))
  return {
    balancers: pairs.map(({ app, side }) => ({
      app,
      side,
      region: regions[side],
      name: app,
      arn: arn(side, `loadbalancer/app/${app}/${balancerIds[app][side][0]}`),
      dnsName: `${app}-${side}-1.${regions[side]}.elb.amazonaws.com`,
      hostedZoneId: zones[side],
    })),
    groups: sides.flatMap((side) =>
      Object.keys(groupIds).map((name) => ({
        app: name.startsWith('orders') ? 'orders' : 'billing',
        side,
        region: regions[side],
        name,
        arn: groupArn(side, name),
      })),
    ),
    listeners: pairs.map(({ app, side }) => ({
      arn: listenerArn(app, side),
      loadBalancer: arn(side, `loadbalancer/app/${app}/${balancerIds[app][side][0]}`),
      actions: [listenerActions(app, side, 'home')],
    })),
    rules: sides.map((side) => ({
      arn: arn(side, `listener-rule/app/orders/${balancerIds.orders[side].join('/')}/e8f90a1b2c3d4e5f`),
      listener: listenerArn('orders', side),
      path: '/web/*',
      priority: '10',
      actions: [forward([[groupArn(side, 'orders-web'), 1]])],
    })),
  }
}

/** The default action of a listener while the `active` side serves. */
export const listenerActions = (app: App, side: Side, active: Side): Action =>
  app === 'orders'
    ? forward([[groupArn(side, 'orders-api'), 1]])
    : forward([
        [groupArn(side, 'billing-blue'), side === active ? 100 : 0],
        [groupArn(side, 'billing-green'), side === active ? 0 : 100],
      ])

/** A forward action as AWS describes it: one group is told in both forms. */
function forward(weights: readonly (readonly [string, number])[]): Action {
  const [only] = weights
  return {
    Type: 'forward',
    Order: 1,
    ...(weights.length === 1 && only ? { TargetGroupArn: only[0] } : {}),
    ForwardConfig: {
      TargetGroups: weights.map(([TargetGroupArn, Weight]) => ({ TargetGroupArn, Weight })),
      TargetGroupStickinessConfig: { Enabled: false },
    },
  }
}

/** What the actions forward to, in either form: target group -> weight. */
export function forwardsOf(actions: readonly Action[]): Readonly<Record<string, number>> {
  const action = actions.find(({ Type }) => Type === 'forward')
  const groups = action?.ForwardConfig?.TargetGroups
  if (groups?.length)
    return Object.fromEntries(groups.map((group) => [group.TargetGroupArn, group.Weight ?? 1]))
  return action?.TargetGroupArn ? { [action.TargetGroupArn]: 1 } : {}
}

/** The share of a listener's default traffic that reaches a group in which the application's tasks register. */
export function listenerShare(world: World, app: App, side: Side): number {
  const listener = world.elb.listeners.find((each) => each.arn === listenerArn(app, side))
  const weights = Object.entries(forwardsOf(listener?.actions ?? []))
  const live = new Set(specs.filter((spec) => spec.app === app).map((spec) => targetGroupOf(spec, side)))
  const sum = (entries: typeof weights) => entries.reduce((total, [, weight]) => total + weight, 0)
  const all = sum(weights)
  return all === 0 ? 0 : sum(weights.filter(([group]) => live.has(group))) / all
}

/** Listeners and rules that name the group, with whatever weight: without any, ELB does not check its targets. */
export function attachedTo(world: World, group: string): readonly string[] {
  const listeners = world.elb.listeners.filter(({ actions }) => group in forwardsOf(actions))
  const ruled = world.elb.rules.filter(({ actions }) => group in forwardsOf(actions))
  const balancers = [
    ...listeners.map(({ loadBalancer }) => loadBalancer),
    ...ruled.map(({ listener }) => world.elb.listeners.find((each) => each.arn === listener)?.loadBalancer),
  ]
  return [...new Set(balancers.filter((balancer) => balancer !== undefined))]
}

export type Target = {
  readonly address: string
  readonly port: number
  readonly state: TargetHealthStateEnum
}

/** The running tasks that are registered in a group, with their health. */
export function targetsOf(world: World, group: string): readonly Target[] {
  const unused = attachedTo(world, group).length === 0
  const state = (task: EcsTask): TargetHealthStateEnum => {
    if (unused) return 'unused'
    if (task.stoppingAt !== undefined) return 'draining'
    return task.healthyAt === undefined ? 'initial' : 'healthy'
  }
  const of = (service: EcsService) =>
    service.tasks
      .filter((task) => task.startedAt !== undefined)
      .map((task) => ({ address: addressOf(service, task), port: 8080, state: state(task) }))
  return world.ecs.services.filter(({ targetGroup }) => targetGroup === group).flatMap(of)
}

/** A task's private address. */
export function addressOf(service: EcsService, task: EcsTask): string {
  const next = random(task.id)
  const octet = () => 1 + Math.floor(next() * 250)
  return `10.${service.side === 'home' ? 10 : 20}.${octet()}.${octet()}`
}
