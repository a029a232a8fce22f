import type { Button } from '@slack/types'
import { WebClient } from '@slack/web-api'
import type { Delivery } from '../../rehearsal/slack/deliver.ts'
import type { SlackSide } from '../../rehearsal/slack/open.ts'
import type { Message } from '../../rehearsal/slack/room.ts'

/** The incident channel: as Slack's Web API tells it, and what only one person sees as the proxy in front saw it pass. */
export class Channel {
  readonly bundled: Delivery
  readonly #client: WebClient
  readonly #id: string

  constructor({ bundled, ids }: SlackSide) {
    this.bundled = bundled as Delivery
    this.#id = ids.channel
    // Past the proxy: what stands in Slack, also while the bot cannot reach it.
    this.#client = new WebClient(this.bundled.token, { slackApiUrl: `${this.bundled.slackUrl}/api/` })
  }

  /** The channel's own messages, oldest first; replies that were not broadcast are in their threads. */
  async messages(): Promise<readonly Message[]> {
    const { messages = [] } = await this.#client.conversations.history({ channel: this.#id, limit: 200 })
    return (messages as unknown as (Message & { subtype?: string })[])
      .filter(({ subtype }) => !subtype?.startsWith('channel_'))
      .toReversed()
  }

  async thread(parent: Message): Promise<readonly Message[]> {
    const { messages = [] } = await this.#client.conversations.replies({
      channel: this.#id,
      ts: parent.ts,
      limit: 200,
    })
    return (messages as unknown as Message[]).slice(1)
  }

  /** Everything posted so far, as it stands now, without asking Slack. */
  get posted(): readonly Message[] {
    return this.bundled.room.messages.filter(({ to }) => to === undefined)
  }

  /** What only that person sees, oldest first. */
  whispers(person: string): readonly Message[] {
    return this.bundled.room.messages.filter(({ to }) => to === person)
  }

  seen(): readonly string[] {
    return this.bundled.room.messages.map(
      (message) => `${message.to ? `(to ${message.to}) ` : ''}${message.text}`,
    )
  }
}

const SAID: ReadonlySet<string> = new Set(['text', 'title', 'alt_text'])

/** Everything a person reads in a message or a modal. */
export function words(value: unknown, key = ''): string {
  if (typeof value === 'string') return SAID.has(key) ? value : ''
  if (typeof value !== 'object' || value === null) return ''
  return Object.entries(value)
    .map(([name, item]) => words(item, Array.isArray(value) ? key : name))
    .filter(Boolean)
    .join('\n')
}

type Placed = { readonly button: Button; readonly block: string }

/** The buttons of a message, in reading order. */
export function buttons({ blocks = [] }: Pick<Message, 'blocks'>): readonly Placed[] {
  return blocks.flatMap((block) =>
    block.type === 'actions'
      ? block.elements.flatMap((element) =>
          element.type === 'button' ? [{ button: element, block: block.block_id ?? '' }] : [],
        )
      : [],
  )
}

export const labels = (message: Pick<Message, 'blocks'>): readonly string[] =>
  buttons(message).map(({ button }) => button.text.text)
