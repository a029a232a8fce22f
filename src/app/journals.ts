import type { Clock, Journal } from '../engine/ports.ts'
import type { Config } from './config.ts'

/** How often a journal that cannot say when it changed is taken to have, people's ms. */
const LOOK_EVERY_MS = 1_000

/** A journal that says when it changed, and can be given up. */
export type OpenJournal = Journal & {
  /** Calls `listener` after changes, its own and others'. Returns the way to stop. */
  onChange(listener: () => void): () => void
  close(): void
}

type Clocks = { readonly clock: Clock; readonly people: Clock }

/**
 * The journal of a configuration, and the only switch between SQLite and DynamoDB. `clock`: world time; `people`:
 * people's. Apart from `backends.ts`, so that the front starts without an engine.
 */
export async function openJournal(
  { journal: at, endpoints }: Pick<Config, 'journal' | 'endpoints'>,
  { clock, people }: Clocks,
): Promise<OpenJournal> {
  if (at.kind === 'sqlite') {
    const { SqliteJournal } = await import('../durable/sqlite-journal.ts')
    return new SqliteJournal({ file: at.file, clock, people })
  }
  const [{ DynamoJournal }, { dynamoClientSettings }, { dynamoClient }] = await Promise.all([
    import('../durable/dynamo-journal.ts'),
    import('../durable/dynamo-requests.ts'),
    import('../aws/own-dynamodb.ts'),
  ])
  const endpoint = endpoints?.dynamodb
  const client = dynamoClient({ region: at.region, ...(endpoint ? { endpoint } : {}) }, dynamoClientSettings)
  const journal = new DynamoJournal({ client, table: at.table, clock, people })
  return Object.assign(journal, {
    onChange: (listener: () => void) => nowAndThen(people, listener),
    close: () => client.destroy(),
  })
}

/** On AWS the table's stream tells of changes; a process of its own has nobody to tell it. */
function nowAndThen(people: Clock, listener: () => void): () => void {
  let cancel = () => {}
  const wait = () => {
    cancel = people.after(LOOK_EVERY_MS, () => {
      wait()
      listener()
    })
  }
  wait()
  return () => cancel()
}
