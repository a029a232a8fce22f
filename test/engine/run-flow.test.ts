import { describe, expect, it } from 'vitest'
import { drError } from '../../src/engine/errors.ts'
import type { Answer, Question } from '../../src/engine/run.ts'
import { runFlow } from '../../src/engine/run-flow.ts'
import { defineFlow, defineStep, type Observation, type Step } from '../../src/engine/step.ts'
import { Crash, fakeHost, Memory } from './fake-host.ts'

/** A small world: capacity that can be asked for, a writer that moves for good, writers that can be held. */
class World {
  calls: string[] = []
  capacity = 0
  writer = 'home'
  held = false
  moving = 0
  refuse: Error | undefined
  deaf = false
  dark = false
}
const seen = (state: Observation['state'], detail: string = state): Observation => ({ state, detail })

const scale = defineStep<World>({
  id: 'scale',
  title: 'Scale',
  timeoutMinutes: 5,
  irreversible: false,
  observe: async ({ capacity }) => seen(capacity === 4 ? 'done' : 'ready', `${capacity}/4`),
  act: async (world) => {
    if (world.capacity !== 4) world.calls.push('scale')
    world.capacity = 4
    return { evidence: ['r-scale'] }
  },
})
const fence = defineStep<World>({
  id: 'fence',
  title: 'Fence',
  timeoutMinutes: 1,
  bestEffort: true,
  observe: async ({ dark }) => seen(dark ? 'unknown' : 'done'),
})
const quiesce = defineStep<World>({
  id: 'quiesce',
  title: 'Quiesce',
  timeoutMinutes: 5,
  irreversible: false,
  holdSeconds: 180,
  heldUntil: 'promote',
  observe: async ({ held }) => seen(held ? 'done' : 'ready'),
  act: async (world) => {
    world.held = true
    return { evidence: [] }
  },
  undo: async (world) => {
    world.held = false
    world.calls.push('let go')
    return { evidence: ['r-undo'] }
  },
})
const promote = defineStep<World>({
  id: 'promote',
  title: 'Promote',
  timeoutMinutes: 5,
  irreversible: 'Writes may be lost.',
  unskippable: 'nothing works without a writer',
  whenStuck: [
    {
      id: 'force',
      label: 'Force',
      explain: 'Forces it.',
      act: async (world) => {
        world.calls.push('force')
        world.writer = 'dr'
        return { evidence: ['r-force'] }
      },
    },
  ],
  observe: async (world) => {
    if (world.moving > 0 && --world.moving === 0) world.writer = 'dr'
    return world.writer === 'dr' ? seen('done') : seen(world.moving > 0 ? 'pending' : 'ready')
  },
  act: async (world) => {
    if (world.refuse) throw world.refuse
    world.calls.push('promote')
    if (!world.deaf) world.moving = 3
    return { evidence: ['r-promote'] }
  },
})
const flow = (...steps: Step<World>[]) => defineFlow<World>({ name: 'test', title: 'Test', steps })
const all = flow(scale, fence, quiesce, promote)

const choose =
  (...options: string[]) =>
  (_question: Question): Answer | 'timeout' => {
    const option = options.shift()
    if (!option) throw new Error('nobody expected another question')
    return option === 'timeout' ? 'timeout' : { option, by: 'U1', reason: 'because' }
  }
const nobody = choose()
const rejected = () => drError('ACT_REJECTED', { call: 'Failover', code: 'InvalidState', why: 'not now' })

describe('a run without trouble', () => {
  it('acts in order, each act once', async () => {
    const [world, memory] = [new World(), new Memory()]
    const end = await runFlow(all, world, fakeHost(memory, nobody).host)
    expect(end.outcome).toBe('done')
    expect(world.calls).toEqual(['scale', 'promote'])
    expect(memory.ends).toEqual({ scale: 'done', fence: 'done', quiesce: 'done', promote: 'done' })
  })

  it('asks nobody and changes nothing where the world is already as wanted', async () => {
    const [world, memory] = [new World(), new Memory()]
    Object.assign(world, { capacity: 4, writer: 'dr', held: true })
    await runFlow(all, world, fakeHost(memory, nobody).host)
    expect(world.calls).toEqual([])
    expect(memory.asked).toEqual([])
    expect(memory.ends).toEqual({ scale: 'already', fence: 'done', quiesce: 'already', promote: 'already' })
  })

  it('goes on past a best effort that could not look, owing it, after one look', async () => {
    const [world, memory] = [new World(), new Memory()]
    world.dark = true
    const before = memory.now
    await runFlow(flow(fence), world, fakeHost(memory, nobody).host)
    expect(memory.ends).toEqual({ fence: 'owed' })
    expect(memory.now).toBe(before)
  })
})

