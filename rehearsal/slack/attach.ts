import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { app, type Person, workspace } from './cast.ts'
import { type Delivery, sendTo, signed } from './deliver.ts'
import { ask, tokenOf } from './fake.ts'

/** A file that somebody puts into a thread. `thread` is the timestamp of its head. */
export type Attachment = {
  readonly thread: string
  readonly name: string
  readonly content: string
  readonly comment?: string
}

/** As Slack keeps it: where its bytes are, and the message it was shared in. */
type Kept = {
  readonly id: string
  readonly name: string
  readonly size: number
  readonly url_private: string
  readonly shares: { readonly public?: Readonly<Record<string, readonly { readonly ts: string }[]>> }
}

/** Slack delivers an event again when the app does not take it; its pauses are minutes, ours are not. */
const RETRIES_MS = [0, 1_000, 3_000] as const

/**
 * Puts a file into a thread as that person would: Slack keeps it, everybody sees it, and the app gets the event.
 * `front` and the private address are the proxy's side of things, where the app's token counts. Answers the message's ts.
 */
export async function attach(to: Delivery, by: Person, given: Attachment): Promise<string> {
  const file = await upload(to, by, given)
  const ts = file.shares.public?.[workspace.channel]?.[0]?.ts
  if (!ts) throw new Error('Slack did not say where it shared the file')
  const { comment: text = '', thread } = given
  const { name, size } = file
  to.room.put({ ts, thread_ts: thread, user: by.id, text, files: [{ name, size }] })
  const { pathname } = new URL(file.url_private)
  const url = `${to.proxy.url}${pathname}`
  const event = {
    type: 'message',
    subtype: 'file_share',
    text,
    files: [{ ...file, url_private: url, url_private_download: url }],
    upload: true,
    user: by.id,
    ts,
    thread_ts: thread,
    channel: workspace.channel,
    channel_type: 'channel',
    event_ts: ts,
  }
  await deliverEvent(to, event)
  return ts
}

async function upload(
  { slackUrl, token }: Delivery,
  { id }: Person,
  { name, content, thread, comment = '' }: Attachment,
): Promise<Kept> {
  const own = tokenOf(token, id)
  const bytes = Buffer.from(content)
  const { upload_url, file_id } = await ask(slackUrl, own, 'files.getUploadURLExternal', {
    filename: name,
    length: String(bytes.length),
  })
  const sent = await fetch(String(upload_url), { method: 'POST', body: bytes })
  if (!sent.ok) throw new Error(`Slack did not take the file: ${sent.status}`)
  const { files } = await ask(slackUrl, own, 'files.completeUploadExternal', {
    files: JSON.stringify([{ id: file_id, title: name }]),
    channel_id: workspace.channel,
    thread_ts: thread,
    initial_comment: comment,
  })
  const [file] = files as readonly Kept[]
  if (!file) throw new Error('Slack kept no file')
  return file
}

/** Delivers an event as Slack would: signed, under one id, again when it was not taken. */
async function deliverEvent(to: Delivery, event: Readonly<Record<string, unknown>>): Promise<void> {
  const body = JSON.stringify({
    token: 'unused',
    team_id: workspace.teamId,
    api_app_id: app.appId,
    event,
    type: 'event_callback',
    event_id: `Ev${randomUUID().replaceAll('-', '').slice(0, 10).toUpperCase()}`,
    event_time: Math.floor(Date.now() / 1000),
    authorizations: [
      {
        enterprise_id: null,
        team_id: workspace.teamId,
        user_id: app.botUserId,
        is_bot: true,
        is_enterprise_install: false,
      },
    ],
    is_ext_shared_channel: false,
  })
  for (const [round, pause] of RETRIES_MS.entries()) {
    await sleep(pause)
    const again: Record<string, string> = round
      ? { 'x-slack-retry-num': String(round), 'x-slack-retry-reason': 'http_error' }
      : {}
    const headers = { ...signed(body, to.signingSecret), 'content-type': 'application/json', ...again }
    if (
      await sendTo(to, body, headers).then(
        () => true,
        () => false,
      )
    )
      return
  }
}
