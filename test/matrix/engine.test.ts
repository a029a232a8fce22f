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

describe('an irreversible step that somebody else carried out', () => {
  const late = defineStep<World>({
    id: 'late',
    title: 'Late',
    timeoutMinutes: 10,
    observe: async () => seen('pending'),
  })
  /** AWS refuses us, and somebody moves the writer at the console before the question is answered. */
  const moveElsewhere = (world: World, memory: Memory, after: (limit?: number) => void) => {
    world.refuses = refused()
    return fakeHost(memory, ({ step }, limit) => {
      if (step === 'late') {
        after(limit)
        return { option: 'abort', by: 'U1' }
      }
      world.moved = true
      return { option: 'retry', by: 'U1' }
    }).host
  }

  it('is a point of no return: the old writers are not started again behind it', async () => {
    const [world, memory] = [new World(), new Memory()]
    const host = moveElsewhere(world, memory, () => {})
    const end = await runFlow(flow(stop, move, late), world, host)
    expect(memory.ends.move).toBe('already')
    expect(world.stopped).toBe(true)
    expect(end.detail).toContain('Left as it is: “Stop the writers”.')
  })

  it('ends a hold', async () => {
    const [world, memory] = [new World(), new Memory()]
    const host = moveElsewhere(world, memory, (limit) => expect(limit).toBeUndefined())
    await runFlow(flow(hold, move, late), world, host)
    expect(world.stopped).toBe(true)
  })
})

describe('what was asked for and not seen', () => {
  it('is said to be still possible, when the run is aborted', async () => {
    const [world, memory] = [new World(), new Memory()]
    const { host } = fakeHost(memory, () => ({ option: 'abort', by: 'U1' }))
    const end = await runFlow(flow(stop, move), world, host)
    expect(end.detail).toMatch(/Everything else that was changed was undone.*“Move the writer” was asked for/)
  })
})

describe('people who interrupt', () => {
  it('cannot pause a hold: customers are let in again all the same', async () => {
    const [world, memory] = [new World(), new Memory()]
    const pausing = {
      ...hold,
      act: async (w: World) => {
        memory.signal = 'pause'
        w.stopped = true
        return { evidence: [] }
      },
    } as Step<World>
    const asked: (readonly [string, number | undefined])[] = []
    const { host } = fakeHost(memory, (question, limit) => {
      asked.push([question.id, limit])
      if (question.id.startsWith('pause@')) {
        expect(question.detail).toContain('“Stop the writers” is undone 180 s after')
        return 'timeout'
      }
      expect(world.stopped).toBe(false)
      return { option: 'abort', by: 'U1' }
    })
    await runFlow(flow(pausing, move), world, host)
    expect(asked).toEqual([
      ['pause@move#2', 180],
      ['stop#3:released', undefined],
    ])
  })

  it('are not asked for a decision when they have asked for the end', async () => {
    const [world, memory] = [new World(), new Memory()]
    const rejecting = {
      ...move,
      act: async () => {
        memory.signal = 'abort'
        throw refused()
      },
    } as Step<World>
    const end = await runFlow(flow(stop, rejecting), world, fakeHost(memory).host)
    expect(memory.asked).toEqual([])
    expect(end.outcome).toBe('aborted')
    expect(world.stopped).toBe(false)
  })
})
