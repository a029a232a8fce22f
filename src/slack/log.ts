import { type Logger, LogLevel } from '@slack/web-api'

/** What the Slack side writes about itself: one line of JSON each, secrets taken out. */
export type Log = (
  level: 'info' | 'warn' | 'error',
  said: string,
  facts?: Readonly<Record<string, unknown>>,
) => void

const SECRET_KEYS = /token|secret|signature|response_url|trigger_id|authorization|password|cookie/i
const SECRET_TEXT = /xox[a-z]-[\w-]+|xapp-[\w-]+|v\d=[0-9a-f]{64}|https:\/\/hooks\.slack\.com\/\S+/gi
const REMOVED = '[removed]'
const DEPTH_LIMIT = 6

/** A copy without secrets: by the name of the field, and by the look of the text. */
export function redact(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return value.replace(SECRET_TEXT, REMOVED)
  if (typeof value !== 'object' || value === null) return value
  if (depth >= DEPTH_LIMIT) return '[deep]'
  if (value instanceof Error) return redact(`${value.name}: ${value.message}`)
  if (Array.isArray(value)) return value.map((item) => redact(item, depth + 1))
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      SECRET_KEYS.test(key) ? REMOVED : redact(item, depth + 1),
    ]),
  )
}

/** A log that hands finished lines to `write`; `around` says what belongs to every line, such as the request's id. */
export const logTo =
  (write: (line: string) => void, around: () => object = () => ({})): Log =>
  (level, said, facts = {}) =>
    write(JSON.stringify({ level, ...around(), said: redact(said), ...(redact(facts) as object) }))

/** The same log for Bolt and the Web API client, which may only speak when something is wrong. */
export function slackLogger(log: Log): Logger {
  const say =
    (level: 'warn' | 'error') =>
    (...parts: unknown[]) =>
      log(
        level,
        parts.map((part) => (typeof part === 'string' ? part : JSON.stringify(redact(part)))).join(' '),
      )
  return {
    debug() {},
    info() {},
    warn: say('warn'),
    error: say('error'),
    setLevel() {},
    getLevel: () => LogLevel.WARN,
    setName() {},
  }
}
