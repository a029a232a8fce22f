import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type DurableContext,
  type DurableExecutionClient,
  withDurableExecution,
} from '@aws/durable-execution-sdk-js'
import { afterEach, describe, expect, it } from 'vitest'
import { manualClock, scaledClock, type WorldClock } from '../../rehearsal/clock.ts'
import { LocalEngine, type LocalEngineOptions } from '../../src/durable/local-engine.ts'
import { pilot, START } from './rig.ts'

const open: LocalEngine[] = []
const folders: string[] = []
afterEach(async () => {
  for (const engine of open.splice(0)) await engine.close()
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true })
})

function newFile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'understudy-engine-'))
  folders.push(folder)
  return join(folder, 'engine.db')
}

type Flow = (input: Record<string, unknown>, context: DurableContext) => Promise<unknown>
type Options = Partial<LocalEngineOptions> & { readonly clock?: WorldClock }

function engineFor(flow: Flow, options: Options = {}) {
  const clock = options.clock ?? manualClock(START)
  const breaks: unknown[] = []
  const engine = new LocalEngine({
    file: ':memory:',
    onBreak: (_, error) => breaks.push(error),
    handler: (client) => withDurableExecution(flow, { durableExecutionClient: client }),
    ...options,
    clock,
  })
  open.push(engine)
  return { engine, clock, breaks, ...pilot(engine, clock) }
}

const noop: Flow = async () => 'ok'

describe('start', () => {
  it('is idempotent by name: the same input is the same start, in whatever order its keys are', async () => {
    let runs = 0
    const { engine, end } = engineFor(async (input) => {
      runs++
      return input
    })
    const first = await engine.start('r1', { a: 1, b: 2 })
    expect(await engine.start('r1', { b: 2, a: 1 })).toEqual(first)
    await end()
    expect(await engine.start('r1', { a: 1, b: 2 })).toMatchObject({ id: first.id, status: 'SUCCEEDED' })
    await engine.idle()
    expect(runs).toBe(1)
  })

  it('refuses another input under a name that was used', async () => {
    const { engine } = engineFor(noop)
    await engine.start('r1', { a: 1 })
    await expect(engine.start('r1', { a: 2 })).rejects.toThrow('another input')
  })

  it.each(['', 'a b', 'x'.repeat(65), 'a/b'])('refuses the name “%s”, as AWS would', async (name) => {
    const { engine } = engineFor(noop)
    await expect(engine.start(name, {})).rejects.toThrow('cannot name')
  })

  it('runs several executions side by side, and lists them newest first', async () => {
    const { engine, until } = engineFor(async (input, context) => {
      await context.wait({ seconds: input.seconds as number })
    })
    await engine.start('slow', { seconds: 60 })
    await engine.start('quick', { seconds: 5 })
    await until(async () => (await engine.get('quick'))?.status === 'SUCCEEDED')
    expect((await engine.list()).map(({ name }) => name)).toEqual(['quick', 'slow'])
    expect((await engine.list('RUNNING')).map(({ name }) => name)).toEqual(['slow'])
  })
})

