import type { Plan } from '../plan/schema.ts'
import { otherSide, type Side } from './scope.ts'

/** Something Terraform will want to turn back, because a run changed it behind its back. */
export type Drift = {
  readonly side: Side
  /** What it is about: a service, a record, a listener, a cluster. */
  readonly what: string
  /** What Terraform would do to it. */
  readonly wants: string
  /** Applying it now would take something from those who are served; otherwise it does no harm. */
  readonly harmful: boolean
}

/**
 * What is left in Terraform's eyes after a failover or a failback, from the plan alone; `active` serves. While dr
 * serves, its pipelines would undo the failover; once home serves again only harmless rests are to be expected.
 */
export function expectedDrift(plan: Plan, active: Side): readonly Drift[] {
  return [
    ...plan.services.flatMap((service) => capacity(service, active)),
    ...listener(plan, active),
    ...records(plan, active),
    {
      side: otherSide(active),
      what: plan.database.clusters[otherSide(active)],
      wants: 'set engine_version back, where AWS aligned it with the new writer (event 0518)',
      harmful: false,
    },
  ]
}

/** One of them as a sentence for a list. */
export const driftText = ({ side, what, wants, harmful }: Drift): string =>
  `${what} (${side}): Terraform would ${wants}${harmful ? '. Don’t apply that now' : ''}`

function capacity({ name, writes, capacity: sides }: Plan['services'][number], active: Side): Drift[] {
  const { dr, home } = sides
  if (active === 'home')
    return dr.active === dr.standby
      ? []
      : [
          {
            side: 'dr',
            what: name,
            wants: `bring desired_count and min_capacity down to ${dr.standby}, where they are still raised`,
            harmful: false,
          },
        ]
  const lowered: Drift[] =
    dr.active === dr.standby
      ? []
      : [
          {
            side: 'dr',
            what: name,
            wants: `lower desired_count and min_capacity from ${dr.active} to ${dr.standby}`,
            harmful: true,
          },
        ]
  const raised: Drift[] = writes
    ? [
        {
          side: 'home',
          what: name,
          wants: `start its fenced tasks again, up to ${home.active}`,
          harmful: true,
        },
      ]
    : []
  return [...lowered, ...raised]
}

function listener(plan: Plan, active: Side): Drift[] {
  if (!plan.listener?.[active]) return []
  return [
    {
      side: active,
      what: 'the listener',
      wants: 'set its default action and weights to what is configured',
      harmful: active === 'dr',
    },
  ]
}

function records({ dns }: Plan, active: Side): Drift[] {
  if (active === 'home') return []
  return dns.records.map(({ name, type }) => ({
    side: 'home',
    what: `${name} ${type}`,
    wants: 'take the record back to home',
    harmful: true,
  }))
}
