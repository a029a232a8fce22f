import { createHash } from 'node:crypto'
import type { App, Receiver } from '@slack/bolt'
import { WebAPIPlatformError, WebAPIRateLimitedError } from '@slack/web-api'
import { drError } from '../engine/errors.ts'
import type { Clock } from '../engine/ports.ts'
import { type Body, dispatch, type Outcome } from './dispatch.ts'
import type { Log } from './log.ts'
import { type Connection, type Envelope, openConnection } from './socket-connection.ts'

/** A connection that lasted that long was a good one: the next is opened at once. People's ms. */
const LASTED_MS = 10_000
const LONGEST_PAUSE_MS = 30_000
/** How long a farewell to Slack may take. */
const FAREWELL_MS = 2_000

/** Slack's answers that say nothing about the token. */
const PASSING = new Set([
  'ratelimited',
  'rate_limited',
  'internal_error',
  'fatal_error',
  'service_unavailable',
  'request_timeout',
])

export type SocketState = 'connected' | 'disconnected'

export type SocketDeps = {
  /** Asked for each connection, so that a rotated token counts. */
  readonly appToken: () => Promise<string>
  /** The only app that is served: Slack names the app when it greets a connection. */
  readonly appId: string
  readonly apiUrl?: string
  readonly people: Clock
  readonly log: Log
  readonly onState?: (state: SocketState) => void
}

/**
 * Takes requests from Slack to Bolt over Socket Mode: no public address, and nothing signed, since we open the
 * connection ourselves, to Slack. Everything behind it is what is behind the HTTP receiver. A connection that ends, as
 * each does after some hours, is followed by another one for as long as it takes.
 */
export class SocketReceiver implements Receiver {
  readonly #deps: SocketDeps
  readonly #underWay = new Set<Promise<void>>()
  #app: App | undefined
  #connection: Connection | undefined
  #cancelPause: (() => void) | undefined
  #stopped = false

  constructor(deps: SocketDeps) {
    this.#deps = deps
  }

  init(app: App): void {
    this.#app = app
  }

  /** Resolves with the first connection. Rejects with CONFIG_INVALID when Slack does not take the token, or it is another app's. */
  start(): Promise<void> {
    this.#stopped = false
    return new Promise((connected, refused) => void this.#keepConnected(connected, refused))
  }

  /** Takes nothing more, answers what was taken, says farewell. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#cancelPause?.()
    await Promise.all(this.#underWay)
    const farewell = new Promise<void>((resolve) => void this.#deps.people.after(FAREWELL_MS, resolve))
    await Promise.race([this.#connection?.close(), farewell])
  }

  async #keepConnected(connected: () => void, refused: (error: unknown) => void): Promise<void> {
    let failures = 0
    let greeted = false
    const onGreeting = () => {
      greeted = true
      connected()
    }
    while (!this.#stopped) {
      const { lasted, refusal, pauseMs = 0 } = await this.#live(onGreeting)
      if (refusal && !greeted) return refused(refusal)
      failures = lasted ? 0 : failures + 1
      if (failures) await this.#pause(Math.max(pauseMs, pauseAfter(failures)))
    }
  }

  /** One connection from its opening to its end, or why there was none. */
  async #live(onGreeting: () => void): Promise<Lived> {
    const { people, log } = this.#deps
    try {
      const { ended } = await this.#connect()
      const since = people.now()
      onGreeting()
      await ended
      const lastedMs = people.now() - since
      log('info', 'a connection to Slack ended', { lastedMs })
      return { lasted: lastedMs >= LASTED_MS }
    } catch (error) {
      const refusal = refusalOf(error)
      log(refusal ? 'error' : 'warn', 'no connection to Slack', { error: refusal ?? error })
      const limited = error instanceof WebAPIRateLimitedError ? { pauseMs: error.retryAfter * 1000 } : {}
      return { lasted: false, ...limited, ...(refusal ? { refusal } : {}) }
    }
  }

