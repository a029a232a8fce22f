import type { Clock, Journal, Lock, WorkItem } from '../engine/ports.ts'
import type { Recorded, RunEvent } from '../engine/run.ts'
import { JOURNAL_SCHEMA } from './journal-schema.ts'
import { Sqlite } from './sqlite.ts'

const LOOK_EVERY_MS = 200

type ItemRow = { id: string; kind: string; body: string }
type EventRow = { run_id: string; seq: number; key: string; at: number; wall: number; event: string }
type LockRow = { resource: string; run_id: string; token: number; since: number }

export type SqliteJournalOptions = {
  /** Its own file; other processes may read and write it at the same time. */
  readonly file: string
  /** World time: what happened when. */
  readonly clock: Clock
  /** People's time: leases. */
  readonly people: Clock
}

/** The journal in one SQLite file. Calls block this thread for as long as another process is writing, 5 s at most. */
export class SqliteJournal implements Journal {
  readonly #sql: Sqlite
  readonly #clock: Clock
  readonly #people: Clock
  readonly #listeners = new Set<() => void>()
  #poll: NodeJS.Timeout | undefined

  constructor({ file, clock, people }: SqliteJournalOptions) {
    this.#sql = new Sqlite(file, JOURNAL_SCHEMA, 'shared')
    this.#clock = clock
    this.#people = people
  }

