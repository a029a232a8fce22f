import type { CreateTableCommandInput } from '@aws-sdk/client-dynamodb'

/** The journal's table as CloudFormation has it (properties of `AWS::DynamoDB::Table`, but for its name and safeguards). */
export const tableShape = {
  KeySchema: [
    { AttributeName: 'pk', KeyType: 'HASH' },
    { AttributeName: 'sk', KeyType: 'RANGE' },
  ],
  AttributeDefinitions: [
    { AttributeName: 'pk', AttributeType: 'S' },
    { AttributeName: 'sk', AttributeType: 'S' },
  ],
  BillingMode: 'PAY_PER_REQUEST',
  StreamSpecification: { StreamViewType: 'KEYS_ONLY' },
  /** Epoch seconds. It only tidies up: what is past its time and still there counts as before. */
  TimeToLiveSpecification: { AttributeName: 'expires', Enabled: true },
} as const

/** The same table as the DynamoDB API makes it; there, its time to live is a request of its own. */
export function createTableInput(name: string): CreateTableCommandInput {
  const { KeySchema, AttributeDefinitions, BillingMode, StreamSpecification } = tableShape
  return {
    TableName: name,
    KeySchema: [...KeySchema],
    AttributeDefinitions: [...AttributeDefinitions],
    BillingMode,
    StreamSpecification: { StreamEnabled: true, ...StreamSpecification },
  }
}

/** The partitions of the table. Those that end in `#` are prefixes: one partition a run, plan, item or name. */
export const partition = {
  /** A run's events, in order. */
  run: 'run#',
  /** Every run, in the order of their proposals, and the same of each plan. */
  runs: 'runs',
  plan: 'plan#',
  /** The runs that have not ended. */
  live: 'live',
  /** The number of the last proposal. */
  count: 'count',
  /** All locks, in one item. */
  locks: 'locks',
  /** Work items that are not dealt with: those of the front, and those of terminals, who need not be able to write both. */
  inbox: 'inbox',
  terminals: 'inbox-of-terminals',
  /** Ids of those that are. */
  dealt: 'dealt#',
  lease: 'lease#',
  pointer: 'pointer#',
} as const

/**
 * What the worker has to hear of from the table's stream, as filters of an event source mapping: new events and new
 * work items. Its own leases, pointers and claims must not wake it, or it would never sleep.
 */
export const streamFilters = [
  { eventName: ['INSERT'], dynamodb: { Keys: { pk: { S: [{ prefix: partition.run }] } } } },
  { eventName: ['INSERT'], dynamodb: { Keys: { pk: { S: [partition.inbox, partition.terminals] } } } },
] as const
