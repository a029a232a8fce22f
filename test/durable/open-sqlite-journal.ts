import { realClock } from '../../rehearsal/clock.ts'
import { SqliteJournal } from '../../src/durable/sqlite-journal.ts'
import type { Clock } from '../../src/engine/ports.ts'
import type { Opened } from './journal-contract.ts'

/** Opens the journal at `address`, a file, in this process or another. */
export function openJournal(
  address: string,
  clock: Clock = realClock(),
  people: Clock = realClock(),
): Opened {
  const journal = new SqliteJournal({ file: address, clock, people })
  return { journal, close: () => journal.close() }
}
