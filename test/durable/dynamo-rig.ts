import { Readable } from 'node:stream'
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import { manualClock } from '../../rehearsal/clock.ts'
import { type DynamoServer, dynamoClient, makeJournalTable, serveDynamo } from '../../rehearsal/dynamo.ts'
import { DynamoJournal } from '../../src/durable/dynamo-journal.ts'
import { dynamoClientSettings } from '../../src/durable/dynamo-requests.ts'
import { START } from './rig.ts'

/**
 * What becomes of a request. `lost`: made, and its answer never arrives; `unmade`: the connection breaks before. Others
 * are errors of DynamoDB, `…!` after the request was made: to a process that stops at them, a kill.
 */
export type Fate = 'made' | 'lost' | 'unmade' | 'throttled' | 'denied' | 'denied!'
/** Decides about the `n`th request, from 1. */
export type Fates = (n: number) => Fate | Promise<Fate>

type Handle = NodeHttpHandler['handle']
type Request = Parameters<Handle>[0]

/** A wire between client and DynamoDB on which things happen. */
class Wire extends NodeHttpHandler {
  readonly #fates: Fates
  sent = 0
  /** Those of them that are not reads. */
  writes = 0
  /** Reads that may miss what was written before them. This DynamoDB never does, but the real one. */
  weakReads = 0
  /** Bytes of answers. */
  received = 0

  constructor(fates: Fates) {
    super(dynamoClientSettings.requestHandler)
    this.#fates = fates
  }

  override async handle(request: Request, options?: Parameters<Handle>[1]): ReturnType<Handle> {
    if (!/GetItem|Query/.test(String(request.headers['x-amz-target']))) this.writes++
    else if (JSON.parse(new TextDecoder().decode(request.body)).ConsistentRead !== true) this.weakReads++
    const fate = await this.#fates(++this.sent)
    if (fate === 'unmade') throw broken()
    if (fate === 'throttled') return refusal('ProvisionedThroughputExceededException')
    if (fate === 'denied') return refusal('AccessDeniedException')
    const answer = await super.handle(request, options)
    this.received += Number(answer.response.headers['content-length'])
    if (fate === 'made') return answer
    await answer.response.body?.resume?.()
    if (fate === 'lost') throw broken()
    return refusal('AccessDeniedException')
  }
}

const broken = () => Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' })

function refusal(name: string): Awaited<ReturnType<Handle>> {
  const body = JSON.stringify({
    __type: `com.amazonaws.dynamodb.v20120810#${name}`,
    message: `${name}, said`,
  })
  const headers = { 'content-type': 'application/x-amz-json-1.0' }
  return { response: { statusCode: 400, headers, body: Readable.from([Buffer.from(body)]) } } as never
}

/** DynamoDB, tables in it, and journals on them with wires of their own; `end` them all. */
export function dynamoRig() {
  const clock = manualClock(START)
  const clients: DynamoDBClient[] = []
  let server: DynamoServer | undefined
  let tables = 0

  const newTable = async (): Promise<string> => {
    server ??= await serveDynamo()
    const table = `journal-${tables++}`
    await makeJournalTable(server.endpoint, table)
    return table
  }
  const clientOf = (wire?: NodeHttpHandler): DynamoDBClient => {
    const client = dynamoClient(server?.endpoint ?? '', wire)
    clients.push(client)
    return client
  }
  const wiredOn = (fates: Fates = () => 'made') => {
    const wire = new Wire(fates)
    return { client: clientOf(wire), wire }
  }
  const journalOn = (table: string, fates?: Fates, patienceMs = 5000) => {
    const { client, wire } = wiredOn(fates)
    const journal = new DynamoJournal({ client, table, clock, people: clock, patienceMs })
    return { journal, wire }
  }
  const end = async () => {
    for (const client of clients) client.destroy()
    await server?.close()
  }
  return { clock, newTable, journalOn, wiredOn, clientOf, end }
}

/** The `n`th request has this fate, and all others are made. */
export const only =
  (nth: number, fate: Fate): Fates =>
  (n) =>
    n === nth ? fate : 'made'

/** The process dies at its `nth` request, before or right after it is made: nothing of its comes after. */
export const killedAt =
  (nth: number, when: 'before' | 'after'): Fates =>
  (n) => {
    if (n < nth) return 'made'
    return n === nth && when === 'after' ? 'denied!' : 'denied'
  }
