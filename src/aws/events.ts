import { type DBInstance, DescribeDBInstancesCommand, DescribeEventsCommand } from '@aws-sdk/client-rds'
import type { EventFacts, Outside, Side } from '../flows/world.ts'
import type { Budget } from './look.ts'
import type { Site } from './site.ts'

const MINUTE_MS = 60_000
/** RDS keeps events for 14 days and refuses to be asked about more; a little less, for clocks that differ. */
const KEPT_MS = 14 * 24 * 60 * MINUTE_MS - 5 * MINUTE_MS

type Source = { readonly SourceType: 'db-cluster' | 'db-instance'; readonly SourceIdentifier: string }

/**
 * RDS: what happened to a side's cluster, as its own region tells it. Some of it is told of its instances only, such as
 * whether writes could be blocked.
 */
export function events(site: Site): Outside['database']['events'] {
  return (side, minutes) =>
    site.look('RDS', side, async (budget) => {
      const cluster = site.plan.database.clusters[side]
      const of = (source: Source) => eventsOf(site, side, minutes, source, budget)
      const [ofCluster, instances] = await Promise.all([
        of({ SourceType: 'db-cluster', SourceIdentifier: cluster }),
        instancesOf(site, side, cluster, budget),
      ])
      const ofInstances = await Promise.all(
        instances.map(({ DBInstanceIdentifier: id = '' }) =>
          of({ SourceType: 'db-instance', SourceIdentifier: id }),
        ),
      )
      return [...ofCluster, ...ofInstances.flat()].toSorted((a, b) => a.at - b.at)
    })
}

/** None where the cluster does not exist. */
async function instancesOf(
  site: Site,
  side: Side,
  cluster: string,
  budget: Budget,
): Promise<readonly DBInstance[]> {
  const command = new DescribeDBInstancesCommand({ Filters: [{ Name: 'db-cluster-id', Values: [cluster] }] })
  return (await site.client('rds', side, 'probe').send(command, budget)).DBInstances ?? []
}

async function eventsOf(
  site: Site,
  side: Side,
  minutes: number,
  source: Source,
  budget: Budget,
): Promise<readonly EventFacts[]> {
  const rds = site.client('rds', side, 'probe')
  const now = site.clocks.world.now()
  const window = {
    ...source,
    StartTime: new Date(now - Math.min(minutes * MINUTE_MS, KEPT_MS)),
    EndTime: new Date(now),
    MaxRecords: 100,
  }
  const found: EventFacts[] = []
  let Marker: string | undefined
  do {
    const page = await rds.send(
      new DescribeEventsCommand({ ...window, ...(Marker ? { Marker } : {}) }),
      budget,
    )
    for (const event of page.Events ?? [])
      found.push({
        at: event.Date?.getTime() ?? now,
        source: event.SourceIdentifier ?? '',
        message: event.Message ?? '',
      })
    Marker = page.Marker
  } while (Marker)
  return found
}
