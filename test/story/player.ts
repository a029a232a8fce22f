import { createHmac } from 'node:crypto'
import type { Button } from '@slack/types'
import { app, channelName, type Person, workspace } from '../../rehearsal/slack/cast.ts'
import { ask } from '../../rehearsal/slack/fake.ts'
import type { Message, OpenView } from '../../rehearsal/slack/room.ts'
import type { HttpAnswer, HttpEvent } from '../../src/slack/receiver.ts'
import { buttons, words } from './channel.ts'
import type { Stage } from './stage.ts'

export type Changes = Readonly<Record<string, unknown>>
let deeds = 0

/** Somebody in the channel: what they do reaches the front signed as Slack signs it; what they are told is theirs to read. */
export class Player {
  readonly id: string
  readonly #stage: Stage
  readonly #person: Person
  /** How much this person had been told before their last deed. */
  #heard = 0

  constructor(stage: Stage, person: Person) {
    this.#stage = stage
    this.#person = person
    this.id = person.id
  }

  /** Types a slash command; answers what Slack shows at once. */
  async types(line: string, changes: Changes = {}): Promise<string> {
    this.#begin()
    const answer = await this.#stage.send(await this.command(line, changes))
    return this.#read(answer)
  }

  /** Presses the button with that label; what there is to say about it, is heard. */
  async clicks(label: string, message: Message, changes: Changes = {}): Promise<HttpAnswer> {
    this.#begin()
    return this.#stage.send(await this.click(label, message, changes))
  }

  /** Sends the open form; answers what is shown beside its inputs, or undefined when it closed. */
  async submits(
    values: Readonly<Record<string, string>>,
    changes: Changes = {},
  ): Promise<string | undefined> {
    this.#begin()
    return this.errors(await this.#stage.send(await this.submission(values, changes)))
  }

  errors({ statusCode, body }: HttpAnswer): string | undefined {
    if (statusCode !== 200) throw new Error(`the front answered ${statusCode}`)
    if (body === '') {
      this.#stage.channel.bundled.room.close(this.id)
      return undefined
    }
    return Object.values((JSON.parse(body) as { errors: Record<string, string> }).errors).join('\n')
  }

  /** Reviews and approves, as a person who reads and types does. */
  async approves(card: Message, reason = 'home is dark', phrase = 'orders'): Promise<void> {
    await this.clicks('Review and approve', card)
    const errors = await this.submits({ phrase, reason })
    if (errors !== undefined) throw new Error(`the form did not close: ${errors}`)
  }

  /** The modal this person has open. */
  get form(): OpenView | undefined {
    return this.#stage.channel.bundled.room.desks[this.id]?.view
  }

  /** Waits for something that only this person is told after their last deed. */
  async hears(pattern: RegExp): Promise<string> {
    return this.#stage.until(`${this.#person.name} hears ${pattern}`, () =>
      this.heard().find((text) => pattern.test(text)),
    )
  }

  heard(): readonly string[] {
    return this.#stage.channel
      .whispers(this.id)
      .slice(this.#heard)
      .map((message) => words(message))
  }

  async command(line: string, changes: Changes = {}): Promise<Signed> {
    const [command = '', ...rest] = line.trim().split(' ')
    return this.#signed(
      new URLSearchParams({
        token: 'unused',
        team_id: workspace.teamId,
        team_domain: workspace.domain,
        channel_id: workspace.channel,
        channel_name: channelName,
        user_id: this.id,
        user_name: this.#person.handle,
        command,
        text: rest.join(' '),
        api_app_id: app.appId,
        is_enterprise_install: 'false',
        response_url: `https://hooks.slack.com/commands/${++deeds}`,
        trigger_id: await this.#trigger(),
        ...(changes as Record<string, string>),
      }),
    )
  }

  async click(label: string, message: Message, changes: Changes = {}): Promise<Signed> {
    const { button, block } = placed(label, message)
    return this.#payload({
      ...(await this.#envelope()),
      type: 'block_actions',
      container: { type: 'message', message_ts: message.ts, channel_id: workspace.channel },
      channel: { id: workspace.channel, name: channelName },
      message: { ...message, type: 'message', app_id: app.appId, bot_id: app.botId },
      response_url: `https://hooks.slack.com/actions/${++deeds}`,
      actions: [{ ...button, block_id: block, action_ts: `${++deeds}.000001` }],
      state: { values: {} },
      ...changes,
    })
  }

  async submission(values: Readonly<Record<string, string>>, changes: Changes = {}): Promise<Signed> {
    const { form } = this
    if (!form) throw new Error(`${this.#person.name} has no form open`)
    const typed = Object.entries(values).map(([id, value]) => [
      id,
      { [id]: { type: 'plain_text_input', value } },
    ])
    const view = { ...form, state: { values: Object.fromEntries(typed) } }
    return this.#payload({ ...(await this.#envelope()), type: 'view_submission', view, ...changes })
  }

  #begin(): void {
    this.#heard = this.#stage.channel.whispers(this.id).length
  }

  #read({ body }: HttpAnswer): string {
    return body === '' ? '' : words(JSON.parse(body))
  }

  async #envelope() {
    return {
      user: { id: this.id, username: this.#person.handle, team_id: workspace.teamId },
      api_app_id: app.appId,
      token: 'unused',
      trigger_id: await this.#trigger(),
      team: { id: workspace.teamId, domain: workspace.domain },
      enterprise: null,
      is_enterprise_install: false,
    }
  }

  async #trigger(): Promise<string> {
    const { slackUrl, token, room } = this.#stage.channel.bundled
    const { trigger_id } = await ask(slackUrl, token, 'views.generateTriggerId', { user_id: this.id })
    room.armed(String(trigger_id), this.id)
    return String(trigger_id)
  }

  #payload(payload: object): Signed {
    return this.#signed(new URLSearchParams({ payload: JSON.stringify(payload) }))
  }

  #signed(form: URLSearchParams): Signed {
    return signed(form.toString(), this.#stage.secret, this.#stage.people.now())
  }
}

function placed(label: string, message: Message): { readonly button: Button; readonly block: string } {
  const found = buttons(message).find(({ button }) => button.text.text === label)
  if (!found)
    throw new Error(
      `no “${label}” there, but ${
        buttons(message)
          .map(({ button }) => button.text.text)
          .join(', ') || 'no button'
      }`,
    )
  return found
}

export type Signed = HttpEvent & { readonly headers: Record<string, string>; readonly body: string }

/** A request as Slack signs it (scheme v0), in the event a Lambda Function URL makes of it. `at`: ms. */
export function signed(body: string, secret: string, at: number): Signed {
  const seconds = String(Math.floor(at / 1000))
  const mac = createHmac('sha256', secret).update(`v0:${seconds}:${body}`).digest('hex')
  return {
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'x-slack-request-timestamp': seconds,
      'x-slack-signature': `v0=${mac}`,
      'user-agent': 'Slackbot 1.0 (+https://api.slack.com/robots)',
    },
    body: Buffer.from(body).toString('base64'),
    isBase64Encoded: true,
    requestContext: { http: { method: 'POST' } },
  }
}
