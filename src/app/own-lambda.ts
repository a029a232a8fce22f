import type { LambdaEngine } from '../durable/lambda-engine.ts'
import type { EngineAt } from './places.ts'

type LambdaAt = Extract<EngineAt, { kind: 'lambda' }>
type Endpoints = Readonly<Record<string, string>> | undefined

/** The client of the Lambda that the bot itself lives on; loaded when it is asked for. Without an endpoint, AWS's alone. */
export async function ownLambda({ region }: Pick<LambdaAt, 'region'>, endpoints: Endpoints) {
  const [{ lambdaClient }, { guarded }] = await Promise.all([
    import('../durable/lambda-engine.ts'),
    import('../aws/own.ts'),
  ])
  const place = { region, ...(endpoints?.lambda ? { endpoint: endpoints.lambda } : {}) }
  return guarded(lambdaClient(place), place)
}

/** The engine of that alias. Throws CONFIG_INVALID for a malformed one. */
export async function lambdaEngineAt(at: LambdaAt, endpoints: Endpoints): Promise<LambdaEngine> {
  const client = await ownLambda(at, endpoints)
  const { LambdaEngine } = await import('../durable/lambda-engine.ts')
  return new LambdaEngine({ client, alias: at.alias })
}
