import { createEmulator } from 'emulate'
import { app, cast, channelName, workspace } from './cast.ts'

/**
 * Starts the bundled Slack Web API on a loopback port of its own, with the app installed and everybody in the channel.
 * It gives people and channels random ids at every start; only an app's bot user can be given one, so the people are
 * seeded as such, and the incident channel is its first one, renamed.
 */
export async function startFakeSlack(token: string): Promise<{ url: string; close(): Promise<void> }> {
  const setup = `${token}-setup`
  const slack = await createEmulator({
    service: 'slack',
    port: 0,
    hostname: '127.0.0.1',
    seed: {
      slack: {
        team: { name: 'Example', domain: workspace.domain },
        oauth_apps: [botApp(), ...cast.map(personApp)],
        tokens: [
          {
            token,
            type: 'bot',
            user_id: app.botUserId,
            app_id: app.appId,
            bot_id: app.botId,
            bot_user_id: app.botUserId,
          },
          { token: setup, user: 'admin' },
          ...cast.map(({ id }) => ({
            token: tokenOf(token, id),
            type: 'bot' as const,
            user_id: id,
            bot_user_id: id,
          })),
        ],
      },
    },
  })
  const call = (method: string, body: Record<string, string>) => ask(slack.url, setup, method, body)
  const { channel } = workspace
  await call('conversations.rename', { channel, name: channelName })
  await call('conversations.setTopic', { channel, topic: 'Rehearsal: nothing here is real' })
  await call('conversations.invite', {
    channel,
    users: [app.botUserId, ...cast.map(({ id }) => id)].join(','),
  })
  return { url: slack.url, close: () => slack.close() }
}

/** With this a person of the cast uploads what they attach; the app's own is `token`. */
export const tokenOf = (token: string, person: string): string => `${token}-${person}`

/** One call of Slack's Web API; throws with Slack's own error word when it is not `ok`. */
export async function ask(
  url: string,
  token: string,
  method: string,
  body: Readonly<Record<string, string>>,
): Promise<Record<string, unknown>> {
  const response = await fetch(new URL(`/api/${method}`, url), {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json; charset=utf-8' },
    body: JSON.stringify(body),
  })
  const answer = (await response.json()) as { ok: boolean; error?: string }
  if (!answer.ok) throw new Error(`Slack refused ${method}: ${answer.error}`)
  return answer
}

const botApp = () => ({
  client_id: 'understudy',
  client_secret: 'rehearsal',
  name: app.name,
  redirect_uris: [],
  app_id: app.appId,
  bot_id: app.botId,
  bot_user_id: app.botUserId,
  bot_name: 'understudy',
})

const personApp = ({ id, name, handle }: (typeof cast)[number]) => ({
  client_id: handle,
  client_secret: 'rehearsal',
  name,
  redirect_uris: [],
  app_id: `A${id.slice(1)}`,
  bot_id: `B${id.slice(1)}`,
  bot_user_id: id,
  bot_name: handle,
})
