import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import { type WebSocket, WebSocketServer } from 'ws'
import { bind, bodyOf } from '../../rehearsal/http.ts'

/** A Web API call that is not about connections: what it was, and what is answered. */
export type OtherCall = (
  method: string,
  call: { readonly token: string; readonly type: string; readonly body: Buffer },
) => Promise<object> | object

/** What an app answered an envelope with. */
export type Acknowledged = { readonly envelope_id: string; readonly payload: Record<string, unknown> }

export type FakeSocketOptions = {
  readonly appToken: string
  /** The app that the greeting names; left out of it when undefined. */
  readonly appId: string | undefined
  readonly others?: OtherCall
}

/**
 * Slack's side of Socket Mode on a loopback port: `apps.connections.open` with tickets that count once, greetings,
 * envelopes, refreshes, as Slack documents them.
 */
export async function startFakeSocket({ appToken, appId, others }: FakeSocketOptions) {
  const tickets = new Set<string>()
  const sockets = new Set<WebSocket>()
  const waiting = new Map<string, (answer: Acknowledged) => void>()
  const state = { opened: 0, refusing: undefined as string | undefined, status: 200, silent: false }

  const server = createServer(async (request, response) => {
    const method = (request.url ?? '').replace(/^\/api\//, '')
    const { authorization = '', 'content-type': type = '' } = request.headers
    const token = authorization.replace('Bearer ', '')
    const body = await bodyOf(request)
    const answer = () => {
      if (method !== 'apps.connections.open')
        return others?.(method, { token, type, body }) ?? { ok: false, error: 'unknown_method' }
      if (token !== appToken) return { ok: false, error: 'invalid_auth' }
      if (state.refusing) return { ok: false, error: state.refusing }
      const ticket = randomUUID()
      tickets.add(ticket)
      return { ok: true, url: `ws://127.0.0.1:${listening.port}/link/?ticket=${ticket}` }
    }
    const said = JSON.stringify(await answer())
    response.writeHead(state.status, { 'content-type': 'application/json' }).end(said)
  })
  const listening = await bind(server, 0)
  const wss = new WebSocketServer({ noServer: true })
  server.on('upgrade', (request, socket, head) => {
    const ticket = new URL(request.url ?? '', 'ws://fake').searchParams.get('ticket') ?? ''
    if (!tickets.delete(ticket)) return void socket.destroy()
    // Slack answers a close frame, and leaves the connection beneath it open.
    socket.end = () => socket
    socket.once('end', () => socket.destroy())
    wss.handleUpgrade(request, socket, head, (opened) => {
      state.opened++
      sockets.add(opened)
      opened.on('close', () => sockets.delete(opened))
      opened.on('message', (data) => {
        const said = JSON.parse(String(data)) as Acknowledged
        waiting.get(said.envelope_id)?.(said)
      })
      const connection_info = appId === undefined ? {} : { connection_info: { app_id: appId } }
      if (!state.silent)
        opened.send(JSON.stringify({ type: 'hello', num_connections: 1, ...connection_info }))
    })
  })

  const socket = () => {
    const found = [...sockets].at(-1)
    if (!found) throw new Error('nobody is connected')
    return found
  }
  return {
    api: `${listening.url}/api/`,
    state,
    connected: () => sockets.size,
    /** Sends an envelope; resolves with what the app acknowledged it with, or undefined when it did not in time. */
    send(
      type: 'slash_commands' | 'interactive' | 'events_api',
      payload: unknown,
      { id = randomUUID(), ms = 2_000, ...more }: { id?: string; ms?: number; retry_attempt?: number } = {},
    ): Promise<Record<string, unknown> | undefined> {
      const accepts = type !== 'events_api'
      const envelope = { envelope_id: id, type, payload, accepts_response_payload: accepts, ...more }
      return new Promise((resolve) => {
        const late = setTimeout(() => resolve(undefined), ms)
        waiting.set(id, (answer) => {
          clearTimeout(late)
          resolve(answer.payload)
        })
        socket().send(JSON.stringify(envelope))
      })
    },
    /** Sends any text. */
    say: (text: string) => socket().send(text),
    /** As Slack does every few hours: the app has to come back by itself. */
    refresh: () =>
      socket().send(JSON.stringify({ type: 'disconnect', reason: 'refresh_requested', debug_info: {} })),
    /** The connection is gone, without a word. */
    cut: () => socket().terminate(),
    async close() {
      for (const open of sockets) open.terminate()
      await listening.close()
    },
  }
}

export type FakeSocket = Awaited<ReturnType<typeof startFakeSocket>>