describe('time', () => {
  it('is the given clock’s: a wait of an hour takes no time when the clock is moved', async () => {
    const { engine, clock, end } = engineFor(async (_, context) => context.wait({ hours: 1 }))
    await engine.start('r1', {})
    expect(await end()).toMatchObject({ status: 'SUCCEEDED' })
    expect(clock.now() - START).toBe(3_600_000)
  })

  it('is followed when a scaled clock changes its pace in the middle of a wait', async () => {
    const clock = scaledClock({ scale: 1, now: START })
    const { engine } = engineFor(async (_, context) => context.wait({ hours: 1 }), { clock })
    await engine.start('r1', {})
    await engine.idle()
    clock.setScale(1_000_000)
    await expect.poll(async () => (await engine.get('r1'))?.status, { timeout: 5000 }).toBe('SUCCEEDED')
    expect(clock.now() - START).toBeGreaterThanOrEqual(3_600_000)
  })

  it('is never the wall’s: the SDK sets no timers of its own beside the engine’s', async () => {
    let polls = 0
    const counting = (client: DurableExecutionClient): DurableExecutionClient => ({
      getExecutionState: (request) => client.getExecutionState(request),
      async checkpoint(request) {
        if (!request.Updates?.length) polls++
        return client.checkpoint(request)
      },
    })
    const flow: Flow = async (_, context) => context.wait({ hours: 1 })
    const { engine, end } = engineFor(flow, {
      clock: manualClock(Date.now() - 7_200_000),
      handler: (client) => withDurableExecution(flow, { durableExecutionClient: counting(client) }),
    })
    await engine.start('r1', {})
    expect(await end()).toMatchObject({ status: 'SUCCEEDED' })
    expect(polls).toBe(0)
  })

  it('ends an execution that outlives its limit as TIMED_OUT, whatever it waits for', async () => {
    const { engine, clock, end } = engineFor(async (_, context) => context.wait({ days: 3 }), {
      executionTimeoutMs: 3_600_000,
    })
    await engine.start('r1', {})
    expect(await end()).toMatchObject({ status: 'TIMED_OUT', error: expect.stringContaining('1 hours') })
    expect(clock.now() - START).toBe(3_600_000)
  })
})

describe('answers', () => {
  const callback = (seen: unknown[], config: object) => async (_: unknown, context: DurableContext) => {
    try {
      seen.push(await context.waitForCallback('q', async () => {}, config))
    } catch (error) {
      seen.push((error as Error).message)
    }
  }
  const idOf = (engine: LocalEngine) =>
    engine.operations('local:r1').find(({ Type }) => Type === 'CALLBACK')?.CallbackDetails?.CallbackId ?? ''
  const yes = { option: 'yes', by: 'U1' }

  it('count once: the first wins, a second one and one to nobody’s question are refused', async () => {
    const seen: unknown[] = []
    const { engine, end } = engineFor(callback(seen, {}))
    await engine.start('r1', {})
    await engine.idle()
    expect(await engine.answer(idOf(engine), yes)).toBe(true)
    expect(await engine.answer(idOf(engine), { option: 'no', by: 'U2' })).toBe(false)
    expect(await engine.answer('local:r1/unknown', yes)).toBe(false)
    await end()
    expect(seen).toEqual([JSON.stringify(yes)])
  })

  it('come too late after the limit, and are told so', async () => {
    const seen: unknown[] = []
    const { engine, end } = engineFor(callback(seen, { timeout: { minutes: 30 } }))
    await engine.start('r1', {})
    await end()
    expect(seen).toEqual(['Callback timed out'])
    expect(await engine.answer(idOf(engine), yes)).toBe(false)
  })

  it('may take longer with heartbeats, but not longer than the limit', async () => {
    const seen: unknown[] = []
    const config = { timeout: { minutes: 10 }, heartbeatTimeout: { minutes: 4 } }
    const { engine, clock, end } = engineFor(callback(seen, config))
    await engine.start('r1', {})
    await engine.idle()
    for (const _ of [1, 2, 3]) {
      clock.advance(3 * 60_000)
      expect(await engine.heartbeat(idOf(engine))).toBe(true)
    }
    await end()
    expect(seen).toEqual(['Callback timed out'])
    expect(clock.now() - START).toBe(10 * 60_000)
    expect(await engine.heartbeat(idOf(engine))).toBe(false)
  })

  it('are no longer waited for when the heartbeats stop', async () => {
    const seen: unknown[] = []
    const { engine, clock, end } = engineFor(callback(seen, { heartbeatTimeout: { minutes: 4 } }))
    await engine.start('r1', {})
    await end()
    expect(seen).toEqual(['Callback timed out on heartbeat'])
    expect(clock.now() - START).toBe(4 * 60_000)
  })
})

