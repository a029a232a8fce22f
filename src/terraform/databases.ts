import { creates, destroys, differs, forgets, isUnknown, shift, updates, verb } from './change.ts'
import { ISSUES, type Judgement } from './finding.ts'
import { lintSecondary } from './lint.ts'
import { type Change, type PlanFile, textOf } from './plan-file.ts'
import { type ScanContext, type Scope, SIDES, type Side, sidesOf } from './scope.ts'

/** Any global cluster: replacing one sends every member away, whoever's it is. */
export function judgeGlobalCluster(change: Change, { plan, engineVersion }: ScanContext): Judgement[] {
  const name =
    textOf(change.before.global_cluster_identifier) ?? textOf(change.after.global_cluster_identifier)
  const ours = name === plan.database.globalCluster
  if (destroys(change))
    return [
      {
        level: 'blocker',
        what: `the global cluster ${name ?? ''} ${verb(change)}`.replace('  ', ' '),
        why: 'Every member is taken out of it first: replication ends, and there is no standby. Let it ignore_changes of what forces this (often database_name or source_db_cluster_identifier).',
        issue: ISSUES.globalReplaced,
      },
    ]
  if (!ours) return []
  if (forgets(change)) return [unmanaged('the global cluster')]
  if (creates(change))
    return [
      {
        level: 'warning',
        what: `the global cluster ${name} is created`,
        why: 'Where it exists already this fails; import it instead. A new one is reported as created before its first member is its writer.',
        issue: ISSUES.createdEarly,
      },
    ]
  return updates(change) ? version(change, engineVersion) : []
}

/** The sides whose database cluster this is; undefined for a cluster of somebody else. */
export function clusterSides(
  change: Change,
  file: PlanFile,
  context: ScanContext,
): readonly Side[] | undefined {
  const { clusters, globalCluster } = context.plan.database
  const id = textOf(change.before.cluster_identifier) ?? textOf(change.after.cluster_identifier)
  const placed = sidesOf(change, file, context)
  const named = SIDES.filter((side) => clusters[side] === id)
  if (named.length === 1) return placed.length > 0 ? named : undefined
  if (named.length > 1) return placed
  const member = [change.before, change.after].some(
    (values) => textOf(values.global_cluster_identifier) === globalCluster,
  )
  return member ? placed : undefined
}

/** One of the plan's two clusters. `instances`: how many instances of that side's cluster there are afterwards. */
export function judgeCluster(change: Change, scope: Scope, instances: number): Judgement[] {
  if (destroys(change)) return [removal(change, scope, 'the database cluster')]
  if (forgets(change)) return [unmanaged('the database cluster')]
  if (creates(change)) return created(change, scope, instances)
  if (!updates(change)) return []
  return [
    ...membership(change),
    ...replication(change),
    ...version(change, scope.engineVersion),
    ...protection(change),
  ]
}

/** An instance of one of the two clusters. */
export function judgeInstance(change: Change, scope: Scope): Judgement[] {
  if (destroys(change)) return [removal(change, scope, 'a database instance')]
  if (forgets(change)) return [unmanaged('a database instance')]
  if (!updates(change)) return []
  const resized: Judgement[] =
    scope.serving && differs(change, 'instance_class')
      ? [
          {
            level: 'warning',
            what: shift(change, 'instance_class'),
            why: 'Customers are served from this side, and the instance restarts.',
          },
        ]
      : []
  return [...resized, ...version(change, scope.engineVersion)]
}

/** A database that no plan's name fits: nothing is known about it, so nothing may delete it unseen. */
export const judgeStranger = (change: Change): Judgement[] =>
  destroys(change)
    ? [
        {
          level: 'blocker',
          what: `a database ${verb(change)}`,
          why: 'It is none of the databases of this plan, and a failback has no reason to remove another one.',
        },
      ]
    : []

