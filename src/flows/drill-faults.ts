import { duration } from '../engine/duration.ts'
import type { Plan } from '../plan/schema.ts'
import { whyUnseen } from './seen.ts'
import type {
  AlarmFacts,
  Look,
  ProbeFacts,
  ServiceFacts,
  Side,
  SnapshotFacts,
  TrafficFacts,
} from './world.ts'

/** What speaks against a drill: why, and what to do about it. A drill is a choice, so whatever is not known does too. */
export type DrillFault = {
  readonly why: string
  readonly remedy: string
  /** It may be fine: nobody could see. */
  readonly unseen?: true
}

/** A backup older than this would not be missed by much if it failed: AWS takes one a day. */
const BACKUP_MS = 26 * 3_600_000

const AGAIN = 'Look with `/dr status` until everything answers, then ask again.'

/** A look that saw nothing, or nothing at all where it saw. */
export const unknownFault = (what: string, look: Look<unknown>): readonly DrillFault[] =>
  look.ok ? [] : [{ why: `${what} cannot be seen (${whyUnseen(look)})`, remedy: AGAIN, unseen: true }]

/** A deployment under way would be mistaken for the drill's own tasks, or the drill for its fault. */
export function deploymentFaults(side: Side, look: Look<readonly ServiceFacts[]>): readonly DrillFault[] {
  if (!look.ok) return unknownFault(`whether anything is being deployed in ${side}`, look)
  const moving = look.value.filter(
    ({ deployments, pending, running, desired }) =>
      pending > 0 || running !== desired || deployments.filter(isUnderWay).length > 0,
  )
  if (moving.length === 0) return []
  return [
    {
      why: `${moving.map(({ name }) => name).join(', ')} in ${side} ${moving.length === 1 ? 'is' : 'are'} being deployed or scaled`,
      remedy: 'Let it finish first.',
    },
  ]
}

const isUnderWay = ({ rollout, desired, running }: ServiceFacts['deployments'][number]) =>
  rollout === 'IN_PROGRESS' || desired !== running

/** An alarm that rings, on either side; on the side that serves, one without data is not quiet either. */
export function alarmFaults(
  side: Side,
  serves: boolean,
  look: Look<readonly AlarmFacts[]>,
): readonly DrillFault[] {
  if (!look.ok) return unknownFault(`the alarms of ${side}`, look)
  const loud = look.value.filter(({ state }) => state === 'ALARM').map(({ name }) => name)
  const mute = look.value.filter(({ state }) => serves && state !== 'OK' && state !== 'ALARM')
  return [
    ...(loud.length
      ? [{ why: `in alarm: ${loud.join(', ')}`, remedy: 'Find out why it rings before anything is drilled.' }]
      : []),
    ...(mute.length
      ? [{ why: `without data: ${mute.map(({ name }) => name).join(', ')}`, remedy: AGAIN }]
      : []),
  ]
}

/** Whether customers are served now, through the public address. */
export function publicFaults(look: Look<ProbeFacts>): readonly DrillFault[] {
  if (!look.ok) return unknownFault('the public address', look)
  return look.value.healthy
    ? []
    : [
        {
          why: `customers are not served now: ${look.value.detail}`,
          remedy: 'This is an incident, not a drill.',
        },
      ]
}

/** Without traffic nothing that a drill measures would mean anything. */
export function trafficFaults(plan: Plan, look: Look<TrafficFacts>, now: number): readonly DrillFault[] {
  if (!look.ok) return unknownFault('the traffic', look)
  const newest = look.value.points.at(-1)
  const floor = Math.max(1, plan.objectives.trafficFloorPerMinute)
  if (newest && newest.requests >= floor && now - newest.at < 5 * 60_000) return []
  return [
    {
      why: newest
        ? `${newest.requests} requests in the last minute seen, ${duration(now - newest.at)} ago, and the plan asks for ${floor}`
        : 'no traffic is seen at all',
      remedy: 'Drill when customers are there: no traffic is not health.',
    },
  ]
}

/** Whatever a drill may break, there has to be a way back that does not depend on it. */
export function backupFaults(
  side: Side,
  look: Look<readonly SnapshotFacts[]>,
  now: number,
): readonly DrillFault[] {
  if (!look.ok) return unknownFault(`the backups of ${side}`, look)
  const usable = look.value.filter(({ status }) => status === 'available').map(({ createdAt }) => createdAt)
  const newest = Math.max(...usable)
  if (usable.length && now - newest <= BACKUP_MS) return []
  return [
    {
      why: usable.length
        ? `the newest backup of the ${side} cluster is ${duration(now - newest)} old`
        : `the ${side} cluster has no backup`,
      remedy: 'Take a snapshot of it first.',
    },
  ]
}
