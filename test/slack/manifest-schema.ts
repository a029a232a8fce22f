import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

/** As much of JSON Schema as is made here. */
export type Schema = { readonly [keyword: string]: unknown }

const PUBLISHED = join(
  dirname(createRequire(import.meta.url).resolve('@slack/web-api')),
  'types/request/manifest.d.ts',
)

/**
 * JSON Schema of an app manifest, made from what Slack publishes of it in its own package: the types, the words that may
 * stand in lists, and the limits that are written beside the fields. Nothing that is not in there is allowed.
 */
export function publishedManifestSchema(): Schema {
  const text = readFileSync(PUBLISHED, 'utf8')
  const definitions: Record<string, Schema> = {}
  for (const [, name = '', body = ''] of text.matchAll(/^(?:export )?interface (\w+)[^{]*\{\n(.*?)^\}/gms))
    definitions[name] = objectOf(body)
  for (const [, name = '', words = ''] of text.matchAll(/^(?:export )?type (\w+) = ('[^;]*);/gm))
    definitions[name] = wordsOf(words)
  if (!definitions.Manifest) throw new Error('Slack publishes its manifest otherwise than we know')
  return { $ref: '#/definitions/Manifest', definitions }
}

/** The fields of an interface, each with the comment before it. */
function objectOf(body: string): Schema {
  const properties: Record<string, Schema> = {}
  const required: string[] = []
  const fields = body.matchAll(/^ {4}(?:\/\*\*(.*?)\*\/\s*)?(\w+)(\??): ([^;]*);$/gms)
  for (const [, comment = '', name = '', optional, type = ''] of fields) {
    properties[name] = { ...typeOf(type), ...limitsOf(comment.replace(/\n\s*\*/g, ' '), type) }
    if (!optional) required.push(name)
  }
  return { type: 'object', properties, required, additionalProperties: false }
}

function typeOf(type: string): Schema {
  if (type.endsWith('[]')) return { type: 'array', items: typeOf(type.slice(0, -2)) }
  if (['string', 'number', 'boolean'].includes(type)) return { type }
  if (type.startsWith("'")) return wordsOf(type)
  const [, values] = /^Record<string, (\w+)>$/.exec(type) ?? []
  if (values) return { type: 'object', additionalProperties: typeOf(values) }
  return type.includes('|') || type === 'ManifestParameterProperty' ? {} : { $ref: `#/definitions/${type}` }
}

const wordsOf = (union: string): Schema => ({
  type: 'string',
  enum: [...union.matchAll(/'([^']*)'/g)].map(([, word]) => word),
})

/** “Maximum length is 35 characters.” and its like. */
function limitsOf(comment: string, type: string): Schema {
  const limit = (pattern: RegExp) => Number(pattern.exec(comment)?.[1]) || undefined
  const maxLength = limit(/Maximum length is (\d+) characters/)
  const maxItems = limit(/[Mm]aximum of (\d+) /)
  return {
    ...(type === 'string' && maxLength ? { maxLength } : {}),
    ...(type.endsWith('[]') && maxItems ? { maxItems } : {}),
    ...(/full `?https`? URL/.test(comment) ? { pattern: '^https://' } : {}),
    ...(/Allowed characters: `a-z`/.test(comment) ? { pattern: '^[a-z0-9._-]+$' } : {}),
    ...(/include\s+the leading `\/`/.test(comment) ? { pattern: '^/' } : {}),
    ...(/hex color/.test(comment) ? { pattern: '^#([0-9a-fA-F]{3}){1,2}$' } : {}),
  }
}
