import { drError } from '../engine/errors.ts'

/** Attributes of a resource as Terraform shows them. Nothing about their kinds is certain. */
export type Values = Readonly<Record<string, unknown>>

/** What one plan file would do to one object. */
export type Change = {
  readonly address: string
  readonly type: string
  /** `no-op`, `create`, `read`, `update`, `delete`, `forget`; two of them make a replacement. */
  readonly actions: readonly string[]
  /** The key of an object that an interrupted replacement left behind; absent for the object itself. */
  readonly deposed?: string
  readonly before: Values
  readonly after: Values
  /** Same shape as `after`: true where a value is known only after the apply. */
  readonly unknown: Values
  /** Same shape: true where a value must not be shown. */
  readonly hidden: { readonly before: Values; readonly after: Values }
  /** First attribute of each path that forces a replacement. */
  readonly forcedBy: readonly string[]
}

/** A plan as `terraform show -json` writes it: the parts the scanner reads. */
export type PlanFile = {
  readonly terraformVersion?: string
  readonly changes: readonly Change[]
  /** Values of the root module's variables. */
  readonly variables: Values
  /** The region its AWS provider works in, where the configuration says so. */
  readonly region?: string
  /** Provider actions that would be invoked beside the changes (Terraform 1.14). */
  readonly invocations: number
}

/**
 * Reads what `terraform show -json <plan file>` wrote, format 1.x; `name` is the file's. Throws FILE_UNUSABLE for
 * whatever is no such plan, or not a whole one: what cannot be judged must not look fine.
 */
export function readPlanFile(json: unknown, name: string): PlanFile {
  const why = whyUnusable(json)
  if (why) throw drError('FILE_UNUSABLE', { name, why })
  const root = recordOf(json)
  const entries = listOf(root.resource_changes)
  const changes = entries.filter((entry) => recordOf(entry).mode !== 'data').map(changeOf)
  if (changes.some((change) => !change))
    throw drError('FILE_UNUSABLE', { name, why: 'a resource change in it has no address, type or actions' })
  const region = providerRegion(root)
  return {
    ...(typeof root.terraform_version === 'string' ? { terraformVersion: root.terraform_version } : {}),
    changes: changes.filter((change) => change !== undefined),
    variables: Object.fromEntries(
      Object.entries(recordOf(root.variables)).map(([key, given]) => [key, recordOf(given).value]),
    ),
    ...(region ? { region } : {}),
    invocations: listOf(root.action_invocations).length,
  }
}

function whyUnusable(json: unknown): string | undefined {
  const root = recordOf(json)
  const { format_version: format } = root
  if (typeof format !== 'string') return notAPlan(json, root)
  if (/^0\./.test(format)) return `its format ${format} is too old: plan with Terraform 1.1 or newer`
  if (!/^1\.\d+$/.test(format)) return `its format ${format.slice(0, 20)} is not known here (1.x is)`
  if ('values' in root && !('planned_values' in root))
    return 'it shows a state, not a plan: name the plan file, `terraform show -json <plan file>`'
  if (!('planned_values' in root) && !('resource_changes' in root)) return 'no plan is in it'
  if ('resource_changes' in root && !Array.isArray(root.resource_changes))
    return 'its resource changes are no list'
  if (root.errored === true) return 'planning failed, so it shows only a part: plan again'
  if (root.complete === false || listOf(root.deferred_changes).length > 0)
    return 'it is not complete: plan again without -target, until nothing is deferred'
  return undefined
}

function notAPlan(json: unknown, root: Values): string {
  if ('@level' in root || '@message' in root)
    return 'it is the log of `terraform plan -json`, not the output of `terraform show -json`'
  return typeof json === 'object' && json !== null && !Array.isArray(json)
    ? 'it has no format_version, so `terraform show -json` did not write it'
    : 'it is not an object, so `terraform show -json` did not write it'
}

function changeOf(entry: unknown): Change | undefined {
  const { address, type, deposed, change } = recordOf(entry)
  const told = recordOf(change)
  const actions = listOf(told.actions).filter((action) => typeof action === 'string')
  if (typeof address !== 'string' || typeof type !== 'string' || actions.length === 0) return undefined
  return {
    address,
    type,
    actions,
    ...(typeof deposed === 'string' ? { deposed } : {}),
    before: recordOf(told.before),
    after: recordOf(told.after),
    unknown: recordOf(told.after_unknown),
    hidden: { before: recordOf(told.before_sensitive), after: recordOf(told.after_sensitive) },
    forcedBy: listOf(told.replace_paths)
      .map((path) => listOf(path)[0])
      .filter((part) => typeof part === 'string'),
  }
}

/** The region of the provider called `aws`: written out, or a variable that has a value. */
function providerRegion(root: Values): string | undefined {
  const providers = recordOf(recordOf(root.configuration).provider_config)
  const region = recordOf(recordOf(recordOf(providers.aws).expressions).region)
  if (typeof region.constant_value === 'string') return region.constant_value
  const [reference] = listOf(region.references)
  if (typeof reference !== 'string' || !reference.startsWith('var.')) return undefined
  const value = recordOf(recordOf(root.variables)[reference.slice(4)]).value
  return typeof value === 'string' ? value : undefined
}

/** An object as it is; anything else as an empty one. */
export const recordOf = (value: unknown): Values =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Values) : {}
export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])
/** A text that says something. */
export const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined
export const numberOf = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) ? value : undefined
/** Set to something: not null, empty, or false. */
export const isSet = (value: unknown): boolean =>
  !(value === undefined || value === null || value === '' || value === false) &&
  !(Array.isArray(value) && value.length === 0)
