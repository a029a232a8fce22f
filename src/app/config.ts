import { join } from 'node:path'
import * as z from 'zod/mini'
import { LOOKING, RUNNING, type Session } from '../aws/session.ts'
import { drError } from '../engine/errors.ts'
import { type EngineAt, engineAt, type JournalAt, journalAt, type SecretsAt, secretsAt } from './places.ts'

const Text = z.string().check(z.minLength(1))
const SlackId = (kind: string) =>
  z.string().check(z.regex(new RegExp(`^[${kind}][A-Z0-9]{2,}$`), `not an id that starts with ${kind}`))
const HttpUrl = z.url({ protocol: /^https?$/, error: 'not an http(s) URL' })
const Secret = z.optional(Text)

/**
 * What each Lambda function needs of these (all of them can be given the same):
 * - front: PLANS, JOURNAL, WORKER, SECRETS, SLACK_APP_ID, SLACK_TEAM_ID
 * - worker and watch: the same, and ENGINE
 * - run: PLANS, JOURNAL, ENGINE (its own alias, for the watch it starts at its end), SLACK_APP_ID, SLACK_TEAM_ID, and
 *   SECRETS as an address only: it never reads them, so its role need not be able to
 */
const Environment = z.object({
  /** One secret, or two separated by a comma while it is being rotated. Not with UNDERSTUDY_SECRETS. */
  SLACK_SIGNING_SECRET: Secret,
  /** Not with UNDERSTUDY_SECRETS. */
  SLACK_BOT_TOKEN: Secret,
  /** For Socket Mode, which needs no signing secret. Not with UNDERSTUDY_SECRETS. */
  SLACK_APP_TOKEN: Secret,
  /** `ssm:REGION/PATH` or `secretsmanager:REGION/NAME`: where signing-secret, bot-token and app-token are kept. */
  UNDERSTUDY_SECRETS: z.optional(Text),
  SLACK_APP_ID: SlackId('A'),
  SLACK_TEAM_ID: SlackId('T'),
  SLACK_ENTERPRISE_ID: z.optional(SlackId('E')),
  SLACK_API_URL: z.optional(HttpUrl),
  /** The only slash command that is answered, such as /dr-rehearsal. Absent: whichever the app has. */
  SLACK_COMMAND: z.optional(z.string().check(z.regex(/^\/[a-z0-9_-]{1,31}$/, 'not a slash command'))),
  /** A folder of plan files, or the JSON they were compiled to at build. */
  UNDERSTUDY_PLANS: Text,
  /** A SQLite file, or `dynamodb:REGION/TABLE`. */
  UNDERSTUDY_JOURNAL: Text,
  /** `lambda:ALIAS_ARN`, or `lambda:NAME:ALIAS` in AWS_REGION; absent, a local engine in a file beside the SQLite journal. */
  UNDERSTUDY_ENGINE: z.optional(Text),
  /** What roles are assumed as: `understudy-look` may only look, and is what all functions but `run` are. */
  UNDERSTUDY_SESSION: z.optional(z.literal([RUNNING, LOOKING])),
  /** The worker's function name: who is woken, and who probes. Absent, nobody is woken. */
  UNDERSTUDY_WORKER: z.optional(Text),
  /** Stamped on every message, for rehearsals: SIMULATED. */
  UNDERSTUDY_STAMP: z.optional(Text),
  /**
   * Endpoints, JSON, for rehearsals only, which must stamp: per region (and `route53`), and `dynamodb`, `lambda`, `ssm`
   * and `secretsmanager` for what the bot itself lives on. Without it, AWS's own.
   */
  UNDERSTUDY_AWS_ENDPOINTS: z.optional(Text),
})

/** What differs from one deployment to the next. Parsed once, at the edge. */
export type Config = {
  readonly slack: {
    readonly secrets: SecretsAt
    readonly appId: string
    readonly teamId: string
    readonly enterpriseId?: string
    readonly apiUrl?: string
    readonly command?: string
  }
  readonly plans: string
  readonly journal: JournalAt
  /** Absent where none was named and the journal has no folder for a local one. */
  readonly engine?: EngineAt
  readonly worker?: string
  readonly session?: Session
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
  const places = placesOf(env, faults)
  if (places.endpoints && !env.UNDERSTUDY_STAMP)
    faults.push(
      'UNDERSTUDY_AWS_ENDPOINTS is for rehearsals, whose messages must be stamped: set UNDERSTUDY_STAMP',
    )
  const { secrets, journal, engine, endpoints } = places
  if (!parsed.success || !secrets || !journal || faults.length) throw drError('CONFIG_INVALID', { faults })
  const { data } = parsed
  return {
    slack: {
      secrets,
      appId: data.SLACK_APP_ID,
      teamId: data.SLACK_TEAM_ID,
      ...(data.SLACK_ENTERPRISE_ID ? { enterpriseId: data.SLACK_ENTERPRISE_ID } : {}),
      ...(data.SLACK_API_URL ? { apiUrl: data.SLACK_API_URL } : {}),
      ...(data.SLACK_COMMAND ? { command: data.SLACK_COMMAND } : {}),
    },
    plans: data.UNDERSTUDY_PLANS,
    journal,
    ...(engine ? { engine } : {}),
    ...(data.UNDERSTUDY_WORKER ? { worker: data.UNDERSTUDY_WORKER } : {}),
    ...(data.UNDERSTUDY_SESSION ? { session: data.UNDERSTUDY_SESSION } : {}),
    ...(data.UNDERSTUDY_STAMP ? { stamp: data.UNDERSTUDY_STAMP } : {}),
    ...(endpoints ? { endpoints } : {}),
  }
}

/** Where things are, as far as that can be understood; what cannot is added to the faults. */
export function placesOf(env: Readonly<Record<string, string | undefined>>, faults: string[]) {
  const journal = env.UNDERSTUDY_JOURNAL ? journalAt(env.UNDERSTUDY_JOURNAL, faults) : undefined
  const named = env.UNDERSTUDY_ENGINE ? engineAt(env.UNDERSTUDY_ENGINE, env.AWS_REGION, faults) : undefined
  const beside: EngineAt | undefined =
    journal?.kind === 'sqlite' ? { kind: 'local', file: join(journal.file, '../engine.db') } : undefined
  return {
    secrets: secretsAt(env, faults),
    journal,
    engine: env.UNDERSTUDY_ENGINE ? named : beside,
    endpoints: endpointsOf(env.UNDERSTUDY_AWS_ENDPOINTS, faults),
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
