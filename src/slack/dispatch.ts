import type { App } from '@slack/bolt'
import type { Log } from './log.ts'

/** A request's body: an object that nobody has believed yet. */
export type Body = Readonly<Record<string, unknown>>

/** Which request it is, and the how-manieth time Slack sends it. */
export type Received = { readonly requestId: string; readonly retry?: number }

/**
 * What became of a request: `answered` with what a listener had to say, if anything · `failed`: nobody took it; have it
 * sent again, or say `response` · `unknown`: there is nobody for its like.
 */
export type Outcome =
  | { readonly kind: 'answered'; readonly response: unknown }
  | { readonly kind: 'failed'; readonly response: string | undefined }
  | { readonly kind: 'unknown' }

/**
 * Takes one body that is known to come from Slack to the app's listeners, whichever way it came. Answered once a listener
 * has acknowledged, whatever happens later; an event that failed counts as not taken all the same. Never throws.
 */
export async function dispatch(
  app: App | undefined,
  body: Body,
  { requestId, retry }: Received,
  log: Log,
): Promise<Outcome> {
  // An event of no shape we know is acknowledged, so that Slack does not send it again.
  const isEvent = body.type === 'event_callback'
  if (isEvent && (typeof body.event !== 'object' || body.event === null)) return nothing
  let outcome: Outcome | undefined
  const ack = async (response?: unknown) => {
    outcome ??= { kind: 'answered', response }
  }
  try {
    await app?.processEvent({
      body,
      ack,
      ...(retry === undefined ? {} : { retryNum: retry }),
      customProperties: { requestId },
    })
  } catch (error) {
    log('error', 'a listener failed', { error, acknowledged: outcome !== undefined })
    // Bolt acknowledges events at once; what failed shall be sent again all the same.
    return isEvent ? { kind: 'failed', response: undefined } : (outcome ?? failed(body))
  }
  return outcome ?? { kind: 'unknown' }
}

const nothing: Outcome = { kind: 'answered', response: undefined }

/** Nobody answered before the failure: a command can be told so; for the rest Slack shows its own warning. */
const failed = (body: Body): Outcome => ({
  kind: 'failed',
  response:
    typeof body.command === 'string'
      ? 'This failed before anything was written down. Nothing was started. Please send it again.'
      : undefined,
})
