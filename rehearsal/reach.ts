import { StandardRetryStrategy } from '@smithy/core/retry'
import type { ClientOptions } from '../src/aws/clients.ts'
import type { Simulation } from './aws/simulator.ts'
import type { WorldClock } from './clock.ts'

/** How a bot, or anything else with SDK clients, reaches the simulated AWS and its customers' addresses. */
export type Reach = {
  readonly clients: Omit<ClientOptions, 'people'>
  /** The same for clients that are not the bot's. */
  readonly connection: Readonly<Record<string, unknown>>
  readonly fetch: typeof fetch
  /** Calls on their way, if that can be told: only they may wait for the clock while the bot is at work. */
  readonly underWay?: () => number
  close(): Promise<void>
}

const CREDENTIALS = { accessKeyId: 'AKIAREHEARSAL0000000', secretAccessKey: 'rehearsal' }
/** A probe of an address that does not answer, as `src/aws/probe.ts` bounds it. World ms. */
const PROBE_LIMIT_MS = 1_500

/** Without sockets, on the world's clock: every call takes `latencyMs`, a dark one its profile's limit. */
export function inProcess(simulation: Simulation, clock: WorldClock, latencyMs: number): Reach {
  let underWay = 0
  const counted = async <T>(call: Promise<T>): Promise<T> => {
    underWay++
    return call.finally(() => underWay--)
  }
  const handler = (requestTimeout: number) => {
    const carrier = simulation.dispatcher.requestHandler({ requestTimeout, latency: latencyMs, clock })
    return {
      ...carrier,
      handle: (...call: Parameters<typeof carrier.handle>) => counted(carrier.handle(...call)),
    }
  }
  const sleep = (ms: number) => new Promise<void>((wake) => void clock.after(ms, wake))
  const visit = async (url: string): Promise<Response> => {
    await sleep(latencyMs)
    const answer = await simulation.request(url)
    if (answer !== 'no-answer') return new Response(answer.body, { status: answer.status })
    await sleep(PROBE_LIMIT_MS - latencyMs)
    throw new DOMException('The operation was aborted due to timeout', 'TimeoutError')
  }
  const connection = {
    endpoint: 'http://127.0.0.1:1',
    credentials: CREDENTIALS,
    requestHandler: handler(60_000),
  }
  return {
    clients: {
      patience: clock,
      retries: (attempts) => new WorldRetries(attempts, (ms) => counted(sleep(ms))),
      endpoints: { shared: 'http://127.0.0.1:1' },
      allowForeignEndpoints: true,
      credentials: CREDENTIALS,
      requestHandler: ({ requestTimeout }) => handler(requestTimeout),
    },
    connection,
    fetch: (url) => counted(visit(url instanceof Request ? url.url : String(url))),
    underWay: () => underWay,
    close: async () => {},
  }
}

/** The SDK's own retries, but what it waits between two tries passes in the world. */
class WorldRetries extends StandardRetryStrategy {
  readonly #attempts: number
  readonly #wait: (ms: number) => Promise<void>

  constructor(attempts: number, wait: (ms: number) => Promise<void>) {
    super({ maxAttempts: attempts, backoff: { setDelayBase: () => {}, computeNextBackoffDelay: () => 0 } })
    this.#attempts = attempts
    this.#wait = wait
  }

  override async refreshRetryTokenForRetry(
    ...[token, failure]: Parameters<StandardRetryStrategy['refreshRetryTokenForRetry']>
  ) {
    const tried = token.getRetryCount()
    const base = failure.errorType === 'THROTTLING' ? 500 : 100
    if (tried + 1 < this.#attempts) await this.#wait(base * 2 ** tried)
    return super.refreshRetryTokenForRetry(token, failure)
  }
}

/** Through loopback sockets, one port a region, as the rehearsal does. */
export async function overSockets(simulation: Simulation): Promise<Reach> {
  const { url, regions, close } = await simulation.listen({ port: 0 })
  return {
    clients: {
      endpoints: { ...regions, route53: url, shared: url },
      allowForeignEndpoints: true,
      credentials: CREDENTIALS,
    },
    connection: { endpoint: url, credentials: CREDENTIALS },
    async fetch(address, init) {
      const answer = await simulation.request(address instanceof Request ? address.url : String(address))
      if (answer !== 'no-answer') return new Response(answer.body, { status: answer.status })
      return new Promise((_, reject) => {
        init?.signal?.addEventListener('abort', () => reject(init.signal?.reason), { once: true })
      })
    },
    close,
  }
}
