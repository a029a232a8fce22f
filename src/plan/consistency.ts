import { drillFaults } from './drill-faults.ts'
import { identityFaults } from './identity-faults.ts'
import { type Contradiction, repeated } from './repeated.ts'
import type { Plan } from './schema.ts'
import { terraformFaults } from './terraform-faults.ts'

const SIDES = ['home', 'dr'] as const

/**
 * What no single field can show: facts of one plan that contradict each other. Runs on a plan whose fields are each
 * well formed. An ARN says its own region and account, so a home ARN pasted into dr is caught here and not at three
 * in the morning.
 */
export function consistency(plan: Plan): Contradiction[] {
  if (plan.regions.home === plan.regions.dr)
    return [{ path: ['regions', 'dr'], message: 'home and dr must be different regions' }]
  return [
    ...roles(plan),
    ...plan.services.flatMap((service, index) => serviceFaults(plan, service, index)),
    ...repeated(plan.services, ({ name }) => name, ['services'], 'name', 'service'),
    ...listeners(plan),
    ...records(plan),
    ...probes(plan),
    ...heartbeats(plan),
    ...rescueKeys(plan),
    ...terraformFaults(plan),
    ...drillFaults(plan),
    ...identityFaults(plan),
  ]
}

function roles({ accounts: { workload, dns } }: Plan): Contradiction[] {
  const own = (path: string[], id: string, role: string | undefined): Contradiction[] => {
    const owner = role?.split(':')[4]
    return owner === undefined || owner === id
      ? []
      : [{ path: ['accounts', ...path], message: `is a role of account ${owner}, not of ${id}` }]
  }
  return [
    ...own(['workload', 'role'], workload.id, workload.role),
    ...own(['workload', 'deletionRole'], workload.id, workload.deletionRole),
    ...own(['dns', 'role'], dns.id, dns.role),
  ]
}

function serviceFaults(plan: Plan, service: Plan['services'][number], index: number): Contradiction[] {
  return SIDES.flatMap((side) => {
    const { active, standby, max } = service.capacity[side]
    const at = ['services', index, 'capacity', side]
    const faults: Contradiction[] = []
    if (active < 1)
      faults.push({ path: [...at, 'active'], message: 'a side that serves needs at least one task' })
    if (standby > active)
      faults.push({ path: [...at, 'standby'], message: `standby (${standby}) is above active (${active})` })
    if (active > max)
      faults.push({ path: [...at, 'max'], message: `max (${max}) is below active (${active})` })
    if (service.targetGroup)
      faults.push(
        ...foreignArn(plan, side, service.targetGroup[side], ['services', index, 'targetGroup', side]),
      )
    return faults
  })
}

function listeners(plan: Plan): Contradiction[] {
  return SIDES.flatMap((side) => {
    const listener = plan.listener?.[side]
    if (!listener) return []
    return (['arn', 'serves'] as const).flatMap((key) =>
      foreignArn(plan, side, listener[key], ['listener', side, key]),
    )
  })
}

/** Load balancers live in their side's region and in the workload account, and their ARNs say both. */
function foreignArn(
  plan: Plan,
  side: 'home' | 'dr',
  arn: string,
  path: (string | number)[],
): Contradiction[] {
  const [, , , region, account] = arn.split(':')
  const faults: Contradiction[] = []
  if (region !== plan.regions[side])
    faults.push({ path, message: `is in ${region || 'no region'}, and ${side} is ${plan.regions[side]}` })
  if (account !== plan.accounts.workload.id)
    faults.push({
      path,
      message: `is in account ${account || 'none'}, not in the workload account ${plan.accounts.workload.id}`,
    })
  return faults
}

function records({ dns }: Plan): Contradiction[] {
  const same = dns.records.flatMap((record, index) =>
    record.targets.home.dnsName === record.targets.dr.dnsName
      ? [
          {
            path: ['dns', 'records', index, 'targets', 'dr', 'dnsName'],
            message: 'is the same target as home',
          },
        ]
      : [],
  )
  const key = (record: (typeof dns.records)[number]) => `${record.name.replace(/\.$/, '')} ${record.type}`
  return [...same, ...repeated(dns.records, key, ['dns', 'records'], 'name', 'record')]
}

function probes({ probes }: Plan): Contradiction[] {
  const { stack, public: customers } = probes
  const faults: Contradiction[] = []
  if (stack.home === stack.dr)
    faults.push({
      path: ['probes', 'stack', 'dr'],
      message: 'is the same address as home, so it proves neither side',
    })
  for (const side of SIDES)
    if (stack[side] === customers)
      faults.push({
        path: ['probes', 'stack', side],
        message: "is the public address, which follows DNS: give the side's own",
      })
  return faults
}

/** Read through a side's own stack: an address that follows DNS would measure one database twice. */
function heartbeats({ heartbeat, probes }: Plan): Contradiction[] {
  if (!heartbeat) return []
  const hostOf = (url: string) => (URL.canParse(url) ? new URL(url).host : url)
  const followsDns = SIDES.filter((side) => hostOf(heartbeat[side]) === hostOf(probes.public))
  return [
    ...followsDns.map((side) => ({
      path: ['heartbeat', side],
      message: "is at the public address, which follows DNS: give the side's own",
    })),
    ...(heartbeat.home === heartbeat.dr
      ? [{ path: ['heartbeat', 'dr'], message: 'is the same address as home, so it tells nothing about dr' }]
      : []),
  ]
}

function rescueKeys({ database, regions }: Plan): Contradiction[] {
  return SIDES.flatMap((side) => {
    const key = database.rescueKeys?.[side]
    if (key === undefined) return []
    const [, , service, region] = key.split(':')
    const path = ['database', 'rescueKeys', side]
    if (service !== 'kms') return [{ path, message: 'is no KMS key' }]
    return region === regions[side]
      ? []
      : [{ path, message: `is in ${region || 'no region'}, and ${side} is ${regions[side]}` }]
  })
}
