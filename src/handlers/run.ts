import { deferred, type Invocation, linesOf, standardOutput } from '../app/serving/on-lambda.ts'
import { openRun } from '../app/serving/run-function.ts'

const lines = linesOf(standardOutput)
const run = deferred(() => openRun(process.env, lines))
type DurableHandler = Awaited<ReturnType<typeof openRun>>

/** A durable function: carries one run out, over as many invocations as it takes. Always invoked by its alias. */
export async function handler(...[event, context]: Parameters<DurableHandler>): ReturnType<DurableHandler> {
  lines.enter(context as Invocation)
  return (await run())(event, context)
}
