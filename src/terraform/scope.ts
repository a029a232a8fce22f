import type { Plan, Stack } from '../plan/schema.ts'
import { type Change, type PlanFile, textOf } from './plan-file.ts'

export type Side = Stack['side']
export const SIDES = ['home', 'dr'] as const satisfies readonly Side[]
export const otherSide = (side: Side): Side => (side === 'home' ? 'dr' : 'home')

/** What a Terraform plan is judged against. */
export type ScanContext = {
  readonly plan: Plan
  /** The side that serves customers now. */
  readonly active: Side
  /** Sides whose writers are held at nothing until they are proven. */
  readonly fenced?: readonly Side[]
  /** The side whose old cluster was approved to be deleted in this run. */
  readonly stale?: Side
  /** The engine version the active cluster really has. */
  readonly engineVersion?: string
  /** Which of the plan's stacks the file is for, where that is known. */
  readonly stack?: Stack
  /** The file's name, for messages. */
  readonly file?: string
  /** sha256 of the JSON text, for the record. */
  readonly sha256?: string
}

/** One side of that, for one change. */
export type Scope = ScanContext & { readonly side: Side; readonly serving: boolean }

const ARN_REGION = /^arn:[\w-]+:[\w-]+:([a-z0-9-]+):/
const PLACED = ['region', 'arn', 'id', 'cluster', 'cluster_arn', 'listener_arn', 'load_balancer_arn'] as const

/** The region an object says that it is in: its own attribute, or an ARN it carries. */
function ownRegion({ before, after }: Change): string | undefined {
  for (const values of [before, after])
    for (const key of PLACED) {
      const text = textOf(values[key])
      if (!text) continue
      if (key === 'region') return text
      const region = ARN_REGION.exec(text)?.[1]
      if (region) return region
    }
  return undefined
}

/**
 * The sides an object may belong to: one, where it says its region or the file says whose it is; both, where nothing
 * tells; none, where it is in a region of neither.
 */
export function sidesOf(change: Change, file: PlanFile, { plan, stack }: ScanContext): readonly Side[] {
  const inRegion = (region: string) => SIDES.filter((side) => plan.regions[side] === region)
  const own = ownRegion(change)
  if (own) return inRegion(own)
  if (stack) return [stack.side]
  return file.region ? inRegion(file.region) : SIDES
}

/** Route 53's names without regard to case, final dot, or the `dualstack.` that the console puts in front. */
export const dnsName = (name: string): string =>
  name
    .toLowerCase()
    .replace(/\.$/, '')
    .replace(/^dualstack\./, '')
