import { parseConfig } from '../app/config.ts'
import { composeFront } from '../app/front.ts'
import { SqliteJournal } from '../durable/sqlite-journal.ts'
import { readCompiledPlans } from '../plan/compiled.ts'
import { plansOf } from '../plan/plans.ts'
import { logTo } from '../slack/log.ts'
import type { HttpAnswer, HttpEvent } from '../slack/receiver.ts'

let front: ((event: HttpEvent) => Promise<HttpAnswer>) | undefined

/**
 * Slack's requests as a Lambda Function URL or HTTP API (v2) delivers them. The worker finds what is written here by
 * watching the journal, so there is nobody to wake.
 */
export function handler(event: HttpEvent): Promise<HttpAnswer> {
  front ??= opened()
  return front(event)
}

function opened() {
  const config = parseConfig(process.env)
  const people = wall
  const journal = new SqliteJournal({ file: config.journal, clock: wall, people })
  const log = logTo((line) => process.stdout.write(`${line}\n`))
  return composeFront(config, {
    plans: plansOf(readCompiledPlans(config.plans)),
    journal,
    people,
    log,
    wake() {},
  })
}

/** On AWS both clocks are the wall's. */
const wall = {
  now: () => Date.now(),
  after(ms: number, wake: () => void) {
    const timer = setTimeout(wake, ms)
    return () => clearTimeout(timer)
  },
}
