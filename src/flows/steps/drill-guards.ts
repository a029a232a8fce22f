import type { Step } from '../../engine/step.ts'
import type { DrillScope } from '../choice.ts'
import {
  alarmFaults,
  backupFaults,
  type DrillFault,
  deploymentFaults,
  publicFaults,
  trafficFaults,
} from '../drill-faults.ts'
import type { SafeWorld } from '../world.ts'

/**
 * What a status cannot tell, and what may have changed since the approval: backups, traffic, alarms, deployments. A
 * drill is a choice, so everything that speaks against it is said at once, and what cannot be seen speaks against it.
 */
export const drillGuards = (scope: DrillScope): Step<SafeWorld> => ({
  id: 'drill-guards',
  title: 'Make sure that this is a good moment: nothing rings, nothing is deployed, backups are fresh',
  timeoutMinutes: 2,
  unskippable: 'a drill can wait until the moment is right',

  async observe(world) {
    const guards = scope === 'full' ? [deployments, customers, backups] : [deployments]
    const faults = (await Promise.all(guards.map((guard) => guard(world)))).flat()
    const detail = faults.map(({ why }) => why).join('; ')
    if (faults.length) return { state: faults.every(({ unseen }) => unseen) ? 'unknown' : 'blocked', detail }
    return {
      state: 'done',
      detail:
        scope === 'full'
          ? 'customers are served, no alarm rings, nothing is being deployed, and the backup is fresh'
          : 'nothing is being deployed on either side',
    }
  },
})

async function deployments({ services, from, to }: SafeWorld): Promise<readonly DrillFault[]> {
  const [active, standby] = await Promise.all([services.look(from), services.look(to)])
  return [...deploymentFaults(from, active), ...deploymentFaults(to, standby)]
}

async function customers(world: SafeWorld): Promise<readonly DrillFault[]> {
  const { plan, probe, traffic, alarms, from, to } = world
  const [reached, seen, active, standby] = await Promise.all([
    probe.public(),
    traffic.look(from),
    alarms.look(from),
    alarms.look(to),
  ])
  return [
    ...publicFaults(reached),
    ...trafficFaults(plan, seen, world.now()),
    ...alarmFaults(from, true, active),
    ...alarmFaults(to, false, standby),
  ]
}

async function backups(world: SafeWorld): Promise<readonly DrillFault[]> {
  return backupFaults(world.from, await world.database.snapshots(world.from), world.now())
}
