import { durableHandler } from '../../durable/host.ts'
import { lambdaClient, operationsAt } from '../../durable/lambda-engine.ts'
import type { Config } from '../config.ts'
import { carryOut } from '../runs/carrying.ts'
import type { FlowInput } from '../runs/worlds.ts'
import type { Lines } from './on-lambda.ts'
import { openBot } from './opening.ts'

/** The durable function that carries runs out. Reads no secret. Throws CONFIG_INVALID when it can't be opened. */
export async function openRun(
  env: Readonly<Record<string, string | undefined>>,
  lines: Lines,
): Promise<ReturnType<typeof durableHandler>> {
  const { bot, config } = await openBot(env, lines)
  return durableHandler<FlowInput>(
    (input, hostFor) => carryOut(bot.parts, input, hostFor),
    operationsOf(config),
  )
}

/** Where the operations are kept: the service this function runs on, unless a rehearsal stands for it. */
function operationsOf({ engine, endpoints }: Config) {
  const endpoint = endpoints?.lambda
  if (engine?.kind !== 'lambda' || !endpoint) return {}
  return { client: operationsAt(lambdaClient({ region: engine.region, endpoint })) }
}
