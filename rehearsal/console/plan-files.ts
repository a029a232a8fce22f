import { idsOf } from '../aws/ids.ts'
import { engineVersion } from '../aws/world/rds.ts'
import { type App, accounts, type Side } from '../aws/world/world.ts'

/** `no-op` changes nothing · `drift` is what a failover leaves behind · `nasty` is a plan from before the failover. */
export const planFileKinds = ['no-op', 'drift', 'nasty'] as const
type PlanFileKind = (typeof planFileKinds)[number]

type Values = Readonly<Record<string, unknown>>
type Change = {
  readonly address: string
  readonly values: Values
  /** What differs afterwards; a replacement names what forces it. */
  readonly becomes?: Values
  readonly forcedBy?: string
}

/** What `terraform show -json` would write for a stack of a simulated application while `active` serves. */
export function planFile(
  app: App,
  kind: PlanFileKind,
  active: Side,
): { readonly name: string; readonly content: string } {
  const standby = active === 'home' ? 'dr' : 'home'
  const make = { 'no-op': quiet, drift, nasty }[kind]
  const { stack, side, changes } = make(app, active, standby)
  const file = {
    format_version: '1.2',
    terraform_version: '1.13.4',
    variables: {},
    planned_values: { root_module: {} },
    resource_changes: changes.map(resourceChange),
    configuration: {
      provider_config: {
        aws: {
          name: 'aws',
          full_name: 'registry.terraform.io/hashicorp/aws',
          expressions: { region: { constant_value: regionOf(side) } },
        },
      },
    },
    complete: true,
    errored: false,
  }
  return { name: `${app}-${stack}.tfplan.json`, content: `${JSON.stringify(file, null, 2)}\n` }
}

type Stack = { readonly stack: string; readonly side: Side; readonly changes: readonly Change[] }

const quiet = (app: App, _active: Side, standby: Side): Stack => ({
  stack: `${standby}-platform`,
  side: standby,
  changes: [
    globalCluster(app),
    cluster(app, standby),
    {
      address: 'aws_rds_cluster_instance.this[0]',
      values: {
        identifier: `${app}-${standby}-1`,
        cluster_identifier: `${app}-${standby}`,
        engine_version: engineVersion,
      },
    },
  ],
})

const drift = (app: App, _active: Side, standby: Side): Stack => ({
  stack: `${standby}-workloads`,
  side: standby,
  changes: services(app, standby, ({ active: full, standby: few }) => ({ before: full, after: few })),
})

const nasty = (app: App, active: Side, standby: Side): Stack => ({
  stack: `${active}-workloads`,
  side: active,
  changes: [
    { ...globalCluster(app), becomes: { database_name: `${app}db` }, forcedBy: 'database_name' },
    { ...cluster(app, standby), becomes: { global_cluster_identifier: null } },
    {
      ...cluster(app, active),
      becomes: { availability_zones: ['a', 'b'].map((zone) => `${regionOf(active)}${zone}`) },
      forcedBy: 'availability_zones',
    },
    record(app, active, standby),
    ...services(app, active, ({ active: full, standby: few }) => ({ before: full, after: few })),
  ],
})

const regionOf = (side: Side): string => idsOf('orders').regions[side]

const globalCluster = (app: App): Change => ({
  address: 'aws_rds_global_cluster.this',
  values: {
    global_cluster_identifier: `${app}-global`,
    database_name: app,
    engine: 'aurora-postgresql',
    engine_version: engineVersion,
  },
})

const cluster = (app: App, side: Side): Change => ({
  address: `aws_rds_cluster.${side}`,
  values: {
    arn: `arn:aws:rds:${regionOf(side)}:${accounts.workload}:cluster:${app}-${side}`,
    cluster_identifier: `${app}-${side}`,
    global_cluster_identifier: `${app}-global`,
    engine: 'aurora-postgresql',
    engine_version: engineVersion,
    availability_zones: ['a', 'b', 'c'].map((zone) => `${regionOf(side)}${zone}`),
    deletion_protection: true,
    skip_final_snapshot: false,
  },
})

function record(app: App, from: Side, to: Side): Change {
  const { dns } = idsOf(app)
  const [first] = dns.records
  const alias = (side: Side) => {
    const target = first?.targets[side]
    return [
      { name: target?.dnsName, zone_id: target?.hostedZoneId, evaluate_target_health: app === 'billing' },
    ]
  }
  return {
    address: 'aws_route53_record.public',
    values: { zone_id: dns.hostedZoneId, name: first?.name, type: first?.type, alias: alias(from) },
    becomes: { alias: alias(to) },
  }
}

type Counts = (capacity: { active: number; standby: number; max: number }) => {
  before: number
  after: number
}

const services = (app: App, side: Side, counts: Counts): readonly Change[] =>
  idsOf(app).services.flatMap(({ name, ecs, capacity }) => {
    const { cluster: in_, service } = ecs[side]
    const { before, after } = counts(capacity[side])
    return [
      {
        address: `aws_ecs_service.this["${name}"]`,
        values: {
          cluster: `arn:aws:ecs:${regionOf(side)}:${accounts.workload}:cluster/${in_}`,
          name: service,
          desired_count: before,
        },
        becomes: { desired_count: after },
      },
      {
        address: `aws_appautoscaling_target.this["${name}"]`,
        values: {
          resource_id: `service/${in_}/${service}`,
          service_namespace: 'ecs',
          scalable_dimension: 'ecs:service:DesiredCount',
          min_capacity: before,
          max_capacity: capacity[side].max,
        },
        becomes: { min_capacity: after },
      },
    ]
  })

function resourceChange({ address, values, becomes, forcedBy }: Change) {
  const [type = ''] = address.split('.')
  const actions = forcedBy ? ['delete', 'create'] : becomes ? ['update'] : ['no-op']
  return {
    address,
    mode: 'managed',
    type,
    name: address.split('.')[1]?.replace(/\[.*/, ''),
    provider_name: 'registry.terraform.io/hashicorp/aws',
    change: {
      actions,
      before: values,
      after: { ...values, ...becomes },
      after_unknown: {},
      before_sensitive: {},
      after_sensitive: {},
      ...(forcedBy ? { replace_paths: [[forcedBy]] } : {}),
    },
  }
}
