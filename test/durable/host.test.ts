import type { DurableContext } from '@aws/durable-execution-sdk-js'
import { describe, expect, it } from 'vitest'
import { durableHost } from '../../src/durable/host.ts'
import { drError } from '../../src/engine/errors.ts'
import type { Journal } from '../../src/engine/ports.ts'
import type { Answer } from '../../src/engine/run.ts'
import { once, question, rig, START } from './rig.ts'

const storeFailed = () => drError('STORE_FAILED', { what: 'write', why: 'disk full' })

/** A journal whose first `times` appends fail. */
const failing = (times: number) => (journal: Journal) => {
  let left = times
  return new Proxy(journal, {
    get(target, name) {
      const member = Reflect.get(target, name)
      if (name !== 'append') return typeof member === 'function' ? member.bind(target) : member
      return async (...args: Parameters<Journal['append']>) => {
        if (left-- > 0) throw storeFailed()
        return target.append(...args)
      }
    },
  }) as typeof journal
}

const asked = async ({ journal }: { journal: Journal }) => {
  const events = await journal.events('r1')
  return events.flatMap(({ event }) => (event.type === 'asked' ? [event] : []))
}

describe('checkpoint', () => {
  it('runs its work once and remembers the answer over replays', async () => {
    let bodies = 0
    const seen: unknown[] = []
    const { engine, end } = await rig(async (host) => {
      seen.push(await host.checkpoint('a', async () => ({ round: ++bodies })))
      await host.watch<number>('pause', async (n = 0) => ({ value: n + 1, again: n < 2 ? 5 : null }))
    })
    await engine.start('r1', {})
    expect(await end()).toMatchObject({ status: 'SUCCEEDED' })
    expect(bodies).toBe(1)
    expect(seen.length).toBeGreaterThan(1)
    expect(new Set(seen.map((answer) => JSON.stringify(answer)))).toEqual(new Set(['{"round":1}']))
  })

  it('waits about an hour for a journal that cannot be written', async () => {
    const { engine, end, clock } = await rig(
      (host) => host.checkpoint('a', () => host.inside.record('k', { type: 'noted', name: 'n', value: 'v' })),
      { journal: (journal) => failing(40)(journal) as typeof journal },
    )
    await engine.start('r1', {})
    expect(await end()).toMatchObject({ status: 'SUCCEEDED' })
    expect(clock.now() - START).toBeGreaterThan(30 * 60_000)
  })

  it('gives a bug up after half a minute, and the execution says what it was', async () => {
    let bodies = 0
    const { engine, end, clock } = await rig((host) =>
      host.checkpoint('a', async () => {
        bodies++
        throw new TypeError('x is not a function')
      }),
    )
    await engine.start('r1', {})
    expect(await end()).toMatchObject({
      status: 'FAILED',
      error: expect.stringContaining('x is not a function'),
    })
    expect(bodies).toBe(5)
    expect(clock.now() - START).toBe(30_000)
  })

  it('gives an answer up that is not JSON, instead of running its work again for ever', async () => {
    let bodies = 0
    const { engine, end } = await rig((host) =>
      host.checkpoint('a', async () => {
        bodies++
        return 10n
      }),
    )
    await engine.start('r1', {})
    expect(await end()).toMatchObject({ status: 'FAILED', error: expect.stringContaining('BigInt') })
    expect(bodies).toBe(5)
  })

  it('runs its work again when the process dies between the work and the keeping of its answer', async () => {
    const dies = once()
    let bodies = 0
    const { engine, end } = await rig((host) => host.checkpoint('a', async () => ++bodies), {
      client: dyingAt((updates) => updates.some(({ Action }) => Action === 'SUCCEED') && dies()),
    })
    await engine.start('r1', {})
    expect(await end()).toMatchObject({ status: 'SUCCEEDED' })
    expect(bodies).toBe(2)
  })
})

type Client = Parameters<NonNullable<NonNullable<Parameters<typeof rig>[1]>['client']>>[0]
type Updates = NonNullable<Parameters<Client['checkpoint']>[0]['Updates']>

