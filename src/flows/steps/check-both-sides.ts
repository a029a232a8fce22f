import { defineStep } from '../../engine/step.ts'
import { lagText, unseen } from '../seen.ts'
import { freshLag, memberOf, writerOf } from '../topology.ts'
import type { ClusterFacts, Look, OrAbsent, SafeWorld } from '../world.ts'

/** What a switchover needs and an emergency does not: both sides healthy, same engine, in step, records that can move. */
export const checkBothSides = defineStep<SafeWorld>({
  id: 'check-both-sides',
  title: 'Check that both sides are healthy, alike and in step',
  timeoutMinutes: 2,

  async observe(world) {
    const { database, dns, plan, from, to, now } = world
    const [global, old, next, lag, records, domains] = await Promise.all([
      database.global(to),
      database.cluster(from),
      database.cluster(to),
      database.lag(to),
      dns.records(),
      dns.domains(to),
    ])
    if (!global.ok) return unseen('the global cluster', global)
    if (global.value !== 'absent' && writerOf(plan, global.value) === to)
      return { state: 'done', detail: `the writer is in ${to} already` }
    if (!old.ok) return unseen(`the ${from} cluster`, old)
    if (!next.ok) return unseen(`the ${to} cluster`, next)
    if (!records.ok) return unseen('the records', records)
    if (!domains.ok) return unseen(`the API Gateway domains of ${to}`, domains)
    const reading = freshLag(lag)
    const limit = plan.database.lagLimitSeconds
    const connected =
      global.value !== 'absent' && memberOf(plan, global.value, to)?.synchronization === 'connected'
    const faults = [
      ...clusterFaults(from, old),
      ...clusterFaults(to, next),
      ...(connected ? [] : [`the ${to} cluster is not connected`]),
      ...(versionsDiffer(old, next) ? ['the engine versions differ, and AWS would refuse'] : []),
      ...(reading && reading.seconds <= limit ? [] : [`lag is ${lagText(lag, now())}, limit ${limit} s`]),
      ...records.value
        .filter(({ routing }) => routing !== 'simple')
        .map(({ name }) => `${name} is not a simple record`),
      ...domains.value
        .filter(({ available }) => !available)
        .map(({ name }) => `${name} does not exist in API Gateway of ${to}`),
    ]
    return faults.length
      ? { state: 'blocked', detail: faults.join('; ') }
      : { state: 'done', detail: `both clusters available, lag ${lagText(lag, now())}` }
  },
})

type Cluster = Extract<Look<OrAbsent<ClusterFacts>>, { ok: true }>

const clusterFaults = (side: string, { value }: Cluster): string[] =>
  value === 'absent' || value.status !== 'available'
    ? [`the ${side} cluster is ${value === 'absent' ? 'absent' : value.status}`]
    : []

const versionsDiffer = ({ value: a }: Cluster, { value: b }: Cluster) =>
  a !== 'absent' && b !== 'absent' && a.engineVersion !== b.engineVersion
