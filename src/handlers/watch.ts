import { deferred, type Invocation, linesOf, standardOutput } from '../app/serving/on-lambda.ts'
import { openWatch, type WatchEvent } from '../app/serving/watch-function.ts'

const lines = linesOf(standardOutput)
const watch = deferred(() => openWatch(process.env, lines))

/** The minute's work: called by EventBridge's schedule, and when a durable execution's status changes. */
export async function handler(event: WatchEvent, invocation: Invocation): Promise<void> {
  lines.enter(invocation)
  await (await watch())(event, invocation)
}
