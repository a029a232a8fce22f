import { withDurableExecution } from '@aws/durable-execution-sdk-js'
import { LambdaClient } from '@aws-sdk/client-lambda'
import { afterEach, describe, expect, it } from 'vitest'
import { simulate } from '../../rehearsal/aws/simulator.ts'
import { manualClock } from '../../rehearsal/clock.ts'
import { LambdaEngine, lambdaClient, operationsAt } from '../../src/durable/lambda-engine.ts'
import { ALIAS, clientOf, REGION, runFunction } from './lambda-stage.ts'
import { START } from './rig.ts'

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

const yes = { option: 'yes', by: 'U1' }

function opened() {
  const simulation = simulate({ clock: manualClock(START), seed: 1 })
  const client = clientOf(simulation)
  closing.push(() => client.destroy())
  const handler = withDurableExecution(async (_, context) => context.waitForCallback('q', async () => {}), {
    durableExecutionClient: operationsAt(client),
  })
  simulation.functions.deploy(runFunction(handler))
  const engine = new LambdaEngine({ client, alias: ALIAS })
  const callback = () =>
    simulation.world.lambda.executions[0]?.operations.find(({ callbackId }) => callbackId)?.callbackId ?? ''
  return { simulation, client, engine, callback }
}

describe('the engine on Lambda', () => {
  it.each([
    'understudy-run',
    'arn:aws:lambda:us-west-2:111122223333:function:understudy-run',
    'arn:aws:lambda:us-west-2:1:function:understudy-run:durable',
    '',
  ])('refuses “%s”: an alias or version has to be named', (alias) => {
    expect(() => new LambdaEngine({ client: clientOf(opened().simulation), alias })).toThrow('not the alias')
  })

  it('takes a name with an alias as well as an ARN', async () => {
    const { client, simulation } = opened()
    const engine = new LambdaEngine({ client, alias: 'understudy-test-run:durable' })
    expect(await engine.start('r1', {})).toMatchObject({ name: 'r1', status: 'RUNNING' })
    await simulation.functions.idle()
    expect((await engine.get('r1'))?.id).toContain(':function:understudy-test-run:1/durable-execution/r1/')
  })

  it('lists more executions than Lambda tells at once, newest first', async () => {
    const { simulation, engine } = opened()
    const names = Array.from({ length: 130 }, (_, index) => `r${index}`)
    for (const name of names) await engine.start(name, {})
    await simulation.functions.idle()
    expect((await engine.list()).map(({ name }) => name)).toEqual(names.toReversed())
    expect(await engine.list('RUNNING')).toHaveLength(130)
    expect(simulation.calls.list().filter(({ operation }) => operation.startsWith('List'))).toHaveLength(4)
  })

  it('starts once, though the answer to the first try was lost', async () => {
    const { simulation } = opened()
    simulation.addFault({ kind: 'lost-answer', service: 'lambda', operation: 'Invoke', times: 1 })
    const listening = await simulation.listen({ port: 0 })
    closing.push(() => listening.close())
    const client = new LambdaClient({
      region: REGION,
      endpoint: listening.regions[REGION] ?? '',
      credentials: { accessKeyId: 'AKIATEST', secretAccessKey: 'test' },
      requestHandler: { requestTimeout: 200, throwOnRequestTimeout: true },
    })
    closing.push(() => client.destroy())
    const engine = new LambdaEngine({ client, alias: ALIAS })
    expect(await engine.start('r1', { a: 1 })).toMatchObject({ status: 'RUNNING' })
    expect(simulation.world.lambda.executions).toHaveLength(1)
  })

  it('cannot say who was first when the answer to its own answer was lost, and says so', async () => {
    const { simulation, engine, callback } = opened()
    await engine.start('r1', {})
    await simulation.functions.idle()
    const operation = 'SendDurableExecutionCallbackSuccess'
    simulation.addFault({ kind: 'lost-answer', service: 'lambda', operation, times: 1 })
    const hasty = new LambdaClient({
      region: REGION,
      credentials: { accessKeyId: 'AKIATEST', secretAccessKey: 'test' },
      requestHandler: simulation.dispatcher.requestHandler({ requestTimeout: 50 }),
    })
    const again = new LambdaEngine({ client: hasty, alias: ALIAS })
    await expect(again.answer(callback(), yes)).rejects.toMatchObject({ code: 'ENGINE_UNREACHABLE' })
    await simulation.functions.idle()
    expect(await engine.get('r1')).toMatchObject({ status: 'SUCCEEDED' })
    expect(await engine.answer(callback(), yes)).toBe(false)
  })

  it('says that Lambda was not to be had, and what to do', async () => {
    const client = lambdaClient({ region: REGION, endpoint: 'http://127.0.0.1:9' })
    closing.push(() => client.destroy())
    client.config.credentials = async () => ({ accessKeyId: 'AKIATEST', secretAccessKey: 'test' })
    const engine = new LambdaEngine({ client, alias: ALIAS })
    await expect(engine.start('r1', {})).rejects.toMatchObject({
      code: 'ENGINE_UNREACHABLE',
      message: expect.stringContaining('start the run'),
      remedy: expect.stringContaining('understudy resume'),
    })
  })

  it.each([
    ['denied', 'ENGINE_REFUSED', 'AccessDenied'],
    ['throttle', 'ENGINE_UNREACHABLE', 'TooManyRequests'],
    ['internal', 'ENGINE_UNREACHABLE', 'InternalFailure'],
  ] as const)('tells a person of it when Lambda answers %s: %s', async (kind, code, said) => {
    const { simulation, engine } = opened()
    simulation.addFault({ kind, service: 'lambda' })
    const asked = [engine.start('r1', {}), engine.get('r1'), engine.list(), engine.stop('r1', 'why')]
    for (const each of await Promise.allSettled(asked))
      expect(each).toMatchObject({ reason: { code, message: expect.stringContaining(said) } })
  })

  it('refuses to start what is not deployed', async () => {
    const { client } = opened()
    const engine = new LambdaEngine({ client, alias: 'understudy-other:durable' })
    await expect(engine.start('r1', {})).rejects.toMatchObject({ code: 'ENGINE_REFUSED' })
  })

  it('hands what it could not stop to a person, but not what had ended by then', async () => {
    const { simulation, engine, callback } = opened()
    await engine.start('r1', {})
    await simulation.functions.idle()
    simulation.addFault({ kind: 'denied', service: 'lambda', operation: 'StopDurableExecution' })
    await expect(engine.stop('r1', 'why')).rejects.toMatchObject({ code: 'ENGINE_REFUSED' })
    await engine.answer(callback(), yes)
    await simulation.functions.idle()
    await engine.stop('r1', 'why')
    expect(await engine.get('r1')).toMatchObject({ status: 'SUCCEEDED' })
  })
})
