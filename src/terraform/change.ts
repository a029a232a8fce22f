import type { Change } from './plan-file.ts'

export const creates = ({ actions }: Change): boolean => actions.includes('create')
export const destroys = ({ actions }: Change): boolean => actions.includes('delete')
/** Terraform stops managing it and leaves it in AWS. */
export const forgets = ({ actions }: Change): boolean => actions.includes('forget')
export const updates = ({ actions }: Change): boolean => actions.includes('update')
export const replaces = (change: Change): boolean => creates(change) && (destroys(change) || forgets(change))
/** Changes nothing in AWS; an object that only got a new address is such a one. */
export const isQuiet = ({ actions }: Change): boolean =>
  actions.every((action) => action === 'no-op' || action === 'read')

const KNOWN = ['no-op', 'create', 'read', 'update', 'delete', 'forget']
/** Has an action of a Terraform newer than this scanner. */
export const isStrange = ({ actions }: Change): boolean => actions.some((action) => !KNOWN.includes(action))

/** `is replaced (forced by availability_zones)`, `is destroyed`, `is no longer managed` … */
export function verb(change: Change): string {
  const left = change.deposed ? `, the object ${change.deposed} left from an earlier replacement` : ''
  const forced = change.forcedBy.length ? ` (forced by ${[...new Set(change.forcedBy)].join(', ')})` : ''
  if (replaces(change)) return `is replaced${forced}${left}`
  if (destroys(change)) return `is destroyed${left}`
  if (forgets(change)) return `is no longer managed${left}`
  if (creates(change)) return 'is created'
  return updates(change) ? 'is changed' : change.actions.join(' and ')
}

const short = (value: unknown): string => {
  if (value === undefined || value === null) return 'none'
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return text.length > 120 ? `${text.slice(0, 119)}…` : text || 'none'
}

/** `desired_count 6 → 1`; what is sensitive is not shown, what is not known yet is called so. */
export function shift(change: Change, key: string): string {
  const was = change.hidden.before[key] ? '(sensitive)' : short(change.before[key])
  const willBe = change.hidden.after[key] ? '(sensitive)' : short(change.after[key])
  return `${key} ${was} → ${isUnknown(change, key) ? '(known after apply)' : willBe}`
}

/** Whether a value is known only after the apply. */
export const isUnknown = ({ unknown }: Change, key: string): boolean => unknown[key] === true

/** Whether an attribute would differ afterwards, or may. */
export function differs(change: Change, key: string): boolean {
  if (isUnknown(change, key)) return true
  return !sameValue(change.before[key], change.after[key])
}

/** Terraform shows what is not set as null, as an empty text or not at all. */
const sameValue = (a: unknown, b: unknown): boolean =>
  a === b || JSON.stringify(a || null) === JSON.stringify(b || null)
