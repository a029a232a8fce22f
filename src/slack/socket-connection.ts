import { SocketModeClient } from '@slack/socket-mode'
import type { Clock } from '../engine/ports.ts'
import { type Log, slackLogger } from './log.ts'

/** How long Slack may take to greet a new connection, and to answer the call that opens it. People's ms. */
const GREETING_MS = 20_000
const CALL_MS = 10_000
/** How long Slack is given to end a connection that was closed: it tends to leave it open. People's ms. */
const CLOSING_MS = 1_000

/** What Slack sends over a socket, still unread; `acknowledge` answers it, with what the app says, if anything. */
export type Envelope = {
  readonly id: string
  readonly type: string
  readonly body: unknown
  readonly retry?: number
  acknowledge(response?: Readonly<Record<string, unknown>>): Promise<void>
}

export type Connection = {
  /** The app that Slack says this connection belongs to; undefined when it does not say. */
  readonly appId: string | undefined
  /** Resolves when it is no more, whoever ended it, or when Slack has said that it sends nothing more over it. */
  readonly ended: Promise<void>
  close(): Promise<void>
}

export type Connecting = {
  readonly appToken: string
  /** Slack's own when absent. */
  readonly apiUrl?: string
  readonly people: Clock
  readonly log: Log
  readonly take: (envelope: Envelope, appId: string | undefined) => void
}

/**
 * Opens one Socket Mode connection and resolves when Slack has greeted it. It is never opened again by itself: the
 * library's own way leaves seconds without a connection at each renewal, and lets a network failure end the process.
 * Rejects with Slack's answer, or when nothing was heard in time.
 */
export async function openConnection({
  appToken,
  apiUrl,
  people,
  log,
  take,
}: Connecting): Promise<Connection> {
  const client = new SocketModeClient({
    appToken,
    autoReconnectEnabled: false,
    logger: slackLogger(log),
    clientOptions: {
      retryConfig: { retries: 0 },
      rejectRateLimitedCalls: true,
      timeout: CALL_MS,
      allowAbsoluteUrls: false,
      ...(apiUrl ? { slackApiUrl: apiUrl } : {}),
    },
  })
  const close = async () => {
    // Asked a second time it no longer waits for the other side.
    const insist = people.after(CLOSING_MS, () => void client.disconnect())
    await client.disconnect()
    insist()
  }
  const { promise: ended, resolve: end } = Promise.withResolvers<void>()
  let appId: string | undefined
  client.on('ws_message', (data: unknown) => {
    const { type, app } = noticeOf(data)
    if (type === 'hello') appId = app
    if (type !== 'disconnect') return
    end()
    void close()
  })
  client.on('slack_event', (sent: Sent) => take(envelopeOf(sent), appId))
  client.once('disconnected', () => end())
  const giveUp = people.after(GREETING_MS, () => void close())
  try {
    await client.start()
  } catch (error) {
    throw error ?? new Error('The connection ended before Slack greeted it.')
  } finally {
    giveUp()
  }
  return { appId, ended, close }
}

/** What the library hands over of an envelope. */
type Sent = {
  readonly envelope_id?: unknown
  readonly type?: unknown
  readonly body?: unknown
  readonly retry_num?: unknown
  ack(response?: Readonly<Record<string, unknown>>): Promise<void>
}

const envelopeOf = ({ envelope_id, type, body, retry_num, ack }: Sent): Envelope => ({
  id: String(envelope_id),
  type: String(type),
  body,
  ...(typeof retry_num === 'number' && retry_num > 0 ? { retry: retry_num } : {}),
  acknowledge: ack,
})

/** What Slack says about the connection itself: its greeting, with the app it is for, or that it is to be renewed. */
function noticeOf(data: unknown): { readonly type?: string; readonly app?: string } {
  if (typeof data !== 'string' || !/"type"\s*:\s*"(hello|disconnect)"/.test(data)) return {}
  try {
    const { type, connection_info } = JSON.parse(data) as {
      type?: string
      connection_info?: { app_id?: unknown }
    }
    const app = connection_info?.app_id
    return { ...(type ? { type } : {}), ...(typeof app === 'string' ? { app } : {}) }
  } catch {
    return {}
  }
}
