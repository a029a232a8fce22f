import * as z from 'zod'
import type { PlanFault } from './faults.ts'
import { PlanSchema } from './schema.ts'

/** What to do about a fault of a plan file, in one sentence. */
export function remedyOf({ field, message }: PlanFault): string {
  const { parent, name, about } = placeOf(field)
  const meant = about ? ` ${name} is: ${about.replace(/\.$/, '')}.` : ''
  if (message.startsWith('is to be filled in'))
    return `Write the value in the placeholder's stead; the comment beside it says what is meant.${meant}`
  if (message.startsWith('is missing')) return `Add it.${meant} docs/plan.md has every field.`
  if (message === 'is not a field of a plan') {
    const near = nearest(name, Object.keys(parent))
    return near ? `Did you mean ${near}?` : 'Remove it, or look in docs/plan.md for what it is called.'
  }
  if (field === '') return 'Correct the file as a whole; the shipped plans show its form.'
  return `Correct it.${meant || ' docs/plan.md explains the field.'}`
}

type Json = {
  readonly properties?: Readonly<Record<string, Json>>
  readonly items?: Json
  readonly description?: string
}

let schema: Json | undefined

/** The neighbours of a field and what it is for, as the schema says. */
function placeOf(field: string) {
  const parts = field.split(/[.[\]]+/).filter(Boolean)
  schema ??= z.toJSONSchema(PlanSchema, { io: 'input' }) as Json
  let node: Json | undefined = schema
  let parent: Readonly<Record<string, Json>> = {}
  let about: string | undefined
  for (const part of parts) {
    parent = node?.properties ?? {}
    node = /^\d+$/.test(part) ? node?.items : parent[part]
    about = node?.description ?? about
  }
  return { parent, name: parts.findLast((part) => !/^\d+$/.test(part)) ?? '', about: node && about }
}

/** The one that a slip of the fingers could have meant. */
function nearest(word: string, all: readonly string[]): string | undefined {
  const [best] = all
    .map((other) => ({ other, slips: distance(word.toLowerCase(), other.toLowerCase()) }))
    .sort((a, b) => a.slips - b.slips)
  return best && best.slips <= Math.max(1, Math.floor(word.length / 3)) ? best.other : undefined
}

/** How many letters have to be changed, added or left out. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (const letter of a) {
    const next = [(row[0] ?? 0) + 1]
    for (let index = 0; index < b.length; index++)
      next.push(
        Math.min(
          (next[index] ?? 0) + 1,
          (row[index + 1] ?? 0) + 1,
          (row[index] ?? 0) + (letter === b[index] ? 0 : 1),
        ),
      )
    row = next
  }
  return row.at(-1) ?? 0
}
