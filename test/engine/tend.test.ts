import { describe, expect, it } from 'vitest'
import { drError } from '../../src/engine/errors.ts'
import { runFlow } from '../../src/engine/run-flow.ts'
import { defineFlow, defineStep, type Flow, type Observation, type Step } from '../../src/engine/step.ts'
import { Crash, fakeHost, Memory } from './fake-host.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

/** A world on the memory's clock, in which things come to be by themselves. */
class World {
  readonly memory: Memory
  readonly begun: number
  /** Minutes at which something was asked for. */
  calls: [minute: number, what: string][] = []
  looks = 0
  refuse: Error | undefined
  copied = false

  constructor(memory = new Memory()) {
    this.memory = memory
    this.begun = memory.now
  }

  get minute(): number {
    return (this.memory.now - this.begun) / MINUTE
  }
}

const sight = (state: Observation['state'], detail: string = state): Observation => ({ state, detail })

/** Copies a snapshot that appears after an hour; the copy takes ten minutes. */
const rescue = defineStep<World>({
  id: 'rescue',
  title: 'Rescue the lost writes',
  timeoutMinutes: 'none',
  irreversible: false,
  async observe(world) {
    world.looks++
    const copied = world.calls.find(([, what]) => what === 'copy')
    if (copied) return sight(world.minute < copied[0] + 10 ? 'pending' : 'done', 'copy')
    return world.minute < 60
      ? sight('pending', 'no snapshot yet')
      : sight('ready', 'a snapshot without a copy')
  },
  async act(world) {
    if (world.refuse) {
      world.calls.push([world.minute, 'refused'])
      throw world.refuse
    }
    if (!world.copied) world.calls.push([world.minute, 'copy'])
    world.copied = true
    return { evidence: ['r-copy'] }
  },
})
/** Connected again after five hours; what it says changes all the time. */
const resync = defineStep<World>({
  id: 'resync',
  title: 'Watch the resync',
  timeoutMinutes: 'none',
  heartbeatMinutes: 15,
  observe: async (world) =>
    world.minute < 300
      ? sight('pending', `lag ${300 - Math.floor(world.minute)} min`)
      : sight('done', 'connected'),
})
const flow = (...steps: Step<World>[]): Flow<World> =>
  defineFlow<World>({ name: 'aftercare', title: 'Aftercare', duties: true, steps })

/** Ends the run at that minute, if it has not ended by itself. */
const until = (minute: number) =>
  defineStep<World>({
    id: 'until',
    title: 'Until',
    timeoutMinutes: 'none',
    async observe(world) {
      if (world.minute >= minute) world.memory.signal = 'abort'
      return sight('pending', 'going on')
    },
  })
const tend = (world: World, ...steps: Step<World>[]) =>
  runFlow(flow(...steps), world, fakeHost(world.memory, nobody).host)
const nobody = () => {
  throw new Error('duties ask nobody')
}
const seeing = (observe: (world: World) => Observation): Step<World> =>
  defineStep<World>({
    id: 'seeing',
    title: 'Seeing',
    timeoutMinutes: 'none',
    observe: async (w) => observe(w),
  })
const lines = ({ memory }: World, step: string) => memory.told.filter((line) => line.startsWith(`${step}: `))

describe('duties', () => {
  it('are looked at side by side until all are done, and acted on when they are ready', async () => {
    const world = new World()
    const end = await tend(world, resync, rescue)
    expect(end).toEqual({ outcome: 'done', detail: 'connected; copy' })
    expect(world.minute).toBeGreaterThanOrEqual(300)
    expect(world.minute).toBeLessThan(302)
    expect(world.calls.map(([, what]) => what)).toEqual(['copy'])
    expect(world.calls[0]?.[0]).toBeLessThan(62)
    expect(lines(world, 'rescue')).toEqual(
      ['waiting', 'looking', 'acting', 'waiting', 'waiting', 'done'].map((state) => `rescue: ${state}`),
    )
    expect(world.memory.events.get('rescue#1:acted')).toMatchObject({ evidence: ['r-copy'] })
  })

  it('that are done already take one look each and tell so', async () => {
    const world = new World()
    world.memory.now += 10 * HOUR
    world.calls.push([0, 'copy'])
    await tend(world, resync, rescue)
    expect(world.memory.ends).toEqual({ resync: 'done', rescue: 'already' })
    expect(world.looks).toBe(1)
  })

  it('have to be done in the same round', async () => {
    const world = new World()
    const flaps = seeing(({ minute }) => sight(minute < 30 || minute > 60 ? 'done' : 'blocked'))
    const late = { ...seeing(({ minute }) => sight(minute < 45 ? 'pending' : 'done')), id: 'late' }
    expect((await tend(world, flaps, late)).outcome).toBe('done')
    expect(world.minute).toBeGreaterThan(60)
    expect(world.memory.ends).toEqual({ seeing: 'done', late: 'done' })
  })

  it('tell their words once per heartbeat, and their changes at once', async () => {
    const world = new World()
    await tend(world, resync)
    const told = lines(world, 'resync')
    expect(told.length).toBeGreaterThan(15)
    expect(told.length).toBeLessThanOrEqual(22)
  })

  it('tell that they could not look, or are blocked, as owed, and go on looking for ever', async () => {
    const world = new World()
    const dark = defineStep<World>({
      id: 'dark',
      title: 'Dark',
      timeoutMinutes: 'none',
      async observe({ minute }) {
        if (minute < 600) throw new Error('home is dark')
        return sight(minute < 900 ? 'blocked' : 'done', 'deletion protection')
      },
    })
    expect((await tend(world, dark)).outcome).toBe('done')
    expect(lines(world, 'dark')).toEqual(['dark: owed', 'dark: owed', 'dark: done'])
  })

  it('do not make news of a line that comes and goes', async () => {
    const world = new World()
    const flaky = seeing(({ minute }) =>
      sight(minute >= 600 ? 'done' : Math.floor(minute) % 2 ? 'unknown' : 'pending'),
    )
    await tend(world, flaky)
    expect(lines(world, 'seeing').length).toBeLessThanOrEqual(2 * 10 + 2)
  })
})

