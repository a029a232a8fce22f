import type {
  Button,
  ContextBlock,
  HeaderBlock,
  KnownBlock,
  MrkdwnElement,
  RichTextBlock,
  RichTextElement,
  SectionBlock,
} from '@slack/types'
import { cut, cutLines, LIMITS, withinBudget } from './limits.ts'

/** A message as it is sent: blocks, and the text for notifications and screen readers. */
export type Message = { readonly text: string; readonly blocks: KnownBlock[] }

/** Text from outside, made harmless: no mentions or links, no invisible or direction-changing characters. */
export const plain = (text: string): string =>
  text
    .replace(/[\p{Cc}\p{Cf}]/gu, ' ')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')

/** Sentences of the run: harmless as well, but people who are named in them stay named. */
export const prose = (text: string): string => plain(text).replace(/&lt;@([UW][A-Z0-9]+)&gt;/g, '<@$1>')

/** A value as people read it: its lines kept, and ARNs as code, because Slack would look for emoji between their colons. */
export const readable = (text: string): string =>
  text
    .split('\n')
    .map((line) =>
      line
        .split(/(`[^`]*`)/)
        .map(withArns)
        .join(''),
    )
    .join('\n')

/** What is code already stays as it is. */
const withArns = (part: string): string =>
  part.startsWith('`') ? prose(part) : prose(part).replace(/\barn:aws[\w:/.*-]*\w/g, (arn) => `\`${arn}\``)

export const person = (id: string): string => (/^[UW][A-Z0-9]+$/.test(id) ? `<@${id}>` : plain(id))
export const people = (ids: readonly string[]): string => (ids.length ? ids.map(person).join(', ') : 'nobody')

/** A moment in the reader's own time zone; `at` in ms since the epoch. */
export function moment(at: number): string {
  const utc = new Date(at).toISOString()
  return `<!date^${Math.floor(at / 1000)}^{time}|${utc.slice(11, 16)} UTC>`
}

/** A day and its moment, the same way. */
export function day(at: number): string {
  const utc = new Date(at).toISOString()
  return `<!date^${Math.floor(at / 1000)}^{date_short} {time}|${utc.slice(0, 10)} ${utc.slice(11, 16)} UTC>`
}

const mrkdwn = (text: string, max: number): MrkdwnElement => ({ type: 'mrkdwn', text: cut(text || ' ', max) })

export const header = (text: string): HeaderBlock => ({
  type: 'header',
  text: { type: 'plain_text', text: cut(text, LIMITS.header), emoji: true },
})
export const section = (text: string): SectionBlock => ({
  type: 'section',
  text: mrkdwn(text, LIMITS.section),
})
/** A heading and a list under it, cut between lines. */
export const list = (title: string, lines: readonly string[], bullet = '• '): SectionBlock =>
  section(
    `*${title}*\n${cutLines(
      lines.map((line) => bullet + line),
      LIMITS.section - title.length - 3,
    )}`,
  )
export const context = (...texts: readonly string[]): ContextBlock => ({
  type: 'context',
  elements: texts.slice(0, LIMITS.context).map((text) => mrkdwn(text, LIMITS.field)),
})

/** Label above value, two columns; as many sections as the pairs need. */
export function pairs(given: readonly (readonly [label: string, value: string])[]): SectionBlock[] {
  const fields = given.map(([label, value]) => mrkdwn(`*${label}*\n${value}`, LIMITS.field))
  const sections: SectionBlock[] = []
  for (let at = 0; at < fields.length; at += LIMITS.fields)
    sections.push({ type: 'section', fields: fields.slice(at, at + LIMITS.fields) })
  return sections
}

/** Buttons in one row under an id that is new for every version of the message. */
export const actions = (blockId: string, elements: readonly Button[]): KnownBlock => ({
  type: 'actions',
  block_id: cut(blockId, 255),
  elements: elements.slice(0, LIMITS.actions),
})

export type Confirmation = {
  readonly title: string
  readonly text: string
  readonly confirm: string
  readonly deny: string
}

/** A button; `confirm` asks once more before it counts. */
export function button(
  actionId: string,
  label: string,
  value: string,
  options: { style?: 'primary' | 'danger'; confirm?: Confirmation } = {},
): Button {
  if (value.length > LIMITS.value) throw new Error(`the value of ${actionId} is longer than Slack allows`)
  const { style, confirm } = options
  const text = (said: string, max: number) => ({ type: 'plain_text', text: cut(said, max) }) as const
  return {
    type: 'button',
    action_id: cut(actionId, 255),
    text: text(label, LIMITS.button),
    value,
    ...(style ? { style } : {}),
    ...(confirm
      ? {
          confirm: {
            title: text(confirm.title, LIMITS.confirm.title),
            text: text(confirm.text, LIMITS.confirm.text),
            confirm: text(confirm.confirm, LIMITS.confirm.button),
            deny: text(confirm.deny, LIMITS.confirm.button),
            style: 'danger' as const,
          },
        }
      : {}),
  }
}

export const richText = (text: string): RichTextBlock => ({
  type: 'rich_text',
  elements: [{ type: 'rich_text_section', elements: (text || ' ').split(MENTION).flatMap(inRichText) }],
})

const MENTION = /(<@[UW][A-Z0-9]+>)/

/** Rich text shows text as it is, so people in it are elements of their own. */
function inRichText(part: string): RichTextElement[] {
  const user = /^<@([UW][A-Z0-9]+)>$/.exec(part)?.[1]
  if (user) return [{ type: 'user', user_id: user }]
  return part ? [{ type: 'text', text: part }] : []
}

/** A finished message: within every limit, with the stamp of a rehearsal in front. */
export function message(text: string, blocks: readonly KnownBlock[], stamp?: string): Message {
  const stamped = stamp ? [context(`:test_tube: *${plain(stamp)}*`), ...blocks] : blocks
  return { text: stampedText(text, stamp), blocks: withinBudget(stamped) }
}

/** A message in a thread whose head is stamped: the stamp stands in its text, and not above every reply. */
export const threaded = (text: string, blocks: readonly KnownBlock[], stamp?: string): Message => ({
  text: stampedText(text, stamp),
  blocks: withinBudget(blocks),
})

const stampedText = (text: string, stamp: string | undefined) =>
  cut(stamp ? `[${plain(stamp)}] ${text}` : text, LIMITS.text)
