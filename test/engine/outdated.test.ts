import { describe, expect, it } from 'vitest'
import { runFlow } from '../../src/engine/run-flow.ts'
import { defineFlow, type Flow, type Observation } from '../../src/engine/step.ts'
import { Crash, fakeHost, Memory } from './fake-host.ts'

const HOUR = 3_600_000
const READY: Observation = { state: 'ready', detail: 'the cluster is stale and idle' }

/** A bot that dies right before a step acts, and a world that goes on without it. */
async function away(flow: (world: World) => Flow<World>, ms: number, then: Observation) {
  const world: World = { sight: READY, acts: 0, looks: 0 }
  const memory = new Memory()
  const dying = fakeHost(memory, undefined, (label) => /^before .*:act$/.test(label)).host
  await expect(runFlow(flow(world), world, dying)).rejects.toThrow(Crash)
  memory.now += ms
  world.sight = then
  world.looks = 0
  const end = await runFlow(flow(world), world, fakeHost(memory).host)
  return { world, memory, end }
}
type World = { sight: Observation; acts: number; looks: number }

const stepOf = (irreversible: false | string) => ({
  id: 'delete',
  title: 'Delete',
  timeoutMinutes: 5,
  irreversible,
  observe: async (world: World) => {
    world.looks++
    return world.sight
  },
  act: async (world: World) => {
    world.acts++
    world.sight = { state: 'done', detail: 'gone' }
    return { evidence: [] }
  },
})
const flows = {
  'what can be taken back': () => defineFlow({ name: 'f', title: 'F', steps: [stepOf(false)] }),
  'what cannot be taken back': () => defineFlow({ name: 'f', title: 'F', steps: [stepOf('gone for good')] }),
  'a duty': () => defineFlow({ name: 'f', title: 'F', duties: true, steps: [stepOf(false)] }),
} satisfies Record<string, (world: World) => Flow<World>>

describe.each(Object.entries(flows))('a bot that died right before it does %s', (_, flow) => {
  it('does it, when the world still wants it after hours', async () => {
    const { world, end } = await away(flow, 6 * HOUR, READY)
    expect({ acts: world.acts, outcome: end.outcome }).toEqual({ acts: 1, outcome: 'done' })
  })

  it('does not do it on what it saw hours ago: it looks again, and finds it done', async () => {
    const { world, end } = await away(flow, 6 * HOUR, { state: 'done', detail: 'somebody else did' })
    expect({ acts: world.acts, outcome: end.outcome }).toEqual({ acts: 0, outcome: 'done' })
  })

  it('does not look again when it is back at once', async () => {
    const { world } = await away(flow, 2_000, READY)
    // The look that sees that it is done.
    expect(world).toMatchObject({ acts: 1, looks: 1 })
  })
})

describe('what is in the way since the bot died', () => {
  it('is a question, and nothing is changed', async () => {
    const blocked: Observation = { state: 'blocked', detail: 'customers are sent there now' }
    const { world, memory, end } = await away(flows['what cannot be taken back'], 6 * HOUR, blocked)
    expect(world.acts).toBe(0)
    expect(memory.asked[0]?.detail).toBe('customers are sent there now')
    expect(end.detail).toContain('Nothing was changed.')
  })

  it('counts a hold from when the dead bot may have begun it', async () => {
    const { world, memory } = await away(
      () =>
        defineFlow<World>({
          name: 'f',
          title: 'F',
          steps: [
            { ...stepOf(false), holdSeconds: 180, heldUntil: 'switch', undo: async () => ({ evidence: [] }) },
            { ...stepOf('moves'), id: 'switch', observe: async () => READY },
          ],
        }),
      6 * HOUR,
      { state: 'done', detail: 'quiesced' },
    )
    expect(world.acts).toBe(0)
    expect(memory.asked.map(({ id }) => id)).toEqual([expect.stringMatching(/^delete#.:released$/)])
    expect(memory.told).toContain('delete: undone')
  })
})
