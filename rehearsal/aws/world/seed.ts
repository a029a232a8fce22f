import { seedDns } from './dns.ts'
import { drawsFor } from './draws.ts'
import { seedEcs } from './ecs.ts'
import { seedElb, targetGroupOf } from './elb.ts'
import { seedRds } from './rds.ts'
import { seedScaling } from './scaling.ts'
import { seedBackups } from './snapshots.ts'
import { seedSts } from './sts.ts'
import { seedTraffic } from './traffic.ts'
import type { World } from './world.ts'

/** A healthy world in which home serves both applications, as of `now` (ms). */
export function seedWorld(seed: number, scenario: string, now: number): World {
  const at = Math.floor(now)
  const ecs = seedEcs(at - 7 * 86_400_000, targetGroupOf)
  const rds = seedRds(at)
  const backups = seedBackups(rds.clusters, at)
  const world = {
    seed,
    scenario,
    startedAt: at,
    now: at,
    draws: { orders: drawsFor(seed, 'orders'), billing: drawsFor(seed, 'billing') },
    outages: {},
    faults: [],
    rds: { ...rds, snapshots: backups.snapshots },
    ecs,
    scaling: seedScaling(ecs.services, at),
    elb: seedElb(),
    dns: seedDns(at),
    sts: seedSts(),
    builds: [],
    lambda: { executions: [] },
    due: backups.due,
    serial: 1,
  }
  return { ...world, traffic: seedTraffic(world, at) }
}
