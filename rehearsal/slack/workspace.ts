import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { drError, faultOf } from '../../src/engine/errors.ts'
import { ask } from './fake.ts'
import type { SlackSide } from './open.ts'

/** Slack's own Web API. */
export const SLACKS_OWN = 'https://slack.com/api/'
/** The only command that a rehearsal in a real workspace answers. */
export const COMMAND = '/dr-rehearsal'
/** What the names of its app and bot have to say. */
const NAMED = /rehearsal/i

/** A real workspace: the tokens of the rehearsal's own app in it, the channel, the people, and apps that it must not be. */
export type Workspace = {
  readonly api: string
  readonly token: string
  readonly appToken: string
  readonly channel: string
  readonly requesters: readonly string[]
  readonly approvers: readonly string[]
  readonly production: readonly string[]
}

/** The apps of deployed bots, as far as this machine knows them: from the environment, and from `deploy/stages.yml`. */
export function productionApps(env: NodeJS.ProcessEnv): readonly string[] {
  const stages = textOf(join(import.meta.dirname, '../../deploy/stages.yml'))
  const named = `${env.SLACK_APP_ID ?? ''} ${env.UNDERSTUDY_PRODUCTION_APP_IDS ?? ''}`
  return [
    ...new Set([...stages.matchAll(/slackAppId:\s*(A\w+)/g), ...named.matchAll(/\b(A[A-Z0-9]+)\b/g)]),
  ].map(([, id = '']) => id)
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

/**
 * Makes sure that both tokens are one app's, that this app is for rehearsals, and that it can write into the channel;
 * whatever cannot be told counts against it. Nothing is connected, and all that is posted is a stamped greeting. Throws
 * CONFIG_INVALID.
 */
export async function openWorkspace(workspace: Workspace): Promise<SlackSide> {
  const { api, token, appToken, channel, requesters, approvers } = workspace
  const call = (as: string, method: string, body: Readonly<Record<string, string>> = {}) =>
    ask(api, as, method, body).catch((error) => refuse(faultOf(error).message, error))
  const bot = await call(token, 'auth.test')
  if (!NAMED.test(String(bot.user)))
    refuse(`SLACK_BOT_TOKEN belongs to “${bot.user}”, and a rehearsal's bot has “rehearsal” in its name`)
  const app = await call(appToken, 'auth.test')
  if (app.app_name !== undefined && !NAMED.test(String(app.app_name)))
    refuse(`SLACK_APP_TOKEN belongs to “${app.app_name}”, and a rehearsal's app has “rehearsal” in its name`)
  const appId = String(app.app_id ?? /^xapp-\d+-(A[A-Z0-9]+)-/.exec(appToken)?.[1])
  if (!/^A[A-Z0-9]+$/.test(appId)) refuse('Slack does not say which app SLACK_APP_TOKEN belongs to')
  if (workspace.production.includes(appId)) refuse(`${appId} is the app of a deployed bot`)
  const { message } = await call(token, 'chat.postMessage', {
    channel,
    text: greeting(requesters, approvers),
  })
  const posted = (message ?? {}) as { app_id?: unknown; bot_profile?: { app_id?: unknown } }
  const poster = String(posted.app_id ?? posted.bot_profile?.app_id ?? 'an app that Slack does not name')
  if (poster !== appId) refuse(`SLACK_APP_TOKEN belongs to ${appId}, and SLACK_BOT_TOKEN to ${poster}`)
  return {
    ids: {
      api,
      token: 'not shown',
      appId,
      teamId: String(bot.team_id),
      channel,
      requesters: [...requesters],
      approvers: [...approvers],
    },
    breakGlass: requesters,
    workspace: { token, appToken },
    close: async () => {},
  }
}

const greeting = (requesters: readonly string[], approvers: readonly string[]) =>
  `[SIMULATED] A rehearsal begins here: two simulated AWS regions, nothing real. Try \`${COMMAND} status\`. ` +
  `May ask: ${named(requesters)}. May approve: ${named(approvers)}.`
const named = (people: readonly string[]) => people.map((id) => `<@${id}>`).join(', ')

function refuse(why: string, cause?: unknown): never {
  const hint = `the app of a rehearsal is made with \`understudy manifest --command ${COMMAND} --socket\``
  throw drError('CONFIG_INVALID', { faults: [`--slack: ${why}`, hint] }, cause)
}