  async offer({ id, kind, body }: WorkItem): Promise<boolean> {
    return this.#write('take the request down', () => {
      const row = this.#sql.one(
        'INSERT INTO items (id, kind, body) VALUES (?, ?, ?) ON CONFLICT (id) DO NOTHING RETURNING id',
        ...[id, kind, JSON.stringify(body)],
      )
      return row !== undefined
    })
  }

  async claim(worker: string, leaseMs: number, id?: string): Promise<WorkItem | undefined> {
    const now = this.#people.now()
    const row = this.#write('claim a work item', () =>
      this.#sql.one<ItemRow>(
        `UPDATE items SET holder = ?1, held_until = ?2 WHERE seq = (
           SELECT seq FROM items
           WHERE settled = 0 AND (held_until IS NULL OR held_until <= ?3) AND (?4 IS NULL OR id = ?4)
           ORDER BY seq LIMIT 1
         ) RETURNING id, kind, body`,
        ...[worker, now + leaseMs, now, id ?? null],
      ),
    )
    return row && { id: row.id, kind: row.kind, body: JSON.parse(row.body) }
  }

  async settle(id: string): Promise<void> {
    this.#write('settle a work item', () => this.#sql.run('UPDATE items SET settled = 1 WHERE id = ?', id))
  }

  async append(
    runId: string,
    key: string,
    event: RunEvent,
  ): Promise<{ readonly appended: boolean; readonly standing: RunEvent }> {
    return this.#write('note what happened', () => {
      const standing = this.#sql.one<EventRow>(
        'SELECT * FROM events WHERE run_id = ? AND key = ?',
        ...[runId, key],
      )
      if (standing) return { appended: false, standing: JSON.parse(standing.event) }
      this.#sql.run(
        `INSERT INTO events (run_id, seq, key, at, wall, event)
         VALUES (?1, (SELECT coalesce(max(seq), 0) + 1 FROM events WHERE run_id = ?1), ?2, ?3, ?4, ?5)`,
        ...[runId, key, this.#clock.now(), this.#people.now(), JSON.stringify(event)],
      )
      if (event.type === 'proposed')
        this.#sql.run(
          'INSERT INTO runs (id, plan) VALUES (?, ?) ON CONFLICT (id) DO NOTHING',
          ...[runId, event.proposal.plan],
        )
      if (event.type === 'ended') this.#sql.run('UPDATE runs SET ended = 1 WHERE id = ?', runId)
      return { appended: true, standing: event }
    })
  }

  async events(runId: string, afterSeq = 0): Promise<readonly Recorded[]> {
    const rows = this.#read('the events', () =>
      this.#sql.all<EventRow>(
        'SELECT * FROM events WHERE run_id = ? AND seq > ? ORDER BY seq',
        ...[runId, afterSeq],
      ),
    )
    return rows.map(({ run_id, event, ...rest }) => ({ runId: run_id, ...rest, event: JSON.parse(event) }))
  }

  async runs(filter: { plan?: string; live?: boolean; limit?: number } = {}): Promise<readonly string[]> {
    const { plan = null, live, limit = -1 } = filter
    const ended = live === undefined ? null : live ? 0 : 1
    const rows = this.#read('the runs', () =>
      this.#sql.all<{ id: string }>(
        `SELECT id FROM runs WHERE (?1 IS NULL OR plan = ?1) AND (?2 IS NULL OR ended = ?2)
         ORDER BY seq DESC LIMIT ?3`,
        ...[plan, ended, limit],
      ),
    )
    return rows.map(({ id }) => id)
  }

  async lock(
    runId: string,
    resources: readonly string[],
    over?: string,
  ): Promise<{ token: number } | { heldBy: Lock }> {
    return this.#write('take the locks', () => {
      const held = resources.flatMap((resource) => this.#lockOn(resource) ?? [])
      const heldBy = held.find((lock) => lock.runId !== runId && lock.runId !== over)
      if (heldBy) return { heldBy }
      const [first] = held
      const isOurs = held.length === resources.length && held.every((lock) => lock.runId === runId)
      if (first && isOurs && held.every(({ token }) => token === first.token)) return { token: first.token }
      return { token: this.#take(runId, resources) }
    })
  }

  async holds(runId: string, resources: readonly string[], token: number): Promise<boolean> {
    return this.#read('the locks', () =>
      resources.every((resource) => {
        const lock = this.#lockOn(resource)
        return lock?.runId === runId && lock.token === token
      }),
    )
  }

  async unlock(runId: string): Promise<void> {
    this.#write('give the locks back', () => this.#sql.run('DELETE FROM locks WHERE run_id = ?', runId))
  }

  async locks(): Promise<readonly Lock[]> {
    return this.#read('the locks', () =>
      this.#sql.all<LockRow>('SELECT * FROM locks ORDER BY since, resource').map(lockOf),
    )
  }

  async lease(name: string, holder: string, ms: number): Promise<boolean> {
    const now = this.#people.now()
    // Nothing that anybody waits for: whoever takes one to look around must not be woken by it to look around.
    const row = this.#sql.atomically('take a lease', () =>
      this.#sql.one(
        `INSERT INTO leases (name, holder, held_until) VALUES (?1, ?2, ?3)
         ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, held_until = excluded.held_until
         WHERE holder = excluded.holder OR held_until <= ?4
         RETURNING name`,
        ...[name, holder, now + ms, now],
      ),
    )
    return row !== undefined
  }

  async release(name: string, holder: string): Promise<void> {
    this.#sql.atomically('give a lease back', () =>
      this.#sql.run('DELETE FROM leases WHERE name = ? AND holder = ?', ...[name, holder]),
    )
  }

  async point(name: string, value: string): Promise<void> {
    this.#write('note where a message is', () =>
      this.#sql.run(
        'INSERT INTO pointers (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
        ...[name, value],
      ),
    )
  }

  async pointer(name: string): Promise<string | undefined> {
    const row = this.#read('a pointer', () =>
      this.#sql.one<{ value: string }>('SELECT value FROM pointers WHERE name = ?', name),
    )
    return row?.value
  }

  /**
   * Calls `listener` after every write: at once for this journal's own, within 200 ms for other processes'. Returns the
   * way to stop. Keeps no process alive.
   */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    this.#poll ??= this.#watchOthers()
    return () => {
      this.#listeners.delete(listener)
      if (this.#listeners.size === 0) this.#unwatch()
    }
  }

  close(): void {
    this.#unwatch()
    this.#listeners.clear()
    this.#sql.close()
  }

  #watchOthers(): NodeJS.Timeout {
    let seen = this.#sql.foreignWrites()
    return setInterval(() => {
      const now = this.#sql.foreignWrites()
      if (now === seen) return
      seen = now
      this.#tell()
    }, LOOK_EVERY_MS).unref()
  }

  #unwatch(): void {
    clearInterval(this.#poll)
    this.#poll = undefined
  }

  #tell(): void {
    for (const listener of this.#listeners) listener()
  }

  #take(runId: string, resources: readonly string[]): number {
    const { token } = this.#sql.one<{ token: number }>(
      `INSERT INTO tokens (name, token) VALUES ('lock', 1) ON CONFLICT (name) DO UPDATE SET token = token + 1
       RETURNING token`,
    ) as { token: number }
    for (const resource of resources)
      this.#sql.run(
        'INSERT OR REPLACE INTO locks (resource, run_id, token, since) VALUES (?, ?, ?, ?)',
        ...[resource, runId, token, this.#clock.now()],
      )
    return token
  }

  #lockOn(resource: string): Lock | undefined {
    const row = this.#sql.one<LockRow>('SELECT * FROM locks WHERE resource = ?', resource)
    return row && lockOf(row)
  }

  #write<T>(what: string, work: () => T): T {
    const before = this.#sql.ownWrites()
    const result = this.#sql.atomically(what, work)
    if (this.#sql.ownWrites() !== before) queueMicrotask(() => this.#tell())
    return result
  }

  #read<T>(what: string, work: () => T): T {
    return this.#sql.reading(`read ${what}`, work)
  }
}

const lockOf = ({ run_id, ...rest }: LockRow): Lock => ({ runId: run_id, ...rest })
