import * as z from 'zod/mini'
import { drError } from '../engine/errors.ts'

const Text = z.string().check(z.minLength(1))
const SlackId = (kind: string) =>
  z.string().check(z.regex(new RegExp(`^[${kind}][A-Z0-9]{2,}$`), `not an id that starts with ${kind}`))
const HttpUrl = z.url({ protocol: /^https?$/, error: 'not an http(s) URL' })

const Environment = z.object({
  /** One secret, or two separated by a comma while it is being rotated. */
  SLACK_SIGNING_SECRET: Text,
  SLACK_BOT_TOKEN: Text,
  SLACK_APP_ID: SlackId('A'),
  SLACK_TEAM_ID: SlackId('T'),
  SLACK_ENTERPRISE_ID: z.optional(SlackId('E')),
  SLACK_API_URL: z.optional(HttpUrl),
  /** A folder of plan files, or the JSON they were compiled to at build. */
  UNDERSTUDY_PLANS: Text,
  /** The journal's SQLite file. */
  UNDERSTUDY_JOURNAL: Text,
  /** Stamped on every message, for rehearsals: SIMULATED. */
  UNDERSTUDY_STAMP: z.optional(Text),
  /** Endpoints per region (and `route53`), JSON: for rehearsals only, which must stamp. Without it, AWS's own. */
  UNDERSTUDY_AWS_ENDPOINTS: z.optional(Text),
})

/** What differs from one deployment to the next. Parsed once, at the edge. */
export type Config = {
  readonly slack: {
    readonly signingSecrets: readonly string[]
    readonly token: string
    readonly appId: string
    readonly teamId: string
    readonly enterpriseId?: string
    readonly apiUrl?: string
  }
  readonly plans: string
  readonly journal: string
  readonly stamp?: string
  readonly endpoints?: Readonly<Record<string, string>>
}

/** Reads the configuration; throws CONFIG_INVALID with every fault at once, and never echoes a value. */
export function parseConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const parsed = Environment.safeParse(env)
  const faults = parsed.success
    ? []
    : parsed.error.issues.map(({ path, message }) =>
        env[String(path[0])] === undefined
          ? `${String(path[0])} is not set`
          : `${path.join('.')}: ${message}`,
      )
  const endpoints = endpointsOf(env.UNDERSTUDY_AWS_ENDPOINTS, faults)
  if (endpoints && !env.UNDERSTUDY_STAMP)
    faults.push(
      'UNDERSTUDY_AWS_ENDPOINTS is for rehearsals, whose messages must be stamped: set UNDERSTUDY_STAMP',
    )
  if (!parsed.success || faults.length) throw drError('CONFIG_INVALID', { faults })
  const { data } = parsed
  return {
    slack: {
      signingSecrets: data.SLACK_SIGNING_SECRET.split(',').map((secret) => secret.trim()),
      token: data.SLACK_BOT_TOKEN,
      appId: data.SLACK_APP_ID,
      teamId: data.SLACK_TEAM_ID,
      ...(data.SLACK_ENTERPRISE_ID ? { enterpriseId: data.SLACK_ENTERPRISE_ID } : {}),
      ...(data.SLACK_API_URL ? { apiUrl: data.SLACK_API_URL } : {}),
    },
    plans: data.UNDERSTUDY_PLANS,
    journal: data.UNDERSTUDY_JOURNAL,
    ...(data.UNDERSTUDY_STAMP ? { stamp: data.UNDERSTUDY_STAMP } : {}),
    ...(endpoints ? { endpoints } : {}),
  }
}

function endpointsOf(json: string | undefined, faults: string[]): Record<string, string> | undefined {
  if (json === undefined) return undefined
  try {
    const endpoints = z.record(Text, HttpUrl).safeParse(JSON.parse(json))
    if (endpoints.success) return endpoints.data
  } catch {
    // The same fault as JSON of another shape.
  }
  faults.push('UNDERSTUDY_AWS_ENDPOINTS: not a JSON object of region to http(s) URL')
  return undefined
}
