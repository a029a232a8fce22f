import { cbor, dateToTag } from '@smithy/core/cbor'
import { base64, fromText, timestampFormat, timestamps, timestampText } from './scalar.ts'
import { membersOf, type Schema, type Struct } from './schema.ts'

/** What differs between the document formats: how they spell times, bytes, numbers and member names. */
export type Dialect = {
  time(at: Date, schema: Schema): unknown
  bytes(value: unknown): unknown
  number(value: unknown): unknown
  name(member: string, schema: Schema): string
}

const rpcJson: Dialect = {
  time(at, schema) {
    const format = timestampFormat(schema, timestamps.epochSeconds)
    return format === timestamps.epochSeconds ? at.getTime() / 1000 : timestampText(at, format)
  },
  bytes: base64,
  /** JSON has no spelling of NaN and the infinities: Smithy writes them as strings. */
  number: (value) => (Number.isFinite(value) ? value : String(value)),
  name: (member) => member,
}
const restJson: Dialect = {
  ...rpcJson,
  name: (member, schema) => schema.getMergedTraits().jsonName ?? member,
}
const cborDialect: Dialect = {
  time: (at) => dateToTag(at),
  bytes: (value) => value,
  number: (value) => value,
  name: (member) => member,
}
export const dialects = { rpcJson, restJson, cbor: cborDialect } as const

/** A value as plain JSON or CBOR data. `only` picks members of the outermost structure. */
export function toDocument(
  schema: Schema,
  value: unknown,
  dialect: Dialect,
  only = (_member: Schema) => true,
): unknown {
  if (value === undefined || value === null) return undefined
  const inner = (of: Schema, each: unknown) => toDocument(of, each, dialect)
  if (schema.isListSchema())
    return [...(value as unknown[])].map((each) => inner(schema.getValueSchema(), each) ?? null)
  if (schema.isMapSchema()) return mapValues(value as Struct, (each) => inner(schema.getValueSchema(), each))
  if (schema.isStructSchema()) {
    const present = membersOf(schema).filter(
      ([name, member]) => (value as Struct)[name] != null && only(member),
    )
    return Object.fromEntries(
      present.map(([name, member]) => [dialect.name(name, member), inner(member, (value as Struct)[name])]),
    )
  }
  if (schema.isTimestampSchema()) return dialect.time(value as Date, schema)
  if (schema.isBlobSchema()) return dialect.bytes(value)
  return schema.isNumericSchema() ? dialect.number(value) : value
}

/** The reverse of `toDocument`. */
export function fromDocument(schema: Schema, value: unknown, dialect: Dialect): unknown {
  if (value === undefined || value === null) return undefined
  const inner = (of: Schema, each: unknown) => fromDocument(of, each, dialect)
  if (schema.isListSchema()) return (value as unknown[]).map((each) => inner(schema.getValueSchema(), each))
  if (schema.isMapSchema()) return mapValues(value as Struct, (each) => inner(schema.getValueSchema(), each))
  if (schema.isStructSchema()) {
    const read = membersOf(schema).map(
      ([name, member]) => [name, inner(member, (value as Struct)[dialect.name(name, member)])] as const,
    )
    return Object.fromEntries(read.filter(([, each]) => each !== undefined))
  }
  return fromLeaf(schema, value)
}

function fromLeaf(schema: Schema, value: unknown): unknown {
  if (schema.isTimestampSchema()) {
    if (value instanceof Date) return value
    const tagged = typeof value === 'object' && value && 'value' in value ? value.value : value
    return fromText(schema, String(tagged))
  }
  if (typeof value === 'string' && (schema.isBlobSchema() || schema.isNumericSchema()))
    return fromText(schema, value)
  return value
}

function mapValues(map: Struct, change: (value: unknown) => unknown): Struct {
  return Object.fromEntries(Object.entries(map).map(([key, value]) => [key, change(value)]))
}

export function parseJson(body: Uint8Array): unknown {
  return body.length ? JSON.parse(Buffer.from(body).toString()) : {}
}

export function parseCbor(body: Uint8Array): unknown {
  return body.length ? cbor.deserialize(body) : {}
}

/** A copy: the serializer reuses its buffer. */
export function writeCbor(document: unknown): Uint8Array {
  return Buffer.from(cbor.serialize(document))
}
