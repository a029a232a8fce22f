import type { AttributeValue } from '@aws-sdk/client-dynamodb'

/** All that items of the journal are made of; what has a structure is kept as JSON. */
export type Value = string | number | boolean
export type Item = Readonly<Record<string, Value>>

/** An item as DynamoDB's API has it. */
export function toAttributes(item: Item): Record<string, AttributeValue> {
  return Object.fromEntries(Object.entries(item).map(([name, value]) => [name, toAttribute(value)]))
}

/** Back again; attributes of kinds that the journal does not write are left out. */
export function fromAttributes(attributes: Readonly<Record<string, AttributeValue>>): Item {
  return Object.fromEntries(
    Object.entries(attributes).flatMap(([name, { S, N, BOOL }]) => {
      const value = S ?? (N === undefined ? BOOL : Number(N))
      return value === undefined ? [] : [[name, value]]
    }),
  )
}

function toAttribute(value: Value): AttributeValue {
  if (typeof value === 'string') return { S: value }
  return typeof value === 'number' ? { N: String(value) } : { BOOL: value }
}

/** Sort keys of numbers: text sorts like them. */
export const padded = (number: number): string => String(number).padStart(10, '0')