describe('a step with several parts', () => {
  /** Three stacks, each of which takes two looks to be built. */
  class Stacks {
    built = 0
    left = 0
    begun = 0
    deaf = false
  }
  const build = defineStep<Stacks>({
    id: 'build',
    title: 'Build',
    timeoutMinutes: 60,
    inParts: true,
    irreversible: false,
    async observe(stacks) {
      if (stacks.left > 0 && --stacks.left === 0) stacks.built++
      if (stacks.built === 3) return seen('done')
      return seen(stacks.left > 0 ? 'pending' : 'ready')
    },
    async act(stacks) {
      stacks.begun++
      if (!stacks.deaf) stacks.left = 3
      return { evidence: [] }
    },
  })
  const one = defineFlow<Stacks>({ name: 'test', title: 'Test', steps: [build] })

  it('goes on with the next part by itself, and is done once', async () => {
    const [stacks, memory] = [new Stacks(), new Memory()]
    expect((await runFlow(one, stacks, fakeHost(memory, nobody).host)).outcome).toBe('done')
    expect(stacks).toMatchObject({ begun: 3, built: 3 })
    expect(memory.asked).toEqual([])
  })

  it('asks a person about a part of which nothing was seen', async () => {
    const [stacks, memory] = [Object.assign(new Stacks(), { deaf: true }), new Memory()]
    expect((await runFlow(one, stacks, fakeHost(memory, choose('abort')).host)).outcome).toBe('aborted')
    expect(stacks.begun).toBe(1)
  })
})

describe('killed at every boundary', async () => {
  const { host, passed } = fakeHost(new Memory(), nobody)
  await runFlow(all, new World(), host)
  const points = passed.map((label, index) => [index + 1, label] as const)

  it.each(points)('at boundary %i, %s, it resumes and never acts twice', async (dieAt) => {
    const [world, memory] = [new World(), new Memory()]
    await expect(runFlow(all, world, fakeHost(memory, nobody, dieAt).host)).rejects.toThrow(Crash)
    const end = await runFlow(all, world, fakeHost(memory, choose('retry')).host)
    expect(world.calls.filter((call) => call === 'promote')).toHaveLength(1)
    expect(world.calls.filter((call) => call === 'scale')).toHaveLength(1)
    expect(end.outcome).toBe('done')
    expect(world.writer).toBe('dr')
  })
})

