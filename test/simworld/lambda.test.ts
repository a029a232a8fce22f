import { withDurableExecution } from '@aws/durable-execution-sdk-js'
import {
  CheckpointDurableExecutionCommand,
  DurableExecutionAlreadyStartedException,
  GetAliasCommand,
  GetDurableExecutionCommand,
  GetDurableExecutionHistoryCommand,
  GetFunctionCommand,
  InvalidParameterValueException,
  InvokeCommand,
  type LambdaClient,
  RequestTooLargeException,
  ResourceNotFoundException,
  SendDurableExecutionCallbackFailureCommand,
} from '@aws-sdk/client-lambda'
import { afterEach, describe, expect, test } from 'vitest'
import { type RuntimeApi, serveRuntime } from '../../rehearsal/aws/runtime-api.ts'
import { type Simulation, simulate } from '../../rehearsal/aws/simulator.ts'
import { manualClock } from '../../rehearsal/clock.ts'
import { startRuntime } from '../../rehearsal/runtime.ts'
import { operationsAt } from '../../src/durable/lambda-engine.ts'
import type { Flow } from '../durable/engine-cases.ts'
import { ALIAS, clientOf, REGION, runFunction } from '../durable/lambda-stage.ts'
import { START } from '../durable/rig.ts'

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

function worldWith(flow: Flow) {
  const clock = manualClock(START)
  const simulation = simulate({ clock, seed: 1 })
  const client = clientOf(simulation)
  closing.push(() => client.destroy())
  const handler = withDurableExecution(flow, { durableExecutionClient: operationsAt(client) })
  simulation.functions.deploy(runFunction(handler))
  return { clock, simulation, client, handler }
}

const asking: Flow = async (_, context) => context.waitForCallback('q', async () => {})

const begin = (client: LambdaClient, name: string, payload = '{}', FunctionName = ALIAS) =>
  client.send(
    new InvokeCommand({
      FunctionName,
      InvocationType: 'Event',
      DurableExecutionName: name,
      Payload: Buffer.from(payload),
    }),
  )

const statusOf = async (client: LambdaClient, DurableExecutionArn = '') =>
  (await client.send(new GetDurableExecutionCommand({ DurableExecutionArn }))).Status

describe('Invoke of a durable function', () => {
  test('answers with the execution, which is of the version that the alias names', async () => {
    const { client } = worldWith(asking)
    const { StatusCode, ExecutedVersion, DurableExecutionArn } = await begin(client, 'r1')
    expect({ StatusCode, ExecutedVersion }).toEqual({ StatusCode: 202, ExecutedVersion: '1' })
    expect(DurableExecutionArn).toMatch(
      /:function:understudy-test-run:1\/durable-execution\/r1\/[\da-f]{32}$/,
    )
    expect((await begin(client, 'r1')).DurableExecutionArn).toBe(DurableExecutionArn)
  })

  test('needs an alias or a version, a name that AWS takes, and an input that is not too long', async () => {
    const { client } = worldWith(asking)
    const unqualified = ALIAS.replace(/:durable$/, '')
    await expect(begin(client, 'r1', '{}', unqualified)).rejects.toThrow(/unqualified ARN/)
    await expect(begin(client, 'a b')).rejects.toThrow(InvalidParameterValueException)
    await expect(begin(client, 'r1', `"${'x'.repeat(2 ** 20)}"`)).rejects.toThrow(RequestTooLargeException)
    await expect(begin(client, 'r1', 'no json')).rejects.toThrow(/parse request body/)
    await expect(begin(client, 'r1', '{}', `${unqualified}:other`)).rejects.toThrow(ResourceNotFoundException)
    const elsewhere = ALIAS.replace(REGION, 'us-east-1')
    await expect(begin(client, 'r1', '{}', elsewhere)).rejects.toThrow(/not reachable in this region/)
  })

  test('takes one input under a name, to the letter', async () => {
    const { client } = worldWith(asking)
    await begin(client, 'r1', '{"a":1}')
    await expect(begin(client, 'r1', '{"a": 1}')).rejects.toThrow(DurableExecutionAlreadyStartedException)
  })
})

test('a function and its alias are described, with its durable configuration', async () => {
  const { client } = worldWith(asking)
  const FunctionName = 'understudy-test-run'
  const { Configuration } = await client.send(new GetFunctionCommand({ FunctionName, Qualifier: 'durable' }))
  expect(Configuration).toMatchObject({
    Version: '1',
    State: 'Active',
    DurableConfig: { ExecutionTimeout: 31_622_400, RetentionPeriodInDays: 14 },
  })
  expect(await client.send(new GetAliasCommand({ FunctionName, Name: 'durable' }))).toMatchObject({
    AliasArn: ALIAS,
    FunctionVersion: '1',
  })
  await expect(client.send(new GetAliasCommand({ FunctionName, Name: 'other' }))).rejects.toThrow(
    ResourceNotFoundException,
  )
})

