import { GetChangeCommand, type Route53Client, TestDNSAnswerCommand } from '@aws-sdk/client-route-53'
import type { Outside, Side } from '../flows/world.ts'
import { domains } from './domains.ts'
import { type Budget, look } from './look.ts'
import { listRecord, type PlannedRecord, recordFacts } from './record-sets.ts'
import type { Site } from './site.ts'
import { swapRecords } from './swap.ts'

/** Route 53: the plan's records. Its control plane has one home, so nothing here is asked in a side's region. */
export function dns(site: Site): Outside['dns'] {
  const { records: planned } = site.plan.dns
  const see = <T>(work: (route53: Route53Client, budget: Budget) => Promise<T>) =>
    look(site.clocks, 'Route 53', (budget) => work(site.route53('probe'), budget))

  return {
    records: () =>
      see((route53, budget) =>
        Promise.all(
          planned.map(async (record) => recordFacts(record, await listRecord(route53, site, record, budget))),
        ),
      ),

    swapTo: (side, seen) => swapRecords(site, side, seen),

    inSync: (changeId) =>
      see(async (route53, budget) => {
        const { ChangeInfo } = await route53.send(new GetChangeCommand({ Id: changeId }), budget)
        return ChangeInfo?.Status === 'INSYNC'
      }),

    answers: () =>
      see(async (route53, budget) => {
        const addressesOf = (name: string, type: PlannedRecord['type']) =>
          answer(route53, site, name, type, budget)
        const [home, dr] = await Promise.all([stackHost(site, 'home'), stackHost(site, 'dr')])
        return Promise.all(
          planned.map(async ({ name, type }) => {
            const [now, ofHome, ofDr] = await Promise.all([
              addressesOf(name, type),
              addressesOf(home, type),
              addressesOf(dr, type),
            ])
            return sideOf(now, ofHome, ofDr)
          }),
        )
      }),

    domains: domains(site),
  }
}

/** What the zone's servers answer, as addresses: an alias shows only those of its target. */
async function answer(
  route53: Route53Client,
  site: Site,
  name: string,
  type: PlannedRecord['type'],
  options: Budget,
): Promise<readonly string[]> {
  const command = new TestDNSAnswerCommand({
    HostedZoneId: site.plan.dns.hostedZoneId,
    RecordName: name,
    RecordType: type,
  })
  return (await route53.send(command, options)).RecordData ?? []
}

/** The side's own name, whose addresses are known to be that side's. */
const stackHost = (site: Site, side: Side): string => new URL(site.plan.probes.stack[side]).hostname

function sideOf(now: readonly string[], home: readonly string[], dr: readonly string[]): Side | 'other' {
  const among = (addresses: readonly string[]) => now.some((address) => addresses.includes(address))
  if (among(home) === among(dr)) return 'other'
  return among(home) ? 'home' : 'dr'
}
