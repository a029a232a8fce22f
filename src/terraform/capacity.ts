import type { Plan } from '../plan/schema.ts'
import { creates, destroys, differs, forgets, isQuiet, isUnknown, replaces, shift, verb } from './change.ts'
import { ISSUES, type Judgement } from './finding.ts'
import { type Change, listOf, numberOf, recordOf, textOf } from './plan-file.ts'
import { type Scope, SIDES, type Side } from './scope.ts'

type Service = Plan['services'][number]
/** A service of the plan, as a change names it, and the sides on which it has that name. */
export type Named = { readonly service: Service; readonly sides: readonly Side[] }

const lastPart = (name: string): string => name.slice(name.lastIndexOf('/') + 1)
const either = ({ before, after }: Change, key: string) => textOf(before[key]) ?? textOf(after[key])

function serviceOf(plan: Plan, cluster: string | undefined, name: string | undefined): Named | undefined {
  for (const service of plan.services) {
    const sides = SIDES.filter((side) => {
      const ecs = service.ecs[side]
      // A cluster that is created in the same apply has no name yet: the service's own is enough then.
      return ecs.service === name && (cluster === undefined || ecs.cluster === cluster)
    })
    if (sides.length) return { service, sides }
  }
  return undefined
}

/** The plan's service that an `aws_ecs_service` is. */
export function ecsService(change: Change, plan: Plan): Named | undefined {
  const cluster = either(change, 'cluster')
  return serviceOf(plan, cluster === undefined ? undefined : lastPart(cluster), either(change, 'name'))
}

/** The plan's service that an auto scaling object is for: `service/<cluster>/<service>`. */
export function scaledService(change: Change, plan: Plan): Named | undefined {
  const [kind, cluster, name] = (either(change, 'resource_id') ?? '').split('/')
  return kind === 'service' && name ? serviceOf(plan, cluster, name) : undefined
}

/** Desired tasks of a service, and what makes it deploy. Its removal is judged with everything else the plan names. */
export function judgeService(change: Change, scope: Scope, service: Service): Judgement[] {
  if (isQuiet(change) || (destroys(change) && !creates(change)) || forgets(change)) return []
  const deploys: Judgement[] =
    scope.serving && !creates(change) && differs(change, 'task_definition')
      ? [
          {
            level: 'warning',
            what: `${service.name} gets another task definition`,
            why: 'It deploys while customers are served from this side: leave deployments until the pair is steady.',
          },
        ]
      : []
  return [...number(change, scope, service, 'desired_count'), ...deploys]
}

/** The floor and the ceiling of auto scaling, and what keeps it suspended. */
export function judgeScaling(change: Change, scope: Scope, service: Service): Judgement[] {
  if (isQuiet(change)) return []
  if ((destroys(change) || forgets(change)) && !replaces(change))
    return [
      {
        level: scope.serving && destroys(change) ? 'blocker' : 'warning',
        what: `auto scaling of ${service.name} on ${scope.side} ${verb(change)}`,
        why: scope.serving
          ? 'The floor under what serves customers goes with it.'
          : 'What was suspended or held by it is forgotten.',
        issue: ISSUES.desiredCount,
      },
    ]
  return [
    ...number(change, scope, service, 'min_capacity'),
    ...ceiling(change, scope, service),
    ...suspension(change, scope, service),
  ]
}

/** A schedule can start what a fence holds at nothing. */
export function judgeSchedule(change: Change, scope: Scope, service: Service): Judgement[] {
  const min = numberOf(recordOf(listOf(change.after.scalable_target_action)[0]).min_capacity)
  if (isQuiet(change) || !creates(change) === !change.actions.includes('update')) return []
  if (!isFenced(scope, service, undefined) || min === 0) return []
  return [
    {
      level: 'warning',
      what: `a scheduled action of ${service.name} on ${scope.side} ${verb(change)}`,
      why: 'Schedules are suspended while the side is fenced; make sure this does not end that.',
    },
  ]
}

type Key = 'desired_count' | 'min_capacity'

function number(change: Change, scope: Scope, service: Service, key: Key): Judgement[] {
  if (isUnknown(change, key)) return unknownNumber(change, scope, service, key)
  if (!(key in change.after) || !differs(change, key)) return []
  // Terraform reads a count that is left out as zero.
  const after = numberOf(change.after[key]) ?? 0
  const before = numberOf(change.before[key])
  const judged = scope.serving
    ? onActive({ scope, service, key, before, after })
    : onStandby({ scope, service, before, after })
  return judged
    ? [
        {
          ...judged,
          what: `${service.name} on ${scope.side}: ${shift(change, key)}`,
          issue: ISSUES.desiredCount,
        },
      ]
    : []
}

