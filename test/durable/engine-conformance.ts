import {
  type DurableExecutionClient,
  type DurableLambdaHandler,
  retryPresets,
  StepSemantics,
  withDurableExecution,
} from '@aws/durable-execution-sdk-js'
import { afterEach, describe, expect, it } from 'vitest'
import type { WorldClock } from '../../rehearsal/clock.ts'
import type { FlowEngine } from '../../src/engine/ports.ts'
import { cases, type Flow } from './engine-cases.ts'
import { pilot, START } from './rig.ts'

export type Known = {
  readonly id: string
  readonly name: string
  readonly status: string
  readonly callbackId?: string
}

/** An engine on a clock that is moved by hand, at START to begin with, and what a test does to it. */
export type Stage = {
  readonly engine: FlowEngine
  readonly clock: WorldClock
  /** Resolves when no invocation is under way. */
  idle(): Promise<void>
  /** Everything the execution has begun but its input, in order. */
  operations(name: string): Promise<readonly Known[]>
  heartbeat(callbackId: string): Promise<boolean>
  close(): Promise<void>
  /** What is kept is opened by a new process, which goes on with it: nothing may be under way. */
  reopen(handler: MakeHandler): Promise<Stage>
}

/** The handler of the function whose executions these are; its operations are kept by the client. */
export type MakeHandler = (client: DurableExecutionClient) => DurableLambdaHandler

export type OpenStage = (
  handler: MakeHandler,
  options?: { readonly executionTimeoutMs?: number },
) => Promise<Stage>

const durable =
  (flow: Flow): MakeHandler =>
  (client) =>
    withDurableExecution(flow, { durableExecutionClient: client })

const noop: Flow = async () => 'ok'
const yes = { option: 'yes', by: 'U1' }
const lastingDays: Flow = async (_, context) => context.wait({ days: 3 })

