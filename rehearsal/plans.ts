import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { type Document, parseDocument } from 'yaml'
import { keysOf } from './aws/world/sts.ts'

/** The Slack fields of a plan: whose channel, and who may do what there. */
export type PlanSlack = {
  readonly channel: string
  readonly requesters: readonly string[]
  readonly approvers: readonly string[]
  readonly breakGlass: readonly string[]
}

/**
 * Writes the plans of `from` into `into`, comments and all, with the simulated ids (`ids`: a plan's name -> the fields
 * to replace; undefined = not simulated, left out) and the rehearsal's Slack in place of the shipped ones. Other plan
 * files in `into` are left alone.
 */
export function writePlans(
  from: string,
  into: string,
  slack: PlanSlack,
  ids: (plan: string) => Readonly<Record<string, unknown>> | undefined,
): void {
  mkdirSync(into, { recursive: true })
  for (const file of readdirSync(from).filter((name) => name.endsWith('.yaml'))) {
    const simulated = ids(basename(file, '.yaml'))
    if (!simulated) continue
    const plan = parseDocument(readFileSync(join(from, file), 'utf8'))
    merge(plan, [], { ...simulated, slack })
    plan.setIn(['identities'], plan.createNode(identitiesOf(slack)))
    writeFileSync(join(into, file), plan.toString({ lineWidth: 120 }))
  }
}

/** Who the plan's people are to the simulated AWS. */
function identitiesOf({ requesters, approvers, breakGlass }: PlanSlack) {
  const users = new Set([...requesters, ...approvers, ...breakGlass])
  return [...users].map((user) => ({ user, arn: keysOf(user).arn }))
}

/** Sets every leaf of `fields`; maps are gone into, so that their comments and other fields stay. */
function merge(plan: Document, path: readonly (string | number)[], fields: object): void {
  for (const [key, value] of Object.entries(fields)) {
    const at = [...path, Array.isArray(fields) ? Number(key) : key]
    const isList = Array.isArray(value)
    if (isPlain(value) || (isList && value.some(isPlain) && plan.hasIn(at))) merge(plan, at, value)
    else if (value !== undefined) plan.setIn(at, isList ? plan.createNode(value, { flow: true }) : value)
  }
}

const isPlain = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
