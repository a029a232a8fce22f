import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { bind, type Listening } from './http.ts'

/** What somebody at that address gets: an answer, or none at all. */
export type Reach = (url: string) => Promise<{ status: number; body: string } | 'no-answer'>

/**
 * The simulated internet, as an HTTP forward proxy: names under `example.test` are answered by the simulated world (a
 * dark one leaves the caller waiting), any other name is refused. Clients may ask with a whole URL or through CONNECT.
 */
export async function startEdge(reach: Reach): Promise<Listening> {
  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '/', `http://${request.headers.host}`)
    if (url.hostname !== 'example.test' && !url.hostname.endsWith('.example.test'))
      return response.writeHead(502).end('A rehearsal reaches nothing but example.test.')
    return answer(await reach(url.href), request, response)
  })
  server.on('connect', (_request, socket) => {
    socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
    server.emit('connection', socket)
  })
  return bind(server, 0)
}

function answer(got: Awaited<ReturnType<Reach>>, request: IncomingMessage, response: ServerResponse) {
  request.resume()
  if (got === 'no-answer') return response
  return response.writeHead(got.status, { 'content-type': 'text/plain; charset=utf-8' }).end(got.body)
}
