import { defineStep } from '../../engine/step.ts'
import type { Plan } from '../../plan/schema.ts'
import { isStoodDown } from '../capacity.ts'
import { lagText, unseen } from '../seen.ts'
import { dnsOwner, freshLag, memberOf, writerOf } from '../topology.ts'
import type { ClusterFacts, GlobalClusterFacts, OrAbsent, SafeWorld } from '../world.ts'

/** A run that says it is home has looked: home writes and serves, dr follows it closely and stands by as the plan says. */
export const confirmSteady = defineStep<SafeWorld>({
  id: 'confirm-steady',
  title: 'Confirm that the pair is steady: home serves, dr follows and stands by',
  timeoutMinutes: 15,
  pollSeconds: 10,
  unskippable: 'a run that says it is home has looked: abort it, and what is missing stays said',

  async observe({ database, dns, services, plan, now }) {
    const [global, home, dr, lag, records, standby] = await Promise.all([
      database.global('home'),
      database.cluster('home'),
      database.cluster('dr'),
      database.lag('dr'),
      dns.records(),
      services.look('dr'),
    ])
    if (!global.ok) return unseen('the global cluster', global)
    if (!home.ok) return unseen('the home cluster', home)
    if (!dr.ok) return unseen('the dr cluster', dr)
    if (!records.ok) return unseen('the records', records)
    if (!standby.ok) return unseen('the services of dr', standby)
    const reading = freshLag(lag)
    const short = [
      ...pairFaults(plan, global.value),
      ...(isWell(home.value) ? [] : ['the home cluster is not available']),
      ...(isWell(dr.value) ? [] : ['the dr cluster is not available']),
      ...(reading && reading.seconds <= plan.database.lagLimitSeconds
        ? []
        : [`lag of dr is ${lagText(lag, now())}`]),
      ...(dnsOwner(records.value) === 'home' ? [] : ['the records do not all point at home']),
      ...(isStoodDown(plan, standby.value, 'dr') ? [] : ['dr is not at the capacity it waits with']),
    ]
    return short.length
      ? { state: 'pending', detail: short.join('; ') }
      : { state: 'done', detail: `steady: lag of dr ${lagText(lag, now())}` }
  },
})

const isWell = (cluster: OrAbsent<ClusterFacts>) => cluster !== 'absent' && cluster.status === 'available'

function pairFaults(plan: Plan, global: OrAbsent<GlobalClusterFacts>): string[] {
  if (global === 'absent') return ['there is no global cluster']
  const follows = memberOf(plan, global, 'dr')?.synchronization === 'connected'
  return [
    ...(!global.operation && writerOf(plan, global) === 'home' ? [] : ['home is not the writer']),
    ...(follows ? [] : ['dr is not connected']),
  ]
}
