import type { DurableLambdaHandler } from '@aws/durable-execution-sdk-js'
import {
  LambdaClient,
  paginateGetDurableExecutionHistory,
  SendDurableExecutionCallbackHeartbeatCommand,
} from '@aws-sdk/client-lambda'
import type { Deployed } from '../../rehearsal/aws/functions.ts'
import { type Simulation, simulate } from '../../rehearsal/aws/simulator.ts'
import { manualClock, type WorldClock } from '../../rehearsal/clock.ts'
import { LambdaEngine, operationsAt } from '../../src/durable/lambda-engine.ts'
import type { MakeHandler, OpenStage, Stage } from './engine-conformance.ts'
import { START } from './rig.ts'

export const REGION = 'us-west-2'
export const ALIAS = `arn:aws:lambda:${REGION}:111122223333:function:understudy-test-run:durable`

/** The real client on a simulated AWS, without sockets. */
export const clientOf = (simulation: Simulation): LambdaClient =>
  new LambdaClient({
    region: REGION,
    credentials: { accessKeyId: 'AKIATEST', secretAccessKey: 'test' },
    requestHandler: simulation.dispatcher.requestHandler(),
  })

/** A durable function whose code is in this process. */
export const runFunction = (
  handler: DurableLambdaHandler,
  executionTimeoutMs = 366 * 86_400_000,
): Deployed => ({
  region: REGION,
  name: 'understudy-test-run',
  aliases: ['durable'],
  durable: { executionTimeoutSeconds: executionTimeoutMs / 1000, retentionDays: 14 },
  invoke: async ({ payload, requestId }) => {
    const context = { awsRequestId: requestId, getRemainingTimeInMillis: () => 0 }
    return JSON.stringify(await handler(JSON.parse(payload), context as Parameters<DurableLambdaHandler>[1]))
  },
})

/** The engine on Lambda, and the simulated Lambda, whose function runs in this process. */
export const lambdaStage: OpenStage = async (handler, { executionTimeoutMs } = {}) => {
  const open = (make: MakeHandler, clock: WorldClock, saved?: unknown): Stage => {
    const simulation = simulate({ clock, seed: 1, saved })
    const client = clientOf(simulation)
    const engine = new LambdaEngine({ client, alias: ALIAS })
    simulation.functions.deploy(runFunction(make(operationsAt(client)), executionTimeoutMs))
    return {
      engine,
      clock,
      idle: () => simulation.functions.idle(),
      operations: async (name) => operationsOf(client, (await engine.get(name))?.id ?? ''),
      heartbeat: (CallbackId) =>
        client.send(new SendDurableExecutionCallbackHeartbeatCommand({ CallbackId })).then(
          () => true,
          () => false,
        ),
      async close() {
        client.destroy()
      },
      reopen: async (next) => open(next, manualClock(clock.now()), simulation.save()),
    }
  }
  return open(handler, manualClock(START))
}

/** From its history, as people read it. */
async function operationsOf(client: LambdaClient, DurableExecutionArn: string) {
  const known = new Map<string, { id: string; name: string; status: string; callbackId?: string }>()
  for await (const { Events = [] } of paginateGetDurableExecutionHistory({ client }, { DurableExecutionArn }))
    for (const { Id, Name = '', EventType = '', CallbackStartedDetails: begun } of Events) {
      if (!Id) continue
      const before = known.get(Id) ?? { id: Id, name: Name, status: '' }
      const callbackId = begun?.CallbackId
      known.set(Id, { ...before, status: EventType, ...(callbackId ? { callbackId } : {}) })
    }
  return [...known.values()]
}
