import { defineStep, type Observation } from '../../engine/step.ts'
import { noteOnce } from '../notes.ts'
import { lagText, unseen } from '../seen.ts'
import { freshLag, memberOf, writerOf } from '../topology.ts'
import type { ClusterFacts, GlobalClusterFacts, Look, OrAbsent, SafeWorld } from '../world.ts'

/**
 * The four things that stop even an emergency: wrong account, refused role, a target outside the global cluster, a
 * target without an instance. Asks the target's region only; whatever else is not known is said and gone on with.
 */
export const checkIdentityAndTarget = defineStep<SafeWorld>({
  id: 'check-identity-and-target',
  title: 'Check the account, the role and the target cluster',
  timeoutMinutes: 2,
  unskippable: 'another account, or a target that cannot take over, would make things worse',

  async observe(world) {
    const { database, identity, dns, to, now } = world
    const [account, global, cluster, lag, records] = await Promise.all([
      identity.account(to),
      database.global(to),
      database.cluster(to),
      database.lag(to),
      dns.records(),
    ])
    if (records.ok) await noteOnce(world, 'records-seen', JSON.stringify(records.value))
    const wrong =
      wrongAccount(world, account) ?? wrongTarget(world, global) ?? withoutInstance(world, cluster)
    if (wrong) return { state: 'blocked', detail: wrong }

    const unknown = [account, global, cluster].find((look) => !look.ok)
    if (unknown && !unknown.ok && world.mode !== 'emergency') return unseen(`the ${to} region`, unknown)
    const said = lagText(lag, now())
    await noteOnce(world, 'lag-before', said)
    const reading = freshLag(lag)
    if (reading) await noteOnce(world, 'lag-at-switch', JSON.stringify({ ...reading, notedAt: now() }))
    const doubt = unknown && !unknown.ok ? `; ${unseen('the target', unknown).detail}, going on` : ''
    return done(`${writerText(world, global)}; lag of ${to}: ${said}${doubt}`)
  },
})

const done = (detail: string): Observation => ({ state: 'done', detail })

function wrongAccount({ plan, to }: SafeWorld, account: Look<string>): string | undefined {
  const wanted = plan.accounts.workload.id
  if (!account.ok)
    return account.why === 'denied' ? `the role is refused in ${to}: ${account.detail}` : undefined
  return account.value === wanted
    ? undefined
    : `these credentials are of account ${account.value}, not ${wanted}`
}

function wrongTarget(
  { plan, to, mode }: SafeWorld,
  global: Look<OrAbsent<GlobalClusterFacts>>,
): string | undefined {
  if (!global.ok)
    return global.why === 'denied' ? `the role is refused in ${to}: ${global.detail}` : undefined
  const name = plan.database.globalCluster
  // A detached target has left the global cluster: that is what the run was for.
  if (mode === 'detach') return undefined
  if (global.value === 'absent') return `there is no global cluster ${name}`
  return memberOf(plan, global.value, to) ? undefined : `the ${to} cluster is not a member of ${name}`
}

function withoutInstance({ plan, to }: SafeWorld, cluster: Look<OrAbsent<ClusterFacts>>): string | undefined {
  if (!cluster.ok)
    return cluster.why === 'denied' ? `the role is refused in ${to}: ${cluster.detail}` : undefined
  const name = plan.database.clusters[to]
  if (cluster.value === 'absent') return `there is no cluster ${name} in ${plan.regions[to]}`
  return cluster.value.instances.length
    ? undefined
    : `${name} has no instance: add one before it can take over`
}

function writerText({ plan }: SafeWorld, global: Look<OrAbsent<GlobalClusterFacts>>): string {
  if (!global.ok || global.value === 'absent') return 'the writer is not known'
  const side = writerOf(plan, global.value)
  return side ? `the writer is in ${plan.regions[side]} (${side})` : 'the writer is not one of the plan'
}
