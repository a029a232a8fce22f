import { proberCaller } from './customers.ts'
import type { Invocation, Lines } from './on-lambda.ts'
import { lingering, openBot } from './opening.ts'
import { tend } from './tending.ts'
import { workerOf } from './waking.ts'
import { lookAround } from './watching.ts'

/** What EventBridge sends: every minute, or when a durable execution's status changed. */
export type WatchEvent = {
  readonly 'detail-type'?: string
  readonly detail?: { readonly status?: string }
}

/** The watch as a function. Throws CONFIG_INVALID when it can't be opened; what it does never rejects. */
export async function openWatch(
  env: Readonly<Record<string, string | undefined>>,
  lines: Lines,
): Promise<(event: WatchEvent, invocation: Invocation) => Promise<void>> {
  const { bot, config } = await openBot(env, lines)
  const call = workerOf(config)
  const callProbers = call && proberCaller(bot, call)
  return async (event, invocation) => {
    // A run that begins is nobody's trouble.
    if (event.detail?.status === 'RUNNING') return
    await lookAround(bot)
    await tend(bot, `watch-${invocation.awsRequestId}`, lingering(invocation), callProbers)
  }
}
