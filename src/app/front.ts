import type { Clock, Journal } from '../engine/ports.ts'
import type { Plans } from '../plan/plans.ts'
import { slackApp } from '../slack/app.ts'
import { slackClient } from '../slack/client.ts'
import type { Log } from '../slack/log.ts'
import { type HttpAnswer, type HttpEvent, SlackReceiver } from '../slack/receiver.ts'
import type { Config } from './config.ts'
import { secretsOf } from './secrets.ts'

/** Slack gives three seconds from click to form, our own work included. */
const FORM_MS = 2_000

export type FrontParts = {
  readonly plans: Plans
  readonly journal: Journal
  readonly people: Clock
  readonly log: Log
  /** Tells the worker that there is something to claim. */
  wake(): void | Promise<void>
}

/** The front: takes Slack's requests, writes what was asked as a work item, answers. Knows neither AWS nor flows. */
export function composeFront(config: Config, parts: FrontParts): (event: HttpEvent) => Promise<HttpAnswer> {
  const { plans, journal, people, log, wake } = parts
  const now = () => people.now()
  const secrets = secretsOf(config, { people, log })
  const receiver = new SlackReceiver({
    secrets: () => secrets.signing(),
    rotated: () => secrets.again(),
    now,
    log,
  })
  const { apiUrl, appId, teamId, enterpriseId } = config.slack
  slackApp({
    receiver,
    pins: { appId, teamId, ...(enterpriseId ? { enterpriseId } : {}) },
    plans,
    journal,
    client: slackClient({ secrets, log, timeoutMs: FORM_MS, ...(apiUrl ? { apiUrl } : {}) }),
    now,
    wake,
    log,
    ...(config.stamp ? { stamp: config.stamp } : {}),
  })
  return (event) => receiver.handle(event)
}
