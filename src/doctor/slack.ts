import type { Plan } from '../plan/schema.ts'
import { judgeClock, skewBy } from './clock.ts'
import { type Finding, fault, ok, unknown, warn } from './finding.ts'
import { people } from './people.ts'
import type { Configured, Patient } from './place.ts'
import { type SlackAnswer, type SlackAsk, slackAsk } from './slack-ask.ts'

type App = NonNullable<Configured['slack']>

/** Scopes without which something does not work, and what; those of the channels' history depend on the channels. */
const needed: Readonly<Record<string, string>> = {
  'chat:write': 'nothing can be posted',
  commands: 'there is no slash command',
}
const wanted: Readonly<Record<string, string>> = {
  'files:read': 'Terraform plans put into a thread cannot be read',
}

/** The token, what it may do and where, and the people of the plans as Slack knows them. */
export async function slack(patient: Patient): Promise<readonly Finding[]> {
  const { slack: app, plans, clocks } = patient
  if (!app) return []
  const where = app.kept ?? 'environment'
  let token: string
  try {
    token = await app.token()
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    return [
      fault('secrets', where, `they could not be read: ${why}`),
      unknown('slack-token', 'Slack', 'there is no token to ask with', 'See the secrets, above.'),
    ]
  }
  const ask = slackAsk(token, app.apiUrl)
  const asked = clocks.people.now()
  const self = await ask('auth.test').catch(() => undefined)
  if (!self) return [unknown('slack-token', 'Slack', 'Slack gives no answer', NO_ANSWER)]
  const skew = skewBy(self.date, asked, clocks.people.now())
  const kept = app.kept ? [ok('secrets', where, 'signing secret and token can be read')] : []
  const time =
    skew === undefined
      ? unknown('clock', 'Slack', 'it does not say what time it is')
      : judgeClock('Slack', skew)
  const first = [...kept, time, ...judgeToken(app, self)]
  // Of another workspace or nobody's, it would only show what is wrong with everything else.
  if (first.some(({ check, level }) => check === 'slack-token' && level === 'fault')) return first
  const rest = [
    appOf(ask, app, self),
    ...plans.plans.map((plan) => channel(ask, plan)),
    people(ask, app, plans.plans),
  ]
  return [...first, ...judgeScopes(self.scopes), ...(await Promise.all(rest)).flat()]
}

const NO_ANSWER =
  'Look at status.slack.com and at the network between here and Slack; the terminal works without Slack.'

/** Whose token it is. */
export function judgeToken(app: App, { ok: works, error, body }: SlackAnswer): readonly Finding[] {
  if (!works) return [fault('slack-token', 'Slack', `Slack refuses the token: ${error}`)]
  const { team_id: team, enterprise_id: enterprise, bot_id: bot, team: name } = body
  if (!bot) return [fault('slack-token', 'Slack', "it is a person's token, not the bot's (xoxb-…)")]
  if (team !== app.teamId && (!app.enterpriseId || enterprise !== app.enterpriseId))
    return [fault('slack-token', 'Slack', `it belongs to ${name} (${team}), and ${app.teamId} is configured`)]
  return [ok('slack-token', 'Slack', `bot of ${name} (${team})`)]
}

/** auth.test does not have to say the app; bots.info does, with users:read. */
async function appOf(ask: SlackAsk, app: App, { body }: SlackAnswer): Promise<readonly Finding[]> {
  const told = body.app_id ?? (await appByBot(ask, String(body.bot_id)))
  if (typeof told !== 'string')
    return [
      unknown(
        'slack-token',
        'app',
        'which app the token belongs to could not be seen',
        `Give the app the scope users:read, or compare ${app.appId} with the app's Basic Information page.`,
      ),
    ]
  return [
    told === app.appId
      ? ok('slack-token', 'app', told)
      : fault('slack-token', 'app', `the token is of the app ${told}, and ${app.appId} is configured`),
  ]
}

async function appByBot(ask: SlackAsk, bot: string): Promise<unknown> {
  const answer = await ask('bots.info', { bot }).catch(() => undefined)
  return (answer?.body.bot as { app_id?: unknown } | undefined)?.app_id
}

/** Every answer lists the token's scopes; without a list nothing is known of them. */
export function judgeScopes(scopes: readonly string[] | undefined): readonly Finding[] {
  if (!scopes) return [unknown('slack-scopes', 'Slack', 'Slack did not say which scopes the token has')]
  const missing = (of: Readonly<Record<string, string>>) =>
    Object.entries(of).filter(([scope]) => !scopes.includes(scope))
  const findings = [
    ...missing(needed).map(([scope, so]) => fault('slack-scopes', scope, `it is missing: ${so}`)),
    ...missing(wanted).map(([scope, so]) => warn('slack-scopes', scope, `it is missing: ${so}`)),
  ]
  return findings.length ? findings : [ok('slack-scopes', 'Slack', scopes.join(', '))]
}

async function channel(ask: SlackAsk, { name, slack: { channel: id } }: Plan): Promise<readonly Finding[]> {
  const [history, info] = await Promise.all([
    ask('conversations.history', { channel: id, limit: '1' }).catch(() => undefined),
    ask('conversations.info', { channel: id }).catch(() => undefined),
  ])
  return judgeChannel(`${name}, channel ${id}`, history, info)
}

/** `history` is what the bot itself calls; `info`, which needs a scope of its own, tells more where it is allowed. */
export function judgeChannel(
  about: string,
  history: SlackAnswer | undefined,
  info: SlackAnswer | undefined,
): readonly Finding[] {
  const known = info?.ok ? (info.body.channel as { is_member?: boolean; is_archived?: boolean }) : undefined
  if (!history && !known) return [unknown('slack-channel', about, 'Slack gives no answer', NO_ANSWER)]
  if (known?.is_archived)
    return [fault('slack-channel', about, 'it is archived', 'Unarchive it, or name another in the plan.')]
  if (known?.is_member === false || history?.error === 'not_in_channel')
    return [fault('slack-channel', about, 'the bot is not in it')]
  if (history?.error === 'missing_scope') {
    const scope = String(history.body.needed ?? 'channels:history or groups:history')
    const so = 'what was posted there cannot be looked up after a lost answer, nor a Terraform plan read'
    return [
      warn('slack-scopes', scope, `it is missing for ${about}: ${so}`),
      ...(known
        ? []
        : [unknown('slack-channel', about, `whether the bot is in it cannot be seen without ${scope}`)]),
    ]
  }
  if (history?.error === 'channel_not_found')
    return [
      fault(
        'slack-channel',
        about,
        'there is no such channel, or it is private and the bot is not in it',
        'Correct the id in the plan, or type `/invite @Understudy` in that channel.',
      ),
    ]
  if (!history?.ok)
    return [unknown('slack-channel', about, `its history cannot be read: ${history?.error ?? 'no answer'}`)]
  return [ok('slack-channel', about, 'the bot is in it and can read it')]
}