describe('an act that comes to nothing', () => {
  const denied = drError('PERMISSION_MISSING', {
    action: 'rds:CopyDBSnapshot',
    role: 'r',
    region: 'us-west-2',
  })
  const throttled = drError('THROTTLED', { call: 'CopyDBSnapshot', region: 'us-west-2' })

  it.each([denied, throttled])(
    'with $code is tried again more and more rarely, and told once',
    async (fault) => {
      const world = new World()
      world.refuse = fault
      await tend(world, rescue, until(24 * 60))
      const pauses = world.calls.slice(1).map(([minute], index) => minute - (world.calls[index]?.[0] ?? 0))
      expect(Math.min(...pauses)).toBeGreaterThanOrEqual(1)
      expect(Math.max(...pauses)).toBeLessThan(32)
      for (const [index, least] of [1, 2, 4, 8, 16, 30, 30].entries()) {
        expect(pauses[index]).toBeGreaterThanOrEqual(least)
        expect(pauses[index]).toBeLessThan(least + 1.2)
      }
      expect(world.calls.length).toBeGreaterThan(40)
      expect(world.calls.length).toBeLessThan(60)
      expect(lines(world, 'rescue').filter((line) => line.endsWith('failed'))).toHaveLength(1)
      expect(lines(world, 'rescue').filter((line) => line.endsWith('acting'))).toHaveLength(1)
      expect(world.memory.ends.rescue).toBe('failed')
    },
  )

  it('costs at most 1,000 durable operations in a week', async () => {
    const world = new World()
    world.refuse = denied
    await tend(world, rescue, resync, until(7 * 24 * 60))
    expect(world.minute).toBeGreaterThan(7 * 24 * 60)
    // What a watch has seen so far is kept under the same name as its end.
    expect([...world.memory.answers.keys()].filter((name) => !name.endsWith('…')).length).toBeLessThan(1000)
    expect(world.memory.events.size).toBeLessThan(100)
  })

  it('is told anew when it fails in another way', async () => {
    const world = new World()
    const failing: Step<World> = {
      ...rescue,
      irreversible: false,
      async act(w) {
        w.refuse = w.minute < 120 ? throttled : denied
        throw w.refuse
      },
    }
    await tend(world, failing, until(240))
    const faults = [...world.memory.events.values()].flatMap((event) =>
      event.type === 'step' && event.fault ? [event.fault.code] : [],
    )
    expect(faults).toEqual(['THROTTLED', 'PERMISSION_MISSING'])
  })

  it('gets there in the end when what stood in the way is gone', async () => {
    const world = new World()
    world.refuse = denied
    const allow = seeing((w) => {
      if (w.minute > 600) w.refuse = undefined
      return sight('done')
    })
    expect((await tend(world, rescue, allow)).outcome).toBe('done')
    expect(world.calls.at(-1)?.[1]).toBe('copy')
    expect(world.calls.at(-1)?.[0]).toBeLessThan(635)
    expect(world.memory.ends.rescue).toBe('done')
  })

  it('is given two minutes to be seen before it is tried again', async () => {
    const world = new World()
    const deaf: Step<World> = {
      ...rescue,
      irreversible: false,
      observe: async () => sight('ready', 'a snapshot without a copy'),
      async act(w) {
        w.calls.push([w.minute, 'copy'])
        return { evidence: ['r'] }
      },
    }
    await tend(world, deaf, until(24 * 60))
    expect(world.calls[1]?.[0]).toBeGreaterThanOrEqual(2)
    expect(world.calls.length).toBeLessThan(60)
  })

  it('keeps no other duty waiting', async () => {
    const world = new World()
    world.refuse = denied
    const other: Step<World> = {
      ...rescue,
      id: 'other',
      irreversible: false,
      observe: async (w) => sight(w.copied ? 'done' : w.minute < 90 ? 'pending' : 'ready'),
      async act(w) {
        w.calls.push([w.minute, 'other'])
        w.copied = true
        return { evidence: [] }
      },
    }
    await tend(world, rescue, other, until(120))
    expect(world.calls.find(([, what]) => what === 'other')?.[0]).toBeLessThan(92)
  })

  it('ends the run where another run has taken over', async () => {
    const world = new World()
    world.refuse = drError('LOCK_LOST', { runId: 'r1', resource: 'global-cluster:x' })
    expect((await tend(world, rescue)).outcome).toBe('failed')
  })
})

