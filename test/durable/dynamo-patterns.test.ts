import {
  type AttributeValue,
  BatchWriteItemCommand,
  DescribeTableCommand,
  type DynamoDBClient,
  PutItemCommand,
  QueryCommand,
} from '@aws-sdk/client-dynamodb'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTableInput, partition, streamFilters, tableShape } from '../../src/durable/dynamo-table.ts'
import { padded } from '../../src/durable/dynamo-values.ts'
import type { Journal } from '../../src/engine/ports.ts'
import { dynamoRig } from './dynamo-rig.ts'
import { proposal } from './rig.ts'

const { newTable, journalOn, clientOf, end } = dynamoRig()
afterAll(end)

const item = (id: string) => ({ id, kind: 'status', body: { plan: 'orders' } })
const noted = (value: string) => ({ type: 'noted' as const, name: 'n', value })
const proposed = (plan: string) => ({ type: 'proposed' as const, proposal: { ...proposal(), plan } })
const ended = { type: 'ended' as const, outcome: 'done' as const, detail: '' }

const RUNS = 1_000
const EVENTS_EACH = 10
const LIVE = 2
const runId = (order: number) => `run-${order}`

/** Years of runs, written as the journal writes them: the items of one run, over and over under other names. */
async function yearsOfRuns(): Promise<string> {
  const table = await newTable()
  const { journal } = journalOn(table)
  await journal.append(runId(1), 'proposed', proposed('orders'))
  for (let n = 2; n < EVENTS_EACH; n++) await journal.append(runId(1), `k${n}`, noted('x'.repeat(300)))
  await journal.append(runId(1), 'ended', ended)
  const client = clientOf()
  const [events, all, ofPlan] = await Promise.all(
    [partition.run + runId(1), partition.runs, `${partition.plan}orders`].map((pk) =>
      itemsOf(client, table, pk),
    ),
  )
  const items: Record<string, AttributeValue>[] = []
  for (let order = 2; order <= RUNS - LIVE; order++) {
    const named = { sk: { S: padded(order) }, run: { S: runId(order) } }
    const ordered = (event: Record<string, AttributeValue>) =>
      event.order ? { ...event, order: { N: `${order}` } } : event
    for (const event of events ?? [])
      items.push({ ...ordered(event), pk: { S: partition.run + runId(order) } })
    for (const entry of [...(all ?? []), ...(ofPlan ?? [])]) items.push({ ...entry, ...named })
  }
  items.push({ pk: { S: partition.count }, sk: { S: partition.runs }, proposals: { N: `${RUNS - LIVE}` } })
  await writeAll(client, table, items)
  for (let order = RUNS - LIVE + 1; order <= RUNS; order++)
    await journal.append(runId(order), 'proposed', proposed('orders'))
  return table
}

async function itemsOf(client: DynamoDBClient, TableName: string, pk: string) {
  const { Items = [] } = await client.send(
    new QueryCommand({
      TableName,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': { S: pk } },
    }),
  )
  return Items
}

async function writeAll(
  client: DynamoDBClient,
  table: string,
  items: readonly Record<string, AttributeValue>[],
) {
  for (let at = 0; at < items.length; at += 25) {
    const puts = items.slice(at, at + 25).map((Item) => ({ PutRequest: { Item } }))
    await client.send(new BatchWriteItemCommand({ RequestItems: { [table]: puts } }))
  }
}

