import { DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch'
import type { Outside } from '../flows/world.ts'
import type { Site } from './site.ts'

/** CloudWatch: the plan's alarms of a side. One that does not exist is `MISSING`, never quiet. */
export function alarms(site: Site): Outside['alarms'] {
  return {
    look: (side) =>
      site.look('CloudWatch', side, async (budget) => {
        const names = site.plan.alarms[side]
        if (!names.length) return []
        const command = new DescribeAlarmsCommand({
          AlarmNames: names,
          AlarmTypes: ['MetricAlarm', 'CompositeAlarm'],
        })
        const seen = await site.client('cloudwatch', side, 'probe').send(command, budget)
        const all = [...(seen.MetricAlarms ?? []), ...(seen.CompositeAlarms ?? [])]
        return names.map((name) => {
          const alarm = all.find(({ AlarmName }) => AlarmName === name)
          return { name, state: alarm?.StateValue ?? 'MISSING' }
        })
      }),
  }
}
