import { CONFIRM, FILL_IN } from '../plan/marks.ts'
import type { Slot } from './slot.ts'

const WIDTH = 110

/** YAML text with comments, written line by line. Values that AWS or Terraform gave can't break out of their place. */
export class Page {
  readonly #lines: string[] = []

  /** A comment of its own, broken into lines. */
  say(indent: string, text: string): void {
    const room = WIDTH - indent.length - 2
    let line = ''
    for (const word of plain(text).split(' ')) {
      if (line && line.length + 1 + word.length > room) {
        this.#lines.push(`${indent}# ${line}`)
        line = word
      } else line = line ? `${line} ${word}` : word
    }
    this.#lines.push(`${indent}# ${line}`)
  }

  line(text = ''): void {
    this.#lines.push(text)
  }

  /** `key: value`, with where it comes from, or what is to be done about it. `lead`: what stands before the key. */
  field(lead: string, key: string, slot: Slot<string | number | boolean>): void {
    const [value, note] = told(slot)
    this.#noted(lead, `${key}: ${value}`, note)
  }

  /** An item of a list. */
  item(lead: string, slot: Slot): void {
    const [value, note] = told(slot)
    this.#noted(lead, `- ${value}`, note)
  }

  #noted(lead: string, text: string, note: string | undefined): void {
    const whole = note === undefined ? `${lead}${text}` : `${lead}${text}  # ${plain(note)}`
    if (note === undefined || whole.length <= WIDTH) this.#lines.push(whole)
    else {
      this.say(lead.replace(/\S/g, ' '), note)
      this.#lines.push(`${lead}${text}`)
    }
  }

  text(): string {
    return `${this.#lines.join('\n')}\n`
  }
}

function told(slot: Slot<string | number | boolean>): [value: string, note: string | undefined] {
  if (!('value' in slot)) return [FILL_IN, slot.fill]
  const { value, from, confirm } = slot
  if (confirm === undefined) return [scalar(value), from]
  return [scalar(value), `${CONFIRM} ${confirm}${from ? ` (${from})` : ''}`]
}

const words = /^(true|false|null|yes|no|on|off|y|n|nan|inf)$/i

/** A value as YAML reads it back: in quotes wherever it could be taken for anything but that text. */
export function scalar(value: string | number | boolean): string {
  if (typeof value !== 'string') return String(value)
  const bare = /^[A-Za-z](?:[\w./-]|:(?=[\w/:-]))*$/.test(value) && !words.test(value)
  return bare ? value : JSON.stringify(value)
}

/** One line of text, whatever it was. */
const plain = (text: string): string => text.replace(/[\p{Cc}\u2028\u2029\s]+/gu, ' ').trim()
