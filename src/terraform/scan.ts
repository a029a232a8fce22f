import {
  ecsService,
  judgeScaling,
  judgeSchedule,
  judgeService,
  type Named,
  scaledService,
} from './capacity.ts'
import { creates, destroys, forgets, isQuiet, isStrange, replaces, updates } from './change.ts'
import { clusterSides, judgeCluster, judgeGlobalCluster, judgeInstance, judgeStranger } from './databases.ts'
import { type Finding, type Judgement, LEVELS } from './finding.ts'
import { judgeRemoval } from './named.ts'
import { type Change, type PlanFile, readPlanFile, textOf } from './plan-file.ts'
import { type ScanContext, type Scope, type Side, sidesOf } from './scope.ts'
import { judgeListener, judgeRecord, judgeRule, listenerSide, recordOfPlan } from './traffic.ts'
import { judgeVariables } from './variables.ts'

/** What became of a plan: `blocked`: it must not be applied · `warnings`: a person weighs them · `clean`. */
export type ScanResult = {
  readonly verdict: 'blocked' | 'warnings' | 'clean'
  /** Blockers first, then warnings, then what is expected; by address within each. */
  readonly findings: readonly Finding[]
  /** How many objects change, in Terraform's own words. A replacement counts as one. */
  readonly counts: Readonly<
    Record<'create' | 'update' | 'replace' | 'destroy' | 'forget' | 'untouched', number>
  >
  readonly active: Side
  readonly file?: string
  /** Of the JSON text. */
  readonly sha256?: string
  readonly terraformVersion?: string
}

/**
 * Judges what `terraform show -json <plan file>` wrote against the plan and against who serves now. Throws
 * FILE_UNUSABLE where it is no whole Terraform plan of format 1.x; anything else gets a verdict.
 */
export function scanPlan(json: unknown, context: ScanContext): ScanResult {
  const file = readPlanFile(json, context.file ?? 'the Terraform plan')
  const findings = [...judgeVariables(file, context), ...invocations(file)]
  for (const change of file.changes)
    for (const judgement of judge(change, file, context))
      findings.push({ address: placeOf(change), ...judgement })
  const sorted = findings.sort(inOrder)
  const has = (level: Finding['level']) => sorted.some((finding) => finding.level === level)
  return {
    verdict: has('blocker') ? 'blocked' : has('warning') ? 'warnings' : 'clean',
    findings: sorted,
    counts: countsOf(file.changes),
    active: context.active,
    ...(context.file ? { file: context.file } : {}),
    ...(context.sha256 ? { sha256: context.sha256 } : {}),
    ...(file.terraformVersion ? { terraformVersion: file.terraformVersion } : {}),
  }
}

const placeOf = ({ address, deposed }: Change) => (deposed ? `${address} (deposed ${deposed})` : address)

function inOrder(a: Finding, b: Finding): number {
  const keys = ({ level, address, what }: Finding) => `${LEVELS.indexOf(level)} ${address} ${what}`
  return keys(a) < keys(b) ? -1 : keys(a) > keys(b) ? 1 : 0
}

function judge(change: Change, file: PlanFile, context: ScanContext): readonly Judgement[] {
  if (isQuiet(change)) return []
  const strange: Judgement[] = isStrange(change)
    ? [
        {
          level: 'warning',
          what: `it would ${change.actions.join(' and ')}`,
          why: 'That action is not known here: look at it yourself.',
        },
      ]
    : []
  return [...strange, ...(database(change, file, context) ?? other(change, file, context))]
}

/** Databases have rules of their own for being removed; undefined for everything else. */
function database(change: Change, file: PlanFile, context: ScanContext): readonly Judgement[] | undefined {
  switch (change.type) {
    case 'aws_rds_global_cluster':
      return judgeGlobalCluster(change, context)
    case 'aws_rds_cluster': {
      const sides = clusterSides(change, file, context)
      return sides
        ? worst(sides, context, (scope) => judgeCluster(change, scope, instancesFor(change, file)))
        : judgeStranger(change)
    }
    case 'aws_rds_cluster_instance': {
      const sides = clusterSides(change, file, context)
      return sides ? worst(sides, context, (scope) => judgeInstance(change, scope)) : judgeStranger(change)
    }
    case 'aws_db_instance':
      return judgeStranger(change)
  }
  return undefined
}

