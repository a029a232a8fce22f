import { realClock, type WorldClock } from '../../clock.ts'
import type { WireRequest, WireResponse } from './http.ts'

export type InProcessOptions = {
  /** Milliseconds after which a call without an answer fails with a TimeoutError; a client's own setting wins. */
  requestTimeout?: number
  /** Milliseconds that every call takes. */
  latency?: number
  /** Whose milliseconds; the wall's if not given. */
  clock?: Pick<WorldClock, 'after'>
}

/** The part of the SDK's HttpRequest that matters. */
type SdkRequest = {
  method: string
  path: string
  query?: Record<string, string | string[] | null>
  headers: Record<string, string>
  body?: unknown
}
type SdkOptions = { abortSignal?: unknown; requestTimeout?: number }

/**
 * A `requestHandler` for SDK clients that asks `handle` instead of a socket. It honours the call's abort signal and
 * request timeout as NodeHttpHandler does; connection faults cannot be seen through it.
 */
export function inProcessHandler(
  handle: (request: WireRequest) => Promise<WireResponse>,
  { requestTimeout, latency = 0, clock = realClock() }: InProcessOptions,
) {
  return {
    metadata: { handlerProtocol: 'http/1.1' },
    destroy() {},
    updateHttpClientConfig() {},
    httpHandlerConfigs: () => ({}),
    async handle(request: SdkRequest, options: SdkOptions = {}) {
      const signal = options.abortSignal as AbortSignal | undefined
      const answering = async () => {
        if (latency) await new Promise<void>((wake) => clock.after(latency, wake))
        return handle(wireRequest(request))
      }
      const answer = await bounded(answering, signal, options.requestTimeout ?? requestTimeout, clock)
      const body = typeof answer.body === 'string' ? Buffer.from(answer.body) : answer.body
      return { response: { statusCode: answer.statusCode, headers: { ...answer.headers }, body } }
    },
  }
}

function bounded<T>(
  work: () => Promise<T>,
  signal: AbortSignal | undefined,
  timeout: number | undefined,
  clock: Pick<WorldClock, 'after'>,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(named('AbortError', 'Request aborted'))
    if (signal?.aborted) return abort()
    const late = () => reject(named('TimeoutError', `No answer within ${timeout} ms`, 'ETIMEDOUT'))
    const cancel = timeout ? clock.after(timeout, late) : () => {}
    signal?.addEventListener('abort', abort, { once: true })
    void work()
      .then(resolve, reject)
      .finally(() => {
        cancel()
        signal?.removeEventListener('abort', abort)
      })
  })
}

function named(name: string, message: string, code?: string): Error {
  return Object.assign(new Error(message), { name, ...(code && { code }) })
}

function wireRequest({ method, path, query, headers, body }: SdkRequest): WireRequest {
  const lower = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])
  const search = Object.entries(query ?? {}).map(([name, value]) => [name, value ?? ''])
  return {
    method,
    path,
    query: Object.fromEntries(search),
    headers: Object.fromEntries(lower),
    // A copy: the SDK's own body warns when anything takes it for text.
    body:
      typeof body === 'string' ? Buffer.from(body) : new Uint8Array((body as Uint8Array | undefined) ?? []),
  }
}