describe('what people ask for meanwhile', () => {
  it('ends it, saying what is not done', async () => {
    const world = new World()
    const end = await tend(world, resync, until(90))
    expect(end).toEqual({ outcome: 'aborted', detail: 'ended; not done: “Watch the resync”, “Until”' })
  })

  it.each([
    ['resume', 'done'],
    ['abort', 'aborted'],
  ])('pauses, changes nothing meanwhile, and with %s ends %s', async (option, outcome) => {
    const world = new World()
    const pausing = defineStep<World>({
      ...rescue,
      async observe(w) {
        const seen = await rescue.observe(w)
        if (seen.state === 'ready' && !w.memory.asked.length) w.memory.signal = 'pause'
        return seen
      },
    } as Step<World>)
    const { host } = fakeHost(world.memory, (question) => {
      expect(question.id).toMatch(/^pause@tend#\d+$/)
      expect(world.calls).toEqual([])
      return { option, by: 'U1' }
    })
    const end = await runFlow(flow(resync, pausing), world, host)
    expect(end).toMatchObject({ outcome })
    expect(world.memory.asked).toHaveLength(1)
    expect(world.calls).toHaveLength(option === 'resume' ? 1 : 0)
  })
})

describe('a duty that would need a person', () => {
  const asks = {
    question: async () => ({ title: '', detail: '', options: [] }),
    heard: async () => ({ evidence: [] }),
  }

  it.each([
    ['cannot be taken back', { ...rescue, irreversible: 'Gone.' } as Step<World>],
    ['asks people', { ...resync, asks } as Step<World>],
  ])('that %s is no duty, neither in a definition nor in a run', async (why, step) => {
    expect(() => flow(step)).toThrow(why)
    const given: Flow<World> = { name: 'f', title: 'F', duties: true, steps: [step] }
    await expect(runFlow(given, new World(), fakeHost(new Memory()).host)).rejects.toThrow(why)
  })

  it('is a bug when it says that it is asking', async () => {
    const world = new World()
    await expect(
      tend(
        world,
        seeing(() => sight('asking')),
      ),
    ).rejects.toThrow('duties ask nobody')
  })
})

describe('killed at every boundary', async () => {
  /** Two duties that are over within minutes, one of them refused at first. */
  const quick = (world: World): Flow<World> => {
    const brief: Step<World> = {
      ...rescue,
      irreversible: false,
      async observe({ calls, minute }) {
        const copied = calls.find(([, what]) => what === 'copy')
        if (!copied) return sight('ready', 'a snapshot without a copy')
        return sight(minute < copied[0] + 0.1 ? 'pending' : 'done', 'copy')
      },
      async act(w) {
        if (w.minute < 0.5) throw drError('THROTTLED', { call: 'CopyDBSnapshot', region: 'us-west-2' })
        return (rescue.act as NonNullable<typeof rescue.act>)(w)
      },
    }
    const wait = seeing(() => sight(world.minute < 0.5 ? 'pending' : 'done'))
    return flow(brief, wait)
  }
  const whole = new World()
  const { host, passed } = fakeHost(whole.memory, nobody)
  await runFlow(quick(whole), whole, host)
  const points = passed.map((label, index) => [index + 1, label] as const)

  it.each(points)('at boundary %i, %s, it resumes and comes to the same end', async (dieAt) => {
    const world = new World()
    const duties = quick(world)
    await expect(runFlow(duties, world, fakeHost(world.memory, nobody, dieAt).host)).rejects.toThrow(Crash)
    const end = await runFlow(duties, world, fakeHost(world.memory, nobody).host)
    expect(end.outcome).toBe('done')
    expect(world.calls.map(([, what]) => what)).toEqual(['copy'])
    expect(world.memory.ends).toEqual({ rescue: 'done', seeing: 'done' })
  })
})
