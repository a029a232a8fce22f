import { DescribeEventsCommand } from '@aws-sdk/client-rds'
import type { EventFacts, Outside } from '../flows/world.ts'
import type { Site } from './site.ts'

const MINUTE_MS = 60_000
/** RDS keeps events for 14 days and refuses to be asked about more; a little less, for clocks that differ. */
const KEPT_MS = 14 * 24 * 60 * MINUTE_MS - 5 * MINUTE_MS

/** RDS: what happened to a side's cluster, as its own region tells it. */
export function events(site: Site): Outside['database']['events'] {
  return (side, minutes) =>
    site.look('RDS', side, async (budget) => {
      const rds = site.client('rds', side, 'probe')
      const now = site.clocks.world.now()
      const window = {
        SourceType: 'db-cluster' as const,
        SourceIdentifier: site.plan.database.clusters[side],
        StartTime: new Date(now - Math.min(minutes * MINUTE_MS, KEPT_MS)),
        EndTime: new Date(now),
        MaxRecords: 100,
      }
      const found: EventFacts[] = []
      let Marker: string | undefined
      do {
        const command = new DescribeEventsCommand({ ...window, ...(Marker ? { Marker } : {}) })
        const page = await rds.send(command, budget)
        for (const event of page.Events ?? [])
          found.push({
            at: event.Date?.getTime() ?? now,
            source: event.SourceIdentifier ?? '',
            message: event.Message ?? '',
          })
        Marker = page.Marker
      } while (Marker)
      return found.toSorted((a, b) => a.at - b.at)
    })
}
