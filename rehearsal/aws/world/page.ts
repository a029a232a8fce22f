import { WireError } from '../wire/failure.ts'

/**
 * One page of `items` and the opaque token of the next. A token names the last key that was told, so that it stays
 * good when items come and go. `key` must be unique and the order that of `items`.
 */
export function page<T>(
  items: readonly T[],
  key: (item: T) => string,
  { token, size }: { token: string | undefined; size: number },
): { items: T[]; next?: string } {
  const after = token === undefined ? undefined : readToken(token)
  const index = after === undefined ? 0 : items.findIndex((item) => key(item) === after) + 1
  if (after !== undefined && index === 0) throw new PageTokenError()
  const told = items.slice(index, index + size)
  const last = told.at(-1)
  if (last === undefined || index + size >= items.length) return { items: told }
  return { items: told, next: Buffer.from(`page:${key(last)}`).toString('base64url') }
}

/** Each service says in its own code that a token is not one of its own. */
export class PageTokenError extends Error {}

function readToken(token: string): string {
  const text = Buffer.from(token, 'base64url').toString()
  if (!text.startsWith('page:')) throw new PageTokenError()
  return text.slice('page:'.length)
}

/** RDS's rule for MaxRecords. */
export function records(max: number | undefined): number {
  if (max !== undefined && (max < 20 || max > 100))
    throw new WireError(
      'InvalidParameterValue',
      `Invalid value ${max} for MaxRecords. Must be between 20 and 100`,
    )
  return max ?? 100
}

/** Runs a listing, with a bad token told in the service's code. */
export function withTokens<T>(code: string, message: string, list: () => T): T {
  try {
    return list()
  } catch (thrown) {
    if (thrown instanceof PageTokenError) throw new WireError(code, message)
    throw thrown
  }
}
