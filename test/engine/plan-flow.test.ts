import { expect, it } from 'vitest'
import { planFlow } from '../../src/engine/plan-flow.ts'
import { defineFlow, defineStep, type Observation } from '../../src/engine/step.ts'

type World = { acted: string[] }
const step = (id: string, state: Observation['state'], looked: () => void = () => {}) =>
  defineStep<World>({
    id,
    title: id,
    timeoutMinutes: 1,
    irreversible: id === 'ready' ? 'Gone.' : false,
    async observe() {
      looked()
      return { state, detail: state }
    },
    async act(world) {
      world.acted.push(id)
      return { evidence: [] }
    },
  })
const call = { service: 'rds', operation: 'Op', region: 'us-west-2', input: {} }

it('lists the calls of what is not done, of what is blocked too, and none of what was not seen', async () => {
  const steps = (['done', 'ready', 'pending', 'blocked', 'unknown'] as const).map((state) =>
    step(state, state),
  )
  const world: World = { acted: [] }
  const planned = await planFlow(defineFlow<World>({ name: 'f', title: 'F', steps }), world, async () => [
    call,
  ])
  expect(world.acted).toEqual([])
  expect(planned.map(({ id, calls }) => [id, calls.length])).toEqual([
    ['done', 0],
    ['ready', 1],
    ['pending', 1],
    ['blocked', 1],
    ['unknown', 0],
  ])
  expect(planned[1]).toMatchObject({ irreversible: 'Gone.', calls: [{ ...call, step: 'ready' }] })
})

it('looks at all steps at the same time', async () => {
  const order: string[] = []
  const slow = defineStep<World>({
    id: 'slow',
    title: 'slow',
    timeoutMinutes: 1,
    async observe() {
      await new Promise((wake) => setImmediate(wake))
      order.push('slow')
      return { state: 'done', detail: '' }
    },
  })
  const steps = [slow, step('quick', 'done', () => order.push('quick'))]
  await planFlow(defineFlow<World>({ name: 'f', title: 'F', steps }), { acted: [] }, async () => [])
  expect(order).toEqual(['quick', 'slow'])
})

it('never throws: a look that fails is unknown, a recording that fails lists nothing', async () => {
  const broken = defineStep<World>({
    id: 'broken',
    title: 'broken',
    timeoutMinutes: 1,
    observe: () => Promise.reject(new Error('oops')),
  })
  const flow = defineFlow<World>({ name: 'f', title: 'F', steps: [broken, step('ready', 'ready')] })
  const planned = await planFlow(flow, { acted: [] }, () => Promise.reject(new Error('no recorder')))
  expect(planned[0]?.seen).toMatchObject({ state: 'unknown', detail: 'Error: oops' })
  expect(planned[1]).toMatchObject({ seen: { state: 'ready' }, calls: [] })
})

it('asks nobody: a step that would is just seen, with the calls behind its question', async () => {
  const asks = {
    question: () => Promise.reject(new Error('nobody is asked')),
    heard: () => Promise.reject(new Error('nobody is heard')),
  }
  const flow = defineFlow<World>({ name: 'f', title: 'F', steps: [{ ...step('delete', 'asking'), asks }] })
  const planned = await planFlow(flow, { acted: [] }, async () => [call])
  expect(planned).toMatchObject([{ seen: { state: 'asking' }, calls: [{ ...call, step: 'delete' }] }])
})