/** What both engines must do, each on the real SDK: the words of `FlowEngine`, one by one. */
export function engineConformance(name: string, open: OpenStage): void {
  const opened: Stage[] = []
  afterEach(async () => {
    for (const stage of opened.splice(0)) await stage.close()
  })

  const piloted = (stage: Stage) => {
    opened.push(stage)
    const { engine, clock } = stage
    const idle = () => stage.idle()
    const callback = async (run = 'r1') =>
      (await stage.operations(run)).find(({ callbackId }) => callbackId)?.callbackId ?? ''
    return {
      ...{ stage, engine, clock, idle, callback },
      ...pilot({ get: (run) => engine.get(run), idle }, clock),
    }
  }
  const handled = async (handler: MakeHandler) => piloted(await open(handler))
  const stageFor = async (flow: Flow, options?: Parameters<OpenStage>[1]) =>
    piloted(await open(durable(flow), options))

  describe(`${name}: start`, () => {
    it('is idempotent by name: the same input is the same start, in whatever order its keys are', async () => {
      let runs = 0
      const { engine, end, idle } = await stageFor(async () => {
        runs++
      })
      const first = await engine.start('r1', { a: 1, b: { c: 2, d: 3 } })
      expect(await engine.start('r1', { b: { d: 3, c: 2 }, a: 1 })).toMatchObject({
        id: first.id,
        name: 'r1',
      })
      await end()
      expect(await engine.start('r1', { a: 1, b: { c: 2, d: 3 } })).toMatchObject({
        id: first.id,
        status: 'SUCCEEDED',
      })
      await idle()
      expect(runs).toBe(1)
    })

    it('refuses another input under a name that was used, also after it is over', async () => {
      const { engine, end } = await stageFor(noop)
      await engine.start('r1', { a: 1 })
      await expect(engine.start('r1', { a: 2 })).rejects.toThrow('another input')
      await end()
      await expect(engine.start('r1', { a: 2 })).rejects.toThrow('another input')
    })

    it('refuses names that AWS would not take', async () => {
      const { engine } = await stageFor(noop)
      for (const bad of ['', 'a b', 'x'.repeat(65), 'a/b'])
        await expect(engine.start(bad, {})).rejects.toThrow('cannot name')
    })

    it('runs several executions side by side, and lists them newest first, by status too', async () => {
      const { engine, until } = await stageFor(async (input, context) => {
        await context.wait({ seconds: input.seconds as number })
      })
      await engine.start('slow', { seconds: 60 })
      await engine.start('quick', { seconds: 5 })
      await until(async () => (await engine.get('quick'))?.status === 'SUCCEEDED')
      expect((await engine.list()).map((each) => each.name)).toEqual(['quick', 'slow'])
      expect((await engine.list('RUNNING')).map((each) => each.name)).toEqual(['slow'])
      expect(await engine.list('FAILED')).toEqual([])
      expect(await engine.get('never')).toBeUndefined()
    })
  })

  describe(`${name}: one execution`, () => {
    it.each(cases)('$title', async ({ flow, input = {}, answer, ends, error, notes }) => {
      const noted: string[] = []
      const { engine, idle, end, callback } = await stageFor(flow((what) => noted.push(what)))
      await engine.start('r1', input)
      await idle()
      if (answer) expect(await engine.answer(await callback(), answer)).toBe(true)
      expect(await end()).toMatchObject({ name: 'r1', status: ends, ...(error ? { error } : {}) })
      expect(noted).toEqual(notes)
    })
  })

  describe(`${name}: time`, () => {
    it('is the given clock’s: a wait of an hour takes no time when the clock is moved', async () => {
      const { engine, clock, end } = await stageFor(async (_, context) => context.wait({ hours: 1 }))
      await engine.start('r1', {})
      expect(await end()).toMatchObject({ status: 'SUCCEEDED' })
      expect(clock.now() - START).toBe(3_600_000)
    })

    it('ends an execution that outlives its limit as TIMED_OUT, whatever it waits for', async () => {
      const { engine, clock, end } = await stageFor(lastingDays, { executionTimeoutMs: 3_600_000 })
      await engine.start('r1', {})
      expect(await end()).toMatchObject({ status: 'TIMED_OUT', error: expect.stringContaining('Timeout') })
      expect(clock.now() - START).toBe(3_600_000)
    })
  })

  describe(`${name}: answers`, () => {
    const asking =
      (seen: unknown[], config: object): Flow =>
      async (_, context) => {
        try {
          seen.push(await context.waitForCallback('q', async () => {}, config))
        } catch (error) {
          seen.push((error as Error).message)
        }
      }

    it('count once: the first wins, a second one and one to nobody’s question are refused', async () => {
      const seen: unknown[] = []
      const { engine, idle, end, callback } = await stageFor(asking(seen, {}))
      await engine.start('r1', {})
      await idle()
      expect(await engine.answer(await callback(), yes)).toBe(true)
      expect(await engine.answer(await callback(), { option: 'no', by: 'U2' })).toBe(false)
      expect(await engine.answer('nobody-asked', yes)).toBe(false)
      await end()
      expect(seen).toEqual([JSON.stringify(yes)])
    })

    it('come too late after the limit or when the run was stopped, and are told so', async () => {
      const seen: unknown[] = []
      const { engine, idle, end, callback } = await stageFor(asking(seen, { timeout: { minutes: 30 } }))
      await engine.start('r1', {})
      await end()
      expect(seen).toEqual(['Callback timed out'])
      expect(await engine.answer(await callback(), yes)).toBe(false)
      await engine.start('r2', {})
      await idle()
      await engine.stop('r2', 'enough')
      expect(await engine.answer(await callback('r2'), yes)).toBe(false)
    })

    it('may take longer with heartbeats, but not longer than the limit', async () => {
      const seen: unknown[] = []
      const config = { timeout: { minutes: 10 }, heartbeatTimeout: { minutes: 4 } }
      const { stage, engine, clock, idle, end, callback } = await stageFor(asking(seen, config))
      await engine.start('r1', {})
      await idle()
      for (const _ of [1, 2, 3]) {
        clock.advance(3 * 60_000)
        expect(await stage.heartbeat(await callback())).toBe(true)
      }
      await end()
      expect(seen).toEqual(['Callback timed out'])
      expect(clock.now() - START).toBe(10 * 60_000)
      expect(await stage.heartbeat(await callback())).toBe(false)
    })

    it('are no longer waited for when the heartbeats stop', async () => {
      const seen: unknown[] = []
      const { engine, clock, end } = await stageFor(asking(seen, { heartbeatTimeout: { minutes: 4 } }))
      await engine.start('r1', {})
      await end()
      expect(seen).toEqual(['Callback timed out on heartbeat'])
      expect(clock.now() - START).toBe(4 * 60_000)
    })
  })

  describe(`${name}: stop`, () => {
    it('lets no further operation begin, and does not interrupt the one under way', async () => {
      const log: string[] = []
      const held = holder()
      const { engine, idle } = await stageFor(async (_, context) => {
        await context.step('a', async () => {
          log.push('a begins')
          await held.wait
          log.push('a ends')
        })
        await context.step('b', async () => log.push('b'))
      })
      await engine.start('r1', {})
      await expect.poll(() => log).toEqual(['a begins'])
      await engine.stop('r1', 'somebody said so')
      held.release()
      await idle()
      expect(log).toEqual(['a begins', 'a ends'])
      expect(await engine.get('r1')).toMatchObject({ status: 'STOPPED', error: 'Stopped: somebody said so' })
    })

    it('of what never began or is over changes nothing', async () => {
      const { engine, end } = await stageFor(noop)
      await engine.stop('r1', 'too early')
      expect(await engine.get('r1')).toBeUndefined()
      await engine.start('r1', {})
      await end()
      await engine.stop('r1', 'too late')
      expect(await engine.get('r1')).toMatchObject({ status: 'SUCCEEDED' })
    })
  })

  describe(`${name}: invocations`, () => {
    it('that break off are tried again, with longer and longer pauses', async () => {
      const at: number[] = []
      const { engine, clock, end } = await handled(() => async () => {
        at.push((clock.now() - START) / 1000)
        if (at.length < 9) throw new Error('out of memory')
        return { Status: 'SUCCEEDED' as never }
      })
      await engine.start('r1', {})
      expect(await end()).toMatchObject({ status: 'SUCCEEDED' })
      expect(at).toEqual([0, 2, 6, 14, 30, 62, 122, 182, 242])
    })

    it('that end waiting for nothing fail aloud instead of hanging for ever', async () => {
      const { engine, idle } = await handled(() => async () => ({ Status: 'PENDING' as never }))
      await engine.start('r1', {})
      await idle()
      expect(await engine.get('r1')).toMatchObject({ status: 'FAILED', error: expect.stringMatching(/./) })
    })

    it('thought dead can write no more once a newer one has begun', async () => {
      const tokens: string[] = []
      const held = holder()
      const kept: { client?: DurableExecutionClient; arn?: string } = {}
      const { stage, engine, clock, idle } = await handled((client) => async (event) => {
        kept.client = client
        kept.arn = event.DurableExecutionArn
        tokens.push(event.CheckpointToken)
        if (tokens.length === 1) throw new Error('seemed dead')
        await held.wait
        return { Status: 'SUCCEEDED' as never }
      })
      const write = (CheckpointToken: string, Id: string) =>
        kept.client?.checkpoint({
          DurableExecutionArn: kept.arn,
          CheckpointToken,
          Updates: [{ Id, Type: 'STEP', Action: 'START', Name: 'a' }],
        })
      await engine.start('r1', {})
      await idle()
      clock.advance(2000)
      await expect.poll(() => tokens.length).toBe(2)
      const [old = '', current = ''] = tokens
      await expect(write(old, 'by-the-old')).rejects.toThrow()
      const next = (await write(current, 'by-the-new'))?.CheckpointToken ?? ''
      held.release()
      await idle()
      await expect(write(next, 'after-the-end')).rejects.toThrow()
      expect((await stage.operations('r1')).map(({ id }) => id)).toEqual(['by-the-new'])
    })

    it('that die in a step repeat it, but not one that may run but once, and nothing that was finished', async () => {
      const log: string[] = []
      let dies = () => {}
      const dying = async (what: string) => {
        log.push(what)
        if (log.filter((each) => each === what).length > 1) return
        dies()
        await new Promise(() => {})
      }
      const once = { semantics: StepSemantics.AtMostOncePerRetry, retryStrategy: retryPresets.noRetry }
      const flow: Flow = async (_, context) => {
        await context.step('a', async () => log.push('a'))
        await context.step('b', async () => dying('b'))
        await context
          .step('c', async () => dying('c'), once)
          .catch((error) => log.push((error as { cause: Error }).cause.name))
      }
      const { engine, end } = await handled((client) => {
        const handler = durable(flow)(client)
        return (event, context) =>
          Promise.race([
            handler(event, context),
            new Promise<never>((_, reject) => {
              dies = () => reject(new Error('the process ended'))
            }),
          ])
      })
      await engine.start('r1', {})
      expect(await end()).toMatchObject({ status: 'SUCCEEDED' })
      expect(log).toEqual(['a', 'b', 'b', 'c', 'StepInterruptedError'])
    })
  })

  describe(`${name}: a new process`, () => {
    it('goes on where the last one was, when a timer has come due and when an answer comes', async () => {
      const log: string[] = []
      const flow: Flow = async (_, context) => {
        await context.step('a', async () => log.push('a'))
        await context.wait('w', { minutes: 10 })
        await context.step('b', async () => log.push('b'))
        const answer = await context.waitForCallback<string>('q', async () => {})
        await context.step('c', async () => log.push(answer))
      }
      const first = await stageFor(flow)
      await first.engine.start('r1', {})
      await first.idle()
      expect(log).toEqual(['a'])
      const second = piloted(await first.stage.reopen(durable(flow)))
      second.clock.advance(24 * 3_600_000)
      await second.until(async () => log.includes('b'))
      await second.idle()
      const callbackId = await second.callback()
      const third = piloted(await second.stage.reopen(durable(flow)))
      expect(await third.engine.answer(callbackId, yes)).toBe(true)
      expect(await third.end()).toMatchObject({ status: 'SUCCEEDED' })
      expect(log).toEqual(['a', 'b', JSON.stringify(yes)])
      expect(await third.engine.start('r1', {})).toMatchObject({ status: 'SUCCEEDED' })
    })
  })
}

function holder() {
  const { promise, resolve } = Promise.withResolvers<void>()
  return { wait: promise, release: () => resolve() }
}
