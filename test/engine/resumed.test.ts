import { describe, expect, test } from 'vitest'
import type { Question } from '../../src/engine/run.ts'
import { runFlow } from '../../src/engine/run-flow.ts'
import { defineFlow, type Observation, type Step } from '../../src/engine/step.ts'
import { fakeHost, Memory } from './fake-host.ts'

/** What became of the two steps, and how often each was asked for. */
type World = { fenced: boolean; promoted: boolean; acts: string[] }
const newWorld = (): World => ({ fenced: false, promoted: false, acts: [] })
const seen = (done: boolean): Observation => ({
  state: done ? 'done' : 'ready',
  detail: done ? 'so' : 'not so',
})

const fence: Step<World> = {
  id: 'fence',
  title: 'Fence',
  timeoutMinutes: 5,
  irreversible: false,
  observe: async ({ fenced }) => seen(fenced),
  async act(world) {
    world.acts.push('fence')
    world.fenced = true
    return { evidence: [] }
  },
  async undo(world) {
    world.acts.push('unfence')
    world.fenced = false
    return { evidence: [] }
  },
}
const promote: Step<World> = {
  id: 'promote',
  title: 'Promote',
  timeoutMinutes: 5,
  irreversible: 'Writes may be lost.',
  observe: async ({ promoted }) => seen(promoted),
  async act(world) {
    world.acts.push('promote')
    world.promoted = true
    return { evidence: [] }
  },
}
const flow = defineFlow<World>({ name: 'f', title: 'F', steps: [fence, promote] })

describe('a run that goes on from where another stood', () => {
  test('looks for two minutes for what cannot be undone and may have been asked for, then asks a person', async () => {
    const [world, memory] = [{ ...newWorld(), fenced: true }, new Memory()]
    const begun = memory.now
    const asked: Question[] = []
    const { host } = fakeHost(memory, (question) => {
      asked.push(question)
      expect(world.acts).toEqual([])
      expect(memory.now - begun).toBeGreaterThanOrEqual(120_000)
      return { option: asked.length === 1 ? 'retry' : 'abort', by: 'U1' }
    })
    const end = await runFlow(flow, world, host, { fence: begun - 60_000, promote: begun - 30_000 })
    expect(asked.map(({ step }) => step)).toEqual(['promote'])
    expect(end.outcome).toBe('done')
    expect(world.acts).toEqual(['promote'])
  })

  test('does not ask for it again once it is seen', async () => {
    const [world, memory] = [{ ...newWorld(), fenced: true, promoted: true }, new Memory()]
    const end = await runFlow(flow, world, fakeHost(memory).host, { fence: 0, promote: 0 })
    expect(end.outcome).toBe('done')
    expect(world.acts).toEqual([])
    expect(memory.ends).toEqual({ fence: 'done', promote: 'done' })
  })

  test('takes back what the other had done, where it is aborted in time', async () => {
    const [world, memory] = [{ ...newWorld(), fenced: true }, new Memory()]
    memory.signal = 'abort'
    const end = await runFlow(flow, world, fakeHost(memory).host, { fence: 0 })
    expect(end).toMatchObject({ outcome: 'aborted', detail: expect.stringContaining('was undone') })
    expect(world.acts).toEqual(['unfence'])
  })

  test('undoes nothing of it once there is no way back', async () => {
    const [world, memory] = [{ ...newWorld(), fenced: true, promoted: true }, new Memory()]
    memory.signal = 'abort'
    await runFlow(flow, world, fakeHost(memory).host, { fence: 0, promote: 0 })
    expect(world.acts).toEqual([])
  })

  test('and where nothing was begun it is a run like any other', async () => {
    const world = newWorld()
    await runFlow(flow, world, fakeHost(new Memory()).host, {})
    expect(world.acts).toEqual(['fence', 'promote'])
  })
})
