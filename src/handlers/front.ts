import { parseConfig } from '../app/config.ts'
import { openJournal } from '../app/journals.ts'
import { composeFront } from '../app/serving/front.ts'
import { deferred, type Invocation, linesOf, standardOutput } from '../app/serving/on-lambda.ts'
import { workerOf } from '../app/serving/waking.ts'
import { wall } from '../app/wall.ts'
import { readCompiledPlans } from '../plan/compiled.ts'
import { plansOf } from '../plan/plans.ts'
import type { HttpAnswer, HttpEvent } from '../slack/receiver.ts'

const lines = linesOf(standardOutput)

const front = deferred(async () => {
  const config = parseConfig(process.env)
  const wake = workerOf(config)
  return composeFront(config, {
    plans: plansOf(readCompiledPlans(config.plans)),
    journal: await openJournal(config, { clock: wall, people: wall }),
    people: wall,
    log: lines.log,
    wake: async () => wake?.({ wake: true }),
  })
})

/**
 * Slack's requests as a Lambda Function URL or HTTP API (v2) delivers them: written down, and the worker woken. When it
 * answers, nothing is left to be done.
 */
export async function handler(event: HttpEvent, invocation?: Invocation): Promise<HttpAnswer> {
  lines.enter(invocation)
  return (await front())(event)
}
