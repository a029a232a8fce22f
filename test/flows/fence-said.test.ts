import { describe, expect, it } from 'vitest'
import { saidOfFence } from '../../src/flows/fence-said.ts'
import type { EventFacts, SafeWorld, Side } from '../../src/flows/world.ts'
import { AT, dark, orders, seen } from './facts.ts'
import { HomeRig } from './failback-rig.ts'

const MINUTE = 60_000
const blocked = (what: string, at = AT + MINUTE, cluster = 'orders-home'): EventFacts => ({
  at,
  source: `${cluster}-1`,
  message: `Attempt to block writes for DB cluster ${cluster} in Region us-east-1 ${what}.`,
})

function world(events: Partial<Record<Side, readonly EventFacts[]>>, now = AT + 10 * MINUTE) {
  const notes = new Map<string, string>()
  const asked: [Side, number][] = []
  const made = {
    plan: orders,
    database: {
      async events(side: Side, minutes: number) {
        asked.push([side, minutes])
        const told = events[side]
        return told ? seen(told) : dark(orders.regions[side])
      },
    },
    notes: {
      get: async (name: string) => notes.get(name),
      async set(name: string, value: string) {
        notes.set(name, value)
      },
    },
    now: () => now,
  } as unknown as SafeWorld
  return { world: made, notes, asked }
}
const said = (made: { world: SafeWorld }, movedAt: number | undefined = AT) =>
  saidOfFence(made.world, 'home', movedAt)

describe('what AWS said about blocking the old writer', () => {
  it('is told by the old side, or by the new one where that is dark', async () => {
    expect(await said(world({ home: [blocked('succeeded')], dr: [] }))).toBe(
      'AWS says it blocked writes at 2026-11-21 03:01 UTC',
    )
    expect(await said(world({ dr: [blocked('timed out')] }))).toBe(
      'AWS timed out blocking writes at 2026-11-21 03:01 UTC: two writers were possible',
    )
  })

  it('is passed on in AWS’s own words where they are new', async () => {
    expect(await said(world({ home: [blocked('was skipped')], dr: [] }))).toBe(
      'AWS says: Attempt to block writes for DB cluster orders-home in Region us-east-1 was skipped.',
    )
  })

  it('is the newest, and not that of the other cluster or of another name', async () => {
    const events = [
      blocked('timed out', AT),
      blocked('succeeded', AT + MINUTE),
      blocked('timed out', AT + 2 * MINUTE, 'orders-dr'),
      blocked('timed out', AT + 2 * MINUTE, 'orders-home-2'),
    ]
    expect(await said(world({ home: events, dr: [] }))).toContain('it blocked writes')
  })

  it('is looked for around the move, for two hours, and once it is known no more', async () => {
    const made = world({ home: [blocked('succeeded')], dr: [] })
    await said(made)
    expect(made.asked).toEqual([
      ['home', 25],
      ['dr', 25],
    ])
    await said(made)
    expect(made.asked).toHaveLength(2)
    const late = world({ home: [blocked('succeeded')], dr: [] }, AT + 121 * MINUTE)
    expect(await said(late)).toBe('')
    expect(await saidOfFence(late.world, 'home', undefined)).toBe('')
    expect(late.asked).toEqual([])
  })
})

describe('over the simulated AWS', { timeout: 60_000 }, () => {
  const told = (rig: HomeRig, step: string) =>
    [...rig.memory.events.values()].flatMap((event) =>
      event.type === 'step' && event.step === step ? [event.detail] : [],
    )

  it('a failover from a dark region says that two writers were possible, and so does the watch after it', async () => {
    const rig = new HomeRig('orders')
    await rig.after(120)
    await rig.after(30, 'home', 'mute')
    await rig.run('emergency')
    expect(told(rig, 'prove-fence').at(-1)).toMatch(
      /could not be seen: .*; AWS timed out blocking writes at 2026-11-21 03:0\d UTC: two writers were possible$/,
    )
    const promoted = rig.notes.get('promoted-at') ?? ''
    rig.forget()
    rig.notes.set('no-standby-since', promoted)
    await rig.watch('emergency', 'dr', 600)
    expect(told(rig, 'hold-fence').at(-1)).toContain('two writers were possible')
  })

  it('a failover from a region that answers says that AWS blocked the writes', async () => {
    const rig = new HomeRig('orders')
    await rig.after(120)
    await rig.run('emergency', { answer: () => ({ option: 'retry', by: 'U1' }) })
    expect(told(rig, 'prove-fence').at(-1)).toContain('AWS says it blocked writes at 2026-11-21 03:0')
  })
})