describe('stop', () => {
  it('lets no further operation begin, and does not interrupt the one under way', async () => {
    const log: string[] = []
    let release = () => {}
    const { engine } = engineFor(async (_, context) => {
      await context.step('a', async () => {
        log.push('a begins')
        await new Promise<void>((resolve) => {
          release = resolve
        })
        log.push('a ends')
      })
      await context.step('b', async () => log.push('b'))
    })
    await engine.start('r1', {})
    await expect.poll(() => log).toEqual(['a begins'])
    await engine.stop('r1', 'somebody said so')
    release()
    await engine.idle()
    expect(log).toEqual(['a begins', 'a ends'])
    expect(await engine.get('r1')).toMatchObject({ status: 'STOPPED', error: 'Stopped: somebody said so' })
  })

  it('of what never began or is over changes nothing', async () => {
    const { engine, end } = engineFor(noop)
    await engine.stop('r1', 'too early')
    expect(await engine.get('r1')).toBeUndefined()
    await engine.start('r1', {})
    await end()
    await engine.stop('r1', 'too late')
    expect(await engine.get('r1')).toMatchObject({ status: 'SUCCEEDED' })
  })
})

describe('invocations', () => {
  it('that break off are tried again, with longer and longer pauses', async () => {
    const at: number[] = []
    const clock = manualClock(START)
    const engine = new LocalEngine({
      file: ':memory:',
      clock,
      handler: () => async () => {
        at.push((clock.now() - START) / 1000)
        if (at.length < 9) throw new Error('out of memory')
        return { Status: 'SUCCEEDED' as never }
      },
    })
    open.push(engine)
    await engine.start('r1', {})
    expect(await pilot(engine, clock).end()).toMatchObject({ status: 'SUCCEEDED' })
    expect(at).toEqual([0, 2, 6, 14, 30, 62, 122, 182, 242])
  })

  it('that end waiting for nothing fail aloud instead of hanging for ever', async () => {
    const clock = manualClock(START)
    const handler = () => async () => ({ Status: 'PENDING' as never })
    const engine = new LocalEngine({ file: ':memory:', clock, handler })
    open.push(engine)
    await engine.start('r1', {})
    await engine.idle()
    expect(await engine.get('r1')).toMatchObject({
      status: 'FAILED',
      error: expect.stringContaining('NothingPending'),
    })
  })

  it('thought dead can write no more once a newer one has begun', async () => {
    const tokens: string[] = []
    let finish = () => {}
    const clock = manualClock(START)
    const engine = new LocalEngine({
      file: ':memory:',
      clock,
      handler:
        () =>
        async ({ CheckpointToken }) => {
          tokens.push(CheckpointToken)
          if (tokens.length === 1) throw new Error('seemed dead')
          await new Promise<void>((resolve) => {
            finish = resolve
          })
          return { Status: 'SUCCEEDED' as never }
        },
    })
    open.push(engine)
    const write = (CheckpointToken: string) =>
      engine.checkpoint({
        DurableExecutionArn: 'local:r1',
        CheckpointToken,
        Updates: [{ Id: CheckpointToken, Type: 'STEP', Action: 'START', Name: 'a' }],
      })
    await engine.start('r1', {})
    await engine.idle()
    clock.advance(2000)
    await expect.poll(() => tokens.length).toBe(2)
    const [old = '', current = ''] = tokens
    await expect(write(old)).rejects.toMatchObject({
      scope: 'INVOCATION',
      message: expect.stringContaining('newer'),
    })
    await write(current)
    finish()
    await engine.idle()
    await expect(write(current)).rejects.toMatchObject({ scope: 'EXECUTION' })
    expect(engine.operations('local:r1').map(({ Id }) => Id)).toEqual(['local:r1:input', current])
  })

  it('see an input that is as it was given', async () => {
    let seen: unknown
    const { engine, end } = engineFor(async (input) => {
      seen = input
    })
    await engine.start('r1', { plan: 'orders', nested: { list: [1, null, 'é'] } })
    await end()
    expect(seen).toEqual({ plan: 'orders', nested: { list: [1, null, 'é'] } })
  })
})

