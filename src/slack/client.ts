import { type WebAPICallResult, WebAPIPlatformError, WebClient, type WebClientOptions } from '@slack/web-api'
import { type Log, slackLogger } from './log.ts'

/** The bot's token as it is now, and a way to have it read again: answers whether it was. */
export type TokenSource = { token(): Promise<string>; again(): Promise<boolean> }

type Given = {
  readonly apiUrl?: string
  /** Bounds each call. */
  readonly timeoutMs?: number
  readonly log: Log
  /** Told of every call that Slack did not take or answer. */
  readonly failed?: (method: string) => void
} & ({ readonly token: string } | { readonly secrets: TokenSource })

/**
 * A Web API client that never decides to try again by itself: a retry after a lost answer would post twice, and a
 * wait for a rate limit would hold up the process. What failed is the caller's to judge. The token is asked for at each
 * call, so that a rotated one counts; where Slack refuses the one we know, it is read again and the call made once more.
 * `apiUrl` is Slack's own when absent.
 */
export const slackClient = (given: Given): WebClient =>
  new RotatingClient(
    'secrets' in given ? given.secrets : { token: async () => given.token, again: never },
    given.failed ?? (() => {}),
    {
      retryConfig: { retries: 0 },
      rejectRateLimitedCalls: true,
      timeout: given.timeoutMs ?? 2500,
      allowAbsoluteUrls: false,
      logger: slackLogger(given.log),
      ...(given.apiUrl ? { slackApiUrl: given.apiUrl } : {}),
    },
  )

const never = async () => false

/** Slack did not take the call at all, for want of a token that counts. */
const TOKEN_REFUSED = new Set(['invalid_auth', 'token_revoked', 'token_expired', 'not_authed'])

class RotatingClient extends WebClient {
  readonly #source: TokenSource
  readonly #failed: (method: string) => void

  constructor(source: TokenSource, failed: (method: string) => void, options: WebClientOptions) {
    super(undefined, options)
    this.#source = source
    this.#failed = failed
  }

  override async apiCall(method: string, options: Record<string, unknown> = {}): Promise<WebAPICallResult> {
    try {
      return await this.#call(method, options)
    } catch (error) {
      this.#failed(method)
      throw error
    }
  }

  async #call(method: string, options: Record<string, unknown>): Promise<WebAPICallResult> {
    const token = await this.#source.token()
    try {
      return await super.apiCall(method, { ...options, token })
    } catch (error) {
      const refused = error instanceof WebAPIPlatformError && TOKEN_REFUSED.has(error.data.error)
      if (!refused || !(await this.#source.again())) throw error
      const newer = await this.#source.token()
      if (newer === token) throw error
      return super.apiCall(method, { ...options, token: newer })
    }
  }
}
