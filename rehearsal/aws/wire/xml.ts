import { XmlShapeDeserializer } from '@aws-sdk/core/protocols'
import { timestamps, toText } from './scalar.ts'
import { membersOf, type Schema, type Struct, xmlName } from './schema.ts'

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\r': '&#xD;',
}

export function escapeXml(text: string): string {
  return text.replace(/[&<>"\r]/g, (character) => entities[character] ?? character)
}

/** A value as an element of that name; nothing at all for a value that is not there. */
export function xmlElement(schema: Schema, name: string, value: unknown): string {
  if (value === undefined || value === null) return ''
  const flattened = schema.getMergedTraits().xmlFlattened === 1
  const wrap = (inner: string) => (flattened ? inner : `<${name}>${inner}</${name}>`)
  if (schema.isListSchema()) {
    const item = schema.getValueSchema()
    const itemName = flattened ? name : xmlName(item, 'member')
    return wrap([...(value as unknown[])].map((each) => xmlElement(item, itemName, each)).join(''))
  }
  if (schema.isMapSchema()) return wrap(xmlEntries(schema, flattened ? name : 'entry', value as Struct))
  const inner = schema.isStructSchema()
    ? xmlMembers(schema, value as Struct)
    : escapeXml(toText(schema, value, timestamps.dateTime))
  return `<${name}>${inner}</${name}>`
}

/** A structure's members as elements, without an element around them. */
export function xmlMembers(schema: Schema, value: Struct, only = (_member: Schema) => true): string {
  return membersOf(schema)
    .filter(([, member]) => only(member))
    .map(([name, member]) => xmlElement(member, xmlName(member, name), value[name]))
    .join('')
}

function xmlEntries(schema: Schema, entryName: string, value: Struct): string {
  const [key, item] = [schema.getKeySchema(), schema.getValueSchema()]
  return Object.entries(value)
    .map(([k, v]) => xmlElement(key, xmlName(key, 'key'), k) + xmlElement(item, xmlName(item, 'value'), v))
    .map((inner) => `<${entryName}>${inner}</${entryName}>`)
    .join('')
}

const deserializer = new XmlShapeDeserializer({
  timestampFormat: { useTrait: true, default: timestamps.dateTime },
  httpBindings: true,
  xmlNamespace: '',
  serviceNamespace: '',
})

/** A request body in XML, as REST-XML clients send it. */
export function readXml(schema: Schema, body: Uint8Array): unknown {
  return deserializer.read(schema, body)
}
