/** A fact of a plan that cannot be true together with the others, and where it stands. */
export type Contradiction = { readonly path: readonly (string | number)[]; readonly message: string }

/** Things of the list at `at` that are called the same; each but the first is a fault, told at its `field`. */
export function repeated<T>(
  list: readonly T[],
  key: (item: T) => string,
  at: readonly string[],
  field: string,
  noun: string,
): Contradiction[] {
  return list.flatMap((item, index) => {
    const first = list.findIndex((other) => key(other) === key(item))
    return first < index
      ? [{ path: [...at, index, field], message: `${noun} “${key(item)}” is here twice` }]
      : []
  })
}
