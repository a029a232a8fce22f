import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { realClock } from '../../rehearsal/clock.ts'
import { SqliteJournal } from '../../src/durable/sqlite-journal.ts'
import { describeJournal } from './journal-contract.ts'

const folder = mkdtempSync(join(tmpdir(), 'understudy-journal-'))
let files = 0
const newFile = () => join(folder, `${files++}.db`)
const removeFolder = () => rmSync(folder, { recursive: true, force: true })
const journalAt = (file: string) => new SqliteJournal({ file, clock: realClock(), people: realClock() })
const runFlags = ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e']

/** Source of another process with the journal of `file` open. */
const elsewhere = (file: string, source: string) => `
  import { openJournal } from ${JSON.stringify(new URL('./open-sqlite-journal.ts', import.meta.url).href)}
  const { journal, close } = openJournal(${JSON.stringify(file)})
  ${source}`

describeJournal('SQLite', {
  module: new URL('./open-sqlite-journal.ts', import.meta.url).href,
  fresh: newFile,
  cleanUp: () => {},
})

describe('the SQLite journal', () => {
  afterAll(removeFolder)

  it('tells of its own writes at once, and not of calls that changed nothing', async () => {
    const journal = journalAt(newFile())
    let told = 0
    journal.onChange(() => told++)
    await journal.offer({ id: 'a', kind: 'k', body: {} })
    expect(told).toBe(1)
    await journal.offer({ id: 'a', kind: 'k', body: {} })
    await journal.claim('w', 60_000)
    expect(told).toBe(2)
    await journal.claim('w', 60_000)
    await journal.append('r', 'k', { type: 'noted', name: 'n', value: 'v' })
    await journal.append('r', 'k', { type: 'noted', name: 'n', value: 'v' })
    expect(told).toBe(3)
    journal.close()
  })

  it('tells of other processes’ writes soon, until it is told to stop', async () => {
    const file = newFile()
    const journal = journalAt(file)
    let told = 0
    const stop = journal.onChange(() => told++)
    const write = (value: string) =>
      spawnSync(process.execPath, [...runFlags, elsewhere(file, `await journal.point('p', '${value}')`)])
    write('1')
    await expect.poll(() => told, { timeout: 3000 }).toBe(1)
    expect(await journal.pointer('p')).toBe('1')
    stop()
    write('2')
    await new Promise((resolve) => setTimeout(resolve, 450))
    expect(told).toBe(1)
    journal.close()
  })

  it('keeps no process alive by watching', () => {
    const { status, signal } = spawnSync(
      process.execPath,
      [...runFlags, elsewhere(newFile(), 'journal.onChange(() => {})')],
      {
        timeout: 20_000,
      },
    )
    expect({ status, signal }).toEqual({ status: 0, signal: null })
  })

  it('says STORE_FAILED when the disk is full, and leaves nothing half-written', () => {
    const file = newFile()
    const source = elsewhere(
      file,
      `await journal.append('r', 'small', { type: 'noted', name: 'n', value: 'fits' })
       const big = { type: 'noted', name: 'n', value: 'x'.repeat(3_000_000) }
       const failures = []
       for (const write of [
         () => journal.append('r', 'big', big),
         () => journal.offer({ id: 'big', kind: 'k', body: big }),
         () => journal.point('big', big.value),
       ]) await write().catch((error) => failures.push([error.code, error.message.split(':')[0]]))
       const keys = (await journal.events('r')).map(({ key }) => key)
       const small = await journal.append('r', 'after', { type: 'noted', name: 'n', value: 'fits' })
       console.log(JSON.stringify({ failures, keys, after: small.appended, item: await journal.claim('w', 1) ?? null, pointer: await journal.pointer('big') ?? null }))`,
    )
    const { stdout, stderr } = spawnSync(
      'sh',
      ['-c', 'ulimit -f 2000; exec "$@"', 'sh', process.execPath, ...runFlags, source],
      {
        encoding: 'utf8',
      },
    )
    expect(stderr).toBe('')
    expect(JSON.parse(stdout)).toEqual({
      failures: [
        ['STORE_FAILED', 'The journal could not note what happened'],
        ['STORE_FAILED', 'The journal could not take the request down'],
        ['STORE_FAILED', 'The journal could not note where a message is'],
      ],
      keys: ['small'],
      after: true,
      item: null,
      pointer: null,
    })
  })

  it('has every write that was answered before a SIGKILL, and only whole ones', async () => {
    const file = newFile()
    const source = elsewhere(
      file,
      `for (let n = 0; ; n++) {
         await journal.append('r', String(n), { type: 'noted', name: 'n', value: 'x'.repeat(500) })
         process.stdout.write(n + '\\n')
         await new Promise((resolve) => setImmediate(resolve))
       }`,
    )
    const writer = spawn(process.execPath, [...runFlags, source])
    let said = ''
    writer.stdout.on('data', (chunk) => {
      said += chunk
    })
    await expect.poll(() => said.split('\n').length, { timeout: 20_000 }).toBeGreaterThan(50)
    writer.kill('SIGKILL')
    await new Promise((resolve) => writer.once('close', resolve))
    const journal = journalAt(file)
    const keys = (await journal.events('r')).map(({ key }) => key)
    const answered = said.trimEnd().split('\n')
    expect(keys.slice(0, answered.length)).toEqual(answered)
    expect(keys.length - answered.length).toBeLessThanOrEqual(1)
    journal.close()
  })

  it('says which file cannot be opened', () => {
    expect(() => journalAt(join(folder, 'no-such-folder', 'j.db'))).toThrow(
      expect.objectContaining({ code: 'STORE_FAILED', message: expect.stringContaining('no-such-folder') }),
    )
  })
})
