import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { type FlowName, openSmallRun } from './small-run.ts'

const root = mkdtempSync(join(tmpdir(), 'understudy-replay-'))
afterAll(() => rmSync(root, { recursive: true }))

/** Runs a flow to its end; `breaksAt` says after which kept operations the invocation breaks off. */
async function run(flow: FlowName, breaksAt: (kept: string) => boolean) {
  let breaks = 0
  const boundary = (where: string) => {
    if (!where.startsWith('after keeping') || !breaksAt(where)) return
    breaks++
    throw new Error('the invocation is gone')
  }
  const run = await openSmallRun(mkdtempSync(join(root, 'run-')), boundary, { flow })
  const asked = await run.drive()
  const operations = run.engine.operations('local:r1')
  const status = (await run.engine.get('r1'))?.status
  const keys = (await run.journal.events('r1')).map(({ key }) => key)
  await run.engine.close()
  const calls = run.world.calls().map((call) => call.replace(/^\d+ /, ''))
  return { asked, status, keys, breaks, operations, calls }
}

const listOf = ({ operations }: Awaited<ReturnType<typeof run>>) =>
  operations.map(({ Id, Type, SubType, Name, Status }) => [Id, Type, SubType, Name, Status])

/** Before it acts, a bot that was away looks again: the same look twice in a row counts once. */
const onceEach = (calls: readonly string[]) =>
  calls.filter((call, index) => !call.startsWith('look ') || call !== calls[index - 1])

const settling = ['settle#1:asks', 'settle#1:asks:confirm', 'settle#2:asks', 'settle#2:asks:confirm']

describe.each<[FlowName, readonly string[]]>([
  ['small', ['promote#1']],
  ['asking', [...settling, 'promote#1']],
  ['duties', []],
])('the %s flow replayed', (flow, asked) => {
  it('after every single operation does the same operations, calls and notes as one that was never disturbed', async () => {
    const plain = await run(flow, () => false)
    const broken = await run(flow, (kept) => /SUCCEED|RETRY|FAIL/.test(kept))
    expect(broken.breaks).toBeGreaterThan(flow === 'duties' ? 8 : 15)
    expect(listOf(broken)).toEqual(listOf(plain))
    expect(onceEach(broken.calls)).toEqual(onceEach(plain.calls))
    expect(broken.keys).toEqual(plain.keys)
    expect(broken.asked).toEqual(asked)
    expect([plain.status, broken.status]).toEqual(['SUCCEEDED', 'SUCCEEDED'])
  })

  it('names each of its operations once, so that a history can be read and a rename is noticed', async () => {
    const { operations } = await run(flow, () => false)
    const names = operations.flatMap(({ ParentId, Name }) => (!ParentId && Name) || [])
    expect(names.length).toBeGreaterThan(flow === 'duties' ? 4 : 10)
    expect(new Set(names).size).toBe(names.length)
  })
})