/** The process seems to die before a checkpoint is kept. */
const dyingAt =
  (when: (updates: Updates) => boolean) =>
  (client: Client): Client => ({
    getExecutionState: (request) => client.getExecutionState(request),
    async checkpoint(request) {
      if (when(request.Updates ?? [])) throw new Error('died')
      return client.checkpoint(request)
    },
  })

describe('attempt', () => {
  it('is on record as started before its work begins', async () => {
    let recorded: unknown
    const { engine, end } = await rig((host) =>
      host.attempt('promote', async () => {
        recorded = engine.operations('local:r1').find(({ Name }) => Name === 'promote')?.Status
      }),
    )
    await engine.start('r1', {})
    await end()
    expect(recorded).toBe('STARTED')
  })

  it('never starts its work again after a crash in the middle, and says interrupted, replay after replay', async () => {
    const dies = once()
    let bodies = 0
    const seen: unknown[] = []
    const { engine, end } = await rig(
      async (host) => {
        seen.push(await host.attempt('promote', async () => ++bodies))
        await host.watch<number>('pause', async (n = 0) => ({ value: n + 1, again: n < 2 ? 5 : null }))
      },
      { client: dyingAt((updates) => updates.some(({ Action }) => Action === 'SUCCEED') && dies()) },
    )
    await engine.start('r1', {})
    expect(await end()).toMatchObject({ status: 'SUCCEEDED' })
    expect(bodies).toBe(1)
    expect(seen.length).toBeGreaterThan(1)
    expect(new Set(seen)).toEqual(new Set(['interrupted']))
  })

  it('says interrupted when its work throws or answers no JSON: its outcome is not known', async () => {
    let bodies = 0
    const answers: unknown[] = []
    const { engine, end } = await rig(async (host) => {
      answers.push(
        await host.attempt('throws', async () => {
          bodies++
          throw storeFailed()
        }),
        await host.attempt('no-json', async () => {
          bodies++
          return 1n
        }),
      )
    })
    await engine.start('r1', {})
    expect(await end()).toMatchObject({ status: 'SUCCEEDED' })
    expect(answers).toEqual(['interrupted', 'interrupted'])
    expect(bodies).toBe(2)
  })

  it('answers data, so what was learnt in it is the same live and replayed', async () => {
    const seen: unknown[] = []
    const { engine, end } = await rig(async (host) => {
      seen.push(await host.attempt('promote', async () => ({ fault: { code: 'PERMISSION_MISSING' } })))
      await host.watch<number>('pause', async (n = 0) => ({ value: n + 1, again: n < 1 ? 5 : null }))
    })
    await engine.start('r1', {})
    await end()
    expect(seen.length).toBeGreaterThan(1)
    for (const answer of seen) expect(answer).toEqual({ answer: { fault: { code: 'PERMISSION_MISSING' } } })
  })
})

