import type { IncomingMessage, ServerResponse } from 'node:http'

/** A request as every transport hands it over: header names in lower case, the path still percent-encoded. */
export type WireRequest = {
  readonly method: string
  readonly path: string
  readonly query: Readonly<Record<string, string | string[]>>
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}
export type WireResponse = {
  readonly statusCode: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Uint8Array
}

/** More than AWS takes in any request of these services. */
const longestBody = 8 * 1024 * 1024

/** Reads a request to its end. Rejects when the client goes away, or sends more than 8 MiB. */
export async function readRequest(message: IncomingMessage): Promise<WireRequest> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of message as AsyncIterable<Buffer>) {
    chunks.push(chunk)
    length += chunk.length
    if (length > longestBody) throw new Error('The request is too long.')
  }
  const url = new URL(message.url ?? '/', 'http://aws.invalid')
  const headers = Object.entries(message.headers).map(([name, value]) => [name, [value].flat().join(', ')])
  return {
    method: message.method ?? 'GET',
    path: url.pathname,
    query: readSearch(url.searchParams),
    headers: Object.fromEntries(headers),
    body: Buffer.concat(chunks),
  }
}

function readSearch(search: URLSearchParams): Record<string, string | string[]> {
  const entries = [...new Set(search.keys())].map((name) => {
    const values = search.getAll(name)
    return [name, values.length > 1 ? values : (values[0] ?? '')]
  })
  return Object.fromEntries(entries)
}

export function sendResponse(response: ServerResponse, { statusCode, headers, body }: WireResponse): void {
  response.writeHead(statusCode, { ...headers, 'content-length': String(Buffer.byteLength(body)) }).end(body)
}
