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

describe('time', () => {
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
})

describe('the file', () => {
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