type Moved = {
  readonly scope: Scope
  readonly service: Service
  readonly before: number | undefined
  readonly after: number
}
type Verdict = Pick<Judgement, 'level' | 'why'> | undefined

function onActive({ scope, service, key, before, after }: Moved & { readonly key: Key }): Verdict {
  const { active } = service.capacity[scope.side]
  if (before !== undefined && after >= before)
    return { level: 'expected', why: 'It is raised, on the side that serves.' }
  if (after >= active)
    return key === 'min_capacity'
      ? { level: 'expected', why: `It stays at or above the ${active} of the plan.` }
      : {
          level: before === undefined ? 'expected' : 'warning',
          why: `It stays at or above the ${active} of the plan, but takes away tasks that serve now. Let it ignore_changes of desired_count.`,
        }
  if (key === 'min_capacity' && scope.side === 'home' && after >= 1)
    return {
      level: 'warning',
      why: `The failover raised the floor to ${active}. Below it auto scaling may scale in as soon as demand allows.`,
    }
  return {
    level: 'blocker',
    why: `This side serves customers, and needs ${active}. Let it ignore_changes of ${key}, or write the number the side needs while it is active.`,
  }
}

function onStandby({ scope, service, before, after }: Moved): Verdict {
  const { standby } = service.capacity[scope.side]
  const was = before ?? 0
  if (after > was && isFenced(scope, service, before))
    return {
      level: 'blocker',
      why: 'This side is fenced: its writers are held at nothing until its database is proven. Starting them could write to the old database.',
    }
  if (after > was)
    return {
      level: service.writes && after > standby && was === 0 ? 'warning' : 'expected',
      why: `It is raised on the side that waits, which the plan keeps at ${standby}.`,
    }
  if (after < standby) return { level: 'warning', why: `The plan keeps ${standby} on the side that waits.` }
  return {
    level: 'expected',
    why: 'It is left from when this side served, and goes down to what waiting needs.',
  }
}

/** Held at nothing: as the run says, or as a warm standby that shows none shows by itself. */
const isFenced = (
  { fenced, side, serving }: Scope,
  { writes, capacity }: Service,
  before: number | undefined,
): boolean =>
  writes && !serving && (fenced?.includes(side) === true || (before === 0 && capacity[side].standby > 0))

function unknownNumber(change: Change, scope: Scope, service: Service, key: Key): Judgement[] {
  const critical = scope.serving || isFenced(scope, service, numberOf(change.before[key]))
  return [
    {
      level: critical ? 'blocker' : 'warning',
      what: `${service.name} on ${scope.side}: ${shift(change, key)}`,
      why: 'The number is known only after the apply, so nobody can say that it is enough, or not too much.',
      issue: ISSUES.desiredCount,
    },
  ]
}

function ceiling(change: Change, scope: Scope, service: Service): Judgement[] {
  const [before, after] = [numberOf(change.before.max_capacity), numberOf(change.after.max_capacity)]
  if (!scope.serving || after === undefined || (before !== undefined && after >= before)) return []
  const { active } = service.capacity[scope.side]
  if (before === undefined && after >= active) return []
  return [
    {
      level: after < active ? 'blocker' : 'warning',
      what: `${service.name} on ${scope.side}: ${shift(change, 'max_capacity')}`,
      why:
        after < active
          ? `This side serves customers, and needs ${active}.`
          : 'There is less room to grow on the side that serves.',
      issue: ISSUES.desiredCount,
    },
  ]
}

function suspension(change: Change, scope: Scope, service: Service): Judgement[] {
  if (!isFenced(scope, service, numberOf(change.before.min_capacity))) return []
  const [was, willBe] = [change.before, change.after].map((values) =>
    recordOf(listOf(values.suspended_state)[0] ?? values.suspended_state),
  )
  const freed = ['dynamic_scaling_out_suspended', 'scheduled_scaling_suspended'].filter(
    (key) => was?.[key] === true && willBe?.[key] !== true,
  )
  if (freed.length === 0) return []
  return [
    {
      level: 'blocker',
      what: `${service.name} on ${scope.side}: ${freed.join(' and ')} true → false`,
      why: 'This side is fenced, and auto scaling could start its writers again.',
    },
  ]
}
