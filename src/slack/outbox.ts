import { WebAPIHTTPError, WebAPIPlatformError, WebAPIRateLimitedError } from '@slack/web-api'

/**
 * What a failed call to Slack means for the message it carried:
 * `later` it was not taken, try again after that long (`everything`: so must all other calls) · `unclear` it may have been taken: look before trying again ·
 * `blocks` Slack does not accept these blocks · `gone` the message to change is not there · `never` it will not be
 * taken in this form, whatever we do.
 */
export type Failure =
  | { readonly kind: 'later'; readonly afterMs: number; readonly everything?: true }
  | { readonly kind: 'unclear' | 'blocks' | 'gone' | 'never' }

const BLOCKS = new Set(['invalid_blocks', 'invalid_blocks_format', 'msg_blocks_too_long', 'block_mismatch'])
const GONE = new Set(['message_not_found', 'cant_update_message', 'edit_window_closed', 'thread_not_found'])
const UNCLEAR = new Set([
  'internal_error',
  'fatal_error',
  'service_unavailable',
  'request_timeout',
  'team_added_to_org',
])
const NEVER = new Set([
  'msg_too_long',
  'no_text',
  'invalid_arguments',
  'too_many_attachments',
  'invalid_metadata_format',
])

/** What refuses every message alike (token, channel) is asked again at leisure: somebody may put it right. */
const LEISURE_MS = 15_000

export function failureOf(error: unknown): Failure {
  if (error instanceof WebAPIRateLimitedError) return slowDown(error.retryAfter)
  if (error instanceof WebAPIHTTPError && error.statusCode < 500)
    return { kind: 'later', afterMs: LEISURE_MS }
  if (!(error instanceof WebAPIPlatformError)) return { kind: 'unclear' }
  const code = error.data.error
  if (BLOCKS.has(code)) return { kind: 'blocks' }
  if (GONE.has(code)) return { kind: 'gone' }
  if (UNCLEAR.has(code)) return { kind: 'unclear' }
  if (NEVER.has(code)) return { kind: 'never' }
  if (code === 'ratelimited' || code === 'rate_limited') return slowDown(1)
  return { kind: 'later', afterMs: LEISURE_MS }
}

const slowDown = (seconds: number): Failure => ({
  kind: 'later',
  afterMs: Math.max(1, seconds) * 1000,
  everything: true,
})

/** Why a call failed, in a word for a person: Slack's own code where there is one. */
export function whyNot(error: unknown): string {
  if (error instanceof WebAPIPlatformError) return error.data.error.replaceAll('_', ' ')
  if (error instanceof WebAPIRateLimitedError) return 'Slack is limiting how often we may call it'
  if (error instanceof WebAPIHTTPError) return `Slack answered ${error.statusCode}`
  return 'Slack did not answer in time'
}