describe('the file', () => {
  it('outlives the process: what was running goes on where it was, and nothing finished runs again', async () => {
    const file = newFile()
    const ran: string[] = []
    const flow: Flow = async (_, context) => {
      await context.step('a', async () => ran.push('a'))
      await context.wait('w', { minutes: 10 })
      await context.step('b', async () => ran.push('b'))
    }
    const before = engineFor(flow, { file })
    await before.engine.start('r1', {})
    await before.engine.idle()
    expect(ran).toEqual(['a'])
    await before.engine.close()
    open.length = 0
    const after = engineFor(flow, { file, clock: manualClock(START + 24 * 3_600_000) })
    after.engine.recover()
    await after.engine.idle()
    expect(await after.engine.get('r1')).toMatchObject({ status: 'SUCCEEDED' })
    expect(ran).toEqual(['a', 'b'])
  })

  it('is given up in order: the step under way is finished and kept, none after it begins', async () => {
    const file = newFile()
    const ran: string[] = []
    let release = () => {}
    const flow: Flow = async (_, context) => {
      await context.step('a', async () => {
        await new Promise<void>((resolve) => {
          release = resolve
        })
        ran.push('a')
      })
      await context.step('b', async () => ran.push('b'))
    }
    const before = engineFor(flow, { file })
    await before.engine.start('r1', {})
    await new Promise((resolve) => setTimeout(resolve, 30))
    const closed = before.engine.close()
    release()
    await closed
    open.length = 0
    expect(ran).toEqual(['a'])
    expect(before.breaks).toEqual([])
    const after = engineFor(flow, { file })
    after.engine.recover()
    await after.end()
    expect(ran).toEqual(['a', 'b'])
  })

  it('belongs to one process: a second one is told so in one sentence, and disturbs nothing', async () => {
    const file = newFile()
    const { engine, end } = engineFor(async (_, context) => context.wait({ minutes: 1 }), { file })
    await engine.start('r1', {})
    const source = `
      import { LocalEngine } from ${JSON.stringify(new URL('../../src/durable/local-engine.ts', import.meta.url).href)}
      try { new LocalEngine({ file: ${JSON.stringify(file)}, clock: { now: Date.now, after: () => () => {} }, handler: () => async () => {} }) }
      catch (error) { console.log(error.code, error.message) }`
    const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', source], {
      encoding: 'utf8',
    })
    expect(stdout.trim()).toBe(`STORE_IN_USE Another process already uses ${file}.`)
    expect(await end()).toMatchObject({ status: 'SUCCEEDED' })
  })

  it('on a full disk refuses a start and keeps nothing of it; what fits goes on', () => {
    const engineModule = new URL('../../src/durable/local-engine.ts', import.meta.url).href
    const clockModule = new URL('../../rehearsal/clock.ts', import.meta.url).href
    const source = `
      import { LocalEngine } from ${JSON.stringify(engineModule)}
      import { realClock } from ${JSON.stringify(clockModule)}
      const handler = () => async () => ({ Status: 'SUCCEEDED' })
      const engine = new LocalEngine({ file: ${JSON.stringify(newFile())}, clock: realClock(), handler })
      const code = await engine.start('big', { text: 'x'.repeat(3_000_000) }).catch((error) => error.code)
      await engine.start('small', {})
      await engine.idle()
      console.log(code, (await engine.list()).map(({ name, status }) => name + ' ' + status).join())
      await engine.close()`
    const limited = [
      '-c',
      'ulimit -f 2000; exec "$@"',
      'sh',
      process.execPath,
      '--input-type=module',
      '-e',
      source,
    ]
    const { stdout } = spawnSync('sh', limited, { encoding: 'utf8' })
    expect(stdout.trim()).toBe('STORE_FAILED small SUCCEEDED')
  })
})

describe('time that passes fast', () => {
  it('ends no run whose pauses are over before the invocation that began them', async () => {
    const { engine } = engineFor(
      async (_, context) => {
        for (const name of ['a', 'b', 'c', 'd', 'e', 'f'])
          await context.waitForCondition(name, async (looks: number) => looks + 1, {
            initialState: 0,
            waitStrategy: (looks) =>
              looks < 5 ? { shouldContinue: true, delay: { seconds: 1 } } : { shouldContinue: false },
          })
        return 'through'
      },
      { clock: scaledClock({ scale: 100_000 }) },
    )
    await engine.start('r1', {})
    await expect.poll(async () => (await engine.get('r1'))?.status, { timeout: 10_000 }).not.toBe('RUNNING')
    expect(await engine.get('r1')).toMatchObject({ status: 'SUCCEEDED' })
  })
})
