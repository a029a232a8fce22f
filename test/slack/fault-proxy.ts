import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/**
 * What happens to one call of `method` instead of, or after, being passed on: `429` with retry-after 2 · `503` · `hang` ·
 * `cut` passed on, then the connection is lost · `hang-after` passed on, then no answer · anything else: Slack's error word.
 */
export type Fault = { readonly method: string; readonly kind: string }

/** Stands before a Slack Web API: passes calls on, counts them, and fails those it is told to, once for each fault. */
export async function faultProxy(target: () => string) {
  const faults: Fault[] = []
  const calls: { method: string; given: Record<string, string> }[] = []
  const server = createServer((request, response) => {
    void serve(request, response).catch(() => response.destroy())
  })

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const body = Buffer.concat(chunks).toString('utf8')
    const method = (request.url ?? '').replace(/^\/(api\/)?/, '')
    calls.push({ method, given: Object.fromEntries(new URLSearchParams(body)) })
    const at = faults.findIndex((fault) => fault.method === method)
    const kind = at < 0 ? 'none' : faults.splice(at, 1)[0]?.kind
    if (kind && kind !== 'none' && !AFTER.includes(kind)) return instead(kind, response)
    const { status, text } = await passOn(`${target()}/api/${method}`, request, body)
    if (kind === 'cut') response.destroy()
    if (kind === 'none') response.writeHead(status, { 'content-type': 'application/json' }).end(text)
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/`,
    faults,
    calls,
    count: (method: string) => calls.filter((call) => call.method === method).length,
    close: () => {
      server.closeAllConnections()
      return new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

const AFTER = ['cut', 'hang-after']

function instead(kind: string, response: ServerResponse): void {
  const json = { 'content-type': 'application/json' }
  const error = (code: string) => JSON.stringify({ ok: false, error: code })
  if (kind === '429') response.writeHead(429, { ...json, 'retry-after': '2' }).end(error('ratelimited'))
  else if (kind === '503') response.writeHead(503).end('unavailable')
  else if (kind !== 'hang') response.writeHead(200, json).end(error(kind))
}

async function passOn(url: string, { headers }: IncomingMessage, body: string) {
  const { 'content-type': type = '', authorization = '' } = headers
  const answer = await fetch(url, { method: 'POST', headers: { 'content-type': type, authorization }, body })
  return { status: answer.status, text: await answer.text() }
}
