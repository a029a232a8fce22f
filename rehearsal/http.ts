import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { faultOf } from '../src/engine/errors.ts'

export type Listening = { readonly url: string; readonly port: number; close(): Promise<void> }
export type Answerer = (request: IncomingMessage, response: ServerResponse) => Promise<void> | void

/** Serves HTTP on 127.0.0.1 (port 0 picks one); what `answer` throws is told as a 500, and ends nothing else. */
export async function listen(port: number, answer: Answerer): Promise<Listening> {
  const server = createServer(async (request, response) => {
    try {
      await answer(request, response)
    } catch (error) {
      if (response.headersSent) response.destroy()
      else response.writeHead(500, { 'content-type': 'text/plain' }).end(faultOf(error).message)
    }
  })
  return bind(server, port)
}

/** Binds a server to loopback; `close` ends its connections too. */
export async function bind(server: Server, port: number): Promise<Listening> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', resolve)
  })
  const bound = (server.address() as AddressInfo).port
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  return { url: `http://127.0.0.1:${bound}`, port: bound, close }
}

/** The whole body of a request; rejects past a megabyte. */
export async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > 2 ** 20) throw new Error('A request of more than a megabyte is not read.')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/**
 * Whether a request to a loopback port comes from that port's own page or from a program: its Host is the address
 * itself (no name that could be rebound), and a browser's Origin, if any, is the same.
 */
export function isOwn(request: IncomingMessage, port: number): boolean {
  const hosts = [`127.0.0.1:${port}`, `localhost:${port}`]
  const { host, origin, 'sec-fetch-site': site } = request.headers
  if (!host || !hosts.includes(host)) return false
  if (origin !== undefined && origin !== `http://${host}`) return false
  return site === undefined || site === 'same-origin' || site === 'none'
}
