import type { Plan } from './schema.ts'

/** Something that two plans name and only one may have. `path` is where the second names it. */
export type Crossing = {
  readonly plan: string
  readonly path: readonly (string | number)[]
  readonly message: string
}

const SIDES = ['home', 'dr'] as const

/**
 * What more than one of the plans would change: a failover of one would move the other, or they would wait for each
 * other's locks. Channels, people, accounts and zones may be shared.
 */
export function crossings(plans: readonly Plan[]): Crossing[] {
  const owners = new Map<string, string>()
  return plans.flatMap((plan) =>
    owned(plan).flatMap(({ key, path, what }) => {
      const other = owners.get(key)
      if (other === undefined) owners.set(key, plan.name)
      return other === undefined || other === plan.name
        ? []
        : [{ plan: plan.name, path, message: `${what} is also in the plan “${other}”` }]
    }),
  )
}

type Owned = { readonly key: string; readonly path: readonly (string | number)[]; readonly what: string }

function owned({ accounts, regions, database, services, listener, dns, terraform }: Plan): Owned[] {
  const { id: account } = accounts.workload
  const own = (path: Owned['path'], what: string, ...key: readonly string[]): Owned => ({
    key: key.join(' '),
    path,
    what,
  })
  const { globalCluster, clusters } = database
  return [
    own(['database', 'globalCluster'], `global cluster “${globalCluster}”`, 'global', account, globalCluster),
    ...SIDES.map((side) => {
      const what = `cluster “${clusters[side]}” in ${regions[side]}`
      return own(['database', 'clusters', side], what, 'db', account, regions[side], clusters[side])
    }),
    ...services.flatMap(({ ecs }, index) =>
      SIDES.map((side) => {
        const { cluster, service } = ecs[side]
        const what = `service “${cluster}/${service}” in ${regions[side]}`
        return own(['services', index, 'ecs', side], what, 'ecs', account, regions[side], cluster, service)
      }),
    ),
    ...SIDES.flatMap((side) => {
      const arn = listener?.[side]?.arn
      return arn ? [own(['listener', side, 'arn'], 'the listener', arn)] : []
    }),
    ...dns.records.map(({ name, type }, index) => {
      const plain = name.toLowerCase().replace(/\.$/, '')
      return own(
        ['dns', 'records', index, 'name'],
        `record “${plain}” (${type})`,
        dns.hostedZoneId,
        plain,
        type,
      )
    }),
    ...(terraform?.stacks ?? []).flatMap(({ codeBuild, side }, index) => {
      const path = ['terraform', 'stacks', index, 'codeBuild']
      const what = `build “${codeBuild}” in ${regions[side]}`
      return codeBuild ? [own(path, what, 'build', account, regions[side], codeBuild)] : []
    }),
  ]
}
