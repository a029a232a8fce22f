import type { Plan } from './schema.ts'

export type Contradiction = { readonly path: readonly (string | number)[]; readonly message: string }

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
    ...repeated(plan.services, (service) => service.name, 'services', 'service'),
    ...listeners(plan),
    ...records(plan),
    ...probes(plan),
  ]
}

function roles({ accounts }: Plan): Contradiction[] {
  return (['workload', 'dns'] as const).flatMap((which) => {
    const { id, role } = accounts[which]
    const owner = role?.split(':')[4]
    return owner === undefined || owner === id
      ? []
      : [{ path: ['accounts', which, 'role'], message: `is a role of account ${owner}, not of ${id}` }]
  })
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
  return [...same, ...repeated(dns.records, key, 'dns.records', 'record')]
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

function repeated<T>(
  list: readonly T[],
  key: (item: T) => string,
  at: string,
  noun: string,
): Contradiction[] {
  return list.flatMap((item, index) => {
    const first = list.findIndex((other) => key(other) === key(item))
    return first < index
      ? [{ path: [...at.split('.'), index, 'name'], message: `${noun} “${key(item)}” is here twice` }]
      : []
  })
}
