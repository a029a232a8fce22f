/** One field of a draft: what is known, or what somebody has to fill in. */
export type Slot<T extends string | number | boolean = string> =
  | {
      readonly value: T
      /** Who says so. */
      readonly from?: string
      /** Why somebody has to look at it: it is a guess. */
      readonly confirm?: string
    }
  | { readonly fill: string }

export type Sides<T> = { readonly home: T; readonly dr: T }

export const fill = (what: string): { readonly fill: string } => ({ fill: what })
export const known = <T extends string | number | boolean>(
  value: T,
  from: string,
  confirm?: string,
): Slot<T> => ({
  value,
  from,
  ...(confirm ? { confirm } : {}),
})

/** The only one of several, or what to fill in: of many, all are named, so that somebody can choose. */
export function only<F extends { readonly from: string }>(
  all: readonly F[],
  value: (fact: F) => string,
  missing: string,
): Slot {
  const [first, second] = all
  if (!first) return fill(missing)
  if (!second) return known(value(first), first.from)
  return fill(`one of: ${all.map((fact) => `${value(fact)} (${fact.from})`).join(', ')}`)
}

export const isKnown = <T extends string | number | boolean>(
  slot: Slot<T>,
): slot is Extract<Slot<T>, { value: T }> => 'value' in slot

export const valueIn = <T extends string | number | boolean>(slot: Slot<T> | undefined): T | undefined =>
  slot && isKnown(slot) ? slot.value : undefined
