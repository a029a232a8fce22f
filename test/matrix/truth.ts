import type { JournalEntry } from '../../rehearsal/aws/calls.ts'
import { ownerOf } from '../../rehearsal/aws/world/dns.ts'
import { clusterOn, writable } from '../../rehearsal/aws/world/rds.ts'
import type { Recorded, Run } from '../../src/engine/run.ts'
import { otherSide, type Side } from '../../src/flows/world.ts'
import type { BadNight } from './bad-night.ts'

/** A promotion, asked of AWS. */
const PROMOTIONS = ['FailoverGlobalCluster', 'SwitchoverGlobalCluster']
const isPromotion = ({ operation }: JournalEntry) => PROMOTIONS.includes(operation)
/** Whether AWS carried the call out, or nobody can tell. */
const mayHaveHappened = ({ outcome }: JournalEntry) => outcome === 'ok' || outcome === 'no-answer'
const SURELY_REFUSED = /Throttl|TooManyRequests|PriorRequest/

const writes = ({ night, app }: BadNight, side: Side): boolean => {
  const cluster = clusterOn(night.simulation.world, app, side)
  return cluster !== undefined && writable(night.simulation.world, cluster)
}

/** Whether what a run has just told of one of its steps is so in the world. */
export function untrue(bad: BadNight, { event, at, runId }: Omit<Recorded, 'wall' | 'seq'>): string[] {
  if (event.type !== 'step') return []
  if (event.state === 'failed') return wronglyHarmless(bad, event.fault?.code, event.detail, at)
  if (event.state !== 'done' && event.state !== 'already') return []
  const { world } = bad.night.simulation
  const to = bad.directions.get(runId) ?? 'dr'
  const from = otherSide(to)
  const stopped = bad.writers(from).every(({ desired, tasks }) => desired === 0 && tasks.length === 0)
  const claims: Readonly<Record<string, () => boolean>> = {
    'promote-standby': () => writes(bad, to),
    'switch-over': () => writes(bad, to),
    'detach-standby': () => writes(bad, to),
    'fence-old-side': () => stopped,
    'prove-fence': () => stopped,
    'quiesce-writers': () => stopped || writes(bad, to),
    'take-dns': () => ownerOf(world.dns.records, bad.app) === to,
    'await-dns': () => world.dns.changes.every(({ status }) => status === 'INSYNC'),
    'verify-green': () => writes(bad, to),
  }
  return claims[event.step]?.() === false
    ? [`“${event.step}” is ${event.state} (${event.detail}), which is not so`]
    : []
}

/** “That call changed nothing” about a call that AWS may have carried out. */
function wronglyHarmless(bad: BadNight, code: string | undefined, detail: string, at: number): string[] {
  const [, operation] = /(?:rds|ecs|route53|elasticloadbalancing|autoscaling):(\w+)/.exec(detail) ?? []
  if (!operation || !['ACT_REJECTED', 'PERMISSION_MISSING'].includes(code ?? '')) return []
  const last = bad.changes().findLast((call) => call.operation === operation && call.at <= at)
  return last && isPromotion(last) && mayHaveHappened(last) ? [`said to have changed nothing: ${detail}`] : []
}

/** Everything about a run that stands or has ended which must never be. */
export function wrongs(bad: BadNight, run: Run, records: readonly Recorded[]): string[] {
  return [
    ...bad.lies,
    ...repeats(bad, records),
    ...misdirected(bad, run),
    ...lowered(bad, run),
    ...(run.phase === 'ended' ? ending(bad, run) : asking(run)),
  ]
}

/** A second promotion that no person asked for in between. */
function repeats(bad: BadNight, records: readonly Recorded[]): string[] {
  const calls = bad.changes().filter(isPromotion)
  return calls.slice(1).flatMap((call, index) => {
    const before = calls[index] as JournalEntry
    if (SURELY_REFUSED.test(before.outcome)) return []
    const decided = records.some(
      ({ event, at }) =>
        (event.type === 'answered' || event.type === 'approved') && at >= before.at && at <= call.at,
    )
    return decided ? [] : [`${call.operation} was sent again by itself after ${before.outcome}`]
  })
}

