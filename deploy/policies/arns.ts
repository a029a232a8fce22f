import type { Plan } from '../../src/plan/schema.ts'

type Side = 'home' | 'dr'
export const SIDES = ['home', 'dr'] as const

/** The partition of a region: AWS itself, China or GovCloud. */
export function partitionOf(region: string): string {
  if (region.startsWith('cn-')) return 'aws-cn'
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws'
}

/** The ARNs of what a plan names, and of what can be known of its snapshots, instances and tasks beforehand. */
export function arnsOf(plan: Plan) {
  const { regions, accounts, database, services, dns } = plan
  const account = accounts.workload.id
  const partition = partitionOf(regions.home)
  const at = (service: string, side: Side, resource: string) =>
    `arn:${partition}:${service}:${regions[side]}:${account}:${resource}`
  const both = (make: (side: Side) => readonly string[]) => SIDES.flatMap(make)
  return {
    regions: [regions.home, regions.dr],
    global: (name: string) => `arn:${partition}:rds::${account}:global-cluster:${name}`,
    cluster: (side: Side) => at('rds', side, `cluster:${database.clusters[side]}`),
    /** A cluster does not say which instances are its own, so they are known by names that begin with the cluster's. */
    instances: (side: Side) => [
      at('rds', side, `db:${database.clusters[side]}`),
      at('rds', side, `db:${database.clusters[side]}-*`),
    ],
    everyInstance: (side: Side) => at('rds', side, 'db:*'),
    snapshots: (side: Side, name: string) => at('rds', side, `cluster-snapshot:${name}`),
    ecsServices: both((side) =>
      services.map(({ ecs }) => at('ecs', side, `service/${ecs[side].cluster}/${ecs[side].service}`)),
    ),
    ecsClusters: both((side) => services.map(({ ecs }) => at('ecs', side, `cluster/${ecs[side].cluster}`))),
    ecsTasks: both((side) => services.map(({ ecs }) => at('ecs', side, `task/${ecs[side].cluster}/*`))),
    /** Application Auto Scaling gives its targets ids that nobody can know beforehand. */
    scalableTargets: both((side) => [at('application-autoscaling', side, 'scalable-target/*')]),
    builds: (plan.terraform?.stacks ?? []).flatMap(({ side, codeBuild }) =>
      codeBuild ? [at('codebuild', side, `project/${codeBuild}`)] : [],
    ),
    domains: both((side) =>
      dns.records.flatMap(({ apiGatewayDomain: domain }) =>
        domain ? [`arn:${partition}:apigateway:${regions[side]}::/domainnames/${domain}`] : [],
      ),
    ),
    zone: `arn:${partition}:route53:::hostedzone/${dns.hostedZoneId}`,
    changes: `arn:${partition}:route53:::change/*`,
  }
}
