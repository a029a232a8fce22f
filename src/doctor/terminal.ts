import { accessSync, constants, existsSync, statfsSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { type Finding, fault, ok, unknown, warn } from './finding.ts'
import type { Configured, Patient } from './place.ts'

const NEEDED_NODE = 24
const MB = 2 ** 20
/** SQLite's code for a file that somebody else holds. */
const BUSY = 5

/** This process, its configuration, and the files it works on. */
export const terminal = (patient: Patient): readonly Finding[] => [
  judgeNode(patient.node),
  ...judgeConfiguration(patient.faults),
  ...judgePlans(patient.plans),
  ...(patient.journal?.kind === 'sqlite' ? [journalFile(patient.journal.file)] : []),
  ...(patient.engine?.kind === 'local' ? [engineProcess(patient.engine.file)] : []),
]

export const judgeNode = (version: string): Finding =>
  Number.parseInt(version, 10) >= NEEDED_NODE
    ? ok('node', 'Node', version)
    : fault('node', 'Node', `this is Node ${version}`)

export const judgeConfiguration = (faults: readonly string[]): readonly Finding[] =>
  faults.length
    ? faults.map((each) => fault('configuration', 'environment', each))
    : [ok('configuration', 'environment', 'everything is set')]

/** A broken plan does not take the others down; without any, there is nothing to protect. */
export function judgePlans({ plans, broken }: Configured['plans']): readonly Finding[] {
  const faults = broken.flatMap(({ name, faults: all }) => all.map((each) => fault('plans', name, each)))
  if (!plans.length && !faults.length) return [fault('plans', 'plans', 'no plan is loaded')]
  return [...faults, ...plans.map(({ name }) => ok('plans', name, 'it can be used'))]
}

function journalFile(file: string): Finding {
  const folder = dirname(file)
  try {
    accessSync(existsSync(file) ? file : folder, constants.W_OK)
    // The write-ahead log is a file of its own beside it.
    accessSync(folder, constants.W_OK)
    const { bavail, bsize } = statfsSync(folder)
    return judgeDisk(file, bavail * bsize)
  } catch (error) {
    return fault(
      'journal-file',
      file,
      `it cannot be written: ${error instanceof Error ? error.message : error}`,
    )
  }
}

/** A full disk ends a run: what cannot be written is not done. `free` in bytes. */
export function judgeDisk(file: string, free: number): Finding {
  const room = `${Math.floor(free / MB).toLocaleString('en')} MB are free on its disk`
  if (free < 64 * MB) return fault('journal-file', file, room)
  return free < 1024 * MB ? warn('journal-file', file, room) : ok('journal-file', file, room)
}

/** The local engine's process holds its file for itself: who may read it now is alone. */
function engineProcess(file: string): Finding {
  if (!existsSync(file)) return warn('engine-process', file, 'no bot has ever run here')
  let database: DatabaseSync | undefined
  try {
    database = new DatabaseSync(file, { readOnly: true, timeout: 0 })
    database.prepare('SELECT count(*) FROM sqlite_schema').get()
    return warn('engine-process', file, 'no bot is running on it: nobody would carry a run out')
  } catch (error) {
    const { errcode } = error as { errcode?: number }
    if (errcode === BUSY) return ok('engine-process', file, 'a bot is running and holds it')
    return unknown(
      'engine-process',
      file,
      `it cannot be opened: ${error instanceof Error ? error.message : error}`,
    )
  } finally {
    database?.close()
  }
}
