import type { Caller } from './authorise.ts'

/** Reads of request bodies that are signed but still somebody else's: anything may be missing or of another type. */
type Fields = Readonly<Record<string, unknown>>

const fieldsOf = (value: unknown): Fields =>
  typeof value === 'object' && value !== null ? (value as Fields) : {}
const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined
const optional = <K extends string>(key: K, value: unknown) => {
  const text = textOf(value)
  return (text === undefined ? {} : { [key]: text }) as { [P in K]?: string }
}

/** A slash command: who, from where, and what was typed. */
export type Typed = {
  readonly caller: Caller
  readonly channel: string
  readonly slash: string
  readonly text: string
}

export function typed(body: unknown): Typed {
  const fields = fieldsOf(body)
  return {
    caller: {
      via: 'command',
      user: textOf(fields.user_id) ?? '',
      // A form has it as text, Socket Mode may have it as it is.
      orgInstall: String(fields.is_enterprise_install) === 'true',
      ...optional('appId', fields.api_app_id),
      ...optional('team', fields.team_id),
      ...optional('enterprise', fields.enterprise_id),
      ...optional('command', fields.command),
    },
    channel: textOf(fields.channel_id) ?? '',
    slash: /^\/[a-z0-9_-]{1,31}$/.test(String(fields.command)) ? String(fields.command) : '/dr',
    text: textOf(fields.text) ?? '',
  }
}

function interactingCaller(fields: Fields): Caller {
  const user = fieldsOf(fields.user)
  const team = fieldsOf(fields.team)
  return {
    via: 'interaction',
    user: textOf(user.id) ?? '',
    orgInstall: fields.is_enterprise_install === true,
    ...optional('appId', fields.api_app_id),
    ...optional('team', team.id),
    ...optional('enterprise', fieldsOf(fields.enterprise).id ?? team.enterprise_id),
    ...optional('userTeam', user.team_id),
  }
}

/** A click on a button. */
export type Clicked = {
  readonly caller: Caller
  readonly channel: string
  readonly actionId: string
  readonly value: unknown
  /** Opens one form, within three seconds. */
  readonly trigger: string
}

export function clicked(body: unknown): Clicked {
  const fields = fieldsOf(body)
  const action = fieldsOf(Array.isArray(fields.actions) ? fields.actions[0] : undefined)
  return {
    caller: interactingCaller(fields),
    channel: textOf(fieldsOf(fields.channel).id) ?? textOf(fieldsOf(fields.container).channel_id) ?? '',
    actionId: textOf(action.action_id) ?? '',
    value: action.value,
    trigger: textOf(fields.trigger_id) ?? '',
  }
}

/** A form that was sent. */
export type Submitted = {
  readonly caller: Caller
  readonly form: string
  readonly metadata: unknown
  /** What was typed into the input of that id, which is the id of its block too. */
  input(id: string): string
}

export function submitted(body: unknown): Submitted {
  const fields = fieldsOf(body)
  const view = fieldsOf(fields.view)
  const values = fieldsOf(fieldsOf(view.state).values)
  return {
    caller: interactingCaller(fields),
    form: textOf(view.callback_id) ?? '',
    metadata: view.private_metadata,
    input: (id) => textOf(fieldsOf(fieldsOf(values[id])[id]).value) ?? '',
  }
}

/** A message in a thread that brings files, written by a person. */
export type Shared = {
  readonly caller: Caller
  readonly channel: string
  /** Timestamps of the thread's head, and of the message. */
  readonly thread: string
  readonly ts: string
  readonly text: string
  readonly files: readonly SharedFile[]
}
export type SharedFile = {
  readonly id: string
  readonly name: string
  readonly url: string
  readonly size: number
}

/** Undefined for every event that is not such a message: edits, joins, bots, talk. */
export function shared(body: unknown): Shared | undefined {
  const fields = fieldsOf(body)
  const event = fieldsOf(fields.event)
  const said = event.type === 'message' && (event.subtype === undefined || event.subtype === 'file_share')
  const [channel, thread, ts] = [event.channel, event.thread_ts, event.ts].map(textOf)
  const files = Array.isArray(event.files) ? event.files.flatMap(sharedFile) : []
  if (!said || textOf(event.bot_id) || !channel || !thread || !ts || !files.length) return undefined
  return { caller: sharingCaller(fields, event), channel, thread, ts, text: textOf(event.text) ?? '', files }
}

function sharingCaller(fields: Fields, event: Fields): Caller {
  const installs: readonly unknown[] = Array.isArray(fields.authorizations) ? fields.authorizations : []
  return {
    via: 'event',
    user: textOf(event.user) ?? '',
    orgInstall: fieldsOf(installs[0]).is_enterprise_install === true,
    ...optional('appId', fields.api_app_id),
    ...optional('team', fields.team_id),
    ...optional('enterprise', fields.enterprise_id ?? fields.context_enterprise_id),
    ...optional('userTeam', event.user_team ?? event.team),
  }
}

function sharedFile(given: unknown): SharedFile[] {
  const file = fieldsOf(given)
  const [id, name] = [textOf(file.id), textOf(file.name)]
  const url = textOf(file.url_private_download) ?? textOf(file.url_private)
  const { size } = file
  if (!id || !name || !url || typeof size !== 'number' || !(size >= 0)) return []
  return [{ id, name, url, size }]
}
