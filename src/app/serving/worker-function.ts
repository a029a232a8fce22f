import { proberCaller, watchCustomers } from './customers.ts'
import type { Invocation, Lines } from './on-lambda.ts'
import { leftOf, lingering, openBot } from './opening.ts'
import { tend } from './tending.ts'
import { workerOf } from './waking.ts'

/** Customers are watched this long by one invocation, ms: its memory is paid for, and a new version is to take over. */
const WATCH_MS = 10 * 60_000

/**
 * What wakes the worker: the front, a batch of the journal table's stream, or the wish for a watch over a run's customers.
 * The first two only say that there is something: what, it finds out itself, so a record that comes twice does no harm.
 */
export type WorkerEvent =
  | { readonly wake: true }
  | { readonly Records: readonly unknown[] }
  | { readonly probe: string }

/** The worker as a function. Throws CONFIG_INVALID when it can't be opened; what it is woken with never rejects. */
export async function openWorker(
  env: Readonly<Record<string, string | undefined>>,
  lines: Lines,
): Promise<(event: WorkerEvent, invocation: Invocation) => Promise<void>> {
  const { bot, config } = await openBot(env, lines)
  const call = workerOf(config) ?? nobody
  const callProbers = proberCaller(bot, call)
  return async (event, invocation) => {
    if ('probe' in event)
      return watchCustomers(bot, event.probe, Math.min(WATCH_MS, leftOf(invocation)), call)
    await tend(bot, `worker-${invocation.awsRequestId}`, lingering(invocation), callProbers)
  }
}

async function nobody(): Promise<never> {
  throw new Error('UNDERSTUDY_WORKER is not set')
}