/** Every access pattern of docs/journal.md, and how many requests it takes: cold = the run is not known here yet. */
const patterns: readonly (readonly [string, number, (journal: Journal) => Promise<unknown>])[] = [
  ['the live runs', 1, (journal) => journal.runs({ live: true })],
  ['the live runs of a plan', 1, (journal) => journal.runs({ plan: 'orders', live: true })],
  ['the newest runs', 2, (journal) => journal.runs({ limit: 15 })],
  ['the newest runs of a plan', 2, (journal) => journal.runs({ plan: 'orders', limit: 40 })],
  ['the newest ended runs', 2, (journal) => journal.runs({ live: false, limit: 15 })],
  ['a run’s events, cold', 1, (journal) => journal.events(runId(500))],
  ['a run’s newer events', 1, (journal) => journal.events(runId(500), 9)],
  ['an event of a known run', 1, (journal) => journal.append(runId(500), 'k', noted('1'))],
  ['an event whose key is known to stand', 0, (journal) => journal.append(runId(500), 'k', noted('2'))],
  ['an event, cold', 2, (journal) => journal.append(runId(501), 'k', noted('1'))],
  ['a proposal', 9, (journal) => journal.append('new', 'proposed', proposed('orders'))],
  ['an end', 5, (journal) => journal.append('new', 'ended', ended)],
  ['taking a request down', 2, (journal) => journal.offer(item('a'))],
  ['refusing a repeated request', 3, (journal) => journal.offer(item('a'))],
  ['claiming the oldest', 4, (journal) => journal.claim('w', 1000)],
  ['finding nothing to claim', 2, (journal) => journal.claim('w', 1000)],
  ['settling', 3, (journal) => journal.settle('a')],
  ['refusing what was settled', 3, (journal) => journal.offer(item('a'))],
  ['taking another down', 2, (journal) => journal.offer(item('b'))],
  ['claiming by id', 2, (journal) => journal.claim('w', 1000, 'b')],
  ['taking locks', 2, (journal) => journal.lock('new', ['a', 'b', 'c'])],
  ['being refused locks', 1, (journal) => journal.lock('other', ['a'])],
  ['whether the locks are held', 1, (journal) => journal.holds('new', ['a', 'b', 'c'], 1)],
  ['who holds locks', 1, (journal) => journal.locks()],
  ['giving locks back', 2, (journal) => journal.unlock('new')],
  ['a lease', 1, (journal) => journal.lease('render:new', 'A', 1000)],
  ['giving a lease back', 1, (journal) => journal.release('render:new', 'A')],
  ['setting a pointer', 1, (journal) => journal.point('board', '1')],
  ['reading a pointer', 1, (journal) => journal.pointer('board')],
]

describe('a journal in DynamoDB after 1,000 runs and 10,000 events', () => {
  let table: string
  beforeAll(async () => {
    table = await yearsOfRuns()
  })

  it('takes a handful of requests for everything that is ever asked of it', async () => {
    const { journal, wire } = journalOn(table)
    const taken: [string, number][] = []
    for (const [name, , call] of patterns) {
      const before = wire.sent
      await call(journal)
      taken.push([name, wire.sent - before])
    }
    expect(taken).toEqual(patterns.map(([name, requests]) => [name, requests]))
    expect(wire.weakReads).toBe(0)
  })

  it('reads no more than it was asked for', async () => {
    const { journal, wire } = journalOn(table)
    const bytes = async (read: () => Promise<unknown>) => {
      const before = wire.received
      await read()
      return wire.received - before
    }
    expect(await journal.runs({ live: true })).toEqual([runId(RUNS), runId(RUNS - 1)])
    expect(await bytes(() => journal.runs({ live: true }))).toBeLessThan(1_000)
    expect(await journal.runs({ plan: 'orders', limit: 3 })).toHaveLength(3)
    expect(await bytes(() => journal.runs({ plan: 'orders', limit: 40 }))).toBeLessThan(10_000)
    expect(await bytes(() => journal.events(runId(700)))).toBeGreaterThan(3_000)
    expect(await bytes(() => journal.events(runId(700)))).toBeLessThan(100)
  })

  it('still knows all of them, in order', async () => {
    const { journal } = journalOn(table)
    const ids = await journal.runs({ live: false })
    const numbers = ids.filter((id) => id !== 'new').map((id) => Number(id.slice(4)))
    expect(numbers).toEqual(Array.from({ length: RUNS - LIVE }, (_, n) => RUNS - LIVE - n))
    expect(await journal.events(runId(250))).toHaveLength(EVENTS_EACH)
  })
})