test('a plain function answers at once, or its error; asynchronously it is tried three times', async () => {
  const { simulation, client, clock } = worldWith(asking)
  let calls = 0
  simulation.functions.deploy({
    region: REGION,
    name: 'worker',
    aliases: [],
    async invoke({ payload }) {
      calls++
      if (payload === '{"wake":true}') throw new RangeError('asleep')
      return JSON.stringify({ got: JSON.parse(payload) })
    },
  })
  const invoke = (Payload: string, InvocationType: 'Event' | 'RequestResponse') =>
    client.send(new InvokeCommand({ FunctionName: 'worker', InvocationType, Payload: Buffer.from(Payload) }))
  expect((await invoke('{"a":1}', 'RequestResponse')).Payload?.transformToString()).toBe('{"got":{"a":1}}')
  const failed = await invoke('{"wake":true}', 'RequestResponse')
  expect(failed.FunctionError).toBe('Unhandled')
  expect(failed.Payload?.transformToString()).toBe('{"errorType":"RangeError","errorMessage":"asleep"}')
  calls = 0
  expect((await invoke('{"wake":true}', 'Event')).StatusCode).toBe(202)
  for (const pause of [60_000, 120_000, 600_000]) {
    await new Promise((resolve) => setImmediate(resolve))
    clock.advance(pause)
  }
  expect(calls).toBe(3)
})

test('a checkpoint that is repeated is told the same; with another token it is refused', async () => {
  const { simulation, client } = worldWith(asking)
  const tokens: string[] = []
  const held = Promise.withResolvers<void>()
  simulation.functions.deploy({
    ...runFunction(async () => ({ Status: 'PENDING' }) as never),
    async invoke({ payload }) {
      tokens.push(JSON.parse(payload).CheckpointToken)
      await held.promise
      return '{"Status":"SUCCEEDED"}'
    },
  })
  const { DurableExecutionArn } = await begin(client, 'r1')
  const write = (CheckpointToken: string, ClientToken: string) =>
    client.send(
      new CheckpointDurableExecutionCommand({
        DurableExecutionArn,
        CheckpointToken,
        ClientToken,
        Updates: [{ Id: 'a', Type: 'STEP', Action: 'START' }],
      }),
    )
  const [token = ''] = tokens
  const first = await write(token, 'one')
  expect((await write(token, 'one')).CheckpointToken).toBe(first.CheckpointToken)
  await expect(write(token, 'two')).rejects.toThrow(/^Invalid Checkpoint Token/)
  held.resolve()
  await simulation.functions.idle()
})

test('a callback can be failed, and the history tells what happened, a page at a time', async () => {
  const { simulation, client } = worldWith(async (_, context) => {
    await context.step('a', async () => 'done')
    await context.waitForCallback('q', async () => {})
  })
  const { DurableExecutionArn } = await begin(client, 'r1')
  await simulation.functions.idle()
  const page = (Marker?: string, MaxItems = 3) =>
    client.send(new GetDurableExecutionHistoryCommand({ DurableExecutionArn, MaxItems, Marker }))
  const all = (await page(undefined, 1000)).Events ?? []
  const CallbackId = all.find(({ CallbackStartedDetails: begun }) => begun)?.CallbackStartedDetails
    ?.CallbackId
  const refusal = { ErrorType: 'Refused', ErrorMessage: 'no' }
  await client.send(new SendDurableExecutionCallbackFailureCommand({ CallbackId, Error: refusal }))
  await simulation.functions.idle()
  expect(await statusOf(client, DurableExecutionArn)).toBe('FAILED')
  const types: (string | undefined)[] = []
  for (let marker: string | undefined, first = true; first || marker; first = false) {
    const { Events = [], NextMarker } = await page(marker)
    types.push(...Events.map(({ EventType }) => EventType))
    marker = NextMarker
  }
  expect(types.slice(0, 3)).toEqual(['ExecutionStarted', 'StepStarted', 'StepSucceeded'])
  expect(types).toContain('CallbackFailed')
  expect(types.at(-1)).toBe('ExecutionFailed')
})

