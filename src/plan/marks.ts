/** What `understudy init` writes where only people know the value: no field of a plan accepts it. */
export const FILL_IN = 'FILL-IN'
/** What it writes, in a comment, beside a value that it guessed. */
export const CONFIRM = 'CONFIRM:'

/** A guess in a plan's text that nobody has looked at yet. `line` counts from 1. */
export type Guess = { readonly line: number; readonly text: string }

/** The guesses in the text of a plan file: comments that say so. */
export function guessesIn(text: string): Guess[] {
  return text.split(/\r?\n/).flatMap((line, index) => {
    const said = /(?:^|\s)#\s*CONFIRM: (.*)$/.exec(line)?.[1]
    return said === undefined ? [] : [{ line: index + 1, text: said.trim() }]
  })
}

/** Where placeholders stand in what a plan file says. */
export function placeholdersIn(
  value: unknown,
  path: readonly PropertyKey[] = [],
): (readonly PropertyKey[])[] {
  if (typeof value === 'string') return value.startsWith(FILL_IN) ? [path] : []
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) =>
    placeholdersIn(inner, [...path, Array.isArray(value) ? Number(key) : key]),
  )
}