function removal(change: Change, { side, stale, active }: Scope, noun: string): Judgement {
  const what = `${noun} of ${side} ${verb(change)}`
  const zones = change.forcedBy.includes('availability_zones')
  if (stale !== side || side === active)
    return {
      level: 'blocker',
      what,
      why: zones
        ? 'The list of availability zones is shorter than the real one, and that forces a replacement. Name all three zones, or let it ignore_changes of them.'
        : side === active
          ? 'It serves customers now.'
          : 'Nobody approved that: the standby is the only copy outside the active region.',
      ...(zones ? { issue: ISSUES.zones } : noun.includes('instance') ? { issue: ISSUES.lastInstance } : {}),
    }
  if (change.before.skip_final_snapshot === true)
    return {
      level: 'blocker',
      what: `${what} without a final snapshot`,
      why: 'Its deletion is approved, but not without a last copy. Let the run delete it: that takes the snapshot.',
    }
  return {
    level: 'warning',
    what,
    why: 'Its deletion is approved, and the run does it itself, in the right order and with a final snapshot. Plan again afterwards.',
  }
}

function created(change: Change, scope: Scope, instances: number): Judgement[] {
  if (scope.serving)
    return [
      {
        level: 'blocker',
        what: `the database cluster of ${scope.side}, which serves now, is created`,
        why: 'It exists, so Terraform has lost its state or works in the wrong workspace or region. Import it.',
        issue: ISSUES.nameTaken,
      },
    ]
  const { plan, active, side, engineVersion } = scope
  return lintSecondary(change.after, {
    plan,
    side,
    active,
    unknown: change.unknown,
    instances,
    ...(engineVersion ? { engineVersion } : {}),
  })
}

function membership(change: Change): Judgement[] {
  const key = 'global_cluster_identifier'
  if (!differs(change, key)) return []
  if (!textOf(change.before[key]))
    return [
      {
        level: 'warning',
        what: shift(change, key),
        why: 'An existing cluster cannot be added to a global cluster, so this apply fails. The provider does not read the attribute back: let it ignore_changes of it.',
        issue: ISSUES.detached,
      },
    ]
  return [
    {
      level: 'blocker',
      what: shift(change, key),
      why: 'Applying this takes the cluster out of its global cluster: it becomes a database of its own. The provider does not read the attribute back; let it ignore_changes of it.',
      issue: ISSUES.detached,
    },
  ]
}

function replication(change: Change): Judgement[] {
  const key = 'replication_source_identifier'
  if (!differs(change, key)) return []
  return [
    {
      level: 'blocker',
      what: shift(change, key),
      why: 'Applying this promotes the secondary to a database of its own, or breaks it. AWS sets the attribute by itself; let it ignore_changes of it.',
      issue: textOf(change.after[key]) ? ISSUES.promoted : ISSUES.replicationSource,
    },
  ]
}

/** AWS aligns a rejoined cluster's version with its new primary's (event 0518): Terraform would go back to the old. */
function version(change: Change, actual: string | undefined): Judgement[] {
  const key = 'engine_version'
  if (!differs(change, key)) return []
  const { before, after } = change
  const [was, wanted] = [textOf(before[key]), textOf(after[key])]
  if (!isUnknown(change, key) && was && wanted && (wanted === actual || older(wanted, was)))
    return [
      {
        level: 'expected',
        what: shift(change, key),
        why: `AWS aligned the version with the new primary's. Write the real one${actual ? ` (${actual})` : ''} into the configuration; AWS refuses to go back.`,
        issue: ISSUES.inconsistent,
      },
    ]
  return [
    {
      level: isUnknown(change, key) ? 'warning' : 'blocker',
      what: shift(change, key),
      why: 'An upgrade of one side ends version parity, and with it switchover and managed failover. Upgrade when the pair is steady.',
      issue: ISSUES.upgrade,
    },
  ]
}

/** `16.3` is older than `16.4`, and `8.0.mysql_aurora.3.05.2` than `8.0.mysql_aurora.3.06.0`. */
function older(a: string, b: string): boolean {
  const numbers = (version: string) => (version.match(/\d+/g) ?? []).map(Number)
  const [left, right] = [numbers(a), numbers(b)]
  for (const [index, part] of left.entries()) {
    const other = right[index] ?? part
    if (part !== other) return part < other
  }
  return false
}

function protection(change: Change): Judgement[] {
  if (change.before.deletion_protection !== true || change.after.deletion_protection === true) return []
  return [
    {
      level: 'warning',
      what: shift(change, 'deletion_protection'),
      why: 'The next mistake could delete this cluster.',
    },
  ]
}

const unmanaged = (noun: string): Judgement => ({
  level: 'warning',
  what: `${noun} is no longer managed`,
  why: 'It stays in AWS, but no configuration describes it any more: a later create will fail on its name.',
})
