import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { happen, propose, type Room, room } from './announce-support.ts'
import { approved, asked, started } from './support.ts'

let at: Room
beforeEach(async () => {
  at = await room()
})
afterEach(() => at.close())

const begun = [
  ['approved', approved],
  ['started', started],
  ['a', { type: 'step', step: 'promote', state: 'waiting', detail: 'asked for', evidence: ['request 1'] }],
  ['q', asked()],
] as const
const everything = async () => (await at.messages()).length + (await at.inThread()).length

describe('several processes', () => {
  test('that render a run at once post its messages once', async () => {
    await propose(at)
    await happen(at, ...begun)
    const others = [at.announcer, at.start(), at.start()]
    for (let second = 0; second < 15; second++) {
      await Promise.all(others.map((announcer) => announcer.render('run-1')))
      at.people.advance(1_000)
    }
    expect(await everything()).toBe(5)
    expect(at.proxy.count('chat.postMessage')).toBe(5)
  })

  test('take over from one that died holding the turn, and not before it is over', async () => {
    await propose(at)
    await at.journal.lease('render:run-1', 'somebody who died', 6_000)
    for (let second = 0; second < 5; second++) {
      await at.announcer.render('run-1')
      at.people.advance(1_000)
    }
    expect(at.proxy.count('chat.postMessage')).toBe(0)
    at.people.advance(1_000)
    await at.announcer.render('run-1')
    expect(await at.messages()).toHaveLength(1)
  })

  test('with nothing to write leave the turn alone', async () => {
    await propose(at)
    await at.announcer.render('run-1')
    await at.journal.lease('render:run-1', 'somebody else', 60_000)
    await at.announcer.render('run-1')
    expect(at.announcer.owedIn()).toBeUndefined()
  })
})

describe('a process that is frozen between its invocations', () => {
  test('knows what it owes, is still when it is told to be, and goes on when it is asked again', async () => {
    await propose(at)
    await happen(at, ...begun)
    await at.announcer.render('run-1')
    // The channel takes four posts at once, and then one a second.
    expect(at.announcer.owedIn()).toBeLessThanOrEqual(1_000)
    await at.announcer.still()
    expect(at.announcer.owedIn()).toBeUndefined()
    const before = at.proxy.calls.length
    for (let second = 0; second < 60; second++) at.people.advance(1_000)
    await new Promise((turn) => setTimeout(turn, 20))
    expect(at.proxy.calls.length).toBe(before)
    expect(await at.journal.lease('render:run-1', 'another process', 1)).toBe(true)
    at.people.advance(1)
    await at.announcer.render('run-1')
    expect(await everything()).toBe(5)
  })

  test('ends after the message it is at', async () => {
    await propose(at)
    await happen(at, ...begun)
    const rendering = at.announcer.render('run-1')
    await at.announcer.still()
    await rendering
    expect(at.proxy.count('chat.postMessage')).toBeLessThanOrEqual(1)
  })
})
