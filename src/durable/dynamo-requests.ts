import {
  type AttributeValue,
  DeleteItemCommand,
  type DynamoDBClient,
  type DynamoDBClientConfig,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb'
import { drError } from '../engine/errors.ts'
import { fromAttributes, type Item, toAttributes, type Value } from './dynamo-values.ts'

/**
 * Limits for the client of a journal, ms: one try each, because the journal tries again by itself, within its patience.
 * `requestTimeout` ends at the headers, so a body that stalls needs `socketTimeout` as well.
 */
export const dynamoClientSettings = {
  maxAttempts: 1,
  requestHandler: {
    connectionTimeout: 400,
    requestTimeout: 900,
    socketTimeout: 900,
    throwOnRequestTimeout: true,
  },
} as const satisfies DynamoDBClientConfig

/** Full jitter below these, ms. There are no more tries than one more than pauses, however much patience is left. */
const PAUSES = [25, 50, 100, 200, 400, 400, 400, 400]

export type Key = { readonly pk: string; readonly sk: string }
type Values = Readonly<Record<string, Value>>

/** A condition of a write, or what an update sets: attributes are `#name`, values `:name` out of `values`. */
export type Terms = { readonly text: string; readonly values?: Values }

/** The condition of what is written once. */
export const ABSENT: Terms = { text: 'attribute_not_exists(#pk)' }

export type RequestsOptions = {
  readonly client: DynamoDBClient
  readonly table: string
  /** What these requests are for, as STORE_FAILED says it. */
  readonly what: string
  /** Given up when it aborts. */
  readonly deadline: AbortSignal
}

/**
 * Requests to one table, all strongly consistent. Throttling, lost answers and faults of DynamoDB's own are tried
 * again; everything else, and the deadline, is STORE_FAILED. A condition that does not hold is an answer. So it may be
 * the answer to a second try of a write whose first one was made: who was refused has to look for himself.
 */
export class Requests {
  readonly #options: RequestsOptions

  constructor(options: RequestsOptions) {
    this.#options = options
  }

  async get(key: Key): Promise<Item | undefined> {
    const { Item: found } = await this.#send((client, to, options) =>
      client.send(new GetItemCommand({ ...to, Key: toAttributes(key), ConsistentRead: true }), options),
    )
    return found && fromAttributes(found)
  }

  /** A partition's items by their sort key: only those `after` one, the last first, no more than `limit`, when given. */
  async query(
    pk: string,
    { after, lastFirst = false, limit = Number.POSITIVE_INFINITY }: Range = {},
  ): Promise<Item[]> {
    const items: Item[] = []
    const range: Terms =
      after === undefined
        ? { text: '#pk = :pk', values: { pk } }
        : { text: '#pk = :pk AND #sk > :after', values: { pk, after } }
    let next: Record<string, AttributeValue> | undefined
    do {
      const { Items = [], LastEvaluatedKey } = await this.#send((client, to, options) =>
        client.send(
          new QueryCommand({
            ...to,
            ...named(range),
            KeyConditionExpression: range.text,
            ConsistentRead: true,
            ScanIndexForward: !lastFirst,
            ...(Number.isFinite(limit) ? { Limit: limit - items.length } : {}),
            ...(next ? { ExclusiveStartKey: next } : {}),
          }),
          options,
        ),
      )
      for (const item of Items) items.push(fromAttributes(item))
      next = LastEvaluatedKey
    } while (next && items.length < limit)
    return items
  }

  /** Whether the condition held, and the item was written. */
  async put(item: Item & Key, condition?: Terms): Promise<boolean> {
    const put = this.#send((client, to, options) =>
      client.send(new PutItemCommand({ ...to, Item: toAttributes(item), ...only(condition) }), options),
    )
    return (await unlessRefused(put)) !== undefined
  }

  /** The item as it is now; undefined when the condition did not hold. */
  async update(key: Key, change: Terms, condition?: Terms): Promise<Item | undefined> {
    const update = this.#send((client, to, options) =>
      client.send(
        new UpdateItemCommand({
          ...to,
          Key: toAttributes(key),
          UpdateExpression: change.text,
          ...named(change, condition),
          ...(condition ? { ConditionExpression: condition.text } : {}),
          ReturnValues: 'ALL_NEW',
        }),
        options,
      ),
    )
    const updated = await unlessRefused(update)
    return updated && fromAttributes(updated.Attributes ?? {})
  }

  /** Whether the condition held; the item is gone then. */
  async remove(key: Key, condition?: Terms): Promise<boolean> {
    const removal = this.#send((client, to, options) =>
      client.send(new DeleteItemCommand({ ...to, Key: toAttributes(key), ...only(condition) }), options),
    )
    return (await unlessRefused(removal)) !== undefined
  }

  async #send<T>(
    request: (
      client: DynamoDBClient,
      to: { TableName: string },
      options: { abortSignal: AbortSignal },
    ) => Promise<T>,
  ): Promise<T> {
    const { client, table, what, deadline } = this.#options
    for (let tried = 0; ; tried++) {
      try {
        return await request(client, { TableName: table }, { abortSignal: deadline })
      } catch (error) {
        if (isRefusal(error)) throw error
        const pause = PAUSES[tried]
        if (pause === undefined || deadline.aborted || !mayPass(error)) throw storeFailed(what, error)
        await new Promise((wake) => setTimeout(wake, Math.random() * pause))
      }
    }
  }
}

type Range = { readonly after?: string; readonly lastFirst?: boolean; readonly limit?: number }

/** STORE_FAILED for whatever the client threw. */
export function storeFailed(what: string, error: unknown): Error {
  const { name, message } = error as Error
  return drError('STORE_FAILED', { what, why: message || name }, error)
}

async function unlessRefused<T>(write: Promise<T>): Promise<T | undefined> {
  try {
    return await write
  } catch (error) {
    if (isRefusal(error)) return undefined
    throw error
  }
}

const isRefusal = (error: unknown) => (error as Error).name === 'ConditionalCheckFailedException'

const THROTTLED = new Set([
  'ProvisionedThroughputExceededException',
  'ThrottlingException',
  'RequestLimitExceeded',
])

/** Whether it may go well the next time: throttling, DynamoDB's own faults, and a network without an answer. */
function mayPass(error: unknown): boolean {
  const { name, code, $metadata } = error as Error & {
    code?: unknown
    $metadata?: { httpStatusCode?: number }
  }
  const status = $metadata?.httpStatusCode
  if (status !== undefined) return status >= 500 || THROTTLED.has(name)
  return name === 'TimeoutError' || (typeof code === 'string' && /^E[A-Z]+$/.test(code))
}

const only = (condition: Terms | undefined) =>
  condition ? { ConditionExpression: condition.text, ...named(condition) } : {}

/** The names and values that expressions use: DynamoDB wants all of them, and no other. */
function named(...terms: readonly (Terms | undefined)[]) {
  const texts = terms.map((each) => each?.text ?? '').join(' ')
  const values = Object.assign({}, ...terms.map((each) => each?.values)) as Values
  const attributes = toAttributes(
    Object.fromEntries(Object.entries(values).map(([name, value]) => [`:${name}`, value])),
  )
  return {
    ExpressionAttributeNames: Object.fromEntries(
      [...texts.matchAll(/#(\w+)/g)].map(([placeholder, name]) => [placeholder, String(name)]),
    ),
    ...(Object.keys(attributes).length ? { ExpressionAttributeValues: attributes } : {}),
  }
}
