import type { Plan } from '../plan/schema.ts'

/** Everything a run of this plan may change, as lock names, on both sides: plans that share one exclude each other. */
export function resourcesOf({ database, regions, services, listener, dns }: Plan): readonly string[] {
  const sides = ['home', 'dr'] as const
  return [
    `global-cluster:${database.globalCluster}`,
    ...services.flatMap(({ ecs }) =>
      sides.map((side) => `service:${regions[side]}/${ecs[side].cluster}/${ecs[side].service}`),
    ),
    ...sides.flatMap((side) => (listener?.[side] ? [`listener:${listener[side].arn}`] : [])),
    ...dns.records.map(({ name, type }) => `record:${dns.hostedZoneId}/${name}/${type}`),
  ]
}
