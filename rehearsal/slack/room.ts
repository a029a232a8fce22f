import type { KnownBlock, View } from '@slack/types'

/** A message as Slack answered it. `to`: only that person sees it. */
export type Message = {
  readonly ts: string
  readonly thread_ts?: string
  readonly reply_broadcast?: boolean
  readonly user: string
  readonly text: string
  readonly blocks?: readonly KnownBlock[]
  readonly metadata?: unknown
  readonly files?: readonly { readonly name: string; readonly size: number }[]
  readonly edited?: unknown
  readonly to?: string
}

/** A modal as Slack keeps it while it is open. */
export type OpenView = View & { readonly id: string; readonly hash: string }

/** What a person has in front of them besides the channel: at most one modal, and what was wrong with its last submission. */
export type Desk = { readonly view: OpenView; readonly errors: Readonly<Record<string, string>> }

/**
 * The incident channel as its members see it: everything that went through the proxy, whispers and modals included.
 * Slack's API shows neither of those to anybody but the person.
 */
export class Room {
  #messages = new Map<string, Message>()
  #desks = new Map<string, Desk>()
  #triggers = new Map<string, string>()
  #whispers = 0
  /** Grows with every change. */
  version = 0

  /** In the order they were first said: the fake's timestamps count within a second, and ours do not. */
  get messages(): readonly Message[] {
    return [...this.#messages.values()]
  }

  get desks(): Readonly<Record<string, Desk>> {
    return Object.fromEntries(this.#desks)
  }

  /** The message as it stands, new or edited. */
  put(message: Message): void {
    this.#messages.set(message.ts, { ...this.#messages.get(message.ts), ...message })
    this.version++
  }

  remove(ts: string): void {
    this.#messages.delete(ts)
    this.version++
  }

  find(ts: string): Message | undefined {
    return this.#messages.get(ts)
  }

  /** Something only `to` sees; a missing `ts` gets one of this moment. */
  whisper(
    to: string,
    message: Pick<Message, 'user' | 'text' | 'blocks' | 'thread_ts'> & { ts?: string },
  ): void {
    const ts =
      message.ts ?? `${(Date.now() / 1000).toFixed(3)}${String(++this.#whispers % 1000).padStart(3, '0')}`
    this.put({ ...message, ts, to })
  }

  /** From now on a modal opened with that trigger is this person's. */
  armed(triggerId: string, person: string): void {
    this.#triggers.set(triggerId, person)
  }

  opened(triggerId: string, view: OpenView): void {
    const person = this.#triggers.get(triggerId)
    if (person) this.show(person, view)
  }

  show(person: string, view: OpenView, errors: Desk['errors'] = {}): void {
    this.#desks.set(person, { view, errors })
    this.version++
  }

  /** The modal of that id, changed by its app. */
  changed(view: OpenView): void {
    for (const [person, desk] of this.#desks) if (desk.view.id === view.id) this.show(person, view)
  }

  close(person: string): void {
    if (this.#desks.delete(person)) this.version++
  }
}