  async #connect(): Promise<Connection> {
    const { appToken, appId, apiUrl, people, log, onState } = this.#deps
    const connection = await openConnection({
      appToken: await appToken(),
      people,
      log,
      take: (envelope, app) => this.#take(envelope, app),
      ...(apiUrl ? { apiUrl } : {}),
    })
    this.#connection = connection
    if (this.#isForeign(connection.appId) || this.#stopped) void connection.close()
    if (this.#isForeign(connection.appId))
      throw drError('CONFIG_INVALID', {
        faults: [`SLACK_APP_TOKEN belongs to the app ${connection.appId}, and SLACK_APP_ID names ${appId}`],
      })
    onState?.('connected')
    return { ...connection, ended: connection.ended.then(() => onState?.('disconnected')) }
  }

  #isForeign(app: string | undefined): boolean {
    return app !== undefined && app !== this.#deps.appId
  }

  #pause(ms: number): Promise<void> {
    if (this.#stopped || ms === 0) return Promise.resolve()
    return new Promise((resolve) => {
      const cancel = this.#deps.people.after(ms, resolve)
      this.#cancelPause = () => {
        cancel()
        resolve()
      }
    })
  }

  /** What is not taken is not acknowledged either: Slack sends an event again, and shows the rest as failed. */
  #take(envelope: Envelope, app: string | undefined): void {
    if (this.#stopped || this.#isForeign(app)) return
    const work = this.#answer(envelope).catch((error) =>
      this.#deps.log('error', 'an envelope could not be answered', { type: envelope.type, error }),
    )
    this.#underWay.add(work)
    void work.finally(() => this.#underWay.delete(work))
  }

  async #answer(envelope: Envelope): Promise<void> {
    const { body, type, retry } = envelope
    const { log } = this.#deps
    if (!isBody(body)) return log('warn', 'a request was refused', { type, why: 'unreadable' })
    const received = { requestId: requestIdOf(envelope, body), ...(retry === undefined ? {} : { retry }) }
    const outcome = await dispatch(this.#app, body, received, log)
    if (outcome.kind === 'unknown') log('warn', 'nobody is there for a request', { type })
    if (outcome.kind === 'answered' || (outcome.kind === 'failed' && outcome.response))
      await envelope.acknowledge(payloadOf(outcome))
  }
}

/** What became of a connection. `pauseMs`: how long Slack wants to be left alone. */
type Lived = { readonly lasted: boolean; readonly refusal?: Error; readonly pauseMs?: number }

/**
 * The id a request is remembered under. A command, a click and a form have a trigger of their own, whichever envelope
 * brings them; an event has only its envelope, and what comes of it has ids of its own.
 */
const requestIdOf = ({ id }: Envelope, { trigger_id }: Body): string =>
  createHash('sha256')
    .update(typeof trigger_id === 'string' && trigger_id ? `trigger ${trigger_id}` : `envelope ${id}`)
    .digest('hex')

const isBody = (value: unknown): value is Body =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function payloadOf({ response }: Exclude<Outcome, { kind: 'unknown' }>) {
  if (typeof response === 'string') return { response_type: 'ephemeral', text: response }
  return isBody(response) ? response : undefined
}

const pauseAfter = (failures: number) => Math.min(LONGEST_PAUSE_MS, 500 * 2 ** failures)

/** Why Slack will not have us, which somebody has to put right; undefined for what passes. */
function refusalOf(error: unknown): Error | undefined {
  if (error instanceof WebAPIPlatformError && !PASSING.has(error.data.error))
    return drError(
      'CONFIG_INVALID',
      { faults: [`SLACK_APP_TOKEN: Slack does not take it for Socket Mode (${error.data.error})`] },
      error,
    )
  return error instanceof Error && (error as { code?: unknown }).code === 'CONFIG_INVALID' ? error : undefined
}
