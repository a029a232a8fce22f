import { WebAPIPlatformError, type WebClient } from '@slack/web-api'
import type { Message } from './blocks.ts'
import type { Log } from './log.ts'
import { type Failure, failureOf, whyNot } from './outbox.ts'
import { classic } from './views/classic.ts'

/** Where a message belongs, and what tells it apart when it has to be found again. */
export type Place = {
  readonly channel: string
  readonly thread?: string
  readonly broadcast: boolean
  readonly run: string
  readonly key: string
  readonly version: number
}

const EVENT_TYPE = 'understudy_run'

/** The calls that write messages, each answering what became of it instead of throwing. */
export class Messenger {
  readonly #client: WebClient
  readonly #log: Log
  constructor(client: WebClient, log: Log) {
    this.#client = client
    this.#log = log
  }

  async post(place: Place, message: Message, old: boolean): Promise<{ ts: string } | Failure> {
    const { channel, thread, broadcast, run, key, version } = place
    const given = {
      channel,
      ...(old ? classic(message) : message),
      metadata: { event_type: EVENT_TYPE, event_payload: { run, key, version } },
      unfurl_links: false,
      unfurl_media: false,
    }
    const answer = await this.#try('post', place, () =>
      this.#client.chat.postMessage(
        thread === undefined ? given : { ...given, thread_ts: thread, reply_broadcast: broadcast },
      ),
    )
    return 'kind' in answer ? answer : answer.ts ? { ts: answer.ts } : { kind: 'unclear' }
  }

  async update(place: Place, ts: string, message: Message, old: boolean): Promise<'updated' | Failure> {
    const shown = old ? classic(message) : message
    const answer = await this.#try('update', place, () =>
      this.#client.chat.update({ channel: place.channel, ts, ...shown }),
    )
    return 'kind' in answer ? answer : 'updated'
  }

  /** The ts of a message that may have been posted: `absent` when it is not there, or when we may not look. */
  async find({ channel, thread, run, key }: Place): Promise<{ ts: string } | 'absent' | Failure> {
    const page = { channel, include_all_metadata: true, limit: 200 }
    try {
      const { messages = [] } = thread
        ? await this.#client.conversations.replies({ ...page, ts: thread })
        : await this.#client.conversations.history(page)
      const found = messages.find(({ metadata }) => {
        const payload = metadata?.event_payload as { run?: unknown; key?: unknown } | undefined
        return metadata?.event_type === EVENT_TYPE && payload?.run === run && payload?.key === key
      })
      return found?.ts ? { ts: found.ts } : 'absent'
    } catch (error) {
      const failure = failureOf(error)
      this.#log('warn', 'could not look for a message', { run, key, why: whyNot(error) })
      const definite = error instanceof WebAPIPlatformError && failure.kind !== 'unclear'
      return definite && error.data.error !== 'ratelimited' ? 'absent' : failure
    }
  }

  async #try<T>(what: string, place: Place, call: () => Promise<T>): Promise<T | Failure> {
    try {
      return await call()
    } catch (error) {
      const failure = failureOf(error)
      const { run, key } = place
      this.#log('warn', `Slack did not take a message (${what})`, {
        run,
        key,
        kind: failure.kind,
        why: whyNot(error),
      })
      return failure
    }
  }
}
