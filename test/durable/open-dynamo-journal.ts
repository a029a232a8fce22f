import { realClock } from '../../rehearsal/clock.ts'
import { dynamoClient } from '../../rehearsal/dynamo.ts'
import { DynamoJournal } from '../../src/durable/dynamo-journal.ts'
import type { Clock } from '../../src/engine/ports.ts'
import type { Opened } from './journal-contract.ts'

/** Opens the journal at `address`, the URL of a table, in this process or another. */
export function openJournal(
  address: string,
  clock: Clock = realClock(),
  people: Clock = realClock(),
): Opened {
  const { origin, pathname } = new URL(address)
  const client = dynamoClient(origin)
  const journal = new DynamoJournal({ client, table: pathname.slice(1), clock, people })
  return { journal, close: () => client.destroy() }
}