describe('watch', () => {
  it('hands every look what the last one saw, and pauses in world seconds', async () => {
    const looks: [number | undefined, number][] = []
    const { engine, end, clock } = await rig((host) =>
      host.watch<number>('w', async (last) => {
        looks.push([last, clock.now() - START])
        return { value: (last ?? 0) + 1, again: looks.length < 3 ? 20 : null }
      }),
    )
    await engine.start('r1', {})
    await end()
    expect(looks).toEqual([
      [undefined, 0],
      [1, 20_000],
      [2, 40_000],
    ])
  })

  it('pauses whole seconds, from one: fractions are rounded up', async () => {
    const at: number[] = []
    const { engine, end, clock } = await rig((host) =>
      host.watch<number>('w', async (last) => {
        at.push(clock.now() - START)
        return { value: (last ?? 0) + 1, again: [0, 1.2, null][at.length - 1] ?? null }
      }),
    )
    await engine.start('r1', {})
    await end()
    expect(at).toEqual([0, 1000, 3000])
  })

  it('survives looks that throw, and goes on from what was last seen', async () => {
    const lasts: unknown[] = []
    const { engine, end } = await rig((host) =>
      host.watch<string>('w', async (last) => {
        lasts.push(last)
        if (lasts.length === 2 || lasts.length === 3) throw storeFailed()
        return { value: 'seen', again: lasts.length > 3 ? null : 3 }
      }),
    )
    await engine.start('r1', {})
    expect(await end()).toMatchObject({ status: 'SUCCEEDED' })
    expect(lasts).toEqual([undefined, 'seen', 'seen', 'seen'])
  })

  it('gives up a look that only ever throws, and the execution says what could not be watched', async () => {
    let looks = 0
    const { engine, end } = await rig((host) =>
      host.watch('promote#1:look', async () => {
        looks++
        throw new RangeError('bug')
      }),
    )
    await engine.start('r1', {})
    const { error, status } = (await end()) ?? {}
    expect(status).toBe('FAILED')
    expect(error).toMatch(/promote#1:look.*RangeError: bug/)
    expect(looks).toBe(5)
  })
})

describe('ask', () => {
  const answer: Answer = { option: 'retry', by: 'U2', reason: 'fixed' }

  it('asks through the journal, and answers with the person’s answer as an object', async () => {
    const got: unknown[] = []
    const run = await rig(async (host) => {
      got.push(await host.ask(question('s#1')))
    })
    await run.engine.start('r1', {})
    await run.engine.idle()
    const [event] = await asked(run)
    expect(event).toMatchObject({ question: question('s#1') })
    expect(await run.engine.answer(event?.callbackId ?? '', answer)).toBe(true)
    await run.end()
    expect(got).toEqual([answer])
    const keys = (await run.journal.events('r1')).map(({ key }) => key)
    expect(keys).toEqual(['proposed', 'asked:s#1', 'answered:s#1'])
  })

  it('waits for ever without a limit: nothing but the execution’s own limit is to come', async () => {
    const run = await rig((host) => host.ask(question('s#1')))
    await run.engine.start('r1', {})
    await run.engine.idle()
    run.clock.advance(6 * 24 * 3_600_000)
    await run.engine.idle()
    expect(await run.engine.get('r1')).toMatchObject({ status: 'RUNNING' })
  })

  it('says timeout when nobody answered within the limit, and the journal shows the question as closed', async () => {
    const got: unknown[] = []
    const run = await rig(async (host) => {
      got.push(await host.ask(question('s#1'), 90))
      await host.watch<number>('pause', async (n = 0) => ({ value: n + 1, again: n < 1 ? 5 : null }))
    })
    await run.engine.start('r1', {})
    expect(await run.end()).toMatchObject({ status: 'SUCCEEDED' })
    expect(run.clock.now() - START).toBe(95_000)
    expect(new Set(got)).toEqual(new Set(['timeout']))
    const answered = (await run.journal.events('r1')).find(({ key }) => key === 'answered:s#1')
    expect(answered?.event).toMatchObject({ answer: { option: 'timeout' } })
  })

  it('goes by the answer that stands in the journal, also when the limit struck just before it got through', async () => {
    const got: unknown[] = []
    const run = await rig(async (host) => {
      got.push(await host.ask(question('s#1'), 90))
    })
    await run.engine.start('r1', {})
    await run.engine.idle()
    await run.journal.append('r1', 'answered:s#1', { type: 'answered', question: 's#1', answer })
    await run.end()
    expect(got).toEqual([answer])
  })

  it('is still asked when the journal could not be written for a while', async () => {
    const run = await rig((host) => host.ask(question('s#1')), {
      journal: (journal) => failing(20)(journal) as typeof journal,
    })
    await run.engine.start('r1', {})
    await run.until(async () => (await asked(run)).length > 0)
    expect(run.clock.now() - START).toBeGreaterThan(10 * 60_000)
  })

  it('fails aloud when it is answered from outside with something that is not an answer', async () => {
    const run = await rig((host) => host.ask(question('s#1')))
    await run.engine.start('r1', {})
    await run.engine.idle()
    const [event] = await asked(run)
    await run.engine.answer(event?.callbackId ?? '', 'yes' as unknown as Answer)
    expect(await run.end()).toMatchObject({
      status: 'FAILED',
      error: expect.stringContaining('not an answer'),
    })
    expect(run.breaks).toEqual([])
  })

  it('fails aloud when another execution of the run has asked: its answer would never come here', async () => {
    const run = await rig((host) => host.ask(question('s#1')))
    await run.journal.append('r1', 'asked:s#1', {
      type: 'asked',
      question: question('s#1'),
      callbackId: 'other',
    })
    await run.engine.start('r1', {})
    expect(await run.end()).toMatchObject({
      status: 'FAILED',
      error: expect.stringContaining('another execution'),
    })
  })
})

describe('inside', () => {
  it('refuses to be asked between two operations, where a replay would differ', async () => {
    const { engine, end } = await rig(async (host) => host.inside.now())
    await engine.start('r1', {})
    expect(await end()).toMatchObject({
      status: 'FAILED',
      error: expect.stringContaining('between two operations'),
    })
  })

  it('tells world time, keeps records once per key, and sees a signal until it was obeyed', async () => {
    const seen: unknown[] = []
    const { engine, journal, end } = await rig((host) =>
      host.checkpoint('a', async () => {
        seen.push(host.inside.now(), await host.inside.signal())
        await journal.append('r1', 'sig', { type: 'signalled', signal: 'pause', by: 'U1' })
        seen.push(await host.inside.signal())
        const asks = question('pause@s#1')
        await host.inside.record('q', { type: 'asked', question: asks, callbackId: 'c' })
        await host.inside.record('q', { type: 'noted', name: 'second', value: 'lost' })
        const resume = { option: 'resume', by: 'U1' }
        await host.inside.record('a', { type: 'answered', question: asks.id, answer: resume })
        seen.push(await host.inside.signal())
      }),
    )
    await engine.start('r1', {})
    expect(await end()).toMatchObject({ status: 'SUCCEEDED' })
    expect(seen).toEqual([START, undefined, 'pause', undefined])
    expect((await journal.events('r1')).map(({ key }) => key)).toEqual(['proposed', 'sig', 'q', 'a'])
  })

  it('says LOCK_LOST as soon as another run has taken one of the locks', async () => {
    const { journal, clock } = await rig(async () => {})
    const resources = ['cluster:orders', 'record:orders']
    const taken = await journal.lock('r1', resources)
    if (!('token' in taken)) throw new Error('not taken')
    const steps: Promise<unknown>[] = []
    const context = { step: (_: string, work: () => Promise<unknown>) => steps.push(work()) && steps.at(-1) }
    const locks = { resources, token: taken.token }
    const host = durableHost(context as unknown as DurableContext, { clock, runId: 'r1', journal, locks })
    await host.checkpoint('may', () => host.inside.mayAct())
    await journal.lock('r2', ['record:orders'], 'r1')
    await expect(host.checkpoint('may', () => host.inside.mayAct())).rejects.toMatchObject({
      code: 'LOCK_LOST',
    })
  })
})

describe('the host as a whole', () => {
  it('does one thing at a time: parallel, map, race, invoke and child contexts are never used', async () => {
    const touched = new Set<PropertyKey>()
    const answers: Record<string, unknown> = {
      waitForCondition: { again: null, faults: 0 },
      waitForCallback: { option: 'x', by: 'y' },
    }
    const context = new Proxy({} as DurableContext, {
      get: (_, name) => {
        touched.add(name)
        return async (_name: string, work: () => unknown) => answers[String(name)] ?? work()
      },
    })
    const { journal, clock } = await rig(async () => {})
    const host = durableHost(context, { clock, runId: 'r1', journal, locks: { resources: [], token: 0 } })
    await host.checkpoint('a', async () => 1)
    await host.attempt('b', async () => 1)
    await host.watch('c', async () => ({ value: 1, again: null }))
    await host.ask(question('d'))
    expect(touched).toEqual(new Set(['step', 'waitForCondition', 'waitForCallback']))
  })

  it('fails aloud when an operation was renamed under a running execution', async () => {
    let name = 'old-name'
    const { engine, end } = await rig(async (host) => {
      await host.checkpoint(name, async () => 1)
      await host.watch<number>('pause', async (n = 0) => ({ value: n + 1, again: n < 1 ? 5 : null }))
    })
    await engine.start('r1', {})
    await engine.idle()
    name = 'new-name'
    expect(await end()).toMatchObject({
      status: 'FAILED',
      error: expect.stringContaining('Non-deterministic'),
    })
  })
})