function other(change: Change, file: PlanFile, context: ScanContext): readonly Judgement[] {
  const { plan } = context
  const on = (
    named: Named | undefined,
    judgeIt: (scope: Scope, service: Named['service']) => Judgement[],
  ) => {
    if (!named) return []
    const placed = sidesOf(change, file, context)
    return worst(
      named.sides.filter((side) => placed.includes(side)),
      context,
      (scope) => judgeIt(scope, named.service),
    )
  }
  switch (change.type) {
    case 'aws_ecs_service': {
      const judged = on(ecsService(change, plan), (scope, service) => judgeService(change, scope, service))
      return [...judgeRemoval(change, plan), ...judged]
    }
    case 'aws_appautoscaling_target':
      return on(scaledService(change, plan), (scope, service) => judgeScaling(change, scope, service))
    case 'aws_appautoscaling_scheduled_action':
      return on(scaledService(change, plan), (scope, service) => judgeSchedule(change, scope, service))
    case 'aws_route53_record': {
      const record = recordOfPlan(change, plan)
      return record ? judgeRecord(change, record, context) : judgeRemoval(change, plan)
    }
    default:
      return [...judgeRemoval(change, plan), ...listening(change, context)]
  }
}

function listening(change: Change, context: ScanContext): readonly Judgement[] {
  const { before, after, type } = change
  const arnOf = (key: string) => textOf(before[key]) ?? textOf(after[key])
  if (/^aws_a?lb_listener$/.test(type)) {
    const side = listenerSide(arnOf('arn'), context.plan)
    return side ? judgeListener(change, scopeOf(context, side)) : []
  }
  if (/^aws_a?lb_listener_rule$/.test(type)) {
    const side = listenerSide(arnOf('listener_arn'), context.plan)
    return side ? judgeRule(change, scopeOf(context, side)) : []
  }
  return []
}

const scopeOf = (context: ScanContext, side: Side): Scope => ({
  ...context,
  side,
  serving: side === context.active,
})

/** Judged for each side it may belong to; where that is open, the worse one counts, and says so. */
function worst(
  sides: readonly Side[],
  context: ScanContext,
  judgeFor: (scope: Scope) => Judgement[],
): readonly Judgement[] {
  const judged = sides.map((side) => judgeFor(scopeOf(context, side)))
  const rank = (found: readonly Judgement[]) =>
    Math.min(LEVELS.length, ...found.map(({ level }) => LEVELS.indexOf(level)))
  const [first = [], second] = judged.sort((a, b) => rank(a) - rank(b))
  if (!second || rank(first) === rank(second)) return first
  return first.map((finding) => ({
    ...finding,
    why: `${finding.why} Which side this is cannot be told from the file, so the worse is taken.`,
  }))
}

/** How many instances a cluster that is created gets: those named after it, and those whose cluster is not known yet. */
function instancesFor(cluster: Change, { changes }: PlanFile): number {
  const id = textOf(cluster.after.cluster_identifier)
  return changes.filter(
    ({ type, after, unknown, actions }) =>
      type === 'aws_rds_cluster_instance' &&
      !actions.every((action) => action === 'delete' || action === 'forget') &&
      (unknown.cluster_identifier === true || textOf(after.cluster_identifier) === id),
  ).length
}

function invocations({ invocations: count }: PlanFile): Finding[] {
  if (count === 0) return []
  return [
    {
      level: 'warning',
      address: '',
      what: `${count} provider action${count === 1 ? '' : 's'} would be invoked`,
      why: 'What such an action does stands in no plan: look at it yourself.',
    },
  ]
}

function countsOf(changes: readonly Change[]): ScanResult['counts'] {
  const count = (is: (change: Change) => boolean) => changes.filter(is).length
  return {
    create: count((change) => creates(change) && !replaces(change)),
    update: count(updates),
    replace: count(replaces),
    destroy: count((change) => destroys(change) && !replaces(change)),
    forget: count((change) => forgets(change) && !replaces(change)),
    untouched: count(isQuiet),
  }
}
