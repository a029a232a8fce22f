import { createHmac } from 'node:crypto'
import type { Button } from '@slack/types'
import { app, channelName, type Person, workspace } from './cast.ts'
import { ask } from './fake.ts'
import { type SlackProxy, whisperOf } from './proxy.ts'
import type { Message, OpenView, Room } from './room.ts'

/** Where things are delivered, and as whose app. `front()` is asked each time: the bot may have come back elsewhere. */
export type Delivery = {
  readonly room: Room
  readonly proxy: SlackProxy
  readonly slackUrl: string
  readonly token: string
  readonly signingSecret: string
  front(): string
}

/** What a person typed or chose in a modal, by block and action id, as Slack's `view.state.values` has it. */
export type ViewValues = Readonly<Record<string, Readonly<Record<string, unknown>>>>

/** Delivers a slash command, such as `/dr status`, as Slack would. */
export async function deliverCommand(to: Delivery, by: Person, line: string): Promise<void> {
  const [command = '', ...words] = line.trim().split(/\s+/)
  const form = {
    token: 'unused',
    team_id: workspace.teamId,
    team_domain: workspace.domain,
    channel_id: workspace.channel,
    channel_name: channelName,
    user_id: by.id,
    user_name: by.handle,
    command,
    text: words.join(' '),
    api_app_id: app.appId,
    is_enterprise_install: 'false',
    response_url: to.proxy.responseUrl(by.id),
    trigger_id: await triggerFor(to, by),
  }
  const answer = await post(to, by, new URLSearchParams(form).toString(), command)
  if (answer && answer !== 'failed') to.room.whisper(by.id, whisperOf(answer))
}

/** Delivers a click on a button of a message. */
export async function deliverClick(
  to: Delivery,
  by: Person,
  message: Message,
  button: Button,
  blockId: string,
): Promise<void> {
  const payload = {
    ...(await envelope(to, by)),
    type: 'block_actions',
    container: {
      type: 'message',
      message_ts: message.ts,
      channel_id: workspace.channel,
      is_ephemeral: message.to !== undefined,
      ...(message.thread_ts ? { thread_ts: message.thread_ts } : {}),
    },
    channel: { id: workspace.channel, name: channelName },
    message: { ...message, type: 'message', app_id: app.appId, bot_id: app.botId, team: workspace.teamId },
    response_url: to.proxy.responseUrl(by.id),
    actions: [{ ...button, block_id: blockId, action_ts: (Date.now() / 1000).toFixed(6) }],
    state: { values: {} },
  }
  await postPayload(to, by, payload, 'that button')
}

/** Delivers a submitted modal and carries out the app's answer: errors beside the fields, another view, or closing. */
export async function deliverSubmission(to: Delivery, by: Person, values: ViewValues): Promise<void> {
  const desk = to.room.desks[by.id]
  if (!desk) return
  const view = {
    ...desk.view,
    state: { values },
    team_id: workspace.teamId,
    app_id: app.appId,
    bot_id: app.botId,
  }
  const payload = { ...(await envelope(to, by)), type: 'view_submission', view, response_urls: [] }
  const answer = await postPayload(to, by, payload, 'that form')
  if (answer === 'failed') return
  if (answer?.response_action === 'errors')
    to.room.show(by.id, desk.view, answer.errors as Record<string, string>)
  else if (answer?.response_action === 'update')
    to.room.show(by.id, { ...(answer.view as OpenView), id: desk.view.id, hash: desk.view.hash })
  else to.room.close(by.id)
}

/** Delivers that a modal was closed without sending, when the app wants to know. */
export async function deliverClose(to: Delivery, by: Person): Promise<void> {
  const view = to.room.desks[by.id]?.view
  to.room.close(by.id)
  if (view && 'notify_on_close' in view && view.notify_on_close)
    await postPayload(
      to,
      by,
      { ...(await envelope(to, by)), type: 'view_closed', view, is_cleared: false },
      'that',
    )
}

async function envelope(to: Delivery, by: Person) {
  return {
    user: { id: by.id, username: by.handle, name: by.handle, team_id: workspace.teamId },
    api_app_id: app.appId,
    token: 'unused',
    trigger_id: await triggerFor(to, by),
    team: { id: workspace.teamId, domain: workspace.domain },
    enterprise: null,
    is_enterprise_install: false,
  }
}

/** Three seconds' leave to open a modal for that person. */
async function triggerFor({ slackUrl, token, room }: Delivery, { id }: Person): Promise<string> {
  const { trigger_id } = await ask(slackUrl, token, 'views.generateTriggerId', { user_id: id })
  room.armed(String(trigger_id), id)
  return String(trigger_id)
}

async function postPayload(to: Delivery, by: Person, payload: object, what: string) {
  return post(to, by, new URLSearchParams({ payload: JSON.stringify(payload) }).toString(), what)
}

/** What the app said, nothing, or `failed` when it could not be reached or refused. */
type Answer = Record<string, unknown> | 'failed' | undefined

/** Slack gives an app three seconds; when they pass, the person is told so, and nothing is delivered again. */
async function post(to: Delivery, by: Person, body: string, what: string): Promise<Answer> {
  try {
    const text = await sendTo(to, body, signed(body, to.signingSecret))
    if (text === '') return undefined
    return text.startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : { text }
  } catch {
    const text = `Slack could not deliver ${what}: the app did not answer in time. Try again in a moment.`
    to.room.whisper(by.id, { user: 'USLACKBOT', text })
    return 'failed'
  }
}

/** What the app answered; throws when it did not, or refused. */
export async function sendTo(to: Delivery, body: string, headers: Record<string, string>): Promise<string> {
  const signal = AbortSignal.timeout(3_000)
  const response = await fetch(to.front(), { method: 'POST', headers, body, signal })
  if (!response.ok) throw new Error(`the app answered ${response.status}`)
  return response.text()
}

/** The headers that prove a body comes from Slack (scheme v0). */
export function signed(body: string, secret: string, seconds = Math.floor(Date.now() / 1000)) {
  const signature = createHmac('sha256', secret).update(`v0:${seconds}:${body}`).digest('hex')
  return {
    'content-type': 'application/x-www-form-urlencoded',
    'x-slack-request-timestamp': String(seconds),
    'x-slack-signature': `v0=${signature}`,
    'user-agent': 'Slackbot 1.0 (+https://api.slack.com/robots)',
  }
}
