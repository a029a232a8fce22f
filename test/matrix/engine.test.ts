import { describe, expect, it } from 'vitest'
import { drError } from '../../src/engine/errors.ts'
import { runFlow } from '../../src/engine/run-flow.ts'
import { defineFlow, defineStep, type Observation, type Step } from '../../src/engine/step.ts'
import { fakeHost, Memory } from '../engine/fake-host.ts'

/** Writers that can be stopped, and a writer that AWS moves, refuses to move, or says it moves and does not. */
class World {
  stopped = false
  moved = false
  refuses: Error | undefined
}
const seen = (state: Observation['state']): Observation => ({ state, detail: state })
const refused = () => drError('ACT_REJECTED', { call: 'Failover', code: 'InvalidState', why: 'not now' })

const stop = defineStep<World>({
  id: 'stop',
  title: 'Stop the writers',
  timeoutMinutes: 5,
  irreversible: false,
  observe: async ({ stopped }) => seen(stopped ? 'done' : 'ready'),
  act: async (world) => {
    world.stopped = true
    return { evidence: [] }
  },
  undo: async (world) => {
    world.stopped = false
    return { evidence: [] }
  },
})
const hold: Step<World> = { ...stop, holdSeconds: 180, heldUntil: 'move' }
const move = defineStep<World>({
  id: 'move',
  title: 'Move the writer',
  timeoutMinutes: 5,
  irreversible: 'Writes may be lost.',
  whenStuck: [
    {
      id: 'other-way',
      label: 'Another way',
      explain: 'Refused where it would be dangerous.',
      act: () =>
        Promise.reject(drError('FLOW_REFUSED', { flow: 'x', plan: 'p', why: 'two writers', remedy: 'no' })),
    },
  ],
  observe: async ({ moved }) => seen(moved ? 'done' : 'ready'),
  act: async ({ refuses }) => {
    if (refuses) throw refuses
    return { evidence: ['accepted'] }
  },
})
const flow = (...steps: Step<World>[]) => defineFlow<World>({ name: 'test', title: 'Test', steps })

describe('a way out that was refused has changed nothing', () => {
  it('so that an abort still lets the stopped writers run again', async () => {
    const [world, memory] = [new World(), new Memory()]
    world.refuses = refused()
    const options = ['other-way', 'abort']
    const { host } = fakeHost(memory, () => ({ option: options.shift() ?? '', by: 'U1' }))
    const end = await runFlow(flow(stop, move), world, host)
    expect(world.stopped).toBe(false)
    expect(end.detail).toContain('Everything that was changed was undone.')
  })

  it('and the hold still runs out', async () => {
    const [world, memory] = [new World(), new Memory()]
    world.refuses = refused()
    let asked = 0
    const { host } = fakeHost(memory, (question, limit) => {
      if (question.id.endsWith(':released')) return { option: 'abort', by: 'U1' }
      expect(limit).toBeLessThanOrEqual(180)
      return asked++ === 0 ? { option: 'other-way', by: 'U1' } : 'timeout'
    })
    await runFlow(flow(hold, move), world, host)
    expect(world.stopped).toBe(false)
    expect(asked).toBe(2)
  })
})
