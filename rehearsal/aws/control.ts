import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { isLocal } from './local.ts'
import { type Answer, routes } from './routes.ts'
import type { Simulation } from './simulator.ts'

const longestBody = 64 * 1024

/** The control port of the simulation, JSON over HTTP on 127.0.0.1. Pages of other origins cannot use it. */
export async function startControl(simulation: Simulation, port: number) {
  const server = createServer((request, response) => {
    answer(simulation, request)
      .catch((error): Answer => ({ status: 500, body: { error: String(error) } }))
      .then((told) => send(response, told))
      .catch(() => response.destroy())
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', resolve)
  })
  const { port: bound } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${bound}`,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function answer(simulation: Simulation, request: IncomingMessage): Promise<Answer> {
  if (!isLocal(request.headers))
    return {
      status: 403,
      body: { error: 'Only pages and programs of this machine may use the control port.' },
    }
  const url = new URL(request.url ?? '/', 'http://control')
  const route = routes.find(({ method, path }) => method === request.method && path.test(url.pathname))
  if (!route) {
    const other = routes.filter(({ path }) => path.test(url.pathname)).map(({ method }) => method)
    if (other.length) return { status: 405, body: { error: `${url.pathname} takes ${other.join(', ')}.` } }
    return { status: 404, body: { error: `There is no ${url.pathname}.` } }
  }
  const body = await readJson(request)
  if ('error' in body) return { status: 400, body }
  return route.answer(simulation, {
    part: route.path.exec(url.pathname)?.[1] ?? '',
    query: url.searchParams,
    body: body.value,
  })
}

async function readJson(request: IncomingMessage): Promise<{ value: unknown } | { error: string }> {
  let text = ''
  for await (const chunk of request.setEncoding('utf8')) {
    text += chunk
    if (text.length > longestBody) return { error: 'The body is longer than 64 KiB.' }
  }
  try {
    return { value: text === '' ? {} : JSON.parse(text) }
  } catch {
    return { error: 'The body is not JSON.' }
  }
}

function send(response: ServerResponse, { status, body }: Answer): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' })
  response.end(`${JSON.stringify(body)}\n`)
}
