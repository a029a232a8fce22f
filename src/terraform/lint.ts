import type { Plan } from '../plan/schema.ts'
import { ISSUES, type Judgement } from './finding.ts'
import { isSet, listOf, numberOf, textOf, type Values } from './plan-file.ts'
import type { Side } from './scope.ts'

/** What a secondary is checked against. */
export type SecondaryFacts = {
  readonly plan: Plan
  /** The side it is created on, and the one that serves. */
  readonly side: Side
  readonly active: Side
  /** The engine version the active cluster really has, where it was looked up. */
  readonly engineVersion?: string
  /** How many instances the same plan gives it, where that was counted. */
  readonly instances?: number
  /** Terraform's `after_unknown` for the same values. */
  readonly unknown?: Values
}

/**
 * What must not be set on an `aws_rds_cluster` that is created as a secondary, and what must: `values` are its planned
 * ones (`change.after`, or `planned_values`). Values themselves are never quoted where they may be secret.
 */
export function lintSecondary(values: Values, facts: SecondaryFacts): Judgement[] {
  return [
    ...forbidden(values),
    ...belonging(values, facts),
    ...encryption(values, facts),
    ...versionOf(values, facts),
    ...zones(values),
    ...headless(facts),
  ]
}

const INHERITED = 'A secondary takes it from the primary, and AWS refuses to create one that brings its own.'
const OTHER_PATH = 'With it Terraform creates a database of its own from that source instead of a secondary.'

const FORBIDDEN: readonly (readonly [attribute: string, why: string, issue?: string])[] = [
  ['master_username', INHERITED, ISSUES.username],
  ['master_password', INHERITED, ISSUES.username],
  ['master_password_wo_version', INHERITED, ISSUES.username],
  ['manage_master_user_password', INHERITED, ISSUES.managedPassword],
  ['master_user_secret_kms_key_id', INHERITED, ISSUES.managedPassword],
  ['database_name', INHERITED, ISSUES.globalReplaced],
  ['snapshot_identifier', OTHER_PATH],
  ['restore_to_point_in_time', OTHER_PATH],
  ['s3_import', OTHER_PATH],
  [
    'replication_source_identifier',
    'Set together with global_cluster_identifier it takes the wrong path in the API. Leave it out, and let the cluster ignore_changes of it: AWS fills it in, and the next apply would promote the secondary.',
    ISSUES.replicationSource,
  ],
]

const forbidden = (values: Values): Judgement[] =>
  FORBIDDEN.filter(([attribute]) => isSet(values[attribute])).map(([attribute, why, issue]) => ({
    level: 'blocker',
    what: `${attribute} is set on a secondary`,
    why,
    ...(issue ? { issue } : {}),
  }))

function belonging(values: Values, { plan, active, unknown }: SecondaryFacts): Judgement[] {
  const given = textOf(values.global_cluster_identifier)
  const source = textOf(values.source_region)
  const wanted = plan.database.globalCluster
  const found: Judgement[] = []
  if (given !== wanted)
    found.push({
      level: 'blocker',
      what: `global_cluster_identifier is ${given ?? (unknown?.global_cluster_identifier === true ? 'not known before the apply' : 'not set')}`,
      why: `It has to be ${wanted}: else the cluster comes up as a writable database of its own. Terraform cannot add it later.`,
      issue: ISSUES.detached,
    })
  if (source && source !== plan.regions[active])
    found.push({
      level: 'blocker',
      what: `source_region is ${source}`,
      why: `The writer is in ${plan.regions[active]}.`,
    })
  return found
}

function encryption(values: Values, { plan, side }: SecondaryFacts): Judgement[] {
  const region = /^arn:[\w-]+:kms:([a-z0-9-]+):/.exec(textOf(values.kms_key_id) ?? '')?.[1]
  if (!region || region === plan.regions[side]) return []
  return [
    {
      level: 'blocker',
      what: `kms_key_id is a key in ${region}`,
      why: `A cluster in ${plan.regions[side]} needs a key of that region.`,
    },
  ]
}

function versionOf(values: Values, { engineVersion }: SecondaryFacts): Judgement[] {
  const given = textOf(values.engine_version)
  if (!engineVersion || !given || given === engineVersion) return []
  return [
    {
      level: 'blocker',
      what: `engine_version is ${given}`,
      why: `The active cluster really has ${engineVersion}. Other versions cannot be switched to: write exactly that one.`,
      issue: ISSUES.upgrade,
    },
  ]
}

function zones(values: Values): Judgement[] {
  const given = listOf(values.availability_zones).length
  if (given === 0 || given >= 3) return []
  return [
    {
      level: 'warning',
      what: `availability_zones names ${given} of three`,
      why: 'Aurora stores in three zones; the next plan sees the difference and replaces the database. Name three, or let it ignore_changes of them.',
      issue: ISSUES.zones,
    },
  ]
}

function headless({ instances }: SecondaryFacts): Judgement[] {
  if (numberOf(instances) !== 0) return []
  return [
    {
      level: 'blocker',
      what: 'it gets no instance',
      why: 'A cluster without an instance replicates, but nothing can be switched to it. Plan at least one.',
    },
  ]
}
