import { afterEach, describe, expect, test } from 'vitest'
import { fold, type Run, type RunEvent } from '../../src/engine/run.ts'
import { runOfThread } from '../../src/slack/posted.ts'
import { scanNote } from '../../src/slack/views/scan.ts'
import { happen, propose, type Room, room } from './announce-support.ts'
import { approved, BEN, started } from './support.ts'

let at: Room
afterEach(() => at.close())

const ended: RunEvent = { type: 'ended', outcome: 'done', detail: 'done' }
const begun = [
  ['approved', approved],
  ['started', started],
] as const
const looked = (detail: string): RunEvent => ({ type: 'step', step: 'promote', state: 'waiting', detail })

async function pass(seconds: number, announcer = at.announcer): Promise<void> {
  for (let second = 0; second < seconds; second++) {
    at.people.advance(1000)
    await announcer.render('run-1')
  }
}
const keys = async () => (await at.inThread()).map(({ metadata }) => metadata?.event_payload.key)
const theRun = async () => fold(await at.journal.events('run-1')) as Run

describe('a watch after a failover', () => {
  test('has a board, no card, and a sign of life an hour, however often it is rendered', async () => {
    at = await room()
    await propose(at, { flow: 'aftercare', title: 'Aftercare of orders' })
    await happen(at, ['approved', { ...approved, reason: 'follows run-0' } as RunEvent], ['started', started])
    for (let look = 0; look < 24; look++) {
      at.world.advance(10 * 60_000)
      await happen(at, [`look${look}`, looked(`orders-home is pending-resync, look ${look}`)])
      await pass(3)
    }
    await pass(5, at.start())
    expect(await at.keyed('card')).toEqual([])
    expect(await keys()).toEqual(['approved', 'look6', 'look12', 'look18'])
    expect((await at.inThread())[1]?.text).toBe('[SIMULATED] Still watching, 1 open')
  })

  test('is not edited every few seconds for its clocks', async () => {
    at = await room()
    await propose(at, { flow: 'aftercare' })
    await happen(at, ...begun)
    await pass(10)
    const before = at.proxy.count('chat.update')
    await pass(280)
    expect(at.proxy.count('chat.update')).toBe(before)
    await pass(30)
    expect(at.proxy.count('chat.update')).toBe(before + 1)
  })
})

describe('the thread of a run', () => {
  test('is found by its head, and linked to', async () => {
    at = await room()
    await propose(at)
    expect(await at.announcer.link(await theRun())).toBeUndefined()
    await happen(at, ...begun)
    await pass(5)
    const { ts } = await at.theBoard()
    expect(await runOfThread(at.journal, at.channel(), ts)).toBe('run-1')
    expect(await runOfThread(at.journal, 'C0OTHER', ts)).toBeUndefined()
    expect(await at.announcer.link(await theRun())).toContain(`/p${ts.replace('.', '')}`)
    at.proxy.faults.push({ method: 'chat.getPermalink', kind: '503' })
    expect(await at.announcer.link(await theRun())).toBeUndefined()
  })

  test('is found by its head though the answer to the post was lost', async () => {
    at = await room()
    await propose(at)
    await at.announcer.render('run-1')
    await happen(at, ...begun)
    at.proxy.faults.push({ method: 'chat.postMessage', kind: 'cut' })
    await pass(20)
    expect(await at.keyed('board')).toHaveLength(1)
    expect(await runOfThread(at.journal, at.channel(), (await at.theBoard()).ts)).toBe('run-1')
  })

  test('is told a report after the summary, once', async () => {
    at = await room(async ({ id }) => `# Report of ${id}`)
    await propose(at)
    await happen(at, ...begun)
    await pass(5)
    expect(await keys()).toEqual(['approved'])
    await happen(at, ['ended', ended])
    await pass(10)
    await pass(10, at.start())
    expect(await keys()).toEqual(['approved', 'summary', 'report'])
    expect((await at.inThread()).at(-1)?.text).toBe('[SIMULATED] Report: Report of run-1')
  })

  test('has its summary though the report cannot be made', async () => {
    at = await room(() => Promise.reject(new Error('no past')))
    await propose(at)
    await happen(at, ...begun, ['ended', ended])
    await pass(10)
    expect(await keys()).toEqual(['approved', 'summary'])
    expect(at.lines.join('\n')).toContain('a report could not be made')
  })

  test('is told the verdict over a file once, even after the end', async () => {
    at = await room()
    await propose(at)
    await happen(at, ...begun, ['ended', ended])
    await pass(10)
    const { key, event } = scanNote('item-1', { name: 'a.json', by: BEN, verdict: 'clean', findings: [] })
    await happen(at, [key, event], [key, event])
    await pass(5)
    await pass(5, at.start())
    expect(await keys()).toEqual(['approved', 'summary', 'scan@item-1'])
  })
})
