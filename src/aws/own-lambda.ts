import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda'
import { guarded, type OwnPlace, ownConfig } from './own.ts'

/** Asks a function to run, without waiting for it. Rejects when Lambda did not take the request. */
export type Invoke = (functionName: string, payload: object) => Promise<void>

/** Invokes functions of the bot's own. What is lost is found again, so nothing here is patient. */
export function invoker(place: OwnPlace): Invoke {
  const client = guarded(new LambdaClient(ownConfig(place, 1)), place)
  return async (functionName, payload) => {
    await client.send(
      new InvokeCommand({
        FunctionName: functionName,
        InvocationType: 'Event',
        Payload: Buffer.from(JSON.stringify(payload)),
      }),
    )
  }
}
