import { GetCallerIdentityCommand } from '@aws-sdk/client-sts'
import type { Clients } from '../aws/clients.ts'
import { Asking } from './asking.ts'
import type { Found } from './facts.ts'
import { gatherGlobal, gatherKeys } from './gather-database.ts'
import { gatherDns } from './gather-dns.ts'
import { gatherServices } from './gather-services.ts'
import { gatherAlarms, gatherBalancers, gatherDomains } from './gather-traffic.ts'
import { stemsOf } from './names.ts'
import type { Wish } from './wish.ts'

/**
 * Looks at AWS, and changes nothing. Never throws, and ends within half a minute: what could not be seen is a gap with
 * its reason. Both regions and all services are asked side by side, so that a dark one costs nobody else time.
 */
export async function gather(wish: Wish, clients: Clients): Promise<Found> {
  const asking = new Asking(clients)
  const members = await gatherGlobal(asking, wish)
  const others = [...new Set(members)].filter((region) => region && region !== wish.home)
  const dr = wish.dr ?? (others.length === 1 ? others[0] : undefined)
  const regions = [wish.home, ...(dr ? [dr] : [])]
  const stems = stemsOf([wish.name, wish.globalCluster])
  const [caller] = await Promise.all([
    callerIn(asking, regions),
    gatherDns(asking, wish, regions.toReversed()),
    ...regions.flatMap((region) => [
      gatherKeys(asking, wish, region),
      gatherServices(asking, wish, region, stems).then((groups) =>
        gatherBalancers(asking, wish, region, groups),
      ),
      gatherDomains(asking, wish, region, stems),
      gatherAlarms(asking, wish, region, stems),
    ]),
  ])
  noteAccounts(asking, wish, caller)
  return { facts: asking.facts, gaps: [...new Set(asking.gaps)] }
}

type Caller = { readonly id: string; readonly from: string }

/** Whoever asks, as the first of the regions tells it. */
async function callerIn(asking: Asking, regions: readonly string[]): Promise<Caller | undefined> {
  const callers = regions.map((region) =>
    asking.look(`STS in ${region}`, async (call) => {
      const sts = asking.client('sts', region, { id: '' })
      const { Account: id } = await call((budget) => sts.send(new GetCallerIdentityCommand({}), budget))
      return id ? { id, from: `STS in ${region}: whoever asked` } : undefined
    }),
  )
  return (await Promise.all(callers)).find((caller) => caller !== undefined)
}

/** Whose accounts these are: a role's by its ARN, else the caller's; the zone's only if that account has a zone. */
function noteAccounts(asking: Asking, wish: Wish, caller: Caller | undefined): void {
  const zones = asking.facts.some(({ kind }) => kind === 'zone')
  for (const use of ['workload', 'dns'] as const) {
    const { role } = wish[use]
    if (role)
      asking.note('the command line', [
        { kind: 'role', use, arn: role },
        { kind: 'account', use, id: role.split(':')[4] ?? '' },
      ])
    else if (caller && (use === 'workload' || zones))
      asking.note(caller.from, [{ kind: 'account', use, id: caller.id }])
  }
}
