import type { Schema } from './schema.ts'

/** Smithy's timestamp formats, by the number that stands for each in a schema. */
export const timestamps = { dateTime: 5, httpDate: 6, epochSeconds: 7 } as const
export type TimestampFormat = (typeof timestamps)[keyof typeof timestamps]

/** The format that the member asks for, or else the protocol's own. */
export function timestampFormat(schema: Schema, otherwise: TimestampFormat): TimestampFormat {
  const shape = schema.getSchema()
  return Object.values(timestamps).find((format) => format === shape) ?? otherwise
}

/** A timestamp as text; `epochSeconds` with its milliseconds as a fraction. */
export function timestampText(at: Date, format: TimestampFormat): string {
  if (format === timestamps.httpDate) return at.toUTCString()
  if (format === timestamps.epochSeconds) return String(at.getTime() / 1000)
  return at.toISOString()
}

/** A simple value as XML, a header or a query string spells it; blobs in base64. */
export function toText(schema: Schema, value: unknown, format: TimestampFormat): string {
  if (schema.isTimestampSchema()) return timestampText(value as Date, timestampFormat(schema, format))
  if (schema.isBlobSchema()) return base64(value)
  return String(value)
}

/** The reverse of `toText`; a timestamp may be spelled in any of the formats. */
export function fromText(schema: Schema, text: string): unknown {
  if (schema.isBooleanSchema()) return text === 'true'
  if (schema.isNumericSchema()) return Number(text)
  if (schema.isTimestampSchema())
    return /^-?[\d.]+$/.test(text) ? new Date(Number(text) * 1000) : new Date(text)
  if (schema.isBlobSchema()) return Buffer.from(text, 'base64')
  return text
}

export function base64(bytes: unknown): string {
  return Buffer.from(bytes as Uint8Array).toString('base64')
}
