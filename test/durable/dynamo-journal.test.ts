import { afterAll } from 'vitest'
import { type DynamoServer, makeJournalTable, serveDynamo } from '../../rehearsal/dynamo.ts'
import { describeJournal } from './journal-contract.ts'

let server: DynamoServer | undefined
let tables = 0

/** The address of a new table. */
async function newTable(): Promise<string> {
  server ??= await serveDynamo()
  const table = `journal-${tables++}`
  await makeJournalTable(server.endpoint, table)
  return `${server.endpoint}/${table}`
}

afterAll(() => server?.close())

describeJournal('DynamoDB', {
  module: new URL('./open-dynamo-journal.ts', import.meta.url).href,
  fresh: newTable,
  cleanUp: () => {},
})
