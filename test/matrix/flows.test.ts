import { describe, expect, it } from 'vitest'
import { chooseFailover } from '../../src/flows/choose.ts'
import { verifyGreen } from '../../src/flows/steps/verify-green.ts'
import type { Look, ServiceFacts } from '../../src/flows/world.ts'
import { orders, well, without } from '../flows/facts.ts'
import { Rig } from '../flows/rig.ts'

const denied: Look<readonly ServiceFacts[]> = {
  ok: false,
  why: 'denied',
  detail: 'ECS in us-east-1 refused to let us look',
  waitedMs: 50,
  at: 0,
}

describe('a detach from an old side that is not dark', () => {
  it('is refused beforehand where its API answers, or its stack serves', () => {
    const home = without('home', well('home'))
    const facts = { ...home, services: { ...home.services, home: denied } }
    expect(() => chooseFailover(orders, facts, 'detach')).toThrow(/not dark .*writers may run/)
    const served = { ...home, stack: { ...home.stack, home: well('home').stack.home } }
    expect(() => chooseFailover(orders, served, 'detach')).toThrow(/its stack serves/)
    expect(chooseFailover(orders, home, 'detach').mode).toBe('detach')
  })

  it.each([
    ['refuses to let us look', { kind: 'denied', service: 'ecs', region: 'us-east-1' }],
    ['is not to be seen, while its stack serves', { kind: 'mute', service: 'ecs', region: 'us-east-1' }],
  ] as const)('stops where ECS %s', async (_, fault) => {
    const rig = new Rig()
    await rig.after(120)
    rig.simulation.addFault(fault)
    const asked: string[] = []
    const end = await rig.run('detach', {
      answer: ({ detail }) => {
        asked.push(detail)
        return { option: 'abort', by: 'U1' }
      },
    })
    expect(end.outcome).toBe('aborted')
    expect(asked[0]).toContain('not dark')
    expect(rig.changes().filter((call) => call.startsWith('RemoveFromGlobalCluster'))).toEqual([])
  })
})

it('a planned failover that ended in a detach does not let the old writers run again: theirs is a writer still', async () => {
  const rig = new Rig()
  await rig.after(120)
  rig.simulation.addFault({ kind: 'stuck' })
  const end = await rig.run('planned', { answer: () => ({ option: 'detach', by: 'U1' }) })
  expect(end.outcome).toBe('done')
  expect(rig.changes()).toContain('RemoveFromGlobalCluster us-west-2')
  expect(rig.memory.ends['release-writers']).toBe('owed')
  const look = await rig.until(rig.outside.services.look('home'))
  expect(look.ok && look.value[0]?.desired).toBe(0)
})

describe('green', () => {
  const NOW = Date.UTC(2026, 10, 21, 3, 10)
  const minute = (ago: number, requests = 1000, errors = 0) => ({ at: NOW - ago * 60_000, requests, errors })

  /** What the step sees of these datapoints, five minutes after the switch. */
  async function seen(points: readonly ReturnType<typeof minute>[], noted = true) {
    const notes = new Map(noted ? [['in-sync-at', String(NOW - 5 * 60_000)]] : [])
    const world = new Rig().world('emergency')
    return verifyGreen.observe({
      ...world,
      now: () => NOW,
      probe: {
        ...world.probe,
        public: async () => ({ ok: true, value: { healthy: true, status: 200, ms: 1, detail: '' }, at: NOW }),
      },
      traffic: { look: async () => ({ ok: true, value: { points }, at: NOW }) },
      alarms: { look: async () => ({ ok: true, value: [], at: NOW }) },
      notes: {
        get: async (name) => notes.get(name),
        set: async (name, value) => void notes.set(name, value),
      },
    })
  }

  it('is two good minutes in a row', async () => {
    expect((await seen([minute(4), minute(3), minute(2)])).state).toBe('done')
  })
  it('is not two good minutes with a silent one between them', async () => {
    expect((await seen([minute(4), minute(2)])).state).toBe('pending')
  })
  it('is not what was good before the traffic stopped', async () => {
    expect((await seen([minute(5), minute(4)])).state).toBe('done')
    const old = await seen([minute(12), minute(11)], false)
    expect(old.state).toBe('pending')
  })
  it('begins with the verification where nobody waited for the records to be in sync', async () => {
    expect((await seen([minute(4), minute(3), minute(2)], false)).state).toBe('pending')
  })
})
