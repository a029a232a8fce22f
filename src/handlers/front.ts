import { parseConfig } from '../app/config.ts'
import { composeFront } from '../app/front.ts'
import { openJournal } from '../app/journals.ts'
import { workerOf } from '../app/waking.ts'
import { wall } from '../app/wall.ts'
import { readCompiledPlans } from '../plan/compiled.ts'
import { plansOf } from '../plan/plans.ts'
import { logTo } from '../slack/log.ts'
import type { HttpAnswer, HttpEvent } from '../slack/receiver.ts'

let front: Promise<(event: HttpEvent) => Promise<HttpAnswer>> | undefined

/**
 * Slack's requests as a Lambda Function URL or HTTP API (v2) delivers them: written down, and the worker woken. When it
 * answers, nothing is left to be done.
 */
export async function handler(event: HttpEvent): Promise<HttpAnswer> {
  front ??= opened()
  return (await front)(event)
}

async function opened() {
  const config = parseConfig(process.env)
  const log = logTo((line) => process.stdout.write(`${line}\n`))
  const wake = workerOf(config)
  return composeFront(config, {
    plans: plansOf(readCompiledPlans(config.plans)),
    journal: await openJournal(config, { clock: wall, people: wall }),
    people: wall,
    log,
    wake: async () => wake?.({ wake: true }),
  })
}