describe('a journal in DynamoDB', () => {
  it('appends what one process writes at once in some order, each of it once', async () => {
    const { journal } = journalOn(await newTable())
    const keys = Array.from({ length: 12 }, (_, n) => `k${n}`)
    const answers = await Promise.all(
      [...keys, ...keys].map((key, n) => journal.append('r', key, noted(`${n}`))),
    )
    expect(answers.filter(({ appended }) => appended)).toHaveLength(keys.length)
    const events = await journal.events('r')
    expect(events.map(({ key }) => key).toSorted()).toEqual(keys.toSorted())
    expect(events.map(({ seq }) => seq)).toEqual(keys.map((_, index) => index + 1))
  })

  it('reads logs that are longer than an answer may be', async () => {
    const table = await newTable()
    const { journal } = journalOn(table)
    const keys = ['k1', 'k2', 'k3', 'k4']
    for (const key of keys) await journal.append('r', key, noted('x'.repeat(380_000)))
    expect((await journalOn(table).journal.events('r')).map(({ key }) => key)).toEqual(keys)
  })

  it('takes locks for many at the same instant: whoever is first has one, and none is lost', async () => {
    const table = await newTable()
    const runs = Array.from({ length: 12 }, (_, n) => `r${n}`)
    const taken = await Promise.all(runs.map((run) => journalOn(table).journal.lock(run, [`own-${run}`])))
    const { journal } = journalOn(table)
    expect((await journal.locks()).map(({ runId }) => runId).toSorted()).toEqual(runs.toSorted())
    expect(new Set(taken.map((answer) => 'token' in answer && answer.token)).size).toBe(runs.length)
    const wanted = await Promise.all(runs.map((run) => journalOn(table).journal.lock(run, ['shared', run])))
    expect(wanted.filter((answer) => 'token' in answer)).toHaveLength(1)
    expect(await journal.locks()).toHaveLength(runs.length + 2)
  })

  it('hands out what terminals and the front ask for in the order it came, and believes no inbox but an id’s own', async () => {
    const table = await newTable()
    const { journal } = journalOn(table)
    for (const id of ['a', 'terminal:b', 'c']) await journal.offer(item(id))
    // Somebody who may write the inbox of terminals only, and would like to be the front.
    const forged = { pk: partition.terminals, sk: 'd', kind: 'approve', body: '{}', offered: '0', turn: '0' }
    const Item = Object.fromEntries(Object.entries(forged).map(([name, S]) => [name, { S }]))
    await clientOf().send(new PutItemCommand({ TableName: table, Item }))
    const claims = []
    for (let n = 0; n < 4; n++) claims.push((await journal.claim('w', 60_000))?.id)
    expect(claims).toEqual(['a', 'terminal:b', 'c', undefined])
    expect(await journal.claim('w', 60_000, 'd')).toBeUndefined()
  })

  it('hands one of several workers at the same instant an item, and one of several holders a lease', async () => {
    const table = await newTable()
    await journalOn(table).journal.offer(item('a'))
    const workers = ['w1', 'w2', 'w3', 'w4', 'w5']
    const claimed = await Promise.all(workers.map((worker) => journalOn(table).journal.claim(worker, 60_000)))
    expect(claimed.filter(Boolean)).toEqual([item('a')])
    const leased = await Promise.all(
      workers.map((worker) => journalOn(table).journal.lease('render:r1', worker, 60_000)),
    )
    expect(leased.filter(Boolean)).toHaveLength(1)
  })

  it('forgets what it knew of old runs before it takes too much memory, and reads them again', async () => {
    const { journal, wire } = journalOn(await newTable())
    const runs = Array.from({ length: 70 }, (_, n) => `r${n}`)
    for (const run of runs) await journal.append(run, 'k', noted(run))
    const before = wire.sent
    expect(await journal.append('r0', 'k', noted('again'))).toEqual({
      appended: false,
      standing: noted('r0'),
    })
    expect(wire.sent - before).toBe(1)
    expect(await journal.append('r69', 'k', noted('again'))).toMatchObject({ appended: false })
    expect(wire.sent - before).toBe(1)
  })

  it('lives in a table of the very shape that is deployed', async () => {
    const table = await newTable()
    const { Table } = await clientOf().send(new DescribeTableCommand({ TableName: table }))
    expect(Table?.KeySchema).toEqual(tableShape.KeySchema)
    expect(Table?.AttributeDefinitions).toEqual(tableShape.AttributeDefinitions)
    expect(Table?.BillingModeSummary?.BillingMode).toBe(tableShape.BillingMode)
    expect(createTableInput(table).StreamSpecification).toEqual({
      StreamEnabled: true,
      StreamViewType: 'KEYS_ONLY',
    })
  })

  it('wakes its listeners for events and requests, and not for what they write themselves', () => {
    const wakes = (pk: string) =>
      streamFilters.some(({ dynamodb }) =>
        dynamodb.Keys.pk.S.some((wanted) =>
          typeof wanted === 'string' ? pk === wanted : pk.startsWith(wanted.prefix),
        ),
      )
    const { run, inbox, terminals, ...others } = partition
    expect([`${run}fo-orders-1`, inbox, terminals].map(wakes)).toEqual([true, true, true])
    expect(Object.values(others).filter((pk) => wakes(pk) || wakes(`${pk}run#inbox`))).toEqual([])
  })
})