/** Changes in a region, or as an account, that they have no business in. */
function misdirected(bad: BadNight, run: Run): string[] {
  const { night, plan } = bad
  const { sessions } = night.simulation.world.sts
  const from = plan.regions[run.proposal.input.from as Side]
  const to = plan.regions[run.proposal.input.to as Side]
  const places: Readonly<Record<string, readonly string[]>> = {
    FailoverGlobalCluster: [to],
    SwitchoverGlobalCluster: [from],
    RemoveFromGlobalCluster: [to],
    ModifyListener: [to],
    ChangeResourceRecordSets: ['us-east-1'],
    UpdateService: [from, to],
    RegisterScalableTarget: [from, to],
  }
  return bad.calls().flatMap(({ operation, region, accessKeyId, service }) => {
    const allowed = places[operation]
    if (!allowed) return []
    const account = sessions.find((session) => session.accessKeyId === accessKeyId)?.account
    const own = service === 'Route 53' ? plan.accounts.dns.id : plan.accounts.workload.id
    const right = allowed.includes(region) && (account === undefined || account === own)
    return right ? [] : [`${operation} was sent to ${region} as ${account}`]
  })
}

/** Capacity of the side that takes over must never shrink. */
function lowered(bad: BadNight, run: Run): string[] {
  const side = run.proposal.input.to as Side
  return bad
    .changes()
    .filter(({ region }) => region === bad.plan.regions[side])
    .flatMap(({ operation, params }) => {
      const { desiredCount, service } = JSON.parse(params) as { desiredCount?: number; service?: string }
      const active = bad.plan.services.find(({ ecs }) => ecs[side].service === service)?.capacity[side].active
      return desiredCount !== undefined && active !== undefined && desiredCount < active
        ? [`${operation} lowered ${service} of ${side} to ${desiredCount}`]
        : []
    })
}

/** A run that stands must say at what, and how to go on. */
function asking({ questions, id }: Run): string[] {
  const open = questions.find(({ answer }) => !answer)
  if (!open) return [`${id} neither ended nor asks`]
  return open.detail.length > 10 && open.options.some(({ id: option }) => option === 'abort')
    ? []
    : [`${open.id} asks without a reason or a way out: ${open.detail}`]
}

function ending(bad: BadNight, run: Run): string[] {
  const { outcome, ending: detail = '' } = run
  if (outcome === 'done') return endedDone(bad, run)
  if (outcome !== 'aborted') return [`ended as ${outcome}: ${detail}`]
  const from = run.proposal.input.from as Side
  const down = bad.writers(from).some(({ desired }) => desired === 0)
  const promoted = bad.changes().some((call) => isPromotion(call) && mayHaveHappened(call))
  const undone = /Everything( else)? that was changed was undone/.test(detail)
  return [
    ...(/Nothing was changed/.test(detail) && bad.changes().some(mayHaveHappened)
      ? [`it says that nothing was changed: ${detail}`]
      : []),
    ...(undone && down ? ['it says that everything was undone, and the old writers are stopped'] : []),
    ...(undone && promoted && !/may still begin/.test(detail) ? [`a promotion goes unsaid: ${detail}`] : []),
    ...(down && !bad.watchFences && !/Left as it is:.*[Ss]top the writers/.test(detail)
      ? [`the old writers are stopped without a word: ${detail}`]
      : []),
  ]
}

function endedDone(bad: BadNight, run: Run): string[] {
  const { world } = bad.night.simulation
  const to = run.proposal.input.to as Side
  const from = otherSide(to)
  const ended = (id: string) => run.steps.find((step) => step.id === id)?.state
  const planned = run.proposal.input.mode === 'planned'
  const fence = ended(planned ? 'release-writers' : 'prove-fence')
  const excused = fence === 'owed' || fence === 'skipped'
  const down = bad.writers(from).every(({ desired }) => desired === 0)
  const { successNow } = bad.night.simulation.slo(bad.app)
  const faults: readonly (readonly [boolean, string])[] = [
    [!writes(bad, to), `${to} cannot write`],
    [writes(bad, from) && !down && !excused, 'both sides write'],
    [ended('take-dns') !== 'skipped' && ownerOf(world.dns.records, bad.app) !== to, `DNS is not at ${to}`],
    [planned && down && !excused, `the writers of ${from} are stopped`],
    [!planned && !down && !excused, `the fence of ${from} is not there`],
    [ended('verify-green') !== 'skipped' && successNow !== 1, `customers get ${successNow}`],
  ]
  return faults.flatMap(([wrong, what]) => (wrong ? [`done, and ${what}`] : []))
}
