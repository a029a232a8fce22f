import type { IncomingMessage, ServerResponse } from 'node:http'
import { bodyOf, isOwn, type Listening, listen } from '../http.ts'
import { bundledPage, type Page } from './bundle.ts'
import type { Picture } from './picture.ts'

/** What the page may ask for, by the last part of its path; each throws a sentence when it cannot be done. */
export type Acts = Readonly<Record<string, (body: Record<string, unknown>) => Promise<void> | void>>

const pictureEveryMs = 250

/**
 * Serves the console on 127.0.0.1: its page, a stream of pictures, and what can be asked of the rehearsal. Requests that
 * come from another web page, or under another name, get nothing.
 */
export async function startConsole(port: number, picture: () => Picture, acts: Acts): Promise<Listening> {
  const streams = new Set<ServerResponse>()
  const server = await listen(port, async (request, response) => {
    if (!isOwn(request, server.port)) return refuse(response, 403, 'Only this page itself may ask.')
    const { pathname } = new URL(request.url ?? '/', server.url)
    if (request.method === 'POST') return doAct(acts, pathname, request, response)
    if (request.method !== 'GET') return refuse(response, 405, 'Only GET and POST are understood.')
    if (pathname === '/api/picture') return send(response, 'application/json', JSON.stringify(picture()))
    if (pathname === '/api/pictures') return open(response, streams, picture)
    return sendPage(response, pathname)
  })
  const timer = setInterval(() => showChanges(streams, picture), pictureEveryMs)
  return {
    ...server,
    close() {
      clearInterval(timer)
      return server.close()
    },
  }
}

/** What each page has got of the picture so far, part by part, as JSON. */
const shown = new WeakMap<ServerResponse, Map<string, string>>()

function open(response: ServerResponse, streams: Set<ServerResponse>, picture: () => Picture): void {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
  streams.add(response)
  response.on('close', () => streams.delete(response))
  showChanges(new Set([response]), picture)
}

/** Sends every page the parts of the picture that it has not got as they are now. */
function showChanges(streams: ReadonlySet<ServerResponse>, picture: () => Picture): void {
  if (streams.size === 0) return
  const parts = Object.entries(picture()).map(([name, part]) => [name, JSON.stringify(part)] as const)
  for (const stream of streams) {
    const known = shown.get(stream) ?? new Map<string, string>()
    shown.set(stream, known)
    const changed = parts.filter(([name, part]) => known.get(name) !== part)
    for (const [name, part] of changed) known.set(name, part)
    if (changed.length)
      stream.write(`data: {${changed.map(([name, part]) => `"${name}":${part}`).join()}}\n\n`)
  }
}

async function doAct(acts: Acts, pathname: string, request: IncomingMessage, response: ServerResponse) {
  const act = acts[pathname.replace('/api/', '')]
  if (!act) return refuse(response, 404, 'There is no such act.')
  if (!request.headers['content-type']?.startsWith('application/json'))
    return refuse(response, 415, 'Say it in JSON.')
  await act(JSON.parse((await bodyOf(request)).toString('utf8')))
  return response.writeHead(204).end() && undefined
}

const files: Readonly<Record<string, { part: keyof Page; type: string }>> = {
  '/': { part: 'html', type: 'text/html; charset=utf-8' },
  '/console.js': { part: 'js', type: 'text/javascript; charset=utf-8' },
  '/style.css': { part: 'css', type: 'text/css; charset=utf-8' },
}

async function sendPage(response: ServerResponse, pathname: string): Promise<void> {
  const file = files[pathname]
  if (!file) return refuse(response, 404, 'There is nothing here.')
  return send(response, file.type, (await bundledPage())[file.part])
}

function send(response: ServerResponse, type: string, text: string): void {
  response
    .writeHead(200, {
      'content-type': type,
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'content-security-policy':
        "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: https:; frame-ancestors 'none'",
    })
    .end(text)
}

function refuse(response: ServerResponse, status: number, sentence: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(sentence)
}
