import { drError } from '../engine/errors.ts'
import type { Clock, Journal } from '../engine/ports.ts'
import type { Config } from './config.ts'

/** A journal that says when it changed, and can be given up. */
export type OpenJournal = Journal & {
  /** Calls `listener` after changes, its own and others'. Returns the way to stop. */
  onChange(listener: () => void): () => void
  close(): void
}

/**
 * The journal of a configuration, and the only switch between SQLite and DynamoDB. `clock`: world time; `people`:
 * people's. Apart from `backends.ts`, so that the front starts without an engine.
 */
export async function openJournal(
  { journal: at, endpoints }: Pick<Config, 'journal' | 'endpoints'>,
  clocks: { readonly clock: Clock; readonly people: Clock },
): Promise<OpenJournal> {
  if (at.kind === 'sqlite') {
    const { SqliteJournal } = await import('../durable/sqlite-journal.ts')
    return new SqliteJournal({ file: at.file, ...clocks })
  }
  throw drError('CONFIG_INVALID', { faults: [`DynamoDB ${at.table} ${endpoints?.dynamodb}`] })
}
