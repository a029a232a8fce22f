import { WebClient } from '@slack/web-api'
import { type Log, slackLogger } from './log.ts'

/**
 * A Web API client that never decides to try again by itself: a retry after a lost answer would post twice, and a
 * wait for a rate limit would hold up the process. What failed is the caller's to judge.
 * `apiUrl` is Slack's own when absent; `timeoutMs` bounds each call.
 */
export const slackClient = (given: {
  token: string
  apiUrl?: string
  timeoutMs?: number
  log: Log
}): WebClient =>
  new WebClient(given.token, {
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    timeout: given.timeoutMs ?? 2500,
    allowAbsoluteUrls: false,
    logger: slackLogger(given.log),
    ...(given.apiUrl ? { slackApiUrl: given.apiUrl } : {}),
  })