test('in a dark region nothing is invoked; when it is back, what is due goes on', async () => {
  const { simulation, client, clock } = worldWith(async (_, context) => context.wait({ minutes: 10 }))
  const { DurableExecutionArn } = await begin(client, 'r1')
  await simulation.functions.idle()
  await simulation.outage(REGION, 'drop')
  clock.advance(3_600_000)
  await simulation.functions.idle()
  expect(simulation.world.lambda.executions[0]?.status).toBe('RUNNING')
  await simulation.outage(REGION, undefined)
  await simulation.functions.idle()
  expect(await statusOf(client, DurableExecutionArn)).toBe('SUCCEEDED')
})

test('what was over long enough is forgotten, and a reset of the world is none of the bot’s runs’ business', async () => {
  const { simulation, client, clock } = worldWith(async () => 'ok')
  const { DurableExecutionArn } = await begin(client, 'r1')
  await simulation.functions.idle()
  await simulation.reset()
  expect(await statusOf(client, DurableExecutionArn)).toBe('SUCCEEDED')
  clock.advance(15 * 86_400_000)
  await expect(statusOf(client, DurableExecutionArn)).rejects.toThrow(ResourceNotFoundException)
})

describe('the Runtime API', () => {
  const onRuntime = async (flow: Flow, timeoutMs?: number) => {
    const parts = worldWith(flow)
    const api = await serveRuntime(timeoutMs === undefined ? {} : { timeoutMs })
    closing.push(() => api.close())
    parts.simulation.functions.deploy({ ...runFunction(parts.handler), invoke: api.invoke })
    return { ...parts, api }
  }
  const runtimeOf = ({ api, handler }: { api: RuntimeApi; handler: unknown }) => {
    const runtime = startRuntime(api.address, handler as Parameters<typeof startRuntime>[1])
    closing.push(() => runtime.close())
    return runtime
  }
  const over = (simulation: Simulation) =>
    expect.poll(() => simulation.world.lambda.executions[0]?.status, { timeout: 5_000 }).not.toBe('RUNNING')

  test('hands a process what waits for it, and several invocations side by side', async () => {
    const at: string[] = []
    const both = Promise.withResolvers<void>()
    const parts = await onRuntime(async (input, context) => {
      await context.step('a', async () => {
        at.push(String(input.name))
        if (at.length === 2) both.resolve()
        await both.promise
      })
    })
    await begin(parts.client, 'r1', '{"name":"one"}')
    await begin(parts.client, 'r2', '{"name":"two"}')
    expect(at).toEqual([])
    runtimeOf(parts)
    await parts.simulation.functions.idle()
    expect(at.toSorted()).toEqual(['one', 'two'])
    expect(parts.simulation.world.lambda.executions.map(({ status }) => status)).toEqual([
      'SUCCEEDED',
      'SUCCEEDED',
    ])
  })

  test('invokes again when the process has ended, as soon as there is another one', async () => {
    const log: string[] = []
    const parts = await onRuntime(async (_, context) => {
      await context.step('a', async () => log.push('a'))
      await context.step('b', async () => {
        log.push('b')
        if (log.length === 2) await new Promise(() => {})
      })
    })
    const first = runtimeOf(parts)
    await begin(parts.client, 'r1')
    await expect.poll(() => log, { timeout: 5_000 }).toEqual(['a', 'b'])
    first.close()
    parts.api.crashed()
    await new Promise((resolve) => setImmediate(resolve))
    parts.clock.advance(2_000)
    runtimeOf(parts)
    await over(parts.simulation)
    expect(log).toEqual(['a', 'b', 'b'])
  })

  test('gives up an invocation that takes too long, and one that nobody needs any more does not begin', async () => {
    const begun: string[] = []
    const parts = await onRuntime(async (input) => {
      begun.push(String(input.name))
      await new Promise(() => {})
    }, 30)
    const { DurableExecutionArn } = await begin(parts.client, 'r1', '{"name":"stopped"}')
    const execution = parts.simulation.world.lambda.executions[0]
    if (execution) execution.status = 'STOPPED'
    runtimeOf(parts)
    await begin(parts.client, 'r2', '{"name":"slow"}')
    await parts.simulation.functions.idle()
    expect(begun).toEqual(['slow'])
    expect(await statusOf(parts.client, DurableExecutionArn)).toBe('STOPPED')
    expect(parts.simulation.world.lambda.executions[1]).toMatchObject({ status: 'RUNNING', failures: 1 })
  })

  test('knows nothing but what a runtime asks, and no invocation that it did not hand out', async () => {
    const { api } = await onRuntime(asking)
    const base = `http://${api.address}/2018-06-01/runtime`
    expect((await fetch(`${base}/other`)).status).toBe(404)
    const report = await fetch(`${base}/invocation/unknown/response`, { method: 'POST', body: '{}' })
    expect(report.status).toBe(400)
    expect(await report.json()).toMatchObject({ errorType: 'InvalidRequestID' })
  })
})