describe('decisions', () => {
  it('says that it does not know, after an interrupted irreversible act, and Retry looks before it acts', async () => {
    const [world, memory] = [new World(), new Memory()]
    memory.answers.set('promote#1:act', 'interrupted')
    const end = await runFlow(flow(promote), world, fakeHost(memory, choose('retry')).host)
    expect(memory.asked).toHaveLength(1)
    expect(world.calls).toEqual(['promote'])
    expect(end.outcome).toBe('done')
  })

  it('adopts what was done meanwhile instead of repeating it', async () => {
    const [world, memory] = [new World(), new Memory()]
    world.refuse = rejected()
    await runFlow(
      flow(promote),
      world,
      fakeHost(memory, () => {
        world.writer = 'dr'
        return { option: 'retry', by: 'U1' }
      }).host,
    )
    expect(world.calls).toEqual([])
    expect(memory.ends).toEqual({ promote: 'already' })
  })

  it('skips with a reason, and does not offer it where that is unsafe', async () => {
    const stuck = defineStep<World>({ ...fence, id: 'stuck', observe: async () => seen('blocked', 'no') })
    const { bestEffort: _, ...strict } = stuck
    const memory = new Memory()
    await runFlow(flow(strict as Step<World>), new World(), fakeHost(memory, choose('skip')).host)
    expect(memory.ends).toEqual({ stuck: 'skipped' })
    expect(memory.asked[0]?.options.map(({ id }) => id)).toEqual(['retry', 'skip', 'abort'])

    const world = new World()
    world.refuse = rejected()
    const other = new Memory()
    await runFlow(flow(promote), world, fakeHost(other, choose('abort')).host)
    expect(other.asked[0]?.options.map(({ id }) => id)).toEqual(['retry', 'force', 'abort'])
    expect(other.asked[0]?.detail).toBe(rejected().told)
  })

  it('carries out a remedy once, then looks', async () => {
    const [world, memory] = [new World(), new Memory()]
    world.refuse = rejected()
    const end = await runFlow(flow(promote), world, fakeHost(memory, choose('force')).host)
    expect(world.calls).toEqual(['force'])
    expect(end.outcome).toBe('done')
  })

  it('asks again when a remedy is refused', async () => {
    const [world, memory] = [new World(), new Memory()]
    world.refuse = rejected()
    const remedy = { id: 'force', label: 'Force', explain: 'x', act: () => Promise.reject(rejected()) }
    const step = { ...promote, whenStuck: [remedy] } as Step<World>
    await runFlow(flow(step), world, fakeHost(memory, choose('force', 'abort')).host)
    expect(memory.asked.map(({ id }) => id)).toEqual(['promote#1', 'promote#1:force'])
  })

  it('asks when an accepted act leaves no trace for two minutes', async () => {
    const [world, memory] = [new World(), new Memory()]
    world.deaf = true
    const before = memory.now
    await runFlow(flow(promote), world, fakeHost(memory, choose('abort')).host)
    expect(memory.now - before).toBeGreaterThanOrEqual(120_000)
    expect(memory.asked).toHaveLength(1)
    expect(world.calls).toEqual(['promote'])
  })

  it('asks when the time of a step is over', async () => {
    const slow = defineStep<World>({
      id: 'slow',
      title: 'Slow',
      timeoutMinutes: 5,
      observe: async () => seen('pending'),
    })
    const memory = new Memory()
    const before = memory.now
    await runFlow(flow(slow), new World(), fakeHost(memory, choose('abort')).host)
    expect(memory.now - before).toBe(300_000)
  })

  it('tries a throttled act five times by itself, then asks', async () => {
    const [world, memory] = [new World(), new Memory()]
    world.refuse = drError('THROTTLED', { call: 'Failover', region: 'us-west-2' })
    const before = memory.now
    await runFlow(flow(promote), world, fakeHost(memory, choose('abort')).host)
    expect(memory.told.filter((line) => line === 'promote: acting')).toHaveLength(6)
    expect(memory.now - before).toBe((2 + 4 + 8 + 16 + 32) * 1000)
    expect(memory.asked).toHaveLength(1)
  })

  it('goes on looking where the outcome of an act is unknown', async () => {
    const [world, memory] = [new World(), new Memory()]
    const act = async (w: World) => {
      w.calls.push('promote')
      w.moving = 3
      throw drError('OUTCOME_UNKNOWN', { call: 'Failover', why: 'no answer' })
    }
    const end = await runFlow(flow({ ...promote, act } as Step<World>), world, fakeHost(memory, nobody).host)
    expect(end.outcome).toBe('done')
    expect(world.calls).toEqual(['promote'])
  })

  it('sees nothing where a look throws', async () => {
    const broken = defineStep<World>({
      id: 'broken',
      title: 'Broken',
      timeoutMinutes: 1,
      observe: () => Promise.reject(new Error('oops')),
    })
    const memory = new Memory()
    await runFlow(flow(broken), new World(), fakeHost(memory, choose('abort')).host)
    expect(memory.asked[0]?.detail).toContain('oops')
  })
})

describe('what people ask for meanwhile', () => {
  it('pauses before a step, changes nothing meanwhile, and resumes', async () => {
    const [world, memory] = [new World(), new Memory()]
    memory.signal = 'pause'
    const { host } = fakeHost(memory, (question) => {
      expect(world.calls).toEqual([])
      expect(question.id).toBe('pause@scale#2')
      return { option: 'resume', by: 'U1' }
    })
    expect((await runFlow(flow(scale), world, host)).outcome).toBe('done')
    expect(world.calls).toEqual(['scale'])
  })

  it('aborts before anything is changed', async () => {
    const [world, memory] = [new World(), new Memory()]
    memory.signal = 'abort'
    const end = await runFlow(all, world, fakeHost(memory).host)
    expect(end).toMatchObject({ outcome: 'aborted' })
    expect(end.detail).toContain('Nothing was changed.')
    expect(world.calls).toEqual([])
  })

  it('undoes what it can when it is aborted before the point of no return', async () => {
    const [world, memory] = [new World(), new Memory()]
    world.refuse = rejected()
    const end = await runFlow(all, world, fakeHost(memory, choose('abort')).host)
    expect(world.held).toBe(false)
    expect(end.by).toBe('U1')
    expect(end.detail).toMatch(/Left as it is: “Scale”\.$/)
    expect(memory.ends.quiesce).toBe('undone')
  })

  it('undoes nothing once the irreversible step was begun', async () => {
    const [world, memory] = [new World(), new Memory()]
    const act = async (w: World) => {
      w.moving = 1000
      return { evidence: [] }
    }
    const steps = [scale, quiesce, { ...promote, act } as Step<World>]
    const end = await runFlow(flow(...steps), world, fakeHost(memory, choose('abort')).host)
    expect(world.held).toBe(true)
    expect(end.detail).toMatch(
      /Left as it is: “Scale”, “Quiesce”, “Promote”\. “Promote” was asked for and goes on by itself: look with/,
    )
  })

  it('does nothing more, not even an undo, once it lost a lock', async () => {
    const [world, memory] = [new World(), new Memory()]
    world.refuse = drError('LOCK_LOST', { runId: 'r1', resource: 'global-cluster:x' })
    const end = await runFlow(all, world, fakeHost(memory, nobody).host)
    expect(end.outcome).toBe('failed')
    expect(world.held).toBe(true)
    const stopped = new Memory()
    stopped.lockLost = world.refuse
    const untouched = new World()
    await runFlow(all, untouched, fakeHost(stopped, nobody).host)
    expect(untouched.calls).toEqual([])
  })
})

