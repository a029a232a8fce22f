import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { drError } from '../src/engine/errors.ts'

/** A rehearsal's folder: held by one process at a time, its small files written whole or not at all. */
export type StateFolder = {
  readonly dir: string
  path(name: string): string
  /** The JSON of that name; undefined when absent, or when it was unreadable and has been moved aside. */
  read<T>(name: string): T | undefined
  write(name: string, value: unknown): void
  remove(name: string): void
  release(): void
}

/**
 * Opens the folder for this process alone; throws STORE_IN_USE when another one holds it. The hold is the operating
 * system's lock on an SQLite file, so that it ends with the process however that ends. `warn` hears of files that were
 * moved aside.
 */
export function openState(dir: string, warn: (sentence: string) => void): StateFolder {
  mkdirSync(dir, { recursive: true })
  const path = (name: string) => join(dir, name)
  const lock = hold(path('lock'), dir)
  return {
    dir,
    path,
    read<T>(name: string) {
      const text = textOf(path(name))
      if (text === undefined) return undefined
      try {
        return JSON.parse(text) as T
      } catch {
        const aside = `${path(name)}.unreadable-${Date.now()}`
        renameSync(path(name), aside)
        warn(`${path(name)} could not be read; it was moved to ${aside}, and that part begins anew.`)
        return undefined
      }
    },
    write(name, value) {
      const draft = `${path(name)}.draft`
      writeFileSync(draft, JSON.stringify(value), { mode: 0o600 })
      renameSync(draft, path(name))
    },
    remove: (name) => rmSync(path(name), { force: true }),
    release: () => lock.close(),
  }
}

function hold(file: string, dir: string): DatabaseSync {
  const lock = new DatabaseSync(file)
  try {
    lock.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE')
    return lock
  } catch (error) {
    lock.close()
    throw drError('STORE_IN_USE', { file: dir }, error)
  }
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
