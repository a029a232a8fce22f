import type { ErrorObject } from '@aws/durable-execution-sdk-js'
import type { Execution, ExecutionStatus } from '../engine/ports.ts'
import { inputOperation, type Kept } from './local-operations.ts'
import { errorText } from './naming.ts'
import { Sqlite } from './sqlite.ts'

const SCHEMA = `
CREATE TABLE IF NOT EXISTS executions (
  id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, status TEXT NOT NULL, input TEXT NOT NULL, result TEXT, error TEXT,
  token TEXT, invocations INTEGER NOT NULL DEFAULT 0, failures INTEGER NOT NULL DEFAULT 0,
  retry_at INTEGER, deadline INTEGER NOT NULL, started_at INTEGER NOT NULL, ended_at INTEGER
) STRICT;
CREATE TABLE IF NOT EXISTS operations (
  execution TEXT NOT NULL REFERENCES executions(id), id TEXT NOT NULL, seq INTEGER NOT NULL, over INTEGER NOT NULL,
  callback_id TEXT UNIQUE, wake_at INTEGER, deadline INTEGER, heartbeat_ms INTEGER, unseen INTEGER NOT NULL,
  body TEXT NOT NULL, PRIMARY KEY (execution, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS operations_wake ON operations(wake_at) WHERE wake_at IS NOT NULL;
CREATE INDEX IF NOT EXISTS operations_order ON operations(execution, seq)`

/** An execution with what only the engine needs to know of it. */
export type StoredExecution = Execution & { readonly input: string; readonly token: string | null }

type ExecutionRow = { id: string; name: string; status: ExecutionStatus; error: string | null } & {
  input: string
  token: string | null
}
type OperationRow = {
  execution: string
  body: string
  wake_at: number | null
  deadline: number | null
  heartbeat_ms: number | null
}

/** The local engine's SQL. Everything that writes is to be called inside `atomically`. */
export class LocalStore {
  readonly #sql: Sqlite

  constructor(file: string) {
    this.#sql = new Sqlite(file, SCHEMA, 'exclusive')
  }

  atomically<T>(what: string, work: () => T): T {
    return this.#sql.atomically(what, work)
  }

  close(): void {
    this.#sql.close()
  }

