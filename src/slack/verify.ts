import { createHash, createHmac, timingSafeEqual } from 'node:crypto'

/** A request body above this is refused before anything is computed over it. */
export const BODY_LIMIT_BYTES = 256 * 1024
const WINDOW_SECONDS = 300

export type Verdict = 'ok' | 'malformed' | 'stale' | 'forged'

/**
 * Whether Slack signed exactly these bytes within five minutes of `nowMs` (before or after).
 * The version is pinned to v0: a version taken from the header would let a leaked signature of one request be cut into
 * a valid signature of another. `secrets` are all tried, so that a secret can be rotated without a gap.
 */
export function verify(
  raw: Uint8Array,
  headers: Readonly<Record<string, string | undefined>>,
  secrets: readonly string[],
  nowMs: number,
): Verdict {
  const timestamp = headers['x-slack-request-timestamp'] ?? ''
  const signature = headers['x-slack-signature'] ?? ''
  if (!/^\d{10}$/.test(timestamp) || !/^v0=[0-9a-f]{64}$/.test(signature)) return 'malformed'
  if (Math.abs(Math.floor(nowMs / 1000) - Number(timestamp)) > WINDOW_SECONDS) return 'stale'
  const given = Buffer.from(signature.slice(3), 'hex')
  let genuine = false
  for (const secret of secrets) {
    if (secret === '') continue
    const expected = createHmac('sha256', secret).update(`v0:${timestamp}:`).update(raw).digest()
    if (timingSafeEqual(expected, given)) genuine = true
  }
  return genuine ? 'ok' : 'forged'
}

/** The id a request is remembered under: says nothing about the signature, and is the same for a replay. */
export const requestIdOf = (signature: string): string => createHash('sha256').update(signature).digest('hex')
