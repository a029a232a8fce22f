import type { Side } from '../flows/world.ts'
import type { Plan } from '../plan/schema.ts'

/** What of a plan a call is about. `any`: AWS knows no narrower resource for it. */
export type ResourceKind =
  | 'any'
  | 'global-cluster'
  | 'clusters'
  | 'home-cluster'
  | 'home-instances'
  | 'snapshots'
  | 'home-snapshots'
  | 'rescue-keys'
  | 'ecs-services'
  | 'ecs-tasks'
  | 'scalable-targets'
  | 'listeners'
  | 'projects'
  | 'domains'
  | 'zone'
  | 'dns-change'
  | 'roles'
  | 'dns-role'
  | 'people'

const sides: readonly Side[] = ['home', 'dr']

/** The ARN's second part for a region: `aws`, `aws-cn`, `aws-us-gov`. */
export const partitionOf = (region: string): string => {
  if (region.startsWith('cn-')) return 'aws-cn'
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws'
}

/** An ARN in one of a plan's regions, in its workload account. */
const arn = (plan: Plan, side: Side, service: string, resource: string): string =>
  `arn:${partitionOf(plan.regions[side])}:${service}:${plan.regions[side]}:${plan.accounts.workload.id}:${resource}`

export const clusterArn = (plan: Plan, side: Side): string =>
  arn(plan, side, 'rds', `cluster:${plan.database.clusters[side]}`)

const resources: Readonly<Record<ResourceKind, (plan: Plan) => readonly string[]>> = {
  any: () => ['*'],
  'global-cluster': ({ regions, accounts, database }) => [
    `arn:${partitionOf(regions.dr)}:rds::${accounts.workload.id}:global-cluster:${database.globalCluster}`,
  ],
  clusters: (plan) => sides.map((side) => clusterArn(plan, side)),
  'home-cluster': (plan) => [clusterArn(plan, 'home')],
  // Instances are found by their cluster; the plan has no names of them.
  'home-instances': (plan) => [arn(plan, 'home', 'rds', `db:${plan.database.clusters.home}-1`)],
  snapshots: (plan) => sides.map((side) => arn(plan, side, 'rds', 'cluster-snapshot:dr-1-rescue')),
  'home-snapshots': (plan) => [arn(plan, 'home', 'rds', 'cluster-snapshot:dr-1-final')],
  'rescue-keys': ({ database }) => Object.values(database.rescueKeys ?? {}),
  'ecs-services': (plan) => ofServices(plan, (cluster, service) => `service/${cluster}/${service}`),
  'ecs-tasks': (plan) => ofServices(plan, (cluster) => `task/${cluster}/0`),
  'scalable-targets': (plan) =>
    sides.map((side) => arn(plan, side, 'application-autoscaling', 'scalable-target/0')),
  listeners: ({ listener }) => sides.flatMap((side) => listener?.[side]?.arn ?? []),
  projects: (plan) =>
    (plan.terraform?.stacks ?? []).flatMap(({ codeBuild, side }) =>
      codeBuild ? [arn(plan, side, 'codebuild', `project/${codeBuild}`)] : [],
    ),
  domains: ({ dns, regions }) =>
    dns.records.flatMap(({ apiGatewayDomain: name }) =>
      name
        ? sides.map(
            (side) => `arn:${partitionOf(regions[side])}:apigateway:${regions[side]}::/domainnames/${name}`,
          )
        : [],
    ),
  zone: ({ dns, regions }) => [`arn:${partitionOf(regions.dr)}:route53:::hostedzone/${dns.hostedZoneId}`],
  'dns-change': ({ regions }) => [`arn:${partitionOf(regions.dr)}:route53:::change/C1`],
  roles: ({ accounts: { workload } }) =>
    [workload.role, workload.deletionRole].filter((role) => role !== undefined),
  'dns-role': ({ accounts }) => (accounts.dns.role ? [accounts.dns.role] : []),
  people: (plan) =>
    plan.identities.flatMap(({ arn: person }) => {
      const [, partition, account, role] =
        /^arn:([\w-]+):sts::(\d+):assumed-role\/([^/]+)\//.exec(person) ?? []
      // Where roles of Identity Center are; those of other origins have paths that nobody can know.
      return role?.startsWith('AWSReservedSSO_')
        ? [`arn:${partition}:iam::${account}:role/aws-reserved/sso.amazonaws.com/*/${role}`]
        : []
    }),
}

const ofServices = (plan: Plan, name: (cluster: string, service: string) => string): readonly string[] => [
  ...new Set(
    plan.services.flatMap(({ ecs }) =>
      sides.map((side) => arn(plan, side, 'ecs', name(ecs[side].cluster, ecs[side].service))),
    ),
  ),
]

/** The ARNs of that kind that a plan's calls are about; none where the plan has nothing of the kind. */
export const resourcesOf = (plan: Plan, kind: ResourceKind): readonly string[] => resources[kind](plan)
