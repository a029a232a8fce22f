import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import { drError } from '../engine/errors.ts'

type Row = Record<string, SQLInputValue>

const BUSY = 5

/** One SQLite file: prepared statements, and transactions that leave nothing half-written. */
export class Sqlite {
  readonly #db: DatabaseSync
  readonly #prepared = new Map<string, StatementSync>()

  /**
   * Opens or creates the file in WAL mode. `exclusive`: no other process may have it open (STORE_IN_USE); the lock goes
   * with the process, however it dies. Otherwise a writer waits up to 5 s for the others.
   */
  constructor(file: string, schema: string, sharing: 'exclusive' | 'shared') {
    this.#db = new DatabaseSync(file, { open: false, timeout: sharing === 'exclusive' ? 0 : 5000 })
    try {
      this.#db.open()
      if (sharing === 'exclusive') this.#db.exec('PRAGMA locking_mode = EXCLUSIVE')
      this.#db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
      this.#db.exec(`BEGIN IMMEDIATE; ${schema}; COMMIT`)
    } catch (error) {
      this.close()
      if (isSqliteError(error) && error.errcode === BUSY) throw drError('STORE_IN_USE', { file }, error)
      throw storeFailed(`open ${file}`, error)
    }
  }

  all<R = Row>(sql: string, ...values: SQLInputValue[]): R[] {
    return this.#prepare(sql).all(...values) as R[]
  }

  one<R = Row>(sql: string, ...values: SQLInputValue[]): R | undefined {
    return this.#prepare(sql).get(...values) as R | undefined
  }

  run(sql: string, ...values: SQLInputValue[]): void {
    this.#prepare(sql).run(...values)
  }

  /** All of `work`'s reads and writes or none of them. A failing file is STORE_FAILED: it could not `what`. */
  atomically<T>(what: string, work: () => T): T {
    try {
      this.#db.exec('BEGIN IMMEDIATE')
      const result = work()
      this.#db.exec('COMMIT')
      return result
    } catch (error) {
      if (this.#db.isOpen && this.#db.isTransaction) this.#db.exec('ROLLBACK')
      throw storeFailed(what, error)
    }
  }

  /** `work` only reads. A failing file is STORE_FAILED. */
  reading<T>(what: string, work: () => T): T {
    try {
      return work()
    } catch (error) {
      throw storeFailed(what, error)
    }
  }

  /** Rows this connection has written so far. */
  ownWrites(): number {
    return this.one<{ rows: number }>('SELECT total_changes() AS rows')?.rows ?? 0
  }

  /** Grows with every commit of somebody else's, this process's other connections included. */
  foreignWrites(): number {
    return this.one<{ data_version: number }>('PRAGMA data_version')?.data_version ?? 0
  }

  close(): void {
    if (this.#db.isOpen) this.#db.close()
  }

  #prepare(sql: string): StatementSync {
    const known = this.#prepared.get(sql)
    if (known) return known
    const statement = this.#db.prepare(sql)
    this.#prepared.set(sql, statement)
    return statement
  }
}

const isSqliteError = (error: unknown): error is Error & { errcode: number } =>
  error instanceof Error && 'errcode' in error

const storeFailed = (what: string, error: unknown) =>
  isSqliteError(error) ? drError('STORE_FAILED', { what, why: error.message }, error) : error
