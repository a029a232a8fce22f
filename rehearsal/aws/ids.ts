import { stacksOf } from './stacks.ts'
import { publicName, stackName, targets, zoneId } from './world/dns.ts'
import { specs } from './world/ecs.ts'
import { listenerArn, targetGroupOf } from './world/elb.ts'
import { keyOf } from './world/snapshots.ts'
import { deletionRole } from './world/sts.ts'
import { type App, accounts, regions, type Side } from './world/world.ts'

const both = <T>(of: (side: Side) => T): { home: T; dr: T } => ({ home: of('home'), dr: of('dr') })
const url = (name: string, path = 'health'): string => `http://${name.slice(0, -1)}/${path}`

/** The simulated things of an application, as the fields of its plan. */
export function idsOf(app: App) {
  const listener = (side: Side) => ({
    arn: listenerArn(app, side),
    serves: targetGroupOf({ app, name: `${app}-api` }, side),
  })
  return {
    regions,
    accounts: {
      workload: {
        id: accounts.workload,
        role: `arn:aws:iam::${accounts.workload}:role/understudy-operator`,
        ...(app === 'orders' ? { deletionRole } : {}),
      },
      dns: {
        id: accounts.dns,
        role: `arn:aws:iam::${accounts.dns}:role/understudy-dns`,
        externalId: 'understudy',
      },
    },
    database: {
      globalCluster: `${app}-global`,
      clusters: both((side) => `${app}-${side}`),
      ...(app === 'orders' ? { rescueKeys: both((side) => keyOf(regions[side])) } : {}),
    },
    services: specs
      .filter((spec) => spec.app === app)
      .map((spec) => ({
        name: spec.name,
        writes: spec.writes,
        ecs: both(() => ({ cluster: app, service: spec.name })),
        capacity: both(() => ({ active: spec.active, standby: spec.standby, max: spec.max })),
        targetGroup: both((side) => targetGroupOf(spec, side)),
      })),
    ...(app === 'billing' ? { listener: both(listener) } : {}),
    dns: {
      hostedZoneId: zoneId,
      records: [
        {
          name: publicName(app).slice(0, -1),
          type: 'A' as const,
          targets: both((side) => targets[app][side]),
          evaluateTargetHealth: app === 'billing',
          ...(app === 'orders' ? { apiGatewayDomain: publicName(app).slice(0, -1) } : {}),
        },
      ],
    },
    probes: { stack: both((side) => url(stackName(app, side))), public: url(publicName(app)) },
    ...(app === 'orders' ? { heartbeat: both((side) => url(stackName(app, side), 'heartbeat')) } : {}),
    terraform: { stacks: stacksOf(app).map(({ app: _app, ...stack }) => stack) },
    alarms: both((side) => [`${app}-${side}-5xx`]),
  }
}
