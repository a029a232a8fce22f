import {
  type Action,
  DescribeListenersCommand,
  DescribeRulesCommand,
  type ElasticLoadBalancingV2Client,
  type Listener,
  ModifyListenerCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import type { Outside, Side } from '../flows/world.ts'
import type { Budget } from './look.ts'
import type { Site } from './site.ts'
import { healthyTargets } from './targets.ts'

/** ELBv2: the default action of a side's ALB listener. */
export function listener(site: Site): Outside['listener'] {
  return {
    look: (side) =>
      site.look('ELB', side, async (budget) => {
        const planned = site.plan.listener?.[side]
        if (!planned) return 'absent'
        const elb = site.client('elb', side, 'probe')
        const [found, hasRules] = await Promise.all([
          describe(elb, planned.arn, budget),
          rules(elb, planned.arn, budget),
        ])
        const forwards = forwardsOf(found.DefaultActions ?? [])
        const groups = [...new Set([planned.serves, ...Object.keys(forwards)])]
        const healthy = await Promise.all(
          groups.map(async (group) => [group, await healthyTargets(elb, group, budget)] as const),
        )
        return { arn: planned.arn, forwards, hasRules, healthy: Object.fromEntries(healthy) }
      }),

    serve: (side) => serve(site, side),
  }
}

async function serve(site: Site, side: Side) {
  const name = 'elasticloadbalancing:ModifyListener'
  const act = site.act(side)
  const planned = site.plan.listener?.[side]
  if (!planned) throw act.refuse(name, 'NoListener', `the plan names no listener on the ${side} side`)
  const elb = site.client('elb', side, 'act')
  const found = await act.read('elasticloadbalancing:DescribeListeners', (options) =>
    describe(elb, planned.arn, options),
  )
  const actions = found.DefaultActions ?? []
  if (onlyTo(forwardsOf(actions), planned.serves))
    return act.receipt(`${planned.arn} forwards to ${planned.serves} already; nothing was asked for`)
  if (!actions.some(({ Type }) => Type === 'forward'))
    throw act.refuse(name, 'NoForward', 'the default action of the listener forwards to nothing')
  const command = new ModifyListenerCommand({
    ListenerArn: planned.arn,
    DefaultActions: actions.map((action) => kept(forwardingTo(action, planned.serves))),
  })
  await act.change(name, planned.arn, (options) => elb.send(command, options))
  return act.receipt()
}

async function describe(elb: ElasticLoadBalancingV2Client, arn: string, options: Budget): Promise<Listener> {
  const { Listeners } = await elb.send(new DescribeListenersCommand({ ListenerArns: [arn] }), options)
  const [found] = Listeners ?? []
  if (!found) throw new Error(`there is no listener ${arn}`)
  return found
}

async function rules(elb: ElasticLoadBalancingV2Client, arn: string, options: Budget): Promise<boolean> {
  const { Rules } = await elb.send(new DescribeRulesCommand({ ListenerArn: arn }), options)
  return (Rules ?? []).some(({ IsDefault }) => !IsDefault)
}

/** Both spellings of a forward in one: target group -> weight. Empty when nothing is forwarded. */
function forwardsOf(actions: readonly Action[]): Readonly<Record<string, number>> {
  const action = actions.find(({ Type }) => Type === 'forward')
  const groups = action?.ForwardConfig?.TargetGroups
  if (groups?.length)
    return Object.fromEntries(groups.map((group) => [group.TargetGroupArn, group.Weight ?? 1]))
  return action?.TargetGroupArn ? { [action.TargetGroupArn]: 1 } : {}
}

const onlyTo = (forwards: Readonly<Record<string, number>>, group: string): boolean =>
  (forwards[group] ?? 0) > 0 &&
  Object.entries(forwards).every(([other, weight]) => other === group || !weight)

/**
 * The action with all traffic going to the group. Of several groups all stay, the others with weight 0, because a
 * blue/green deployment goes on counting on them; stickiness and order stay too. One group is simply exchanged.
 */
function forwardingTo(action: Action, group: string): Action {
  if (action.Type !== 'forward') return action
  const { TargetGroupArn: legacy, ForwardConfig: config, ...rest } = action
  const groups = config?.TargetGroups ?? []
  if (!config) return { ...rest, TargetGroupArn: group }
  if (groups.length <= 1) {
    const [only = {}] = groups
    const exchanged = { ...config, TargetGroups: [{ ...only, TargetGroupArn: group }] }
    return { ...rest, ...(legacy ? { TargetGroupArn: group } : {}), ForwardConfig: exchanged }
  }
  const all = Math.max(
    1,
    groups.reduce((sum, { Weight }) => sum + (Weight ?? 1), 0),
  )
  const named = groups.some(({ TargetGroupArn }) => TargetGroupArn === group)
  const weighted = [...groups, ...(named ? [] : [{ TargetGroupArn: group }])].map((each) => ({
    ...each,
    Weight: each.TargetGroupArn === group ? Math.min(999, all) : 0,
  }))
  return { ...rest, ForwardConfig: { ...config, TargetGroups: weighted } }
}

/** ELB never tells a client secret, and wants it back unless it is told to keep the one it has. */
function kept(action: Action): Action {
  const oidc = action.AuthenticateOidcConfig
  return oidc ? { ...action, AuthenticateOidcConfig: { ...oidc, UseExistingClientSecret: true } } : action
}
