import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { bodyOf, type Listening, listen } from '../http.ts'
import { app } from './cast.ts'
import type { Message, OpenView, Room } from './room.ts'

/** What may happen to the next calls of a method instead of, or after, their being carried out. */
export type SlackFault = {
  readonly method: string
  /** `limited` 429 · `down` 503 · `hang` no answer · `cut` carried out, then the connection is lost · else Slack's error word. */
  readonly kind: 'limited' | 'down' | 'hang' | 'cut' | (string & {})
  times: number
}

export type SlackProxy = Listening & {
  readonly faults: SlackFault[]
  /** What the app's token may do, as Slack says with every answer. */
  readonly scopes: string[]
  /** An address that a slash command or click may be answered at, for that person. */
  responseUrl(person: string): string
}

type Recorder = (room: Room, sent: Record<string, unknown>, answer: Answer) => void
type Answer = { ok?: boolean; ts?: string; message_ts?: string; message?: Message; view?: OpenView }

type Call = {
  upstream: string
  method: string
  request: IncomingMessage
  body: Buffer
  response: ServerResponse
}

/** What of the Web API leaves a trace in the room. */
const recorders: Readonly<Record<string, Recorder>> = {
  'chat.postMessage': (room, _sent, { message }) => message && room.put(message),
  'chat.update': (room, _sent, { message }) => message && room.put(message),
  'chat.delete': (room, _sent, { ts }) => ts && room.remove(ts),
  'chat.postEphemeral': (room, sent, { message_ts }) =>
    room.whisper(String(sent.user), {
      ...whisperOf(sent),
      ...(message_ts ? { ts: message_ts } : {}),
    }),
  'views.open': (room, sent, { view }) => view && room.opened(String(sent.trigger_id), view),
  'views.push': (room, sent, { view }) => view && room.opened(String(sent.trigger_id), view),
  'views.update': (room, _sent, { view }) => view && room.changed(view),
}

/**
 * Stands in front of a Slack Web API on a loopback port: passes every call on as it is, keeps in the room what only the
 * person concerned would see, and injects the faults it is told to. Calls without the app's token go no further.
 */
export async function startSlackProxy(upstream: string, token: string, room: Room): Promise<SlackProxy> {
  const faults: SlackFault[] = []
  const scopes: string[] = [...app.scopes]
  const responses = new Map<string, string>()
  const server = await listen(0, async (request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://proxy')
    const body = await bodyOf(request)
    const person = responses.get(pathname)
    const call = { upstream, method: pathname.replace(/^\/(api\/)?/, ''), request, body, response }
    if (person) respond(room, person, body, response)
    else if (request.headers.authorization !== `Bearer ${token}`)
      json(response, { ok: false, error: request.headers.authorization ? 'invalid_auth' : 'not_authed' })
    else if (pathname.startsWith(FILES)) await serveFile(upstream, pathname, token, response)
    else {
      response.setHeader('x-oauth-scopes', scopes.join())
      await serve(room, call, take(faults, call.method))
    }
  })
  const responseUrl = (person: string) => {
    const path = `/commands/${randomUUID()}`
    responses.set(path, person)
    return `${server.url}${path}`
  }
  return { ...server, faults, scopes, responseUrl }
}

/** Where private files are, on Slack's own host and here. */
const FILES = '/files-pri/'

async function serveFile(
  upstream: string,
  path: string,
  token: string,
  response: ServerResponse,
): Promise<void> {
  const file = await fetch(new URL(path, upstream), { headers: { authorization: `Bearer ${token}` } })
  const type = file.headers.get('content-type') ?? 'application/octet-stream'
  response.writeHead(file.status, { 'content-type': type }).end(Buffer.from(await file.arrayBuffer()))
}

function respond(room: Room, person: string, body: Buffer, response: ServerResponse): void {
  const said = JSON.parse(body.toString('utf8')) as Record<string, unknown>
  if (said.response_type === 'in_channel')
    room.put({ ...whisperOf(said), ts: (Date.now() / 1000).toFixed(6) })
  else if (said.text || said.blocks) room.whisper(person, whisperOf(said))
  response.writeHead(200).end('ok')
}

/** Slack's own fields of something said, out of a call's arguments; blocks may come as JSON text. */
export function whisperOf(
  sent: Record<string, unknown>,
): Pick<Message, 'user' | 'text' | 'blocks' | 'thread_ts'> {
  const blocks = typeof sent.blocks === 'string' ? JSON.parse(sent.blocks) : sent.blocks
  return {
    user: app.botUserId,
    text: String(sent.text ?? ''),
    ...(blocks ? { blocks: blocks as NonNullable<Message['blocks']> } : {}),
    ...(sent.thread_ts ? { thread_ts: String(sent.thread_ts) } : {}),
  }
}

function record(room: Room, method: string, sent: Record<string, unknown>, text: string): void {
  const answer = JSON.parse(text) as Answer
  if (answer.ok) recorders[method]?.(room, sent, answer)
}

async function serve(room: Room, call: Call, fault: SlackFault['kind'] | undefined): Promise<void> {
  const { method, request, body, response } = call
  if (fault && fault !== 'cut') return misbehave(fault, response)
  const { status, text } = await passOn(call)
  record(room, method, fieldsOf(request, body), text)
  if (fault) response.destroy()
  else response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(text)
}

async function passOn({ upstream, method, request, body }: Call) {
  const { 'content-type': type = '', authorization = '' } = request.headers
  const response = await fetch(new URL(`/api/${method}`, upstream), {
    method: request.method ?? 'POST',
    headers: { authorization, ...(type ? { 'content-type': type } : {}) },
    ...(body.length ? { body: new Uint8Array(body) } : {}),
  })
  return { status: response.status, text: await response.text() }
}

function fieldsOf(request: IncomingMessage, body: Buffer): Record<string, unknown> {
  const text = body.toString('utf8')
  return request.headers['content-type']?.startsWith('application/json')
    ? JSON.parse(text)
    : Object.fromEntries(new URLSearchParams(text))
}

function take(faults: SlackFault[], method: string): SlackFault['kind'] | undefined {
  const index = faults.findIndex((fault) => fault.method === method || fault.method === '*')
  const fault = faults[index]
  if (fault && --fault.times <= 0) faults.splice(index, 1)
  return fault?.kind
}

function misbehave(kind: SlackFault['kind'], response: ServerResponse): void {
  if (kind === 'hang') return
  if (kind === 'limited') response.writeHead(429, { 'retry-after': '2' }).end()
  else if (kind === 'down') response.writeHead(503).end()
  else json(response, { ok: false, error: kind })
}

function json(response: ServerResponse, answer: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(answer))
}