describe('a hold', () => {
  it('is let go when nobody answers in time, and started again from there', async () => {
    const [world, memory] = [new World(), new Memory()]
    world.refuse = rejected()
    const limits: (number | undefined)[] = []
    const { host } = fakeHost(memory, (question, limit) => {
      limits.push(limit)
      if (!question.id.endsWith(':released')) return 'timeout'
      expect(world.held).toBe(false)
      world.refuse = undefined
      return { option: 'retry', by: 'U1' }
    })
    const end = await runFlow(all, world, host)
    expect(end.outcome).toBe('done')
    expect(limits).toEqual([180, undefined])
    expect(world.calls).toEqual(['scale', 'let go', 'promote'])
  })

  it('is let go, and not switched over, when the bot comes back too late', async () => {
    const [world, memory] = [new World(), new Memory()]
    const away = defineStep<World>({
      id: 'away',
      title: 'Away',
      timeoutMinutes: 5,
      async observe() {
        if (world.held) memory.now += 600_000
        return seen('done')
      },
    })
    const { host } = fakeHost(memory, (question) => {
      expect(question.id).toMatch(/:released$/)
      expect(world.held).toBe(false)
      return { option: 'abort', by: 'U1' }
    })
    const end = await runFlow(flow(quiesce, away, promote), world, host)
    expect(end.outcome).toBe('aborted')
    expect(world.calls).toEqual(['let go'])
  })

  it('is let go by an abort, although an earlier step cannot be taken back', async () => {
    const [world, memory] = [new World(), new Memory()]
    const earlier = defineStep<World>({ ...promote, id: 'earlier', observe: async () => seen('done') })
    world.refuse = rejected()
    const { host } = fakeHost(memory)
    const end = await runFlow(flow(earlier, quiesce, promote), world, host)
    expect(end.outcome).toBe('aborted')
    expect(world.held).toBe(false)
    expect(world.calls).toEqual(['let go'])
  })

  it('counts from the act: looking and asking together take no longer', async () => {
    const [world, memory] = [new World(), new Memory()]
    const never = defineStep<World>({
      id: 'never',
      title: 'Never',
      timeoutMinutes: 60,
      observe: async () => seen('pending'),
    })
    const begun = memory.now
    const { host } = fakeHost(memory, (question) => {
      expect(question.id).toContain(':released')
      expect(memory.now - begun).toBeLessThanOrEqual(183_000)
      return { option: 'abort', by: 'U1' }
    })
    await runFlow(flow(quiesce, never, promote), world, host)
    expect(world.held).toBe(false)
  })

  it('is let go when the switch was accepted and came to nothing', async () => {
    const [world, memory] = [new World(), new Memory()]
    world.deaf = true
    const { host } = fakeHost(memory, (question, limit) =>
      question.id.endsWith(':released')
        ? { option: 'abort', by: 'U1' }
        : limit
          ? 'timeout'
          : { option: 'abort', by: 'U1' },
    )
    const end = await runFlow(flow(quiesce, promote), world, host)
    expect(world.held).toBe(false)
    expect(end.outcome).toBe('aborted')
  })

  it('ends when the switch has begun: a question then has no time limit', async () => {
    const [world, memory] = [new World(), new Memory()]
    const act = async (w: World) => {
      w.moving = 1000
      return { evidence: [] }
    }
    const { host } = fakeHost(memory, (_question, limit) => {
      expect(limit).toBeUndefined()
      return { option: 'abort', by: 'U1' }
    })
    await runFlow(flow(quiesce, { ...promote, act } as Step<World>), world, host)
    expect(memory.asked).toHaveLength(1)
    expect(world.held).toBe(true)
  })
})
