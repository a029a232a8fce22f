import { deferred, type Invocation, linesOf, standardOutput } from '../app/serving/on-lambda.ts'
import { openWorker, type WorkerEvent } from '../app/serving/worker-function.ts'

const lines = linesOf(standardOutput)
const worker = deferred(() => openWorker(process.env, lines))

/** Everything slow that is not a run: woken by the front, by the journal table's stream, and by itself. */
export async function handler(event: WorkerEvent, invocation: Invocation): Promise<void> {
  lines.enter(invocation)
  await (await worker())(event, invocation)
}
