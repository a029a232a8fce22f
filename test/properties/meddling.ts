import { pointAt } from '../../rehearsal/aws/world/dns.ts'
import { clusterOn } from '../../rehearsal/aws/world/rds.ts'
import { loseSync } from '../../rehearsal/aws/world/rds-rejoin.ts'
import { dropSnapshots } from '../../rehearsal/aws/world/snapshots.ts'
import type { Side } from '../../src/flows/world.ts'
import { leave, move, remove, tries } from './console.ts'
import { APP, plan, type Stage } from './stage.ts'

/** What people, and AWS, do behind a run's back. Those with a side end in it. */
export const meddlings = [
  'records-home',
  'records-dr',
  'records-nowhere',
  'rejoin-home',
  'rejoin-dr',
  'leave-home',
  'leave-dr',
  'switch-home',
  'switch-dr',
  'force-home',
  'force-dr',
  'lead-home',
  'lead-dr',
  'delete-home',
  'delete-dr',
  'stop-dr',
  'protect-home',
  'drop-snapshots',
  'dark-home',
  'dark-dr',
  'light',
] as const
export type Meddling = (typeof meddlings)[number]

/** Does one of them, now. */
export function meddle(stage: Stage, what: Meddling): void {
  const [verb = '', side] = what.split('-') as [string, Side]
  stage.touch(() => tries(() => verbs[verb]?.(stage, side)))
}

const verbs: Readonly<Record<string, (stage: Stage, side: Side) => void>> = {
  records: (stage, to) => (['home', 'dr'].includes(to) ? pointAt(stage.world, APP, to) : nowhere(stage)),
  rejoin,
  leave,
  switch: (stage, to) => move(stage, to, 'switchover'),
  force: (stage, to) => move(stage, to, 'failover'),
  lead: (stage, side) =>
    void stage.rds(side)('CreateGlobalCluster', {
      GlobalClusterIdentifier: plan.database.globalCluster,
      SourceDBClusterIdentifier: clusterOn(stage.world, APP, side)?.arn,
    }),
  delete: remove,
  stop(stage) {
    for (const service of stage.world.ecs.services)
      if (service.app === APP && service.side === 'dr') service.tasks = []
  },
  protect(stage, side) {
    const cluster = clusterOn(stage.world, APP, side)
    if (cluster) cluster.deletionProtection = true
  },
  drop: (stage) => dropSnapshots(stage.world, ({ id }) => id.startsWith('dr-')),
  dark: (stage, side) => void stage.simulation.outage(plan.regions[side], 'mute'),
  light(stage) {
    for (const region of Object.values(plan.regions)) void stage.simulation.outage(region, undefined)
  },
}

function nowhere({ world }: Stage): void {
  for (const record of world.dns.records)
    if (record.Name === `${plan.dns.records[0]?.name}.` && record.AliasTarget)
      record.AliasTarget = { ...record.AliasTarget, DNSName: 'd-elsewhere.example.test.' }
}

/** AWS takes a side's cluster back into the global cluster that the other one leads. */
function rejoin(stage: Stage, side: Side): void {
  const { world } = stage
  const cluster = clusterOn(world, APP, side)
  const global = world.rds.globals.find(({ id }) => id === plan.database.globalCluster)
  if (!cluster || cluster.global || cluster.status !== 'available' || !global?.writer) return
  global.members.push(cluster.arn)
  cluster.global = global.id
  delete cluster.writerSince
  loseSync(world, cluster)
}