  create(execution: { id: string; name: string; input: string; now: number; deadline: number }): void {
    const { id, name, input, now, deadline } = execution
    this.#sql.run(
      `INSERT INTO executions (id, name, status, input, started_at, deadline) VALUES (?, ?, 'RUNNING', ?, ?, ?)`,
      ...[id, name, input, now, deadline],
    )
    this.put(id, inputOperation(id, input, now), false)
  }

  named(name: string): StoredExecution | undefined {
    return executionOf(this.#sql.one<ExecutionRow>('SELECT * FROM executions WHERE name = ?', name))
  }

  execution(id: string): StoredExecution | undefined {
    return executionOf(this.#sql.one<ExecutionRow>('SELECT * FROM executions WHERE id = ?', id))
  }

  executions(status?: ExecutionStatus): StoredExecution[] {
    const rows = this.#sql.all<ExecutionRow>(
      'SELECT * FROM executions WHERE ?1 IS NULL OR status = ?1 ORDER BY started_at DESC, rowid DESC',
      status ?? null,
    )
    return rows.flatMap((row) => executionOf(row) ?? [])
  }

  /** Ends a running execution; nothing happens to one that is over. */
  end(id: string, status: ExecutionStatus, now: number, result?: string, error?: ErrorObject): void {
    this.#sql.run(
      `UPDATE executions SET status = ?, result = ?, error = ?, ended_at = ?, token = NULL, retry_at = NULL
       WHERE id = ? AND status = 'RUNNING'`,
      ...[status, result ?? null, error ? JSON.stringify(error) : null, now, id],
    )
  }

  /** A new invocation's token; those before it can write no more. */
  admit(id: string): string {
    const row = this.#sql.one<{ token: string }>(
      `UPDATE executions SET invocations = invocations + 1, token = id || '#' || (invocations + 1), retry_at = NULL
       WHERE id = ? RETURNING token`,
      id,
    )
    return (row as { token: string }).token
  }

  /** Counts an invocation that broke off; answers how many have in a row. */
  failed(id: string): number {
    const row = this.#sql.one<{ failures: number }>(
      'UPDATE executions SET failures = failures + 1 WHERE id = ? RETURNING failures',
      id,
    )
    return (row as { failures: number }).failures
  }

  retryAt(id: string, at: number): void {
    this.#sql.run('UPDATE executions SET retry_at = ? WHERE id = ?', at, id)
  }

  recovered(id: string): void {
    this.#sql.run('UPDATE executions SET failures = 0 WHERE id = ? AND failures > 0', id)
  }

  operation(execution: string, id: string): Kept | undefined {
    return keptOf(
      this.#sql.one<OperationRow>('SELECT * FROM operations WHERE execution = ? AND id = ?', execution, id),
    )
  }

  operations(execution: string): Kept[] {
    return this.#kept('SELECT * FROM operations WHERE execution = ? ORDER BY seq', execution)
  }

  /** The callback nobody has answered yet. */
  callback(callbackId: string): { execution: string; kept: Kept } | undefined {
    const row = this.#sql.one<OperationRow>(
      `SELECT o.* FROM operations o JOIN executions e ON e.id = o.execution
       WHERE o.callback_id = ? AND o.over = 0 AND e.status = 'RUNNING'`,
      callbackId,
    )
    const kept = keptOf(row)
    return row && kept ? { execution: row.execution, kept } : undefined
  }

  /** Keeps the operation; `unseen` = the flow has to be told of it. */
  put(execution: string, { op, wakeAt, deadline, heartbeatMs }: Kept, unseen: boolean): void {
    this.#sql.run(
      `INSERT INTO operations (execution, id, seq, over, callback_id, wake_at, deadline, heartbeat_ms, unseen, body)
       VALUES (?1, ?2, (SELECT count(*) FROM operations WHERE execution = ?1), ?3, ?4, ?5, ?6, ?7, ?8, ?9)
       ON CONFLICT (execution, id) DO UPDATE SET over = excluded.over, wake_at = excluded.wake_at,
         deadline = excluded.deadline, heartbeat_ms = excluded.heartbeat_ms, unseen = excluded.unseen, body = excluded.body`,
      ...[execution, op.Id ?? '', op.EndTimestamp ? 1 : 0, op.CallbackDetails?.CallbackId ?? null],
      ...[wakeAt ?? null, deadline ?? null, heartbeatMs ?? null, unseen ? 1 : 0, JSON.stringify(op)],
    )
  }

  /** What the flow has not been told of; from now on it has. */
  takeUnseen(execution: string): Kept[] {
    const kept = this.#kept(
      'SELECT * FROM operations WHERE execution = ? AND unseen = 1 ORDER BY seq',
      execution,
    )
    this.#sql.run('UPDATE operations SET unseen = 0 WHERE execution = ? AND unseen = 1', execution)
    return kept
  }

  hasUnseen(execution: string): boolean {
    return this.#has('SELECT 1 FROM operations WHERE execution = ? AND unseen = 1', execution)
  }

  /** Whether anything is still to come: a timer, or somebody's answer. */
  isWaiting(execution: string): boolean {
    return this.#has(
      'SELECT 1 FROM operations WHERE execution = ? AND over = 0 AND (wake_at IS NOT NULL OR callback_id IS NOT NULL)',
      execution,
    )
  }

  dueOperations(now: number): { execution: string; kept: Kept }[] {
    return this.#sql
      .all<OperationRow>(
        `SELECT o.* FROM operations o JOIN executions e ON e.id = o.execution
         WHERE o.wake_at <= ? AND e.status = 'RUNNING'`,
        now,
      )
      .flatMap((row) => {
        const kept = keptOf(row)
        return kept ? [{ execution: row.execution, kept }] : []
      })
  }

  overdueExecutions(now: number): string[] {
    return this.#ids(`SELECT id FROM executions WHERE status = 'RUNNING' AND deadline <= ?`, now)
  }

  /** Executions whose broken-off invocation is to be tried again; from now on they are not due. */
  takeRetries(now: number): string[] {
    const ids = this.#ids(`SELECT id FROM executions WHERE status = 'RUNNING' AND retry_at <= ?`, now)
    for (const id of ids) this.#sql.run('UPDATE executions SET retry_at = NULL WHERE id = ?', id)
    return ids
  }

  /** When something is next due, in ms of the engine's clock. */
  nextWake(): number | undefined {
    const row = this.#sql.one<{ at: number | null }>(
      `SELECT min(at) AS at FROM (
         SELECT min(o.wake_at) AS at FROM operations o JOIN executions e ON e.id = o.execution
           WHERE o.wake_at IS NOT NULL AND e.status = 'RUNNING'
         UNION ALL SELECT min(retry_at) FROM executions WHERE status = 'RUNNING'
         UNION ALL SELECT min(deadline) FROM executions WHERE status = 'RUNNING')`,
    )
    return row?.at ?? undefined
  }

  #kept(sql: string, value: string): Kept[] {
    return this.#sql.all<OperationRow>(sql, value).flatMap((row) => keptOf(row) ?? [])
  }

  #ids(sql: string, now: number): string[] {
    return this.#sql.all<{ id: string }>(sql, now).map(({ id }) => id)
  }

  #has(sql: string, execution: string): boolean {
    return this.#sql.one(`${sql} LIMIT 1`, execution) !== undefined
  }
}

function executionOf(row: ExecutionRow | undefined): StoredExecution | undefined {
  if (!row) return undefined
  const { id, name, status, input, token } = row
  const error = row.error ? errorText(JSON.parse(row.error)) : undefined
  return { id, name, status, input, token, ...(error === undefined ? {} : { error }) }
}

function keptOf(row: OperationRow | undefined): Kept | undefined {
  if (!row) return undefined
  return {
    op: JSON.parse(row.body),
    ...(row.wake_at === null ? {} : { wakeAt: row.wake_at }),
    ...(row.deadline === null ? {} : { deadline: row.deadline }),
    ...(row.heartbeat_ms === null ? {} : { heartbeatMs: row.heartbeat_ms }),
  }
}
