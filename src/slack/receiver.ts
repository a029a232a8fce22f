import type { App, Receiver } from '@slack/bolt'
import { type Body, dispatch } from './dispatch.ts'
import type { Log } from './log.ts'
import { BODY_LIMIT_BYTES, requestIdOf, type Verdict, verify } from './verify.ts'

/** What a Lambda Function URL or HTTP API (v2), or a REST API (v1), hands over; nothing in it is believed. */
export type HttpEvent = {
  readonly headers?: Readonly<Record<string, string | undefined>> | null
  readonly body?: string | null
  readonly isBase64Encoded?: boolean
  readonly httpMethod?: string
  readonly requestContext?: { readonly http?: { readonly method?: string } }
}

/** The answer in the shape both kinds of API understand. */
export type HttpAnswer = {
  readonly statusCode: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body: string
}

/**
 * Takes requests from Slack to Bolt. Verifies raw bytes first and parses after; never throws; answers 200 once a
 * listener has acknowledged, whatever happens later. Listeners find the request's id as `context.requestId`.
 * `secrets` is asked at every request, so that a rotated secret counts at once; where a signature fits none of them,
 * `rotated` may find that there are others by now. `now` is people's time in ms.
 */
export class SlackReceiver implements Receiver {
  readonly #secrets: () => readonly string[] | Promise<readonly string[]>
  readonly #rotated: () => Promise<boolean>
  readonly #now: () => number
  readonly #log: Log
  #app: App | undefined

  constructor(deps: {
    secrets: () => readonly string[] | Promise<readonly string[]>
    rotated?: () => Promise<boolean>
    now: () => number
    log: Log
  }) {
    this.#secrets = deps.secrets
    this.#rotated = deps.rotated ?? (async () => false)
    this.#now = deps.now
    this.#log = deps.log
  }

  init(app: App): void {
    this.#app = app
  }
  async start(): Promise<void> {}
  async stop(): Promise<void> {}

  /** One request to one answer. */
  async handle(event: HttpEvent): Promise<HttpAnswer> {
    try {
      return await this.#handle(event)
    } catch (error) {
      this.#log('error', 'a request failed', { error })
      return empty(500)
    }
  }

  async #handle(event: HttpEvent): Promise<HttpAnswer> {
    const method = event.requestContext?.http?.method ?? event.httpMethod ?? 'POST'
    if (method !== 'POST') return empty(405)
    const raw = Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8')
    if (raw.length > BODY_LIMIT_BYTES) return this.#refuse(413, 'oversized')
    const headers = lowerCased(event.headers ?? {})
    const verdict = headers ? await this.#verdict(raw, headers) : 'malformed'
    if (!headers || verdict !== 'ok') return this.#refuse(401, verdict)
    const body = parse(raw, headers['content-type'] ?? '')
    if (!body) return this.#refuse(400, 'unreadable')
    return this.#dispatch(body, requestIdOf(headers['x-slack-signature'] ?? ''), headers)
  }

  async #verdict(raw: Buffer, headers: Readonly<Record<string, string | undefined>>): Promise<Verdict> {
    const verdict = verify(raw, headers, await this.#secrets(), this.#now())
    if (verdict !== 'forged' || !(await this.#rotated())) return verdict
    return verify(raw, headers, await this.#secrets(), this.#now())
  }

  #refuse(status: number, why: string): HttpAnswer {
    this.#log('warn', 'a request was refused', { status, why })
    return empty(status)
  }

  async #dispatch(
    body: Body,
    requestId: string,
    headers: Readonly<Record<string, string | undefined>>,
  ): Promise<HttpAnswer> {
    if (body.ssl_check === '1' && body.command === undefined) return empty(200)
    if (body.type === 'url_verification') return json({ challenge: String(body.challenge) })
    const retry = headers['x-slack-retry-num']
    const received = { requestId, ...(retry ? { retry: Number(retry) } : {}) }
    const outcome = await dispatch(this.#app, body, received, this.#log)
    if (outcome.kind === 'unknown') return empty(404)
    const { kind, response } = outcome
    if (response !== undefined && response !== '') return json(response)
    return empty(kind === 'answered' ? 200 : 500)
  }
}

/** Undefined when two headers differ only in case: nobody can say which one was meant. */
function lowerCased(given: object): Record<string, string | undefined> | undefined {
  const headers: Record<string, string | undefined> = Object.create(null)
  for (const [name, value] of Object.entries(given)) {
    const lower = name.toLowerCase()
    if (lower in headers) return undefined
    headers[lower] = typeof value === 'string' ? value : undefined
  }
  return headers
}

function parse(raw: Buffer, contentType: string): Body | undefined {
  const text = raw.toString('utf8')
  if (contentType.split(';')[0]?.trim().toLowerCase() === 'application/json') return objectOf(text)
  const form = new URLSearchParams(text)
  const names = [...form.keys()]
  if (new Set(names).size !== names.length) return undefined
  const payload = form.get('payload')
  if (payload === null) return names.length ? Object.fromEntries(form) : undefined
  return names.length === 1 ? objectOf(payload) : undefined
}

function objectOf(text: string): Body | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Body) : undefined
  } catch {
    return undefined
  }
}

const empty = (statusCode: number): HttpAnswer => ({ statusCode, body: '' })
const json = (value: unknown): HttpAnswer => ({
  statusCode: 200,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(typeof value === 'string' ? { response_type: 'ephemeral', text: value } : value),
})
